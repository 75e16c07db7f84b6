//! What invalidates a step, as text.

use crate::diagnostics::printable;
use crate::plan::Cause;

pub(super) fn text(cause: &Cause) -> String {
    let text = match cause {
        Cause::Line(span) => {
            format!("{}:{}", span.document().name(), span.start().line)
        }
        Cause::Stage(name) => format!("`{name}`"),
        Cause::Named(name) => name.clone(),
        Cause::Files { context, include } => {
            let files = if include.is_empty() {
                "all files".to_owned()
            } else {
                include.join(", ")
            };
            match context {
                Some(name) => format!("{files} in the context `{name}`"),
                None => format!("{files} in the build context"),
            }
        }
        Cause::Written(files) => {
            let names = files
                .iter()
                .map(|path| path.rsplit('/').next().unwrap_or_default());
            format!("the content of {}", names.collect::<Vec<_>>().join(", "))
        }
    };
    printable(&text)
}
