//! `frontend.convertllb`: the graph of the build, without building it (`frontend/subrequests/convertllb/convertllb.go`).

use buildkit_llb::digest;
use buildkit_proto::gateway::Result as BuildResult;
use buildkit_proto::pb;
use prost::Message;
use serde_json::{Map, Value, json};

use crate::diagnostics::printable_json;
use crate::gateway::build::{compile, complete, plan_each};
use crate::gateway::inputs::Inputs;
use crate::gateway::transport::{Error, Failure};

use super::definition::Definition;

pub(super) const REQUEST: Definition = Definition {
    name: "frontend.convertllb",
    version: "0.1.0",
    description: "Convert a build file to LLB",
    options: &[("target", "Target build stage")],
    parts: &["result.json", "result.txt"],
};

pub(super) async fn answer(inputs: &Inputs<'_>) -> Result<BuildResult, Failure> {
    let builds = plan_each(inputs).await?;
    let compiled = compile(inputs, &builds).await?;
    let (_, compiled) = complete(inputs, builds, compiled).await?;
    // As for Dockerfiles: of several platforms, the first.
    let definition = compiled.first().map(|first| first.definition.to_pb());
    let json = to_json(&definition.unwrap_or_default())
        .map_err(|error| Error::Internal(error.to_string()))?;
    // Older clients show nothing but the text.
    let text = printable_json(&json) + "\n";
    Ok(REQUEST.result(&json, text))
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

/// In the format of Go's client, which differs from that of the message.
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
