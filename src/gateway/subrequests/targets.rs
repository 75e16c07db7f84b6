//! `--call targets`: what can be asked for with `--target` (`frontend/subrequests/targets/targets.go`).

use buildkit_proto::gateway::Result as BuildResult;
use serde_json::{Value, json};

use crate::build_file::{BUILT_IN_TARGETS, BuildFile};

use super::super::failure::Failure;
use super::super::files::Files;
use super::super::options::Options;
use super::sources::Texts;
use super::{Definition, columns, result};

pub(super) const REQUEST: Definition = Definition {
    name: "frontend.targets",
    version: "1.0.0",
    description: "List all targets current build supports",
    options: &[],
    parts: &["result.json", "result.txt"],
};

/// What the targets are that every build file has.
fn built_in(name: &str) -> &'static str {
    match name {
        "runtime" => "The image",
        "deps" => "The locked dependencies, in their environment",
        "builder" => "The base with the packages that building needs",
        "dev" => "The environment with the dependencies for development",
        _ => "",
    }
}

pub(super) fn answer(options: &Options, files: &Files) -> Result<BuildResult, Failure> {
    let sources = &files.sources;
    let file = BuildFile::parse(&sources.name, &sources.build_file, &options.build_args)?;
    let mut texts = Texts::of(&file.document);
    let mut targets: Vec<Value> = Vec::new();
    let mut rows: Vec<[String; 2]> = Vec::new();
    for (index, name) in BUILT_IN_TARGETS.into_iter().enumerate() {
        if file.targets.contains_key(name) {
            continue;
        }
        let mut target = json!({"name": name, "description": built_in(name)});
        let mut shown = name.to_owned();
        if index == 0 {
            target["default"] = json!(true);
            shown += " (default)";
        }
        targets.push(target);
        rows.push([shown, built_in(name).to_owned()]);
    }
    for (name, target) in &file.targets {
        let description = target.description.clone().unwrap_or_default();
        let mut told = json!({"name": name, "location": texts.location(&target.place)});
        if !description.is_empty() {
            told["description"] = json!(description);
        }
        targets.push(told);
        rows.push([name.clone(), description]);
    }
    let json = json!({"targets": targets, "sources": texts.into_json()});
    let text = columns(["TARGET", "DESCRIPTION"], rows, 1);
    Ok(result(&REQUEST, &json, text))
}
