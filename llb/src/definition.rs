//! A whole graph as the message that an engine solves (`State.Marshal` in BuildKit's
//! `client/llb/state.go`).

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use buildkit_proto::pb;
use prost::Message;

use crate::{
    Location, Output, SourceFile, caps,
    vertex::{Metadata, Vertex, digest},
};

/// An output and everything it depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    pb: pb::Definition,
    caps: BTreeSet<Cow<'static, str>>,
    head: Output,
}

impl Definition {
    /// Collects the graph below `head`, in time linear in its size.
    ///
    /// Ops follow their inputs. Ops with the same bytes are merged: their metadata is combined, and
    /// all their distinct locations are kept, in graph order.
    #[must_use]
    pub fn new(head: &Output) -> Self {
        let mut def = Vec::new();
        let mut metadata = BTreeMap::<&str, Metadata>::new();
        let mut places = Places::default();
        for vertex in post_order(&head.vertex) {
            if let Some(known) = metadata.get_mut(vertex.digest.as_str()) {
                known.merge(&vertex.metadata);
            } else {
                metadata.insert(&vertex.digest, vertex.metadata.clone());
                def.push(vertex.bytes.clone());
            }
            places.add(vertex);
        }

        let last = pb::Op {
            inputs: vec![head.to_input()],
            ..pb::Op::default()
        };
        let last = last.encode_to_vec();
        let last_digest = digest(&last);
        def.push(last);
        let last_metadata = Metadata {
            caps: graph_caps(metadata.values()),
            ..Metadata::default()
        };
        metadata.insert(&last_digest, last_metadata);

        Self {
            caps: (metadata.values())
                .flat_map(|metadata| metadata.caps.iter().cloned())
                .collect(),
            pb: pb::Definition {
                def,
                metadata: (metadata.iter())
                    .map(|(digest, metadata)| ((*digest).to_owned(), metadata.to_pb()))
                    .collect(),
                source: Some(places.into_pb()),
            },
            head: head.clone(),
        }
    }

    /// The message.
    #[must_use]
    pub fn to_pb(&self) -> pb::Definition {
        self.pb.clone()
    }

    /// Like [`to_pb`](Self::to_pb), without a copy.
    #[must_use]
    pub fn into_pb(self) -> pb::Definition {
        self.pb
    }

    /// Names of the capabilities that the graph requires. An engine refuses the graph if one is
    /// missing from the `LLBCaps` of its `Ping` response.
    ///
    /// Includes at least those that Go's client writes, and those of features that it leaves to its
    /// caller to check.
    pub fn required_caps(&self) -> impl Iterator<Item = &str> {
        self.caps.iter().map(AsRef::as_ref)
    }

    /// Digest of the op that produces the result.
    #[must_use]
    pub fn head_digest(&self) -> &str {
        self.head.digest()
    }
}

/// Capabilities for the last entry of a definition, which represents the whole graph.
fn graph_caps<'a>(ops: impl Iterator<Item = &'a Metadata>) -> BTreeSet<Cow<'static, str>> {
    let mut all = BTreeSet::from([caps::CONSTRAINTS.into(), caps::PLATFORM.into()]);
    for metadata in ops {
        if metadata.ignore_cache {
            all.insert(caps::META_IGNORE_CACHE.into());
        }
        if metadata.name.is_some() {
            all.insert(caps::META_DESCRIPTION.into());
        }
    }
    all
}

/// `head` and the vertices below it, without duplicates, each after its parents.
///
/// Uses its own stack, because the depth of a graph is unbounded.
fn post_order(head: &Arc<Vertex>) -> Vec<&Vertex> {
    let mut order = Vec::new();
    let mut seen = BTreeSet::from([Arc::as_ptr(head)]);
    let mut stack = vec![(head.as_ref(), head.parents.iter())];
    while let Some((vertex, parents)) = stack.last_mut() {
        if let Some(parent) = parents.next() {
            let parent = &parent.vertex;
            if seen.insert(Arc::as_ptr(parent)) {
                stack.push((parent, parent.parents.iter()));
            }
        } else {
            order.push(*vertex);
            stack.pop();
        }
    }
    order
}

/// The locations of ops, by digest.
#[derive(Default)]
struct Places<'a> {
    files: Vec<&'a Arc<SourceFile>>,
    by_digest: BTreeMap<&'a str, Vec<pb::Location>>,
}

impl<'a> Places<'a> {
    fn add(&mut self, vertex: &'a Vertex) {
        for location in &vertex.locations {
            let location = self.location(location);
            let known = self.by_digest.entry(&vertex.digest).or_default();
            if !known.contains(&location) {
                known.push(location);
            }
        }
    }

    fn location(&mut self, location: &'a Location) -> pb::Location {
        let file = &location.file;
        let known =
            (self.files.iter()).position(|known| Arc::ptr_eq(known, file) || *known == file);
        let position = known.unwrap_or_else(|| {
            self.files.push(file);
            self.files.len() - 1
        });
        pb::Location {
            source_index: i32::try_from(position).unwrap_or(i32::MAX),
            ranges: location.ranges.iter().copied().map(Into::into).collect(),
        }
    }

    fn into_pb(self) -> pb::Source {
        pb::Source {
            locations: (self.by_digest.into_iter())
                .map(|(digest, locations)| (digest.to_owned(), pb::Locations { locations }))
                .collect(),
            infos: self.files.iter().map(|file| file.to_pb()).collect(),
        }
    }
}
