//! A build as the tools describe it that start it: what a client gives the engine, for each target.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Input, Plan, Requirement};

/// A build of all targets of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Invocation {
    /// What the images are called.
    pub(crate) name: String,
    /// The path of the build file in the build context.
    pub(crate) build_file: String,
    pub(crate) arguments: BTreeMap<String, ArgumentValue>,
    /// None for the platform of the engine.
    pub(crate) platforms: Vec<String>,
    /// The named contexts with their directories or addresses. `None`: only the user knows it.
    pub(crate) contexts: BTreeMap<String, Option<String>>,
    /// What each target needs, by name.
    pub(crate) targets: BTreeMap<String, Needs>,
}

/// A build argument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ArgumentValue {
    pub(crate) value: String,
    /// Whether `[args]` declares it. Others are given only for this build.
    pub(crate) declared: bool,
}

/// What a client must provide for a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// The ids of secrets, including optional ones.
    pub(crate) secrets: BTreeSet<String>,
    /// The ids of SSH agents.
    pub(crate) agents: BTreeSet<String>,
    /// The names of named contexts.
    pub(crate) contexts: BTreeSet<String>,
    pub(crate) host_network: bool,
}

impl Needs {
    pub(crate) fn add(&mut self, plan: &Plan) {
        for step in plan.stages.iter().flat_map(|stage| &stage.steps) {
            for input in step.inputs() {
                match input {
                    Input::Secret(id, _) => {
                        self.secrets.insert(id.to_owned());
                    }
                    Input::Agent(id, _) => {
                        self.agents.insert(id.to_owned());
                    }
                    _ => {}
                }
            }
        }
        let contexts = plan.contexts().into_iter();
        self.contexts.extend(contexts.map(str::to_owned));
        self.host_network |= plan.requirements.contains_key(&Requirement::HostNetwork);
    }
}

/// Names that are used once each.
#[derive(Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// The name, with a number if it is taken.
    pub(super) fn take(&mut self, name: &str) -> String {
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        let free = names.find(|name| !self.0.contains(name));
        let free = free.unwrap_or_default();
        self.0.insert(free.clone());
        free
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// The names of the environment variables that give a build what only the user has.
#[derive(Default)]
pub(super) struct Variables {
    /// By the ids of the secrets.
    pub(super) secrets: BTreeMap<String, String>,
    /// By the names of the contexts.
    pub(super) contexts: BTreeMap<String, String>,
}

impl Variables {
    pub(super) fn new(invocation: &Invocation, names: &mut Names) -> Self {
        for name in invocation.arguments.keys() {
            names.take(name);
        }
        let mut variables = Self::default();
        for needs in invocation.targets.values() {
            for id in &needs.secrets {
                let secrets = &mut variables.secrets;
                let name = || names.take(&variable("", id));
                secrets.entry(id.clone()).or_insert_with(name);
            }
        }
        let unknown = invocation.contexts.iter();
        for (context, _) in unknown.filter(|(_, directory)| directory.is_none()) {
            let name = names.take(&variable("CONTEXT_", context));
            variables.contexts.insert(context.clone(), name);
        }
        variables
    }
}

/// The name of an environment variable for an id.
fn variable(prefix: &str, id: &str) -> String {
    let name: String = id
        .chars()
        .map(|char| {
            if char.is_ascii_alphanumeric() {
                char.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    let starts_with_digit = name.starts_with(|first: char| first.is_ascii_digit());
    let gap = if prefix.is_empty() && starts_with_digit {
        "_"
    } else {
        ""
    };
    format!("{prefix}{gap}{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_secret_and_context_has_a_variable_of_its_own() {
        let needs = |ids: &[&str]| Needs {
            secrets: ids.iter().map(|&id| id.to_owned()).collect(),
            ..Needs::default()
        };
        let argument = ArgumentValue::default();
        let contexts = [("web", None), ("docs", Some("docs".to_owned()))];
        let invocation = Invocation {
            arguments: BTreeMap::from([("TOKEN".to_owned(), argument)]),
            contexts: contexts.map(|(name, path)| (name.to_owned(), path)).into(),
            targets: BTreeMap::from([
                ("a".to_owned(), needs(&["corp-user", "token"])),
                ("b".to_owned(), needs(&["corp.user", "corp-user", "2fa"])),
            ]),
            ..Invocation::default()
        };
        let variables = Variables::new(&invocation, &mut Names::default());
        let named = |map: &BTreeMap<String, String>| {
            let names = map.iter().map(|(id, name)| format!("{id} {name}"));
            names.collect::<Vec<_>>()
        };
        assert_eq!(
            named(&variables.secrets),
            [
                "2fa _2FA",
                "corp-user CORP_USER",
                "corp.user CORP_USER_2",
                "token TOKEN_2"
            ]
        );
        assert_eq!(named(&variables.contexts), ["web CONTEXT_WEB"]);
    }
}
