//! Commands that no key of the build file stands for: hooks at the point of the build where the Dockerfile runs them.

use std::collections::BTreeMap;

use super::draft::{Hook, Origin, Run, Taken};
use super::poetry::base_name;
use super::shell::names;
use super::state::{State, Walk, joined};
use crate::dockerfile::{Expanded, Running};
use crate::rules::{has_secret, is_secret_name};

/// The point of the build at which the commands of this stage run.
fn point(walk: &Walk<'_>, state: &State, run: &Run) -> &'static str {
    if walk.is_image(state.stage) {
        let text = text(run);
        let builds = ["rustup", "cargo install"]
            .iter()
            .any(|tool| text.contains(tool));
        return if builds && !state.is_installed {
            "after-packages"
        } else {
            "final"
        };
    }
    match (state.is_installed, state.has_source) {
        (false, _) => "after-packages",
        (true, false) => "after-install",
        (true, true) => "after-source",
    }
}

fn text(run: &Run) -> String {
    match run {
        Run::Exec(words) => words.join(" "),
        Run::Script(script) => script.clone(),
    }
}

pub(super) fn add(
    walk: &mut Walk<'_>,
    state: &State,
    running: &Running,
    run: Run,
    origin: &Origin,
) {
    let script = text(&run);
    if has_secret(&script) {
        walk.draft.remark(
            origin,
            "the command has a secret, which is stored with the image",
            "write a `[[hook]]` with `secrets`, which are files in `/run/secrets`",
        );
        return;
    }
    let at = point(walk, state, &run);
    let run = match run {
        Run::Script(script) => Run::Script(script.replace("${", "$${")),
        exec @ Run::Exec(_) => exec,
    };
    let mut hook = Hook {
        at,
        env: environment(walk, state, &script, at, origin),
        run,
        secrets: Vec::new(),
        ssh: false,
        cache: Vec::new(),
        network: None,
        inputs: Vec::new(),
        outputs: Vec::new(),
    };
    for (name, value) in &running.options {
        match name.as_str() {
            "mount" => mount(walk, state, &mut hook, value, origin),
            "network" if value != "default" => hook.network = Some(value.clone()),
            _ => {}
        }
    }
    if at == "final" && state.workdir.value != "/" && state.workdir.value != walk.workdir.value {
        in_directory(&mut hook, &state.workdir.template);
    }
    if !state.is_root && walk.is_image(state.stage) {
        walk.draft.remark(
            origin,
            "the command runs as the user of the image; a hook runs as root",
            "give the user what the hook writes, with `writable` of `[runtime]` or `chown` in the hook",
        );
    }
    walk.image.hooks.push(Taken::new(hook, origin));
}

/// Runs the hook in another directory than the last one of the image.
fn in_directory(hook: &mut Hook, directory: &str) {
    if let Run::Script(script) = &mut hook.run
        && !script.starts_with("#!")
    {
        *script = format!("cd {directory}\n{script}");
    }
}

/// The variables of the Dockerfile that the command needs.
fn environment(
    walk: &mut Walk<'_>,
    state: &State,
    script: &str,
    at: &str,
    origin: &Origin,
) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for name in names(script) {
        let Some(value) = state.scope.get(name) else {
            if name.starts_with("TARGET") || name.starts_with("BUILD") && name.len() <= 13 {
                walk.draft.remark(
                    origin,
                    format!("the command uses `{name}`, which hooks do not have"),
                    "use `dpkg --print-architecture` or `uname -m` in the hook",
                );
            }
            continue;
        };
        let is_argument = value.template == format!("${{{name}}}");
        if is_secret_name(name) {
            walk.draft.remark(
                origin,
                format!("the command needs `{name}`, which looks like a secret"),
                "add its id to `secrets` of the hook, and read `/run/secrets/ID`",
            );
        } else if is_argument || at != "final" {
            variables.insert(name.to_owned(), value.template.clone());
        }
    }
    if matches!(at, "after-source" | "after-install") {
        let image = walk.image.env.iter().chain(&walk.image.build_env);
        variables.extend(image.map(|(name, value)| (name.clone(), value.value.clone())));
    }
    variables
}

/// `--mount=type=...`.
fn mount(walk: &mut Walk<'_>, state: &State, hook: &mut Hook, value: &str, origin: &Origin) {
    let parts: BTreeMap<&str, &str> = value
        .split(',')
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .collect();
    let get = |names: &[&str]| names.iter().find_map(|name| parts.get(name)).copied();
    let target = get(&["target", "dst", "destination"]);
    match get(&["type"]).unwrap_or("bind") {
        "cache" => {
            let target =
                target.map(|target| joined(&state.workdir, &Expanded::plain(target)).template);
            hook.cache.extend(target);
        }
        "secret" => {
            let id = get(&["id"])
                .or_else(|| target.map(base_name))
                .unwrap_or("secret");
            hook.secrets.push(id.to_owned());
            let is_elsewhere = target.is_some_and(|target| target != format!("/run/secrets/{id}"));
            if is_elsewhere || get(&["env"]).is_some() {
                walk.draft.remark(
                    origin,
                    format!("the command expects the secret `{id}` elsewhere"),
                    format!("read it from `/run/secrets/{id}` in the hook"),
                );
            }
        }
        "ssh" => hook.ssh = true,
        "bind" if get(&["from"]).is_none() && hook.at != "final" => {
            let source = get(&["source", "src"])
                .unwrap_or(".")
                .trim_start_matches("./");
            hook.inputs.push(if source == "." {
                "**".to_owned()
            } else {
                source.to_owned()
            });
        }
        "tmpfs" => {}
        _ => walk.draft.remark(
            origin,
            "the command sees files through a mount, which the hook does not have",
            "use `inputs` of a hook at an earlier point, or a `[[copy]]`",
        ),
    }
}
