//! `--call outline`: what a target can be given (`frontend/subrequests/outline/outline.go`).

use std::collections::BTreeMap;

use buildkit_proto::gateway::Result as BuildResult;
use serde_json::{Value, json};

use crate::build_file::{ArgType, Argument, BUILT_IN_TARGETS};
use crate::check::Parsed;
use crate::diagnostics::Place;
use crate::plan::{Action, Mount, Plan};

use super::super::failure::Failure;
use super::super::files::Files;
use super::super::options::Options;
use super::super::request;
use super::sources::Texts;
use super::{Definition, columns, result};

pub(super) const REQUEST: Definition = Definition {
    name: "frontend.outline",
    version: "1.0.0",
    description: "List all parameters current build target supports",
    options: &[("target", "Target build stage")],
    parts: &["result.json", "result.txt"],
};

/// Something of the client's by its id: whether the build fails without it, and who asks for it.
type Wanted = BTreeMap<String, (bool, Place)>;

/// What the commands of a plan take from outside.
#[derive(Default)]
struct Given {
    secrets: Wanted,
    agents: Wanted,
    caches: BTreeMap<String, Place>,
}

impl Given {
    fn of(plan: &Plan) -> Self {
        let mut given = Self::default();
        let steps = plan.stages.iter().flat_map(|stage| &stage.steps);
        for step in steps {
            let Action::Run(run) = &step.action else {
                continue;
            };
            for secret in &run.secrets {
                let required = secret.required_at.as_ref();
                add(&mut given.secrets, &secret.id, required, &step.place);
            }
            for mount in &run.mounts {
                match mount {
                    Mount::Secret {
                        id, required_at, ..
                    } => add(&mut given.secrets, id, Some(required_at), &step.place),
                    Mount::Agent { id, required_at } => {
                        add(&mut given.agents, id, Some(required_at), &step.place);
                    }
                    Mount::Cache { id, .. } => {
                        let place = || step.place.clone();
                        given.caches.entry(id.clone()).or_insert_with(place);
                    }
                    Mount::Stage { .. } | Mount::Files { .. } | Mount::File { .. } => {}
                }
            }
        }
        given
    }
}

fn add(wanted: &mut Wanted, id: &str, required: Option<&Place>, step: &Place) {
    let known = wanted.get(id).is_some_and(|(required, _)| *required);
    if !known {
        let place = required.unwrap_or(step).clone();
        wanted.insert(id.to_owned(), (required.is_some(), place));
    }
}

pub(super) fn answer(options: &Options, files: &Files) -> Result<BuildResult, Failure> {
    let Parsed {
        file,
        project,
        ignore,
    } = files.sources.parse(&options.build_args)?;
    let given = match options.platforms.first() {
        Some(platform) => {
            let request = request(options, platform, &ignore);
            Given::of(&Plan::new(&file, &project, &request)?)
        }
        None => Given::default(),
    };
    let mut texts = Texts::of(&file.document);
    let asked = options.target.as_deref().filter(|name| !name.is_empty());
    let name = asked.unwrap_or(BUILT_IN_TARGETS[0]);
    let target = file.targets.get(name);

    let mut json = json!({ "name": name });
    let mut text = format!("TARGET: {name}\n");
    if let Some(description) = target.and_then(|target| target.description.as_ref()) {
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
                    "description": described(argument),
                    "value": argument.value,
                    "location": texts.location(&argument.place),
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
    for (key, title, wanted) in [
        ("secrets", "SECRET", &given.secrets),
        ("ssh", "SSH", &given.agents),
    ] {
        let entries = wanted.iter().map(|(id, (required, place))| {
            let mut entry = json!({"name": id, "location": texts.location(place)});
            if *required {
                entry["required"] = json!(true);
            }
            entry
        });
        let rows = wanted.iter().map(|(id, (required, _))| {
            [id.clone(), if *required { "true" } else { "" }.to_owned()]
        });
        list(
            key,
            entries.collect(),
            columns([title, "REQUIRED"], rows, 3),
        );
    }
    let caches = given.caches.iter();
    list(
        "cache",
        caches
            .map(|(id, place)| json!({"ID": id, "location": texts.location(place)}))
            .collect(),
        columns(
            ["CACHE", ""],
            given.caches.keys().map(|id| [id.clone(), String::new()]),
            0,
        ),
    );
    json["sources"] = texts.into_json();
    Ok(result(&REQUEST, &json, text))
}

/// What an argument is for, and which values it takes.
fn described(argument: &Argument) -> String {
    let values = if argument.choices.is_empty() {
        match argument.kind {
            ArgType::String => None,
            ArgType::Integer => Some("a whole number".to_owned()),
            ArgType::Boolean => Some("true or false".to_owned()),
        }
    } else {
        Some(format!("one of {}", argument.choices.join(", ")))
    };
    let default = argument
        .default
        .as_ref()
        .filter(|default| !default.is_empty() && **default != argument.value);
    let default = default.map(|default| format!("{default} if not given"));
    let more: Vec<String> = values.into_iter().chain(default).collect();
    let what = argument.description.as_deref().unwrap_or_default();
    match (what, more.is_empty()) {
        (what, true) => what.to_owned(),
        ("", false) => more.join("; "),
        (what, false) => format!("{what} ({})", more.join("; ")),
    }
}
