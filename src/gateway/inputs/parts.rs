//! The parts of contexts that the engine has, as lints read them.

use crate::compile;
use crate::gateway::transport::{Engine, Error, Failure, Ref};
use crate::lint::{ContextParts, ContextReader, Entry};
use crate::plan::ContextFiles;

/// The contexts of a build.
pub(crate) struct Parts<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) steps: &'a compile::Options,
}

impl ContextParts for Parts<'_> {
    type Error = Failure;
    type Reader = Ref;

    /// The build reads the same source, so nothing is sent twice.
    async fn part(&self, files: &ContextFiles) -> Result<Ref, Failure> {
        let source = self
            .steps
            .files(files)
            .map_err(|error| Error::Internal(error.to_string()))?;
        self.engine.solve_output(&source).await
    }
}

impl ContextReader for Ref {
    type Error = Failure;

    /// As many as an engine lists in a tenth of a second.
    const MOST_DIRECTORIES: usize = 1000;

    async fn list(&self, directory: &str, pattern: &str) -> Result<Vec<Entry>, Failure> {
        Ref::list(self, directory, pattern).await
    }

    async fn read(&self, path: &str, size: u64) -> Result<Vec<u8>, Failure> {
        Ref::read(self, path, size).await
    }
}
