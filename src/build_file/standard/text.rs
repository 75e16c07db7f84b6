//! The texts of a standard that messages show.

use crate::build_file::error::Error;
use crate::build_file::schema::At;
use crate::diagnostics::{Diagnostic, Diagnostics, Document, Problem};

/// The name of the file, at the root of the frontend's image.
pub const STANDARD_NAME: &str = "standard.toml";

/// Adds the address of the team's documentation to errors in the standard.
pub(super) fn explained(errors: Diagnostics, docs: Option<&str>) -> Diagnostics {
    let Some(docs) = docs else {
        return errors;
    };
    errors.map(|mut error| {
        let span = error.span.as_ref();
        if span.is_some_and(|span| span.document().name().starts_with(STANDARD_NAME)) {
            error.hint = format!("{}; the standard is described at {docs}", error.hint);
        }
        error
    })
}

/// Whether a text can be shown as it is.
pub(super) fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(char::is_control)
}

/// The text of a key that messages show.
pub(super) fn line(
    document: &Document,
    at: Option<At<String>>,
    found: &mut Vec<Diagnostic>,
) -> Option<String> {
    let at = at?;
    if !is_line(&at.value) {
        found.push(Error::NotALine.at(&document.span(at.span)));
        return None;
    }
    Some(at.value)
}
