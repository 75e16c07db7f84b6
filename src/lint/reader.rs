//! Reads a build context: from the engine during a build, from a directory on the command line.

use std::future::Future;

use crate::plan::ContextFiles;

/// A file of the build context; not a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContextFile {
    /// Relative to the context's root.
    pub(crate) path: String,
    pub(crate) kind: FileKind,
    /// In bytes.
    pub(crate) size: u64,
    /// Where a symbolic link leads, as it is written.
    pub(crate) link: Option<String>,
}

/// The type of a file, without following symbolic links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// A regular file.
    File,
    Directory,
    /// A symbolic link.
    Link,
    /// A pipe, a socket or a device.
    Special,
}

/// An entry of a directory in the build context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The last component of the path.
    pub(crate) name: String,
    pub(crate) kind: FileKind,
    /// In bytes.
    pub(crate) size: u64,
    /// Whether someone may execute it.
    pub(crate) executable: bool,
    /// Where a symbolic link leads, as it is written.
    pub(crate) link: Option<String>,
}

impl Entry {
    #[must_use]
    pub(crate) fn is_directory(&self) -> bool {
        self.kind == FileKind::Directory
    }
}

/// Reads part of a context, without ignored files. Paths are relative to the root of the context, which is the empty path.
pub(crate) trait ContextReader: Sync {
    type Error: Send;

    /// The most directories that a lint may list.
    const MOST_DIRECTORIES: usize;

    /// The entries of a directory whose names match the pattern; an empty pattern matches all names.
    fn list(
        &self,
        directory: &str,
        pattern: &str,
    ) -> impl Future<Output = Result<Vec<Entry>, Self::Error>> + Send;

    /// The content of a file, which was listed with this size.
    fn read(
        &self,
        path: &str,
        size: u64,
    ) -> impl Future<Output = Result<Vec<u8>, Self::Error>> + Send;
}

/// Opens parts of contexts.
pub(crate) trait ContextParts: Sync {
    type Error: Send;
    type Reader: ContextReader<Error = Self::Error> + Send;

    /// Opens the part that `files` describes.
    fn part(
        &self,
        files: &ContextFiles,
    ) -> impl Future<Output = Result<Self::Reader, Self::Error>> + Send;
}
