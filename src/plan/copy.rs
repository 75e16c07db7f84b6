//! Copies and their origins.

use crate::diagnostics::{Located, Span};
use crate::image::ImageReference;

use super::placement::Placement;
use super::stage_name::StageName;

/// Files added to a stage: a `COPY` or `ADD` of a Dockerfile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    pub from: CopyFrom,
    /// A file, or a directory whose content is copied. With `wildcard`, `*` and `?` match as in a shell.
    pub src: String,
    pub wildcard: bool,
    /// Whether a symbolic link at `src` is followed.
    pub follow: bool,
    /// Created if missing.
    pub dest: String,
    /// `--chmod`; `None` keeps the mode of each file.
    pub mode: Option<u32>,
    /// `--chown`: user and group id.
    pub owner: (u32, u32),
    /// Patterns of files to exclude: `--exclude`.
    pub exclude: Vec<Located<String>>,
    pub placement: Placement,
    /// Stages that must have succeeded where layers are merged, although nothing of them is copied. An engine exports only the
    /// cache of what an image is made from; with this, it exports the cache of these stages too.
    pub awaits: Vec<StageName>,
    /// The distributions that it copies, each `NAME VERSION`; empty if it copies something else.
    pub packages: Vec<String>,
}

impl Copy {
    /// The content of the directory `src` into the directory `dest`, owned by root.
    pub(crate) fn directory(from: CopyFrom, src: &str, dest: &str) -> Self {
        Self {
            from,
            src: src.to_owned(),
            wildcard: false,
            follow: false,
            dest: dest.to_owned(),
            mode: None,
            owner: (0, 0),
            exclude: Vec::new(),
            placement: Placement::OnTop,
            awaits: Vec::new(),
            packages: Vec::new(),
        }
    }

    pub(crate) fn placed(mut self, placement: Placement) -> Self {
        self.placement = placement;
        self
    }
}

/// The origin of a copy: `COPY --from`, the build context, or the URL of an `ADD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyFrom {
    /// An earlier stage.
    Stage(StageName),
    /// The build context.
    Context(ContextFiles),
    /// An image, and the span that selects it.
    Image(ImageReference, Span),
    /// A file at a URL: `ADD --checksum`.
    Download {
        url: String,
        /// `sha256:HEX`.
        checksum: String,
    },
}

/// The file name of a download: the last component of the URL's path.
#[must_use]
pub fn download_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    let name = path
        .trim_end_matches('/')
        .split_once('/')
        .map_or("", |(_, path)| path);
    match name.rsplit('/').next().unwrap_or_default() {
        "" => "download",
        name => name,
    }
}

/// The files of a context that a step reads; BuildKit transfers only these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextFiles {
    /// The named context; `None` is the build context.
    pub context: Option<String>,
    /// Patterns of files to include; empty includes all.
    pub include: Vec<String>,
    /// Patterns of files to exclude from those, in the order and with the `!` of an ignore file.
    pub exclude: Vec<String>,
    /// Whether symbolic links that `include` names are followed.
    pub follow: bool,
}
