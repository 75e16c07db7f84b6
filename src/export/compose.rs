//! A build as services of a Compose file (<https://github.com/compose-spec/compose-spec>).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::invocation::{Invocation, Names, Needs, Variables};
use super::yaml::yaml;
use crate::plan::Settings;

/// A container of a target.
pub(crate) struct Service<'a> {
    pub(crate) name: String,
    /// A target of the invocation.
    pub(crate) target: &'a str,
    pub(crate) settings: &'a Settings,
    /// The profile that it belongs to; `None` starts it by default.
    pub(crate) profile: Option<&'a str>,
    /// What it runs in place of the image's own command.
    pub(crate) command: Option<Vec<String>>,
    pub(crate) read_only: bool,
    /// Directories that it can write to and that outlive it.
    pub(crate) volumes: Vec<String>,
    pub(crate) watch: Vec<Watch>,
}

/// What happens after an edit of a path, which is relative to the build context.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Watch {
    /// Copies the files to `target` and restarts the container.
    Sync {
        path: String,
        target: String,
        ignore: Vec<String>,
    },
    /// Builds the image and replaces the container.
    Rebuild { path: String, ignore: Vec<String> },
}

/// The Compose file, below comments.
pub(crate) fn compose(
    invocation: &Invocation,
    services: &[Service<'_>],
    comments: &[&str],
) -> String {
    let variables = Variables::new(invocation, &mut Names::default());
    let mut all = Map::new();
    let mut secrets = BTreeSet::new();
    let mut volumes = Names::default();
    for service in services {
        let needs = invocation
            .targets
            .get(service.target)
            .cloned()
            .unwrap_or_default();
        let mut described = container(service, &mut volumes);
        described["build"] = build(invocation, service.target, &needs, &variables);
        all.insert(service.name.clone(), described);
        secrets.extend(needs.secrets);
    }
    let mut file = json!({ "services": all });
    if !secrets.is_empty() {
        let secrets = secrets.into_iter();
        let secrets: Map<String, Value> = secrets
            .map(|id| {
                let variable = variables.secrets.get(&id);
                (id, json!({ "environment": variable }))
            })
            .collect();
        file["secrets"] = json!(secrets);
    }
    let volumes: Map<String, Value> = volumes
        .all()
        .map(|name| (name.to_owned(), json!({})))
        .collect();
    if !volumes.is_empty() {
        file["volumes"] = json!(volumes);
    }
    let comments = comments.iter().map(|line| format!("# {line}"));
    let comments: Vec<String> = comments.collect();
    format!("{}\n{}", comments.join("\n"), yaml(&file))
}

fn container(service: &Service<'_>, volumes: &mut Names) -> Value {
    let mut value = json!({ "cap_drop": ["ALL"], "tmpfs": ["/tmp"] });
    if service.read_only {
        value["read_only"] = json!(true);
    }
    let is_synced = service
        .watch
        .iter()
        .any(|watch| matches!(watch, Watch::Sync { .. }));
    if let (true, Some(user)) = (is_synced, &service.settings.user) {
        // Docker 26 cannot copy files into a container whose user has a group. The image has the user with this group.
        let id = user.split(':').next();
        value["user"] = json!(id);
    }
    if let Some(profile) = service.profile {
        value["profiles"] = json!([profile]);
    }
    if let Some(command) = &service.command {
        value["command"] = command.iter().map(|word| literal(word)).collect();
    }
    let ports = service.settings.expose.iter();
    let ports: Vec<String> = ports
        .map(|port| format!("{0}:{0}{1}", port.number, port.suffix()))
        .collect();
    if !ports.is_empty() {
        value["ports"] = json!(ports);
    }
    let mounts: Vec<String> = service
        .volumes
        .iter()
        .map(|path| {
            let name = volumes.take(&volume(&service.name, path));
            format!("{name}:{}", literal(path))
        })
        .collect();
    if !mounts.is_empty() {
        value["volumes"] = json!(mounts);
    }
    if !service.watch.is_empty() {
        let watch: Vec<Value> = service.watch.iter().map(Watch::json).collect();
        value["develop"] = json!({ "watch": watch });
    }
    value
}

impl Watch {
    fn json(&self) -> Value {
        let (mut value, ignore) = match self {
            Self::Sync {
                path,
                target,
                ignore,
            } => (
                json!({ "action": "sync+restart", "path": literal(path), "target": literal(target) }),
                ignore,
            ),
            Self::Rebuild { path, ignore } => (
                json!({ "action": "rebuild", "path": literal(path) }),
                ignore,
            ),
        };
        if !ignore.is_empty() {
            value["ignore"] = ignore.iter().map(|pattern| literal(pattern)).collect();
        }
        value
    }
}

fn build(invocation: &Invocation, target: &str, needs: &Needs, variables: &Variables) -> Value {
    let mut build =
        json!({ "context": ".", "dockerfile": literal(&invocation.build_file), "target": target });
    let arguments = invocation.arguments.iter();
    let arguments: Map<String, Value> = arguments
        .map(|(name, argument)| {
            let value = if argument.declared {
                with_default(name, &argument.value)
            } else {
                literal(&argument.value)
            };
            (name.clone(), json!(value))
        })
        .collect();
    let contexts: Map<String, Value> = needs
        .contexts
        .iter()
        .filter_map(|name| {
            let value = match invocation.contexts.get(name)? {
                Some(path) => literal(path),
                None => format!(
                    "${{{}:?set it to the directory or image for the named context {name}}}",
                    variables.contexts.get(name)?
                ),
            };
            Some((name.clone(), json!(value)))
        })
        .collect();
    if !arguments.is_empty() {
        build["args"] = json!(arguments);
    }
    if !contexts.is_empty() {
        build["additional_contexts"] = json!(contexts);
    }
    if !needs.secrets.is_empty() {
        build["secrets"] = json!(needs.secrets);
    }
    if !needs.agents.is_empty() {
        build["ssh"] = json!(needs.agents);
    }
    if needs.host_network {
        build["entitlements"] = json!(["network.host"]);
    }
    if !invocation.platforms.is_empty() {
        build["platforms"] = json!(invocation.platforms);
    }
    build
}

/// A variable with a default; without a variable if its syntax cannot hold the default.
fn with_default(name: &str, default: &str) -> String {
    if default.contains(['{', '}', '$']) {
        literal(default)
    } else {
        format!("${{{name}:-{default}}}")
    }
}

/// A text in which Compose replaces nothing.
fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

/// The name of the volume for a directory of a service.
fn volume(service: &str, path: &str) -> String {
    let path = path.trim_matches('/');
    let path: String = path
        .chars()
        .map(|char| {
            if char.is_ascii_alphanumeric() || char == '.' {
                char
            } else {
                '-'
            }
        })
        .collect();
    format!("{service}-{path}")
}
