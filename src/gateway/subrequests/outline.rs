//! `--call outline`: a target's parameters (`frontend/subrequests/outline/outline.go`).

use std::collections::BTreeMap;

use buildkit_proto::gateway::Result as BuildResult;
use serde_json::{Value, json};

use crate::analysis::Parsed;
use crate::build_file::{ArgType, Argument, BUILT_IN_TARGETS, DEV};
use crate::diagnostics::{Span, printable};
use crate::gateway::inputs::Inputs;
use crate::gateway::transport::Failure;
use crate::plan::{Input, Plan};

use super::definition::Definition;
use super::table::columns;
use super::texts::Texts;

pub(super) const REQUEST: Definition = Definition {
    name: "frontend.outline",
    version: "1.0.0",
    description: "List all parameters current build target supports",
    options: &[("target", "Target build stage")],
    parts: &["result.json", "result.txt"],
};

/// Where something of the client is used, and whether the build fails without it.
struct Use {
    required: bool,
    span: Span,
}

/// By the id of the secret or agent.
type Uses = BTreeMap<String, Use>;

/// What the commands of a plan take from outside.
#[derive(Default)]
struct Parameters {
    secrets: Uses,
    agents: Uses,
    caches: BTreeMap<String, Span>,
}

impl Parameters {
    fn of(plan: &Plan) -> Self {
        let mut parameters = Self::default();
        let steps = plan.stages.iter().flat_map(|stage| &stage.steps);
        for step in steps {
            for input in step.inputs() {
                match input {
                    Input::Secret(id, required) => {
                        add(&mut parameters.secrets, id, required, &step.span);
                    }
                    Input::Agent(id, required) => {
                        add(&mut parameters.agents, id, Some(required), &step.span);
                    }
                    Input::Cache(id) => {
                        let span = || step.span.clone();
                        let caches = &mut parameters.caches;
                        caches.entry(id.to_owned()).or_insert_with(span);
                    }
                    _ => {}
                }
            }
        }
        parameters
    }
}

/// The first use counts, or else the first that is required.
fn add(uses: &mut Uses, id: &str, required: Option<&Span>, step: &Span) {
    if !uses.get(id).is_some_and(|known| known.required) {
        let known = Use {
            required: required.is_some(),
            span: required.unwrap_or(step).clone(),
        };
        uses.insert(id.to_owned(), known);
    }
}

pub(super) fn answer(inputs: &Inputs<'_>) -> Result<BuildResult, Failure> {
    let options = &inputs.options;
    let Parsed {
        file,
        project,
        ignore,
    } = inputs.files.sources.parse(&options.build_args)?;
    let parameters = match options.platforms.first() {
        Some(platform) => {
            let request = options.plan_request(platform, &ignore);
            Parameters::of(&crate::analysis::plan(&file, &project, &request)?)
        }
        None => Parameters::default(),
    };
    let mut texts = Texts::of(&file.main.document);
    let asked = options.target.as_deref().filter(|name| !name.is_empty());
    let name = asked.unwrap_or(BUILT_IN_TARGETS[0]);
    let dev = (name == DEV).then_some(&file.dev);
    let target = dev.or_else(|| file.targets.get(name));

    let mut json = json!({ "name": name });
    let mut text = format!("TARGET: {name}\n");
    let description = target.and_then(|target| target.description.as_deref());
    if let Some(description) = description.map(printable) {
        json["description"] = json!(description);
        text += &format!("DESCRIPTION: {description}\n");
    }
    text.push('\n');

    let mut list = |key: &str, entries: Vec<Value>, table: String| {
        if !entries.is_empty() {
            json[key] = json!(entries);
            text += &table;
            text.push('\n');
        }
    };
    let arguments = &file.arguments;
    list(
        "args",
        arguments
            .iter()
            .map(|(name, argument)| {
                json!({
                    "name": name,
                    // Clients print both as they are.
                    "description": printable(&described(argument)),
                    "value": printable(&argument.value),
                    "location": texts.location(&argument.span),
                })
            })
            .collect(),
        columns(
            ["BUILD ARG", "VALUE", "DESCRIPTION"],
            arguments.iter().map(|(name, argument)| {
                [name.clone(), argument.value.clone(), described(argument)]
            }),
            3,
        ),
    );
    for (key, title, uses) in [
        ("secrets", "SECRET", &parameters.secrets),
        ("ssh", "SSH", &parameters.agents),
    ] {
        let entries = uses.iter().map(|(id, one)| {
            let mut entry = json!({"name": id, "location": texts.location(&one.span)});
            if one.required {
                entry["required"] = json!(true);
            }
            entry
        });
        let rows = uses.iter().map(|(id, one)| {
            let required = if one.required { "true" } else { "" };
            [id.clone(), required.to_owned()]
        });
        list(
            key,
            entries.collect(),
            columns([title, "REQUIRED"], rows, 3),
        );
    }
    let caches = parameters.caches.iter();
    list(
        "cache",
        caches
            .map(|(id, span)| json!({"ID": id, "location": texts.location(span)}))
            .collect(),
        columns(
            ["CACHE", ""],
            parameters
                .caches
                .keys()
                .map(|id| [id.clone(), String::new()]),
            0,
        ),
    );
    json["sources"] = texts.into_json();
    Ok(REQUEST.result(&json, text))
}

/// The description of an argument, with the values it accepts.
fn described(argument: &Argument) -> String {
    let values = if argument.choices.is_empty() {
        match argument.kind {
            ArgType::String => None,
            ArgType::Integer => Some("an integer".to_owned()),
            ArgType::Boolean => Some("true or false".to_owned()),
        }
    } else {
        Some(format!("one of {}", argument.choices.join(", ")))
    };
    let default = argument
        .default
        .as_ref()
        .filter(|default| !default.is_empty() && **default != argument.value);
    let default = default.map(|default| format!("defaults to {default}"));
    let more: Vec<String> = values.into_iter().chain(default).collect();
    let what = argument.description.as_deref().unwrap_or_default();
    match (what, more.is_empty()) {
        (what, true) => what.to_owned(),
        ("", false) => more.join("; "),
        (what, false) => format!("{what} ({})", more.join("; ")),
    }
}
