//! Git dependencies: Poetry clones them in the step that installs, over SSH with the client's agent, or over HTTPS with a
//! token from a secret.
//!
//! Poetry is told to start `git` instead of its own client (`src/poetry/vcs/git/backend.py`), which asks no credential
//! helper.

use crate::build_file::{GitHost, Located};
use crate::diagnostics::{Diagnostic, Place, Problem};
use crate::project::{Project, Remote, Selection, SourceKind, split_port};

use super::{Error, Inputs, Mount, NewFile, Run, SecretVariable, poetry};

/// The agent that `--ssh default` gives.
const AGENT: &str = "default";
/// Where `ssh` looks for the keys of hosts.
const KNOWN_HOSTS: &str = "/etc/ssh/ssh_known_hosts";
/// Poetry keeps to itself what `ssh` says of a failure, so it is said where the step's own errors go.
const SSH: &str = "ssh -E /proc/1/fd/2";
/// The user name that the common hosts take with any token.
const USERNAME: &str = "x-access-token";

/// A repository that the lock names.
pub(super) struct Repository {
    name: String,
    remote: Remote,
    place: Place,
}

/// The repositories of the selected packages.
pub(super) fn find(project: &Project, selection: &Selection) -> Vec<Repository> {
    project
        .packages(selection)
        .filter(|package| package.source == SourceKind::Git)
        .map(|package| Repository {
            name: package.name.clone(),
            remote: Remote::parse(&package.url),
            place: package.place.clone(),
        })
        .collect()
}

/// Reports the hosts whose keys are not given: whoever answers in their place would be believed.
pub(super) fn unknown_hosts(inputs: &Inputs<'_>, found: &mut Vec<Diagnostic>) {
    for repository in &inputs.repositories {
        if let Remote::Ssh { host } = &repository.remote
            && table(inputs, host).is_none_or(|table| table.host_keys.is_empty())
        {
            let error = Error::UnknownHost {
                name: repository.name.clone(),
                host: host.clone(),
            };
            found.push(error.at(&repository.place));
        }
    }
}

/// The system packages that building needs for them.
pub(super) fn packages(inputs: &Inputs<'_>) -> Vec<Located<String>> {
    let Some(first) = inputs.repositories.first() else {
        return Vec::new();
    };
    let client = needs_ssh(inputs).then_some("openssh-client");
    ["git"]
        .into_iter()
        .chain(client)
        .map(|name| Located {
            value: name.to_owned(),
            place: first.place.clone(),
        })
        .collect()
}

/// The client's agent for a command of the user's, and the hosts that it believes.
pub(super) fn agent(inputs: &Inputs<'_>, place: &Place) -> Vec<Mount> {
    let agent = Mount::Agent {
        id: AGENT.to_owned(),
        required_at: place.clone(),
    };
    let content = host_keys(inputs);
    let hosts = (!content.is_empty()).then(|| Mount::File {
        target: KNOWN_HOSTS.to_owned(),
        content,
        executable: false,
    });
    [agent].into_iter().chain(hosts).collect()
}

/// The keys of the hosts.
pub(super) fn known_hosts(inputs: &Inputs<'_>) -> Option<NewFile> {
    needs_ssh(inputs).then(|| NewFile {
        path: KNOWN_HOSTS.to_owned(),
        content: host_keys(inputs),
    })
}

/// As `ssh` reads them, a line for each.
fn host_keys(inputs: &Inputs<'_>) -> String {
    let lines = inputs.file.git.iter().flat_map(|(host, table)| {
        let (name, port) = split_port(host);
        let name = name.trim_matches(['[', ']']);
        let host = port.map_or_else(|| name.to_owned(), |port| format!("[{name}]:{port}"));
        let keys = table.host_keys.iter();
        keys.map(move |key| format!("{host} {key}\n"))
    });
    lines.collect()
}

/// The step with what it needs to clone.
pub(super) fn with_access(mut run: Run, inputs: &Inputs<'_>) -> Run {
    if inputs.repositories.is_empty() {
        return run;
    }
    // The setting's name in Poetry 2 and in Poetry 1.
    run = run.env([
        ("POETRY_SYSTEM_GIT_CLIENT", "true".to_owned()),
        ("POETRY_EXPERIMENTAL_SYSTEM_GIT_CLIENT", "true".to_owned()),
    ]);
    if let Some(bundle) = poetry::ca_bundle(inputs) {
        run = run.env([("GIT_SSL_CAINFO", bundle)]);
    }
    if needs_ssh(inputs) {
        run = run.env([("GIT_SSH_COMMAND", SSH.to_owned())]);
        let over_ssh = |repository: &&Repository| matches!(repository.remote, Remote::Ssh { .. });
        let first = inputs.repositories.iter().find(over_ssh);
        let first = first.or(inputs.repositories.first());
        run = run.mount(Mount::Agent {
            id: AGENT.to_owned(),
            required_at: first.map_or_else(|| inputs.file.whole(), |first| first.place.clone()),
        });
    }
    let hosts = over_http(inputs);
    for (number, (scheme, host)) in hosts.iter().enumerate() {
        let table = table(inputs, host);
        let asked = table.and_then(|table| table.token_secret.as_ref());
        run.secrets.push(SecretVariable {
            variable: format!("GIT_TOKEN_{number}"),
            id: asked.map_or_else(|| format!("GIT_AUTH_TOKEN.{host}"), |id| id.value.clone()),
            required_at: asked.map(|id| id.place.clone()),
        });
        let user = table.and_then(|table| table.username.as_deref());
        run.env.extend([
            (
                format!("GIT_USERNAME_{number}"),
                user.unwrap_or(USERNAME).to_owned(),
            ),
            (
                format!("GIT_CONFIG_KEY_{number}"),
                format!("credential.{scheme}://{host}.helper"),
            ),
            (format!("GIT_CONFIG_VALUE_{number}"), helper(number)),
        ]);
    }
    if hosts.is_empty() {
        return run;
    }
    run.env([("GIT_CONFIG_COUNT", hosts.len().to_string())])
}

/// A credential helper (gitcredentials(7)) that says nothing when the client has no such secret.
fn helper(number: usize) -> String {
    format!(
        "!f() {{ if [ \"$1\" = get ] && [ \"${{GIT_TOKEN_{number}:-}}\" ]; then \
         printf 'username=%s\\npassword=%s\\n' \"$GIT_USERNAME_{number}\" \"$GIT_TOKEN_{number}\"; fi; }}; f"
    )
}

/// Submodules may be on other hosts, so a table with keys counts as well.
fn needs_ssh(inputs: &Inputs<'_>) -> bool {
    let repositories = &inputs.repositories;
    let over_ssh = repositories
        .iter()
        .any(|repository| matches!(repository.remote, Remote::Ssh { .. }));
    let keys = inputs
        .file
        .git
        .values()
        .any(|host| !host.host_keys.is_empty());
    over_ssh || !repositories.is_empty() && keys
}

/// The hosts of repositories over HTTP, and those that the build file has tokens for, each once.
fn over_http(inputs: &Inputs<'_>) -> Vec<(&'static str, String)> {
    let locked = inputs
        .repositories
        .iter()
        .filter_map(|one| match &one.remote {
            Remote::Http { scheme, host } => Some((*scheme, host.clone())),
            Remote::Ssh { .. } | Remote::Other => None,
        });
    let mut hosts: Vec<_> = locked.collect();
    let named = inputs.file.git.iter();
    for (host, _) in named.filter(|(_, table)| table.token_secret.is_some()) {
        if !hosts.iter().any(|(_, known)| known == host) {
            hosts.push(("https", host.clone()));
        }
    }
    hosts.sort();
    hosts.dedup();
    hosts
}

fn table<'a>(inputs: &'a Inputs<'_>, host: &str) -> Option<&'a GitHost> {
    inputs.file.git.get(host)
}
