//! The vertices of a graph, their bytes and their digests.

use std::{borrow::Cow, collections::BTreeSet, fmt, mem, sync::Arc};

use buildkit_proto::pb;
use prost::Message;
use sha2::{Digest, Sha256};

use crate::{Location, Platform};

/// Input index of the empty file tree.
pub(crate) const EMPTY: i64 = -1;

/// Output index for "not kept".
pub(crate) const SKIP: i64 = -1;

/// A finished op.
pub(crate) struct Vertex {
    /// Digest of `bytes`, `sha256:` and 64 hex digits.
    pub(crate) digest: String,
    pub(crate) bytes: Vec<u8>,
    /// Inputs, in the order in which a definition lists them.
    pub(crate) parents: Vec<Output>,
    /// Inherited by later ops; not always part of `bytes`.
    pub(crate) platform: Option<Platform>,
    pub(crate) metadata: Metadata,
    pub(crate) locations: Vec<Location>,
}

impl Vertex {
    /// Finishes an op.
    ///
    /// `parents` must contain every output that `inputs` names. The platform is only written for
    /// sources and execs; other ops do the same on every platform
    /// (`client/llb/{fileop,merge,diff}.go`).
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
    /// Drops the graph in a loop, because recursion on a long chain could overflow the stack.
    fn drop(&mut self) {
        let mut orphans = mem::take(&mut self.parents);
        while let Some(output) = orphans.pop() {
            if let Some(mut vertex) = Arc::into_inner(output.vertex) {
                orphans.append(&mut vertex.parents);
            }
        }
    }
}

/// The bytes of an op as Go writes them, with the member of the `oneof` after all other fields.
///
/// Concatenated messages form one message, so encoding the two halves separately gives that order.
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

/// The digest of an op's bytes, which names the op: `sha256:` and 64 lowercase hex digits.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    let mut digest = "sha256:".to_owned();
    for byte in Sha256::digest(bytes) {
        for half in [byte >> 4, byte & 0xf] {
            digest.extend(char::from_digit(half.into(), 16));
        }
    }
    digest
}

/// A file tree that an op or a source produces.
///
/// Cloning copies a pointer. Two outputs are equal if they have the same index and their ops the
/// same digest.
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

    /// Digest of the op, `sha256:` and 64 hex digits: its key in a
    /// [`Definition`](crate::Definition) and its id in warnings.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.vertex.digest
    }

    /// Platform of the tree, if an image or exec that it depends on sets one. Execs on this tree
    /// inherit it.
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
    /// Shows only the digest and the index, because the graph can be huge.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Output({}#{})", self.vertex.digest, self.index)
    }
}

/// The inputs of an op, without duplicates.
#[derive(Default)]
pub(crate) struct Inputs(Vec<pb::Input>);

impl Inputs {
    /// Index of `output` among the inputs, or [`EMPTY`] for `None`.
    pub(crate) fn add(&mut self, output: Option<&Output>) -> i64 {
        let Some(output) = output else { return EMPTY };
        let input = output.to_input();
        match self.0.iter().position(|known| *known == input) {
            Some(position) => as_index(position),
            None => self.push(output),
        }
    }

    /// Adds `output` even if it is already present, and returns its index.
    pub(crate) fn push(&mut self, output: &Output) -> i64 {
        self.0.push(output.to_input());
        as_index(self.0.len() - 1)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// An index in its wire type.
pub(crate) fn as_index(position: usize) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}

/// Attributes that every op has in addition to its bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Common {
    pub(crate) metadata: Metadata,
    pub(crate) locations: Vec<Location>,
}

/// Attributes of an op that are not part of its digest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metadata {
    pub(crate) ignore_cache: bool,
    pub(crate) name: Option<String>,
    pub(crate) progress_group: Option<pb::ProgressGroup>,
    pub(crate) resources: Option<pb::LinuxResources>,
    /// Owned names come from graphs of other clients.
    pub(crate) caps: BTreeSet<Cow<'static, str>>,
}

impl Metadata {
    /// Merges the metadata of another op with the same bytes; later values win (`mergeMetadata` in
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

/// Setters that all ops share; the builder has a [`Common`] in its field `common`.
macro_rules! common_setters {
    () => {
        /// Sets the step's name in the progress. Clients hide names that start with `[internal]`
        /// once the step is done.
        pub fn named(mut self, name: impl Into<String>) -> Self {
            self.common.metadata.name = Some(name.into());
            self
        }

        /// Adds the op's location in the user's files.
        pub fn located(mut self, location: $crate::Location) -> Self {
            self.common.locations.push(location);
            self
        }

        /// Sets whether the op runs even if its result is cached.
        pub fn ignore_cache(mut self, ignore: bool) -> Self {
            self.common.metadata.ignore_cache = ignore;
            self
        }

        /// Groups the op with all ops of the same `id` under one heading in the progress. A `weak`
        /// group with a single op is not shown.
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
