//! The files of a project: their names, their limits, and how they become documents and errors.

use toml::Spanned;

use super::error::Error;
use super::pep440::VersionConstraint;
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
/// More than a lock of 1,500 packages with 20 files each. Such a lock, with everything derived from it, stays below 170 MB of
/// memory.
const LOCK_LIMITS: InputLimits = InputLimits {
    kib: 8192,
    tokens: 2_500_000,
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

/// A constraint with its location.
pub(super) fn constraint(
    document: &Document,
    text: &Spanned<String>,
) -> Result<(VersionConstraint, Span), Diagnostics> {
    let span = document.span(text.span());
    match VersionConstraint::parse(text.get_ref()) {
        Some(parsed) => Ok((parsed, span)),
        None => Err(Error::Constraint(text.get_ref().clone()).at(&span).into()),
    }
}
