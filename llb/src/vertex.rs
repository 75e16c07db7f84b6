//! The vertices of a graph, their bytes and their digests.

use std::{borrow::Cow, collections::BTreeSet, fmt, mem, sync::Arc};

use buildkit_proto::pb;
use prost::Message;
use sha2::{Digest, Sha256};

use crate::{Location, Platform};

/// Stands for the empty file tree where the position of an input is expected.
pub(crate) const EMPTY: i64 = -1;

/// Stands for "not kept" where the number of an output is expected.
pub(crate) const SKIP: i64 = -1;

/// A finished op.
pub(crate) struct Vertex {
    /// `sha256:` and 64 hex digits, of `bytes`.
    pub(crate) digest: String,
    pub(crate) bytes: Vec<u8>,
    /// What the op reads, in the order in which a definition lists it.
    pub(crate) parents: Vec<Output>,
    /// What later ops inherit; not always part of `bytes`.
    pub(crate) platform: Option<Platform>,
    pub(crate) metadata: Metadata,
    pub(crate) locations: Vec<Location>,
}

impl Vertex {
    /// Finishes an op.
    ///
    /// `parents` hold at least every output that `inputs` name. The platform is written for sources
    /// and execs alone: what the others do is the same on each (`client/llb/{fileop,merge,diff}.go`).
    pub(crate) fn new(
        op: pb::op::Op,
        inputs: Inputs,
        parents: Vec<Output>,
        platform: Option<Platform>,
        common: Common,
    ) -> Arc<Self> {
        let on_wire = matches!(op, pb::op::Op::Source(_) | pb::op::Op::Exec(_));
        let bytes = encode(op, inputs.0, platform.clone().filter(|_| on_wire));
        Self::of_bytes(bytes, parents, platform, common)
    }

    /// Finishes an op with these bytes.
    pub(crate) fn of_bytes(
        bytes: Vec<u8>,
        parents: Vec<Output>,
        platform: Option<Platform>,
        common: Common,
    ) -> Arc<Self> {
        Arc::new(Self {
            digest: digest(&bytes),
            bytes,
            parents,
            platform,
            metadata: common.metadata,
            locations: common.locations,
        })
    }
}

impl Drop for Vertex {
    /// Takes the graph apart in a loop: dropping a long chain by recursion could use up the stack.
    fn drop(&mut self) {
        let mut orphans = mem::take(&mut self.parents);
        while let Some(output) = orphans.pop() {
            if let Some(mut vertex) = Arc::into_inner(output.vertex) {
                orphans.append(&mut vertex.parents);
            }
        }
    }
}

/// The bytes of an op as Go writes them: the members of the `oneof` after all other fields.
///
/// Concatenated messages are one message, so writing the two halves apart gives that order.
fn encode(op: pb::op::Op, inputs: Vec<pb::Input>, platform: Option<Platform>) -> Vec<u8> {
    let head = pb::Op {
        inputs,
        platform,
        constraints: Some(pb::WorkerConstraints::default()),
        op: None,
    };
    let tail = pb::Op {
        op: Some(op),
        ..pb::Op::default()
    };
    let mut bytes = head.encode_to_vec();
    bytes.extend(tail.encode_to_vec());
    bytes
}

/// `sha256:` and the 64 lower-case hex digits of the hash of `bytes`.
pub(crate) fn digest(bytes: &[u8]) -> String {
    let mut digest = "sha256:".to_owned();
    for byte in Sha256::digest(bytes) {
        for half in [byte >> 4, byte & 0xf] {
            digest.extend(char::from_digit(half.into(), 16));
        }
    }
    digest
}

/// A file tree that an op leaves behind, or that a source brings in.
///
/// Cloning copies a pointer. Two outputs are equal if their ops have the same digest and they are
/// the same output of it.
#[derive(Clone)]
#[must_use = "an op whose output nothing reads is not part of a graph"]
pub struct Output {
    pub(crate) vertex: Arc<Vertex>,
    pub(crate) index: i64,
}

impl Output {
    pub(crate) fn first(vertex: Arc<Vertex>) -> Self {
        Self { vertex, index: 0 }
    }

    /// Digest of the op, `sha256:` and 64 hex digits: its key in [`Definition`](crate::Definition)s
    /// and what a warning about it names.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.vertex.digest
    }

    /// Platform of the tree, if an image or an exec below it says one. Execs on this tree take it
    /// over.
    #[must_use]
    pub fn platform(&self) -> Option<&Platform> {
        self.vertex.platform.as_ref()
    }

    pub(crate) fn to_input(&self) -> pb::Input {
        pb::Input {
            digest: self.vertex.digest.clone(),
            index: self.index,
        }
    }
}

impl PartialEq for Output {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && self.vertex.digest == other.vertex.digest
    }
}

impl Eq for Output {}

impl fmt::Debug for Output {
    /// Shows digest and index; the graph behind them can be huge.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Output({}#{})", self.vertex.digest, self.index)
    }
}

/// The inputs of an op, each output once.
#[derive(Default)]
pub(crate) struct Inputs(Vec<pb::Input>);

impl Inputs {
    /// Position of `output` among the inputs, [`EMPTY`] for none.
    pub(crate) fn add(&mut self, output: Option<&Output>) -> i64 {
        let Some(output) = output else { return EMPTY };
        let input = output.to_input();
        match self.0.iter().position(|known| *known == input) {
            Some(position) => as_index(position),
            None => self.push(output),
        }
    }

    /// Adds `output` even if it is there already; gives its position.
    pub(crate) fn push(&mut self, output: &Output) -> i64 {
        self.0.push(output.to_input());
        as_index(self.0.len() - 1)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// A position as the wire has it.
pub(crate) fn as_index(position: usize) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

/// What every op has beside its bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Common {
    pub(crate) metadata: Metadata,
    pub(crate) locations: Vec<Location>,
}

/// The part of an op that does not count for its digest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metadata {
    pub(crate) ignore_cache: bool,
    pub(crate) name: Option<String>,
    pub(crate) progress_group: Option<pb::ProgressGroup>,
    pub(crate) resources: Option<pb::LinuxResources>,
    /// Owned ones are of graphs that another client made.
    pub(crate) caps: BTreeSet<Cow<'static, str>>,
}

impl Metadata {
    /// Adds what another op with the same bytes says; the later word counts (`mergeMetadata` in
    /// BuildKit's `client/llb/state.go`).
    pub(crate) fn merge(&mut self, later: &Self) {
        self.ignore_cache |= later.ignore_cache;
        self.caps.extend(later.caps.iter().cloned());
        let later = later.clone();
        self.name = later.name.or(self.name.take());
        self.progress_group = later.progress_group.or(self.progress_group.take());
        self.resources = later.resources.or(self.resources.take());
    }

    pub(crate) fn to_pb(&self) -> pb::OpMetadata {
        pb::OpMetadata {
            ignore_cache: self.ignore_cache,
            description: (self.name.iter())
                .map(|name| ("llb.customname".to_owned(), name.clone()))
                .collect(),
            export_cache: None,
            caps: (self.caps.iter())
                .map(|cap| (cap.to_string(), true))
                .collect(),
            progress_group: self.progress_group.clone(),
            linux_resources: self.resources.clone(),
        }
    }
}

/// The setters that all ops share; the builder keeps a [`Common`] in its field `common`.
macro_rules! common_setters {
    () => {
        /// Sets the line for the progress. Clients hide a line that starts with `[internal]` once
        /// the step is done.
        pub fn named(mut self, name: impl Into<String>) -> Self {
            self.common.metadata.name = Some(name.into());
            self
        }

        /// Adds a place in the user's files that the op comes from.
        pub fn located(mut self, location: $crate::Location) -> Self {
            self.common.locations.push(location);
            self
        }

        /// Whether the op runs even if its result is known.
        pub fn ignore_cache(mut self, ignore: bool) -> Self {
            self.common.metadata.ignore_cache = ignore;
            self
        }

        /// Puts the op under a heading in the progress, together with all ops of the same `id`. A
        /// `weak` group gives way when only one op is in it.
        pub fn progress_group(
            mut self,
            id: impl Into<String>,
            name: impl Into<String>,
            weak: bool,
        ) -> Self {
            self.common.metadata.progress_group = Some(buildkit_proto::pb::ProgressGroup {
                id: id.into(),
                name: name.into(),
                weak,
            });
            self
        }
    };
}

pub(crate) use common_setters;
