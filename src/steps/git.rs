//! Git dependencies. Poetry clones them in the installing step: over SSH with the client's agent, or over HTTPS with a token
//! from a secret.
//!
//! Poetry is configured to run `git`, because its own client (`src/poetry/vcs/git/backend.py`) uses no credential helpers.

use crate::build_file::{GitHost, Located};
use crate::diagnostics::{Diagnostic, Problem, Span};
use crate::plan::{Mount, NewFile, Run, SecretVariable};
use crate::project::{Remote, split_port};
use crate::resolve::{Error, Repository, Resolved};

/// The agent of `--ssh default`.
const AGENT: &str = "default";
/// Where `ssh` looks for host keys.
const KNOWN_HOSTS: &str = "/etc/ssh/ssh_known_hosts";
/// Poetry does not show the errors of `ssh`, so they are logged to the stderr of the step.
const SSH: &str = "ssh -E /proc/1/fd/2";
/// The user name that common Git hosts accept with a token.
const USERNAME: &str = "x-access-token";

/// Reports SSH hosts without pinned keys: they would be open to a man in the middle.
pub(crate) fn unknown_hosts(resolved: &Resolved<'_>, errors: &mut Vec<Diagnostic>) {
    for repository in &resolved.repositories {
        if let Remote::Ssh { host } = &repository.remote
            && table(resolved, host).is_none_or(|table| table.host_keys.is_empty())
        {
            let error = Error::UnknownHost {
                name: repository.name.clone(),
                host: host.clone(),
            };
            errors.push(error.at(&repository.span));
        }
    }
}

/// The system packages needed to clone Git dependencies.
pub(crate) fn packages(resolved: &Resolved<'_>) -> Vec<Located<String>> {
    let Some(first) = resolved.repositories.first() else {
        return Vec::new();
    };
    let client = needs_ssh(resolved).then_some("openssh-client");
    ["git"]
        .into_iter()
        .chain(client)
        .map(|name| Located {
            value: name.to_owned(),
            span: first.span.clone(),
        })
        .collect()
}

/// Mounts the client's agent and the pinned host keys for a hook.
pub(crate) fn agent(resolved: &Resolved<'_>, span: &Span) -> Vec<Mount> {
    let agent = Mount::Agent {
        id: AGENT.to_owned(),
        required_at: span.clone(),
    };
    let content = host_keys(resolved);
    let hosts = (!content.is_empty()).then(|| Mount::File {
        target: KNOWN_HOSTS.to_owned(),
        content,
        executable: false,
    });
    [agent].into_iter().chain(hosts).collect()
}

/// The file with the pinned host keys, if Git dependencies need SSH.
pub(crate) fn known_hosts(resolved: &Resolved<'_>) -> Option<NewFile> {
    needs_ssh(resolved).then(|| NewFile {
        path: KNOWN_HOSTS.to_owned(),
        content: host_keys(resolved),
    })
}

/// In the format of `ssh_known_hosts`.
fn host_keys(resolved: &Resolved<'_>) -> String {
    let lines = resolved.file.git.iter().flat_map(|(host, table)| {
        let (name, port) = split_port(host);
        let name = name.trim_matches(['[', ']']);
        let host = port.map_or_else(|| name.to_owned(), |port| format!("[{name}]:{port}"));
        let keys = table.host_keys.iter();
        keys.map(move |key| format!("{host} {key}\n"))
    });
    lines.collect()
}

/// Adds what a command needs to clone Git dependencies.
pub(crate) fn with_access(mut run: Run, resolved: &Resolved<'_>) -> Run {
    if resolved.repositories.is_empty() {
        return run;
    }
    // The setting's name in Poetry 2 and in Poetry 1.
    run = run.env([
        ("POETRY_SYSTEM_GIT_CLIENT", "true".to_owned()),
        ("POETRY_EXPERIMENTAL_SYSTEM_GIT_CLIENT", "true".to_owned()),
    ]);
    if needs_ssh(resolved) {
        run = run.env([("GIT_SSH_COMMAND", SSH.to_owned())]);
        let over_ssh = |repository: &&Repository| matches!(repository.remote, Remote::Ssh { .. });
        let first = resolved.repositories.iter().find(over_ssh);
        let first = first.or(resolved.repositories.first());
        run = run.mount(Mount::Agent {
            id: AGENT.to_owned(),
            required_at: first.map_or_else(|| resolved.file.whole(), |first| first.span.clone()),
        });
    }
    let hosts = over_http(resolved);
    for (number, (scheme, host)) in hosts.iter().enumerate() {
        let table = table(resolved, host);
        let secret = table.and_then(|table| table.token_secret.as_ref());
        run.secrets.push(SecretVariable {
            variable: format!("GIT_TOKEN_{number}"),
            id: secret.map_or_else(|| format!("GIT_AUTH_TOKEN.{host}"), |id| id.value.clone()),
            required_at: secret.map(|id| id.span.clone()),
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

/// A credential helper (gitcredentials(7)) that returns nothing if the client does not provide the secret.
fn helper(number: usize) -> String {
    format!(
        "!f() {{ if [ \"$1\" = get ] && [ \"${{GIT_TOKEN_{number}:-}}\" ]; then \
         printf 'username=%s\\npassword=%s\\n' \"$GIT_USERNAME_{number}\" \"$GIT_TOKEN_{number}\"; fi; }}; f"
    )
}

/// Whether SSH is needed. Submodules may be on other hosts, so host keys in the build file are enough.
fn needs_ssh(resolved: &Resolved<'_>) -> bool {
    let repositories = &resolved.repositories;
    let over_ssh = repositories
        .iter()
        .any(|repository| matches!(repository.remote, Remote::Ssh { .. }));
    let keys = resolved
        .file
        .git
        .values()
        .any(|host| !host.host_keys.is_empty());
    over_ssh || !repositories.is_empty() && keys
}

/// The hosts of repositories over HTTP, and those with a token in the build file, each once.
fn over_http(resolved: &Resolved<'_>) -> Vec<(&'static str, String)> {
    let locked = resolved
        .repositories
        .iter()
        .filter_map(|one| match &one.remote {
            Remote::Http { scheme, host } => Some((*scheme, host.clone())),
            Remote::Ssh { .. } | Remote::Other => None,
        });
    let mut hosts: Vec<_> = locked.collect();
    let named = resolved.file.git.iter();
    for (host, _) in named.filter(|(_, table)| table.token_secret.is_some()) {
        if !hosts.iter().any(|(_, known)| known == host) {
            hosts.push(("https", host.clone()));
        }
    }
    hosts.sort();
    hosts.dedup();
    hosts
}

fn table<'a>(resolved: &'a Resolved<'_>, host: &str) -> Option<&'a GitHost> {
    resolved.file.git.get(host)
}
