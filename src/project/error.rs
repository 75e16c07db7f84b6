//! What can be wrong in a project's own files.

use crate::diagnostics::{Problem, TooMuch};

/// A mistake in `pyproject.toml`, `poetry.lock` or an ignore file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no project.
    #[error("there is no `pyproject.toml` in the build context")]
    NoPyproject,
    /// There is no lock.
    #[error("there is no `poetry.lock` in the build context")]
    NoLock,
    /// Not UTF-8.
    #[error("this file is not UTF-8 text")]
    NotText,
    /// More than any such file has.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// More than any project names.
    #[error("this file names more than {0} packages and files of the project")]
    TooManyNames(usize),
    /// More than any project has.
    #[error("this lock has more than {0} packages that are folders or files")]
    TooManyPaths(usize),
    /// More than any ignore file has.
    #[error("this file has more than {0} patterns")]
    TooManyPatterns(usize),
    /// Not TOML, or not of the shape that Poetry reads.
    #[error("this cannot be read: {0}")]
    Malformed(String),
    /// A lock of a version that is not supported.
    #[error("the lock has version `{0}`, and this frontend reads 2.0 and 2.1")]
    LockVersion(String),
}

impl Problem for Error {
    fn hint(&self) -> String {
        match self {
            Self::NoPyproject => {
                "build from the project's folder: `docker buildx build -f poetry.build.toml .`"
                    .into()
            }
            Self::NoLock => "write it with `poetry lock`, and commit it".into(),
            Self::NotText => "save the file as UTF-8".into(),
            Self::TooMuch(_) => "check that it is the right file".into(),
            Self::TooManyPaths(_) => "divide the project, or publish some of them".into(),
            Self::TooManyPatterns(_) => "name folders in place of the files in them".into(),
            Self::TooManyNames(_) => "name folders, or use patterns such as `data/**`".into(),
            Self::Malformed(_) => "mend this line; `poetry check` shows more".into(),
            Self::LockVersion(_) => "renew the lock with Poetry 1.8 or newer: `poetry lock`".into(),
        }
    }
}
