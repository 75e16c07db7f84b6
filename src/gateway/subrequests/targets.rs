//! `--call targets`: what `--target` accepts (`frontend/subrequests/targets/targets.go`).

use buildkit_proto::gateway::Result as BuildResult;
use serde_json::{Value, json};

use crate::build_file::{BUILT_IN_TARGETS, DEV};
use crate::diagnostics::printable;
use crate::gateway::inputs::Inputs;
use crate::gateway::transport::Failure;

use super::definition::Definition;
use super::table::columns;
use super::texts::Texts;

pub(super) const REQUEST: Definition = Definition {
    name: "frontend.targets",
    version: "1.0.0",
    description: "List all targets current build supports",
    options: &[],
    parts: &["result.json", "result.txt"],
};

/// The description of a built-in target.
fn built_in(name: &str) -> &'static str {
    match name {
        "runtime" => "The image",
        "deps" => "The virtual environment with the locked dependencies",
        "builder" => "The build image with its system packages",
        "dev" => "The virtual environment for development",
        _ => "",
    }
}

pub(super) fn answer(inputs: &Inputs<'_>) -> Result<BuildResult, Failure> {
    let build_args = &inputs.options.build_args;
    let file = inputs.files.sources.build_file(build_args)?;
    let mut texts = Texts::of(&file.main.document);
    let mut targets: Vec<Value> = Vec::new();
    let mut rows: Vec<[String; 2]> = Vec::new();
    for (index, name) in BUILT_IN_TARGETS.into_iter().enumerate() {
        let configured = (name == DEV).then_some(&file.dev);
        let description = configured.and_then(|target| target.description.as_deref());
        // Clients print it as it is.
        let description = printable(description.unwrap_or_else(|| built_in(name)));
        let mut target = json!({"name": name, "description": description});
        if let Some(span) = configured.and_then(|target| target.span.as_ref()) {
            target["location"] = texts.location(span);
        }
        let mut shown = name.to_owned();
        if index == 0 {
            target["default"] = json!(true);
            shown += " (default)";
        }
        targets.push(target);
        rows.push([shown, description]);
    }
    for (name, target) in &file.targets {
        let description = printable(target.description.as_deref().unwrap_or_default());
        let mut entry = json!({"name": name});
        if let Some(span) = &target.span {
            entry["location"] = texts.location(span);
        }
        if !description.is_empty() {
            entry["description"] = json!(description);
        }
        targets.push(entry);
        rows.push([name.clone(), description]);
    }
    let json = json!({"targets": targets, "sources": texts.into_json()});
    let text = columns(["TARGET", "DESCRIPTION"], rows, 1);
    Ok(REQUEST.result(&json, text))
}
