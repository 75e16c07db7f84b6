//! `frontend.convertllb`: the graph of the build, and nothing is built (`frontend/subrequests/convertllb/convertllb.go`).

use buildkit_proto::gateway::Result as BuildResult;
use buildkit_proto::pb;
use prost::Message;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::super::engine::Engine;
use super::super::failure::{Error, Failure};
use super::super::files::Files;
use super::super::main_context::Sources;
use super::super::options::Options;
use super::super::platforms;
use super::{Definition, result};

pub(super) const REQUEST: Definition = Definition {
    name: "frontend.convertllb",
    version: "0.1.0",
    description: "Convert a build file to LLB",
    options: &[("target", "Target build stage")],
    parts: &["result.json", "result.txt"],
};

pub(super) async fn answer(
    engine: &Engine,
    options: &Options,
    sources: &Sources,
    files: &Files,
) -> Result<BuildResult, Failure> {
    let builds = platforms::prepare(engine, options, sources, files).await?;
    let compiled = platforms::compile(engine, options, &builds).await?;
    // Of several platforms it is the first one's, as it is of a Dockerfile.
    let definition = compiled.first().map(|first| first.definition.to_pb());
    let json = to_json(&definition.unwrap_or_default())
        .map_err(|error| Error::Internal(error.to_string()))?;
    // Older clients show nothing else.
    let text = format!("{json:#}\n");
    Ok(result(&REQUEST, &json, text))
}

fn to_json(definition: &pb::Definition) -> Result<Value, Box<dyn std::error::Error>> {
    let mut ops = Map::new();
    for bytes in &definition.def {
        let op = pb::Op::decode(bytes.as_slice())?;
        ops.insert(digest(bytes), serde_json::to_value(op)?);
    }
    let metadata: Map<String, Value> = definition
        .metadata
        .iter()
        .map(|(digest, metadata)| (digest.clone(), described(metadata)))
        .collect();
    Ok(json!({
        "def": ops,
        "metadata": metadata,
        "source": serde_json::to_value(definition.source.clone().unwrap_or_default())?,
    }))
}

/// In the form of Go's client, which is not that of the message.
fn described(metadata: &pb::OpMetadata) -> Value {
    let mut described = Map::new();
    if metadata.ignore_cache {
        described.insert("ignore_cache".to_owned(), json!(true));
    }
    if !metadata.description.is_empty() {
        described.insert("description".to_owned(), json!(metadata.description));
    }
    if !metadata.caps.is_empty() {
        described.insert("caps".to_owned(), json!(metadata.caps));
    }
    Value::Object(described)
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold("sha256:".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}
