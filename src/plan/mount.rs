//! Mounts, as in `RUN --mount`.

use crate::diagnostics::Span;

use super::stage_name::StageName;

/// What a command sees only while it runs: a `RUN --mount` of a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mount {
    /// A read-only directory of an earlier stage: `type=bind,from=STAGE,source=PATH`.
    Stage {
        from: StageName,
        path: String,
        target: String,
    },
    /// The same with only the files that match a pattern. For commands that read nothing else: the engine neither hashes the
    /// others, nor downloads them if the stage is in an imported cache.
    Matching {
        from: StageName,
        path: String,
        /// Relative to `path`, with `*` and `**`.
        pattern: &'static str,
        target: String,
    },
    /// A read-only file whose content is part of the plan, bind-mounted.
    File {
        target: String,
        content: String,
        executable: bool,
    },
    /// A read-only file that the engine downloads.
    Download {
        url: String,
        /// `sha256:HEX`.
        checksum: String,
        /// The name of the file.
        name: String,
        target: String,
        /// What the engine sends to an index that asks for credentials.
        authorization: Option<Authorization>,
    },
    /// A secret of the client as a file: `type=secret`.
    Secret {
        id: String,
        target: String,
        /// The line that needs it; `None` if the secret is optional.
        required_at: Option<Span>,
        /// The permission bits; `None`: only root can read it.
        mode: Option<u32>,
    },
    /// A directory that the engine keeps between builds: `type=cache`.
    Cache {
        /// Mounts with the same id share the directory.
        id: String,
        target: String,
        sharing: CacheSharing,
        /// The line that asks for it; `None` for the frontend's own.
        span: Option<Span>,
    },
    /// An SSH agent of the client, at `SSH_AUTH_SOCK`: `type=ssh`.
    Agent {
        /// As in `--ssh ID`.
        id: String,
        /// The line that needs it.
        required_at: Span,
    },
}

/// Credentials of a download.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The id of the secret with the whole `Authorization` header.
    pub secret: String,
    /// The line that needs it.
    pub required_at: Span,
    /// What tells the project from others, whose build alone uses the download.
    pub project: String,
}

impl Authorization {
    /// The name under which the engine saves a file. It is part of the cache key (BuildKit's `source/http`), and the engine's cache
    /// knows no credentials: without the project, another one would get the file without them.
    #[must_use]
    pub fn saved_as(&self, name: &str) -> String {
        format!("{}+{name}", self.project)
    }
}

impl Mount {
    /// A cache that the user asks for.
    pub(crate) fn asked_at(mut self, asked_by: &Span) -> Self {
        if let Self::Cache { span, .. } = &mut self {
            *span = Some(asked_by.clone());
        }
        self
    }

    /// What the engine sends for a download.
    #[must_use]
    pub fn authorization(&self) -> Option<&Authorization> {
        match self {
            Self::Download { authorization, .. } => authorization.as_ref(),
            _ => None,
        }
    }

    /// A directory of an earlier stage, at the same path.
    pub(crate) fn stage(from: StageName, path: &str) -> Self {
        Self::Stage {
            from,
            path: path.to_owned(),
            target: path.to_owned(),
        }
    }
}

/// Concurrent use of a cache mount: `sharing=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheSharing {
    /// Steps may use it at the same time.
    Shared,
    /// One step at a time; others wait.
    Locked,
}

impl CacheSharing {
    /// The value in a Dockerfile.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Locked => "locked",
        }
    }
}
