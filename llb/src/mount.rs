//! Mounts of a process other than its root (`client/llb/exec.go` in BuildKit).

use buildkit_proto::pb;

use crate::{
    Output,
    vertex::{EMPTY, SKIP},
};

pub use pb::{CacheSharingOpt as CacheSharing, MountContentCache as ContentCache};

/// A mount of an [`Exec`](crate::Exec). Its functions create the different kinds.
#[derive(Clone, Debug)]
pub enum Mount {
    /// A file tree.
    Bind(BindMount),
    /// A cache directory that outlives the build.
    Cache(CacheMount),
    /// A tmpfs.
    Tmpfs(TmpfsMount),
    /// A file that contains a secret.
    Secret(SecretMount),
    /// The socket of an SSH agent.
    Ssh(SshMount),
}

impl Mount {
    /// Mounts a file tree at `target`, or an empty one for `None`. Changes by the process are the
    /// [output](crate::ExecOutputs::mount) of the mount.
    pub fn bind(source: impl Into<Option<Output>>, target: impl Into<String>) -> BindMount {
        BindMount {
            target: target.into(),
            source: source.into(),
            selector: String::new(),
            access: Access::Kept,
            content_cache: ContentCache::Default,
        }
    }

    /// A cache at `target` that the worker keeps under `id`. An empty `id` means the target.
    pub fn cache(
        target: impl Into<String>,
        id: impl Into<String>,
        sharing: CacheSharing,
    ) -> CacheMount {
        let target = target.into();
        let id = Some(id.into()).filter(|id| !id.is_empty());
        CacheMount {
            id: id.unwrap_or_else(|| target.clone()),
            target,
            sharing,
            source: None,
            selector: String::new(),
            read_only: false,
        }
    }

    /// An empty tmpfs at `target`.
    pub fn tmpfs(target: impl Into<String>) -> TmpfsMount {
        TmpfsMount {
            target: target.into(),
            size: 0,
        }
    }

    /// A file at `target` with the secret `id`, readable only by root.
    pub fn secret(target: impl Into<String>, id: impl Into<String>) -> SecretMount {
        SecretMount {
            target: target.into(),
            opt: pb::SecretOpt {
                id: id.into(),
                mode: 0o400,
                ..pb::SecretOpt::default()
            },
        }
    }

    /// The socket of the SSH agent `id` at `target`, usable only by root. An empty `id` means the
    /// default agent.
    pub fn ssh(target: impl Into<String>, id: impl Into<String>) -> SshMount {
        SshMount {
            target: target.into(),
            opt: pb::SshOpt {
                id: id.into(),
                mode: 0o600,
                ..pb::SshOpt::default()
            },
        }
    }
}

/// How writes to a bind mount are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Kept as an output.
    Kept,
    /// Allowed and discarded.
    Discarded,
    /// Refused.
    Refused,
}

/// A bind mount of a file tree.
#[derive(Clone, Debug)]
#[must_use]
pub struct BindMount {
    pub(crate) target: String,
    pub(crate) source: Option<Output>,
    pub(crate) selector: String,
    pub(crate) access: Access,
    pub(crate) content_cache: ContentCache,
}

impl BindMount {
    /// Mounts only this path of the tree.
    pub fn selector(mut self, path: impl Into<String>) -> Self {
        self.selector = path.into();
        self
    }

    /// Makes the mount read-only. It then has no output of its own.
    pub fn read_only(mut self) -> Self {
        self.access = Access::Refused;
        self
    }

    /// Allows writes and discards them. The mount then has no output.
    ///
    /// Requires the capability `exec.mount.bind.readwrite-nooutput`.
    pub fn discard(mut self) -> Self {
        self.access = Access::Discarded;
        self
    }

    /// Sets whether the cache key uses the files of the tree instead of the ops that produced them.
    ///
    /// Any value but the default requires the capability `exec.mount.cache.content`.
    pub fn content_cache(mut self, mode: ContentCache) -> Self {
        self.content_cache = mode;
        self
    }

    pub(crate) fn to_pb(&self, input: i64, output: i64) -> pb::Mount {
        pb::Mount {
            input,
            selector: self.selector.clone(),
            dest: self.target.clone(),
            output,
            readonly: self.access == Access::Refused,
            content_cache: self.content_cache.into(),
            ..pb::Mount::default()
        }
    }
}

/// A cache directory that outlives the build. Results must not depend on its contents: a step must
/// produce the same output with an empty one.
#[derive(Clone, Debug)]
#[must_use]
pub struct CacheMount {
    pub(crate) target: String,
    pub(crate) id: String,
    pub(crate) sharing: CacheSharing,
    pub(crate) source: Option<Output>,
    pub(crate) selector: String,
    pub(crate) read_only: bool,
}

impl CacheMount {
    /// Sets the initial contents of a new cache. The cache has the mode and owner of the tree's
    /// root.
    pub fn source(mut self, source: Output) -> Self {
        self.source = Some(source);
        self
    }

    /// Limits the initial contents to this path of the tree.
    pub fn selector(mut self, path: impl Into<String>) -> Self {
        self.selector = path.into();
        self
    }

    /// Makes the mount read-only.
    pub fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    pub(crate) fn to_pb(&self, input: i64) -> pb::Mount {
        pb::Mount {
            input,
            selector: self.selector.clone(),
            dest: self.target.clone(),
            output: SKIP,
            readonly: self.read_only,
            mount_type: pb::MountType::Cache.into(),
            cache_opt: Some(pb::CacheOpt {
                id: self.id.clone(),
                sharing: self.sharing.into(),
            }),
            ..pb::Mount::default()
        }
    }
}

/// A tmpfs.
#[derive(Clone, Debug)]
#[must_use]
pub struct TmpfsMount {
    pub(crate) target: String,
    pub(crate) size: i64,
}

impl TmpfsMount {
    /// Sets the maximum size in bytes; 0 means the engine's default.
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = i64::try_from(bytes).unwrap_or(i64::MAX);
        self
    }

    pub(crate) fn to_pb(&self) -> pb::Mount {
        pb::Mount {
            input: EMPTY,
            dest: self.target.clone(),
            output: SKIP,
            mount_type: pb::MountType::Tmpfs.into(),
            tmpfs_opt: Some(pb::TmpfsOpt { size: self.size }),
            ..pb::Mount::default()
        }
    }
}

/// Setters of mounts that are a single file from the client.
macro_rules! file_setters {
    () => {
        /// Lets the step run even if the client does not provide it.
        pub fn optional(mut self) -> Self {
            self.opt.optional = true;
            self
        }

        /// Sets the permission bits.
        pub fn mode(mut self, mode: u32) -> Self {
            self.opt.mode = mode;
            self
        }

        /// Sets the numeric owner.
        pub fn uid(mut self, uid: u32) -> Self {
            self.opt.uid = uid;
            self
        }

        /// Sets the numeric group.
        pub fn gid(mut self, gid: u32) -> Self {
            self.opt.gid = gid;
            self
        }
    };
}

/// A file that contains a secret, which is never part of a result or a cache key.
#[derive(Clone, Debug)]
#[must_use]
pub struct SecretMount {
    pub(crate) target: String,
    opt: pb::SecretOpt,
}

impl SecretMount {
    file_setters!();

    pub(crate) fn to_pb(&self) -> pb::Mount {
        pb::Mount {
            input: EMPTY,
            dest: self.target.clone(),
            mount_type: pb::MountType::Secret.into(),
            secret_opt: Some(self.opt.clone()),
            ..pb::Mount::default()
        }
    }
}

/// The socket of the client's SSH agent.
#[derive(Clone, Debug)]
#[must_use]
pub struct SshMount {
    pub(crate) target: String,
    opt: pb::SshOpt,
}

impl SshMount {
    file_setters!();

    pub(crate) fn to_pb(&self) -> pb::Mount {
        pb::Mount {
            input: EMPTY,
            dest: self.target.clone(),
            mount_type: pb::MountType::Ssh.into(),
            ssh_opt: Some(self.opt.clone()),
            ..pb::Mount::default()
        }
    }
}

macro_rules! into_mount {
    ($($kind:ident($mount:ident)),*) => {$(
        impl From<$mount> for Mount {
            fn from(mount: $mount) -> Self {
                Self::$kind(mount)
            }
        }
    )*};
}

into_mount!(
    Bind(BindMount),
    Cache(CacheMount),
    Tmpfs(TmpfsMount),
    Secret(SecretMount),
    Ssh(SshMount)
);
