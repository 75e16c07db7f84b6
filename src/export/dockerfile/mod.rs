//! Writes a plan as a Dockerfile that builds the same image without this frontend. It uses no syntax newer than that of
//! BuildKit 0.11, but for `--exclude` in copies from images and targets.

mod matched_path;
mod names;
mod quote;
mod shell;
mod text;

#[cfg(test)]
mod tests;

use super::error::Error;
use crate::diagnostics::{Diagnostics, Problem};
use crate::plan::{ContextFiles, Plan};

use text::Text;

pub use matched_path::MatchedPath;

/// The length of the longest line that the engine's parser reads, in bytes (Go's `bufio.MaxScanTokenSize`).
const LONGEST_LINE: usize = (64 << 10) - 2;

/// The Dockerfile. `matching` returns the paths in a part of a context that match a pattern, because `COPY` cannot filter
/// files by patterns.
///
/// # Errors
/// Everything that a Dockerfile cannot express, such as a value with several lines.
pub fn dockerfile(
    plan: &Plan,
    matching: &dyn Fn(&ContextFiles, &str) -> Vec<MatchedPath>,
) -> Result<String, Diagnostics> {
    let result = plan.stages.iter().find(|stage| stage.name == plan.result);
    let Some(otherwise) = result.map(|stage| &stage.span) else {
        let error = Error::NoStage(plan.result.clone());
        return Err(error.without_span().into());
    };
    let named = names::name(plan).map_err(|error| error.at(otherwise))?;
    let mut text = Text::new(matching);
    for stage in &named.stages {
        text.stage(stage);
    }
    let verifications = named.stages.iter().flat_map(|stage| &stage.must_succeed);
    let verifications: Vec<_> = verifications.collect();
    if !verifications.is_empty() {
        text.after_verifications(&named.image, &verifications);
    }
    text.settings(plan, otherwise);
    let text = text.finish()?;
    if text.lines().any(|line| line.len() > LONGEST_LINE) {
        return Err(Error::LongLine.at(otherwise).into());
    }
    Ok(text)
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
        // A line that starts with `#` is a comment.
        .map(|line| if line.starts_with('#') { format!("/{line}\n") } else { format!("{line}\n") })
        .collect()
}
