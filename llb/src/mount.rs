//! What a process sees beside its root (`client/llb/exec.go` in BuildKit).

use buildkit_proto::pb;

use crate::{
    Output,
    vertex::{EMPTY, SKIP},
};

pub use pb::{CacheSharingOpt as CacheSharing, MountContentCache as ContentCache};

/// Any mount of an [`Exec`](crate::Exec); its functions start the different kinds.
#[derive(Clone, Debug)]
pub enum Mount {
    /// A file tree.
    Bind(BindMount),
    /// A directory that outlives the build.
    Cache(CacheMount),
    /// A file system in memory.
    Tmpfs(TmpfsMount),
    /// A file with a secret.
    Secret(SecretMount),
    /// The socket of an SSH agent.
    Ssh(SshMount),
}

impl Mount {
    /// A file tree at `target`, or an empty one for `None`. What the process writes there is the
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

    /// A directory at `target` that the worker keeps under the name `id`. An empty `id` stands for
    /// the target.
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

    /// An empty file system in memory at `target`.
    pub fn tmpfs(target: impl Into<String>) -> TmpfsMount {
        TmpfsMount {
            target: target.into(),
            size: 0,
        }
    }

    /// A file at `target` with the secret `id`, which only root may read.
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

    /// The socket of the SSH agent `id` at `target`, which only root may use. An empty `id` stands
    /// for the default agent.
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

/// What becomes of the writes to a bind mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// They are an output.
    Kept,
    /// They are allowed and lost.
    Discarded,
    /// They are refused.
    Refused,
}

/// A file tree as a mount.
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

    /// Refuses writes. The mount then has no output of its own.
    pub fn read_only(mut self) -> Self {
        self.access = Access::Refused;
        self
    }

    /// Allows writes but forgets them. The mount then has no output.
    ///
    /// Needs the capability `exec.mount.bind.readwrite-nooutput`.
    pub fn discard(mut self) -> Self {
        self.access = Access::Discarded;
        self
    }

    /// Sets whether the cache goes by the files of the tree in place of how they were made.
    ///
    /// Anything but the default needs the capability `exec.mount.cache.content`.
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

/// A directory that outlives the build. Its content counts for nothing: a step must come out the
/// same with an empty one.
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
    /// Sets what a new cache starts with, and whom it belongs to: the mode and the owner of the
    /// tree's root are those of the directory.
    pub fn source(mut self, source: Output) -> Self {
        self.source = Some(source);
        self
    }

    /// Starts with only this path of the source.
    pub fn selector(mut self, path: impl Into<String>) -> Self {
        self.selector = path.into();
        self
    }

    /// Refuses writes.
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

/// A file system in memory.
#[derive(Clone, Debug)]
#[must_use]
pub struct TmpfsMount {
    pub(crate) target: String,
    pub(crate) size: i64,
}

impl TmpfsMount {
    /// Sets the largest size in bytes; 0 for the engine's default.
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

/// The setters of mounts that come as one file from the client.
macro_rules! file_setters {
    () => {
        /// Lets the step run even if the client has nothing to give.
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

/// A file with a secret, which never becomes part of a result or of a cache key.
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

/// The socket of an SSH agent of the client.
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
