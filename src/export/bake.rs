//! A build as a bake file: what `docker buildx bake` reads.

use serde_json::{Map, Value, json};

use super::invocation::{Invocation, Names, Needs, Variables};

/// The target that all others inherit from. No target of a build file starts with `_`.
const COMMON: &str = "_common";

/// The bake file. Its default group has all targets except those named in `not_by_default`.
pub(crate) fn bake(invocation: &Invocation, not_by_default: &[&str]) -> Value {
    let mut names = Names::default();
    let variables = Variables::new(invocation, &mut names);
    let image = names.take("IMAGE");
    let tag = names.take("TAG");

    let mut bake_names = Names::default();
    // The name of the group.
    bake_names.take("default");
    let mut targets = Map::new();
    let mut by_default = Vec::new();
    targets.insert(COMMON.to_owned(), common(invocation));
    for (name, needs) in &invocation.targets {
        // Dots are not allowed.
        let bake_name = bake_names.take(&name.replace('.', "_"));
        if !not_by_default.contains(&name.as_str()) {
            by_default.push(bake_name.clone());
        }
        let mut target = target(invocation, needs, &variables);
        target["target"] = json!(name);
        let suffix = if name == "runtime" {
            String::new()
        } else {
            format!("-{name}")
        };
        target["tags"] = json!([format!("${{{image}}}{suffix}:${{{tag}}}")]);
        targets.insert(bake_name, target);
    }

    let declared = invocation.arguments.iter().filter(|(_, one)| one.declared);
    let declared = declared.map(|(name, argument)| (name, argument.value.as_str()));
    let unknown = variables.contexts.values().map(|name| (name, ""));
    let own = [(&image, invocation.name.as_str()), (&tag, "latest")];
    // Older releases know nothing of a variable but its default.
    let all = declared.chain(unknown).chain(own);
    let all: Map<String, Value> = all
        .map(|(name, default)| (name.clone(), json!({ "default": literal(default) })))
        .collect();
    json!({ "group": { "default": { "targets": by_default } }, "target": targets, "variable": all })
}

fn common(invocation: &Invocation) -> Value {
    let mut common = json!({ "context": ".", "dockerfile": literal(&invocation.build_file) });
    let arguments = invocation.arguments.iter();
    let arguments: Map<String, Value> = arguments
        .map(|(name, argument)| {
            let value = if argument.declared {
                format!("${{{name}}}")
            } else {
                literal(&argument.value)
            };
            (name.clone(), json!(value))
        })
        .collect();
    if !arguments.is_empty() {
        common["args"] = json!(arguments);
    }
    if !invocation.platforms.is_empty() {
        common["platforms"] = json!(invocation.platforms);
    }
    common
}

fn target(invocation: &Invocation, needs: &Needs, variables: &Variables) -> Value {
    let mut target = json!({ "inherits": [COMMON] });
    let secrets = needs.secrets.iter();
    let secrets: Vec<Value> = secrets
        .map(|id| {
            let name = variables.secrets.get(id).map_or("", String::as_str);
            json!(field(&format!("id={}", literal(id))) + &format!(",env={name}"))
        })
        .collect();
    if !secrets.is_empty() {
        target["secret"] = json!(secrets);
    }
    if !needs.agents.is_empty() {
        target["ssh"] = json!(needs.agents);
    }
    let contexts: Map<String, Value> = needs
        .contexts
        .iter()
        .filter_map(|name| {
            let value = match invocation.contexts.get(name)? {
                Some(path) => literal(path),
                // If it is empty, bake leaves it out, and the frontend names it in its error.
                None => format!("${{{}}}", variables.contexts.get(name)?),
            };
            Some((name.clone(), json!(value)))
        })
        .collect();
    if !contexts.is_empty() {
        target["contexts"] = json!(contexts);
    }
    if needs.host_network {
        target["entitlements"] = json!(["network.host"]);
    }
    target
}

/// A text in which bake replaces nothing.
fn literal(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

/// A field of a list with commas.
fn field(text: &str) -> String {
    if text.contains([',', '"']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
