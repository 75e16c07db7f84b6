//! Writes a plan as a Dockerfile that builds the same image without this frontend. It uses no syntax newer than that of
//! BuildKit 0.11.

mod matched_path;
mod names;
mod shell;
mod text;

#[cfg(test)]
mod tests;

use super::error::Error;
use crate::plan::{ContextFiles, Plan};

use text::Text;

pub use matched_path::MatchedPath;

/// The Dockerfile. `matching` returns the paths in a part of a context that match a pattern, because `COPY` cannot filter
/// files by patterns.
///
/// # Errors
/// A value of the settings has several lines, or a verification continues after a step that changed its files from outside, which a Dockerfile cannot express.
pub fn dockerfile(
    plan: &Plan,
    matching: &dyn Fn(&ContextFiles, &str) -> Vec<MatchedPath>,
) -> Result<String, Error> {
    text::check(&plan.settings)?;
    let named = names::name(plan)?;
    let mut text = Text::new(matching);
    for stage in &named.stages {
        text.stage(stage);
    }
    let verifications = named.stages.iter().flat_map(|stage| &stage.must_succeed);
    let verifications: Vec<_> = verifications.collect();
    if !verifications.is_empty() {
        text.after_verifications(&named.image, &verifications);
    }
    text.settings(&plan.settings);
    Ok(text.finish())
}

/// The `.dockerignore` for the Dockerfile.
#[must_use]
pub fn ignore_file(plan: &Plan) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for (files, _) in plan.context_parts() {
        let exclude = files.exclude.iter().filter(|_| files.context.is_none());
        for pattern in exclude {
            if !lines.contains(&pattern.as_str()) {
                lines.push(pattern);
            }
        }
    }
    lines
        .iter()
        .fold(String::new(), |text, line| text + line + "\n")
}
