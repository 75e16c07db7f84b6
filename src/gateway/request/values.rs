//! Values of options.

use crate::gateway::transport::Error;

/// A boolean in any spelling that Go accepts.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// The error for an option with an invalid value; `expected` ends the sentence.
pub(crate) fn invalid(option: &str, value: &str, expected: &'static str) -> Error {
    Error::Option {
        option: option.to_owned(),
        value: value.to_owned(),
        expected,
    }
}
