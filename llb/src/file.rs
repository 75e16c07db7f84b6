//! Changes to file trees without a process (`client/llb/fileop.go` in BuildKit).

use buildkit_proto::pb;
use pb::file_action::Action;

use crate::{
    Output, Owner, caps, path,
    vertex::{Common, Inputs, SKIP, Vertex, as_index, common_setters},
};

/// "Keep as it is", for permission bits and times.
const UNSET: i8 = -1;

/// The tree that a [`FileOp`] starts from; the first action turns it into an op.
#[derive(Clone, Debug)]
#[must_use]
pub struct FileBase(Option<Output>);

/// One or more changes to a file tree, applied in order.
#[derive(Clone, Debug)]
#[must_use]
pub struct FileOp {
    base: Option<Output>,
    actions: Vec<FileAction>,
    common: Common,
}

/// An action of a [`FileOp`].
#[derive(Clone, Debug)]
pub enum FileAction {
    /// Copies files from another tree.
    Copy(Copy),
    /// Writes a file.
    Mkfile(Mkfile),
    /// Creates a directory.
    Mkdir(Mkdir),
    /// Creates a symbolic link.
    Symlink(Symlink),
    /// Removes files.
    Remove(Remove),
}

/// Methods that add one action each.
macro_rules! actions {
    () => {
        /// Copies files from another tree.
        pub fn copy(self, copy: Copy) -> FileOp {
            self.action(copy)
        }

        /// Writes a file.
        pub fn mkfile(self, mkfile: Mkfile) -> FileOp {
            self.action(mkfile)
        }

        /// Creates a directory.
        pub fn mkdir(self, mkdir: Mkdir) -> FileOp {
            self.action(mkdir)
        }

        /// Creates a symbolic link.
        pub fn symlink(self, symlink: Symlink) -> FileOp {
            self.action(symlink)
        }

        /// Removes files.
        pub fn remove(self, remove: impl Into<Remove>) -> FileOp {
            self.action(remove.into())
        }
    };
}

impl FileBase {
    actions!();

    /// Adds the first action.
    pub fn action(self, action: impl Into<FileAction>) -> FileOp {
        FileOp {
            base: self.0,
            actions: vec![action.into()],
            common: Common::default(),
        }
    }

    /// Adds all actions in order; `None` if there are none.
    #[must_use]
    pub fn actions(self, actions: impl IntoIterator<Item = FileAction>) -> Option<FileOp> {
        let mut actions = actions.into_iter();
        let first = self.action(actions.next()?);
        Some(actions.fold(first, FileOp::action))
    }
}

impl FileOp {
    /// Changes a copy of `base`, or an empty tree for `None`.
    pub fn on(base: impl Into<Option<Output>>) -> FileBase {
        FileBase(base.into())
    }

    actions!();

    common_setters!();

    /// Adds another action.
    pub fn action(mut self, action: impl Into<FileAction>) -> Self {
        self.actions.push(action.into());
        self
    }

    /// The changed tree. It has the platform of the base.
    pub fn output(self) -> Output {
        let mut common = self.common;
        common.metadata.caps.insert(caps::FILE_BASE.into());
        common.metadata.caps.extend(
            self.actions
                .iter()
                .flat_map(FileAction::caps)
                .map(Into::into),
        );

        let mut inputs = Inputs::default();
        let base = inputs.add(self.base.as_ref());
        let secondary: Vec<_> = (self.actions.iter())
            .map(|action| inputs.add(action.source()))
            .collect();
        let last = self.actions.len() - 1;
        let actions = (self.actions.iter().zip(secondary).enumerate())
            .map(|(number, (action, secondary_input))| pb::FileAction {
                // Indexes from the number of inputs up refer to earlier actions.
                input: match number.checked_sub(1) {
                    Some(previous) => as_index(inputs.len() + previous),
                    None => base,
                },
                secondary_input,
                output: if number == last { 0 } else { SKIP },
                action: Some(action.to_pb(base)),
            })
            .collect();

        let platform = self.base.as_ref().and_then(Output::platform).cloned();
        // Go visits the sources of the last action first, which determines the order of a
        // definition.
        let sources = self.actions.iter().rev().filter_map(FileAction::source);
        let parents = self.base.iter().chain(sources).cloned().collect();
        let op = pb::op::Op::File(pb::FileOp { actions });
        Output::first(Vertex::new(op, inputs, parents, platform, common))
    }
}

impl FileAction {
    fn source(&self) -> Option<&Output> {
        match self {
            Self::Copy(copy) => Some(&copy.from),
            Self::Mkfile(_) | Self::Mkdir(_) | Self::Symlink(_) | Self::Remove(_) => None,
        }
    }

    fn caps(&self) -> impl Iterator<Item = &'static str> {
        let caps = match self {
            Self::Copy(copy) => {
                let patterns = copy.pb.include_patterns.len() + copy.pb.exclude_patterns.len();
                [
                    (patterns > 0).then_some(caps::FILE_COPY_PATTERNS),
                    (copy.pb.always_replace_existing_dest_paths).then_some(caps::FILE_COPY_REPLACE),
                ]
            }
            Self::Symlink(_) => [Some(caps::FILE_SYMLINK), None],
            Self::Remove(remove) => [
                remove
                    .0
                    .allow_wildcard
                    .then_some(caps::FILE_REMOVE_WILDCARD),
                None,
            ],
            Self::Mkfile(_) | Self::Mkdir(_) => [None, None],
        };
        caps.into_iter().flatten()
    }

    /// The action on the wire. Names of owners are looked up in the input `base`.
    fn to_pb(&self, base: i64) -> Action {
        match self {
            Self::Copy(Copy { pb, owner, .. }) => Action::Copy(pb::FileActionCopy {
                owner: owner.as_ref().map(|owner| owner.to_pb(base)),
                ..pb.clone()
            }),
            Self::Mkfile(Mkfile { pb, owner }) => Action::Mkfile(pb::FileActionMkFile {
                owner: owner.as_ref().map(|owner| owner.to_pb(base)),
                ..pb.clone()
            }),
            Self::Mkdir(Mkdir { pb, owner }) => Action::Mkdir(pb::FileActionMkDir {
                owner: owner.as_ref().map(|owner| owner.to_pb(base)),
                ..pb.clone()
            }),
            Self::Symlink(Symlink { pb, owner }) => Action::Symlink(pb::FileActionSymlink {
                owner: owner.as_ref().map(|owner| owner.to_pb(base)),
                ..pb.clone()
            }),
            Self::Remove(Remove(pb)) => Action::Rm(pb.clone()),
        }
    }
}

macro_rules! into_action {
    ($($kind:ident),*) => {$(
        impl From<$kind> for FileAction {
            fn from(action: $kind) -> Self {
                Self::$kind(action)
            }
        }
    )*};
}

into_action!(Copy, Mkfile, Mkdir, Symlink, Remove);

/// Setters of actions that create files; the fields are `pb` and `owner`.
macro_rules! new_file_setters {
    () => {
        /// Sets the owner.
        pub fn owner(mut self, owner: Owner) -> Self {
            self.owner = Some(owner);
            self
        }

        /// Sets the time of the files, in nanoseconds since the Unix epoch.
        pub fn timestamp(mut self, nanoseconds: i64) -> Self {
            self.pb.timestamp = nanoseconds;
            self
        }
    };
}

/// Copies files from another tree. Owner, permissions and time are kept unless set.
#[derive(Clone, Debug)]
#[must_use]
pub struct Copy {
    from: Output,
    pb: pb::FileActionCopy,
    owner: Option<Owner>,
}

impl Copy {
    /// Copies `src` of `from` to `dest`. Relative paths start at the root of the tree.
    ///
    /// If `dest` is an existing directory or ends in `/`, `src` is copied into it; otherwise it is
    /// copied to `dest` itself.
    pub fn new(from: Output, src: impl AsRef<str>, dest: impl AsRef<str>) -> Self {
        Self {
            from,
            pb: pb::FileActionCopy {
                src: path::absolute(src.as_ref()),
                dest: path::absolute_destination(dest.as_ref()),
                mode: UNSET.into(),
                timestamp: UNSET.into(),
                ..pb::FileActionCopy::default()
            },
            owner: None,
        }
    }

    new_file_setters!();

    /// Sets the permission bits of everything copied, including directories.
    pub fn mode(mut self, mode: u32) -> Self {
        self.pb.mode = mode_bits(mode, 0o7777);
        self
    }

    /// Follows symbolic links at the source.
    pub fn follow_symlinks(mut self) -> Self {
        self.pb.follow_symlink = true;
        self
    }

    /// Copies the contents of a source directory instead of the directory itself.
    pub fn contents_only(mut self) -> Self {
        self.pb.dir_copy_contents = true;
        self
    }

    /// Unpacks the source if it is an archive.
    pub fn unpack(mut self) -> Self {
        self.pb.attempt_unpack_docker_compatibility = true;
        self
    }

    /// Creates missing parent directories of the destination.
    pub fn create_dest_path(mut self) -> Self {
        self.pb.create_dest_path = true;
        self
    }

    /// Treats the source as a pattern with `*`, `?` and `[...]`.
    pub fn allow_wildcard(mut self) -> Self {
        self.pb.allow_wildcard = true;
        self
    }

    /// Allows a source pattern without matches.
    pub fn allow_empty_wildcard(mut self) -> Self {
        self.pb.allow_empty_wildcard = true;
        self
    }

    /// Replaces a destination of a different kind than the source, such as a file by a directory.
    ///
    /// Requires the capability `file.copy.alwaysreplaceexistingdestpaths`.
    pub fn replace_existing(mut self) -> Self {
        self.pb.always_replace_existing_dest_paths = true;
        self
    }

    /// Adds include patterns: a path below the source must match at least one.
    pub fn include<T: Into<String>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        let patterns = patterns.into_iter().map(Into::into);
        self.pb.include_patterns.extend(patterns);
        self
    }

    /// Adds exclude patterns, which take precedence over include patterns.
    pub fn exclude<T: Into<String>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        let patterns = patterns.into_iter().map(Into::into);
        self.pb.exclude_patterns.extend(patterns);
        self
    }
}

/// Writes a file, owned by root and with the current time unless set.
#[derive(Clone, Debug)]
#[must_use]
pub struct Mkfile {
    pb: pb::FileActionMkFile,
    owner: Option<Owner>,
}

impl Mkfile {
    /// Writes `data` to `path` with these permission bits. A relative path starts at the root.
    pub fn new(path: impl AsRef<str>, mode: u32, data: impl Into<Vec<u8>>) -> Self {
        Self {
            pb: pb::FileActionMkFile {
                path: path::absolute(path.as_ref()),
                mode: mode_bits(mode, 0o777),
                data: data.into(),
                owner: None,
                timestamp: UNSET.into(),
            },
            owner: None,
        }
    }

    new_file_setters!();
}

/// Creates a directory, owned by root and with the current time unless set.
#[derive(Clone, Debug)]
#[must_use]
pub struct Mkdir {
    pb: pb::FileActionMkDir,
    owner: Option<Owner>,
}

impl Mkdir {
    /// Creates the directory `path` with these permission bits. A relative path starts at the root.
    pub fn new(path: impl AsRef<str>, mode: u32) -> Self {
        Self {
            pb: pb::FileActionMkDir {
                path: path::absolute(path.as_ref()),
                mode: mode_bits(mode, 0o777),
                make_parents: false,
                owner: None,
                timestamp: UNSET.into(),
            },
            owner: None,
        }
    }

    new_file_setters!();

    /// Creates missing parent directories, and accepts an existing directory.
    pub fn parents(mut self) -> Self {
        self.pb.make_parents = true;
        self
    }
}

/// Creates a symbolic link, owned by root and with the current time unless set.
///
/// Requires the capability `file.symlink.create`.
#[derive(Clone, Debug)]
#[must_use]
pub struct Symlink {
    pb: pb::FileActionSymlink,
    owner: Option<Owner>,
}

impl Symlink {
    /// Creates the link `path` to `target`. Both are used as they are.
    pub fn new(target: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            pb: pb::FileActionSymlink {
                oldpath: target.into(),
                newpath: path.into(),
                owner: None,
                timestamp: UNSET.into(),
            },
            owner: None,
        }
    }

    new_file_setters!();
}

/// Removes files or directories.
#[derive(Clone, Debug)]
#[must_use]
pub struct Remove(pb::FileActionRm);

impl Remove {
    /// Removes `path`. A relative path starts at the root.
    pub fn new(path: impl AsRef<str>) -> Self {
        Self(pb::FileActionRm {
            path: path::absolute(path.as_ref()),
            allow_not_found: false,
            allow_wildcard: false,
        })
    }

    /// Accepts a missing path.
    pub fn allow_not_found(mut self) -> Self {
        self.0.allow_not_found = true;
        self
    }

    /// Treats the path as a pattern with `*`, `?` and `[...]`.
    pub fn allow_wildcard(mut self) -> Self {
        self.0.allow_wildcard = true;
        self
    }
}

impl From<&str> for Remove {
    fn from(path: &str) -> Self {
        Self::new(path)
    }
}

/// The bits of `mode` that are in `mask`, in their wire type.
fn mode_bits(mode: u32, mask: u16) -> i32 {
    (mode & u32::from(mask)).cast_signed()
}
