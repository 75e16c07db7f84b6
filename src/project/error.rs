//! Errors in a project's own files.

use crate::diagnostics::Problem;

/// An error in `pyproject.toml`, `poetry.lock` or `poetry.toml`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("there is no `pyproject.toml` in the build context")]
    NoPyproject,
    #[error("there is no `poetry.lock` in the build context")]
    NoLock,
    #[error("this file names more than {0} packages and files")]
    TooManyNames(usize),
    #[error("this lock has more than {0} path dependencies")]
    TooManyPaths(usize),
    /// Not TOML, or not the structure that Poetry uses.
    #[error("cannot parse this file: {0}")]
    Malformed(String),
    #[error("`{0}` holds credentials, which would be stored in the build")]
    CredentialsInSettings(String),
    #[error("`{0}` is not the name of a package")]
    PackageName(String),
    #[error("`{0}` is not the version of a package")]
    PackageVersion(String),
    #[error("`{0}` is not a valid pattern")]
    Pattern(String),
    #[error("this {0} contains a line break or another control character")]
    Control(&'static str),
    #[error("`{0}` is not a version constraint")]
    Constraint(String),
    #[error("this lock has version `{0}`, but only versions 1.1, 2.0 and 2.1 are supported")]
    LockVersion(String),
}

impl Problem for Error {
    fn hint(&self) -> String {
        match self {
            Self::NoPyproject => {
                "build from the project's directory: `docker buildx build -f poetry.build.toml .`"
            }
            Self::NoLock => "run `poetry lock`, and commit the file",
            Self::TooManyNames(_) => "name directories, or use patterns such as `data/**`",
            Self::TooManyPaths(_) => "split the project, or publish some of them to an index",
            Self::Malformed(_) => "fix this line; run `poetry check` for details",
            Self::CredentialsInSettings(_) => {
                "remove it, and provide the credentials as secrets: see `[indexes.NAME]` in docs/build-file.md"
            }
            Self::PackageName(_) | Self::PackageVersion(_) => "recreate the lock: `poetry lock`",
            Self::Pattern(_) => "close each `[` with `]`, and put no `\\` before a letter or digit",
            Self::Control(_) => "remove the character",
            Self::Constraint(_) => "write it as Poetry does, such as `>=3.11,<4.0` or `^2.1`",
            Self::LockVersion(_) => "recreate the lock with Poetry 1.8 or newer: `poetry lock`",
        }
        .into()
    }
}
