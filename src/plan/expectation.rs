//! Files that a plan expects in its contexts.

use crate::diagnostics::{Diagnostic, Span, Warning};

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

/// A file of a context that the container executes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executable {
    /// The part of the context that contains it.
    pub files: ContextFiles,
    /// Its path in the context.
    pub path: String,
    /// Whether the build makes it executable.
    pub becomes_executable: bool,
    /// Whether a shell reads it, so that it need not be executable.
    pub by_shell: bool,
    /// Where the container's command is set.
    pub span: Span,
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
