//! Graphs from other clients, such as contexts that are the result of another build
//! (`NewDefinitionOp` in BuildKit's `client/llb/definition.go`).

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use buildkit_proto::pb;
use prost::Message;

use crate::{
    Location, Output, Position, Range, SourceFile,
    vertex::{Metadata, Vertex, digest},
};

/// Error for a definition that is not a valid graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAGraph;

impl Output {
    /// The result of a marshalled graph; `None` if it is an empty tree. Ops keep their original
    /// bytes.
    ///
    /// # Errors
    /// The message does not consist of ops that follow their inputs.
    pub fn from_pb(definition: &pb::Definition) -> Result<Option<Self>, NotAGraph> {
        let files = files(definition);
        let mut known = BTreeMap::<String, Arc<Vertex>>::new();
        let Some((last, ops)) = definition.def.split_last() else {
            return Ok(None);
        };
        let output = |known: &BTreeMap<String, Arc<Vertex>>, input: &pb::Input| {
            let vertex = known.get(&input.digest).ok_or(NotAGraph)?;
            Ok(Self {
                vertex: Arc::clone(vertex),
                index: input.index,
            })
        };
        for bytes in ops {
            let op = pb::Op::decode(bytes.as_slice()).map_err(|_| NotAGraph)?;
            let parents = op.inputs.iter().map(|input| output(&known, input));
            let digest = digest(bytes);
            let vertex = Vertex {
                parents: parents.collect::<Result<_, _>>()?,
                bytes: bytes.clone(),
                platform: op.platform,
                metadata: metadata(definition.metadata.get(&digest)),
                locations: locations(definition, &files, &digest),
                digest: digest.clone(),
            };
            known.insert(digest, Arc::new(vertex));
        }
        let last = pb::Op::decode(last.as_slice()).map_err(|_| NotAGraph)?;
        match last.inputs.as_slice() {
            [] => Ok(None),
            [head, ..] => output(&known, head).map(Some),
        }
    }
}

fn metadata(metadata: Option<&pb::OpMetadata>) -> Metadata {
    let Some(metadata) = metadata else {
        return Metadata::default();
    };
    let caps = metadata.caps.iter().filter(|(_, needed)| **needed);
    Metadata {
        ignore_cache: metadata.ignore_cache,
        name: metadata.description.get("llb.customname").cloned(),
        progress_group: metadata.progress_group.clone(),
        resources: metadata.linux_resources.clone(),
        caps: caps.map(|(cap, _)| Cow::Owned(cap.clone())).collect(),
    }
}

fn files(definition: &pb::Definition) -> Vec<Arc<SourceFile>> {
    let infos = definition.source.iter().flat_map(|source| &source.infos);
    let files = infos.map(|info| SourceFile {
        filename: info.filename.clone(),
        language: info.language.clone(),
        data: info.data.clone(),
        definition: None,
    });
    files.map(Arc::new).collect()
}

fn locations(
    definition: &pb::Definition,
    files: &[Arc<SourceFile>],
    digest: &str,
) -> Vec<Location> {
    let position = |position: Option<pb::Position>| {
        let position = position.unwrap_or_default();
        Position {
            line: u32::try_from(position.line).unwrap_or(0),
            character: u32::try_from(position.character).unwrap_or(0),
        }
    };
    let found = definition.source.as_ref();
    let found = found.and_then(|source| source.locations.get(digest));
    let found = found.into_iter().flat_map(|found| &found.locations);
    found
        .filter_map(|location| {
            let file = files.get(usize::try_from(location.source_index).ok()?)?;
            let ranges = location.ranges.iter().map(|range| Range {
                start: position(range.start),
                end: position(range.end),
            });
            Some(Location::new(Arc::clone(file), ranges))
        })
        .collect()
}
