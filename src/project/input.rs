//! The files of a project: their names, their limits, and how they become documents and errors.

use toml::Spanned;

use super::error::Error;
use super::version::Constraint;
use crate::diagnostics::{Diagnostics, Document, InputLimits, Problem, Span};

pub const PYPROJECT: &str = "pyproject.toml";
pub const LOCK: &str = "poetry.lock";
/// Poetry's own settings for a project.
pub const SETTINGS: &str = "poetry.toml";
/// The ignore file of a directory. A build file's own ignore file has this ending.
pub const IGNORE: &str = ".dockerignore";

/// Far above any real project file.
const PROJECT_LIMITS: InputLimits = InputLimits {
    kib: 1024,
    tokens: 150_000,
};
/// Twice a lock of a thousand packages. Such a lock, with everything derived from it, stays below 100 MB of memory.
const LOCK_LIMITS: InputLimits = InputLimits {
    kib: 4096,
    tokens: 1_500_000,
};

/// The file called `name`, within the limits of its kind.
pub(super) fn document(name: &str, bytes: &[u8]) -> Result<Document, Diagnostics> {
    let limits = if name == LOCK {
        LOCK_LIMITS
    } else {
        PROJECT_LIMITS
    };
    Ok(limits.read(name, bytes)?)
}

pub(super) fn toml_error(document: &Document, error: &toml::de::Error) -> Diagnostics {
    let span = document.span(error.span().unwrap_or(0..0));
    let message = error.message().trim_end().replace('\n', ", ");
    Error::Malformed(message).at(&span).into()
}

/// A constraint with its location; `None` if its syntax is unknown, which is left to Poetry to report.
pub(super) fn constraint(
    document: &Document,
    text: &Spanned<String>,
) -> Option<(Constraint, Span)> {
    Constraint::parse(text.get_ref()).map(|parsed| (parsed, document.span(text.span())))
}
