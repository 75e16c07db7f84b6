//! `--call subrequests.describe`: the supported requests (`frontend/subrequests/describe.go`).

use buildkit_proto::gateway::Result as BuildResult;
use serde_json::{Value, json};

use super::definition::Definition;
use super::table::columns;

pub(super) const REQUEST: Definition = Definition {
    name: "frontend.subrequests.describe",
    version: "1.0.0",
    description: "List available subrequest types",
    options: &[],
    parts: &["result.json", "result.txt"],
};

pub(super) fn answer(supported: &[&Definition]) -> BuildResult {
    let named = |name: &str, description: &str| json!({"name": name, "description": description});
    let all: Vec<Value> = supported
        .iter()
        .map(|request| {
            let options = request.options.iter();
            let options: Vec<Value> = options.map(|(name, what)| named(name, what)).collect();
            let parts: Vec<Value> = request.parts.iter().map(|name| named(name, "")).collect();
            json!({
                "name": request.name,
                "version": request.version,
                "type": "rpc",
                "description": request.description,
                "opts": options,
                "inputs": null,
                "metadata": parts,
                "refs": null,
            })
        })
        .collect();
    let rows = supported.iter().map(|request| {
        let name = request.name.trim_start_matches("frontend.");
        [name, request.version, request.description].map(str::to_owned)
    });
    let text = columns(["NAME", "VERSION", "DESCRIPTION"], rows, 1);
    REQUEST.result(&Value::from(all), text)
}
