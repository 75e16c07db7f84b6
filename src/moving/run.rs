//! `RUN`: packages, users and the installation become keys of their own, and the rest becomes hooks.

use super::commands::without_poetry;
use super::draft::{Origin, Run, Taken};
use super::installation::poetry_version;
use super::poetry::{Installing, installing};
use super::shell::{Item, Word, items};
use super::spelling::shortened;
use super::state::{State, Walk, joined};
use super::{directories, hooks, packages, system_packages};
use crate::dockerfile::{Command, Expanded, Running};

pub(super) fn run(walk: &mut Walk<'_>, state: &mut State, running: &Running, origin: &Origin) {
    let script = match &running.command {
        Command::Shell(script) => without_poetry(script),
        Command::Exec(words) => {
            let quoted = words
                .iter()
                .map(|word| format!("'{}'", word.replace('\'', "'\\''")));
            without_poetry(&quoted.collect::<Vec<_>>().join(" "))
        }
    };
    let parsed = if script.starts_with("#!") {
        None
    } else {
        items(&script, &state.scope)
    };
    let Some(parsed) = parsed else {
        whole(walk, state, running, &script, origin);
        return;
    };
    let mut rest = Vec::new();
    for item in parsed {
        if !known(walk, state, &item, origin) {
            rest.push(item);
        }
    }
    // A directory or a variable that no command needs any more.
    while rest.last().is_some_and(is_setup) {
        rest.pop();
    }
    let exec = match rest.as_slice() {
        [] => return,
        [only] => only.exec(),
        _ => None,
    };
    let run = exec.map_or_else(
        || {
            let lines = rest.iter().map(|item| item.text.as_str());
            Run::Script(lines.collect::<Vec<_>>().join("\n"))
        },
        Run::Exec,
    );
    hooks::add(walk, state, running, run, origin);
}

/// A script that cannot be taken apart.
fn whole(walk: &mut Walk<'_>, state: &mut State, running: &Running, script: &str, origin: &Origin) {
    let has = |text: &str| script.contains(text);
    if has("poetry install") || has("pip install") || has("poetry export") {
        state.is_installed = true;
        walk.draft.remark(
            origin,
            format!(
                "`{}` chooses at build time what to install",
                shortened(script)
            ),
            "set `groups` and `extras` of `[dependencies]`; a `[target.NAME]` can have others",
        );
        return;
    }
    if has("apt-get") || has("apk ") {
        walk.draft.remark(
            origin,
            format!(
                "`{}` installs system packages in a script",
                shortened(script)
            ),
            "add them to `packages` of `[build]` or `[runtime]`, and the rest as a `[[hook]]`",
        );
        return;
    }
    hooks::add(walk, state, running, Run::Script(script.to_owned()), origin);
}

fn is_setup(item: &Item) -> bool {
    let Some(values) = item.values() else {
        return false;
    };
    matches!(
        values.first(),
        Some(&("cd" | "export" | "set" | "umask" | "unset"))
    ) || values.iter().all(|word| super::shell::is_assignment(word))
}

/// Whether a command has a key of its own, or no use here.
fn known(walk: &mut Walk<'_>, state: &mut State, item: &Item, origin: &Origin) -> bool {
    if let Some(found) = installing(item) {
        for found in found {
            install(walk, state, found, origin);
        }
        return true;
    }
    if is_of_sources(item) {
        walk.draft.remark(
            origin,
            format!("`{}` adds a package repository", shortened(&item.text)),
            "describe it in `[apt-sources]`, with the key as a file or with its checksum",
        );
        return true;
    }
    let Some(words) = item.words() else {
        return false;
    };
    let skipped = words
        .iter()
        .take_while(|word| super::shell::is_assignment(word.value()))
        .count();
    let words = &words[skipped..];
    let values: Vec<&str> = words.iter().map(Word::value).collect();
    if let Some(action) = packages::apt(&values) {
        system_packages::run(walk, state, action, origin);
        return true;
    }
    if let Some((action, unknown)) = packages::apk(&values) {
        for name in unknown {
            walk.draft.remark(
                origin,
                format!("the package `{name}` of Alpine is not known in Debian"),
                "add Debian's package to `packages` of `[build]` or `[runtime]`",
            );
        }
        system_packages::run(walk, state, action, origin);
        return true;
    }
    if state.users.run(words) {
        return true;
    }
    match values.as_slice() {
        ["set" | "echo", ..] | ["true" | ":"] => true,
        ["rm", rest @ ..] => is_cleanup(rest),
        ["find", rest @ ..] => {
            rest.contains(&"-delete") || rest.iter().any(|word| word.contains("pycache"))
        }
        ["mkdir", ..] | ["install", "-d", ..] => directories::made(walk, state, words, origin),
        ["chown", rest @ ..] => directories::owned(walk, state, rest, origin),
        ["chmod", rest @ ..] => directories::executable(walk, state, rest, origin),
        _ => false,
    }
}

/// Whether only caches and temporary files are removed.
fn is_cleanup(words: &[&str]) -> bool {
    let cleaned = [
        "/var/lib/apt",
        "/var/cache",
        "/tmp",
        "/root/.cache",
        "~/.cache",
        "$POETRY_CACHE_DIR",
        "$HOME/.cache",
    ];
    let paths = words.iter().filter(|word| !word.starts_with('-'));
    paths.clone().count() > 0
        && paths.into_iter().all(|path| {
            cleaned.iter().any(|start| path.starts_with(start))
                || [
                    "cache",
                    "requirements",
                    "/src",
                    "dist",
                    ".whl",
                    "get-poetry",
                    "install-poetry",
                ]
                .iter()
                .any(|part| path.contains(part))
        })
}

/// Whether the command adds an apt repository or its key.
fn is_of_sources(item: &Item) -> bool {
    let text = &item.text;
    text.contains("sources.list")
        || text.contains("/keyrings/")
        || text.contains("trusted.gpg")
        || text.contains("add-apt-repository")
        || text.contains("apt-key")
        || text.contains("nodesource")
}

fn install(walk: &mut Walk<'_>, state: &mut State, found: Installing, origin: &Origin) {
    match found {
        Installing::Poetry { version, plugins } => {
            if let Some(version) = version {
                poetry_version(walk, &version, origin);
            }
            for plugin in plugins {
                walk.draft.poetry_plugins.push(Taken::new(plugin, origin));
            }
        }
        Installing::Dependencies(selected) => {
            state.is_installed = true;
            if !selected.no_root {
                walk.installs_project = Some(origin.clone());
            }
            walk.selected.push(Taken::new(selected, origin));
        }
        Installing::Export(selected) => {
            state.is_installed = true;
            walk.selected.push(Taken::new(selected, origin));
        }
        Installing::Requirements(file) => {
            state.is_installed = true;
            if walk.files.is_file(file.trim_start_matches("./")) && walk.selected.is_empty() {
                walk.draft.remark(
                    origin,
                    format!("`{file}` of the project is installed; now the lock is"),
                    "check that `poetry.lock` has what the file lists",
                );
            }
        }
        Installing::Project => {
            state.is_installed = true;
            walk.installs_project = Some(origin.clone());
        }
        Installing::Environment(path) => {
            let path = joined(&state.workdir, &Expanded::plain(&path));
            walk.venvs.insert(path.value);
        }
        Installing::Others(names) => {
            state.is_installed = true;
            others(walk, &names, origin);
        }
        Installing::Setting(name) => walk.draft.remark(
            origin,
            format!("Poetry's setting `{name}` is not taken over"),
            "credentials of an index are secrets: see `[indexes]` in docs/build-file.md",
        ),
        Installing::Nothing => {}
    }
}

/// Distributions that pip installs beside those of the project.
fn others(walk: &mut Walk<'_>, names: &[String], origin: &Origin) {
    let missing: Vec<&str> = names
        .iter()
        .filter(|name| !is_locked(walk, name))
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        walk.draft
            .leave_out(origin, format!("{}, which the lock has", names.join(", ")));
        return;
    }
    let missing = missing.join(" ");
    walk.draft.remark(
        origin,
        format!("`{missing}` is not in the lock, so it is not installed"),
        format!("run `poetry add {missing}`"),
    );
}

fn is_locked(walk: &Walk<'_>, requirement: &str) -> bool {
    let name = crate::project::requirement_name(requirement);
    let mut packages = walk.project.lock.packages.iter();
    packages.any(|package| crate::project::normalised(&package.name) == name)
}
