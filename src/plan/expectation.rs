//! Files that a plan expects in its contexts.

use crate::diagnostics::{Diagnostic, Warning};

use super::copy::ContextFiles;

/// Files that a context must contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Patterns, at least one of which must match.
    pub any_of: Vec<String>,
    /// The files to search.
    pub files: ContextFiles,
    /// The error if none matches.
    pub error: Diagnostic,
}

/// Files whose absence is worth a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarnIfMissing {
    /// Patterns, at least one of which should match.
    pub any_of: Vec<String>,
    /// The files to search.
    pub files: ContextFiles,
    pub warning: Warning,
}
