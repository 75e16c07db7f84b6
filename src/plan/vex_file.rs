//! The document with statements about vulnerabilities that is attached to the image.

use crate::diagnostics::Span;

use super::copy::ContextFiles;

/// A file of the build context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VexFile {
    pub path: String,
    /// The part of the context that contains it.
    pub files: ContextFiles,
    /// Where it is set.
    pub span: Span,
}
