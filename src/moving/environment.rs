//! `ARG`, `ENV` and `LABEL`.

use super::draft::{Draft, Origin, Taken};
use super::installation::poetry_version;
use super::state::{State, Walk};
use crate::dockerfile::Expanded;
use crate::rules::{has_secret, is_secret, is_secret_name, is_secret_value};

/// Variables that every image has with these values.
const OF_EVERY_IMAGE: [&str; 4] = [
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONFAULTHANDLER",
    "PYTHONUNBUFFERED",
    "VIRTUAL_ENV",
];
/// What the names of variables start with that only concern installers.
const OF_INSTALLERS: [&str; 6] = ["PIP_", "PIPX_", "PIPENV_", "POETRY_", "UV_", "VIRTUALENVS_"];
/// Variables of well-known Dockerfiles that only lead to directories of installers.
const OF_DIRECTORIES: [&str; 4] = ["PYSETUP_PATH", "VENV_PATH", "VENV_DIR", "DEBIAN_FRONTEND"];

pub(super) fn arguments(
    walk: &mut Walk<'_>,
    state: &mut State,
    arguments: &[(String, Option<Expanded>)],
    origin: &Origin,
) {
    for (name, default) in arguments {
        let global = walk
            .dockerfile
            .arguments
            .iter()
            .rev()
            .find(|(known, ..)| known == name);
        let global = global.and_then(|(_, default, _)| default.as_ref());
        let default = default.as_ref().or(global);
        state.scope.argument(name, default);
        declare(walk.draft, name, default, origin);
    }
}

/// Remembers a build argument, which is only in the file if a value refers to it.
pub(super) fn declare(draft: &mut Draft, name: &str, default: Option<&Expanded>, origin: &Origin) {
    let value = default.map_or("", |default| &default.value);
    if is_secret_name(name) || is_secret_value(value) {
        draft.remark(
            origin,
            format!(
                "the build argument `{name}` looks like a secret, and is stored with the image"
            ),
            "use a secret instead: `secrets` of a hook, or `[indexes]`, with `--secret id=...`",
        );
        return;
    }
    let known = draft.arguments.get(name);
    if known.is_none_or(|known| known.value.is_empty()) {
        draft
            .arguments
            .insert(name.to_owned(), Taken::new(value.to_owned(), origin));
    }
}

pub(super) fn variables(
    walk: &mut Walk<'_>,
    state: &mut State,
    variables: &[(String, Expanded)],
    origin: &Origin,
) {
    let is_image = walk.is_image(state.stage);
    for (name, value) in variables {
        state.scope.variable(name, value.clone());
        if name == "VIRTUAL_ENV" || name == "UV_PROJECT_ENVIRONMENT" {
            walk.venvs.insert(value.value.clone());
        }
        if name == "POETRY_VERSION" {
            poetry_version(walk, &value.value, origin);
            continue;
        }
        if is_hidden(walk, name, value, origin) || of_index(walk, name, origin) {
            continue;
        }
        if name == "PATH" {
            path(walk, state, value, origin);
            continue;
        }
        if is_default(name, &value.value) {
            walk.draft.leave_out(origin, name);
            continue;
        }
        let values = if is_image {
            &mut walk.image.env
        } else {
            &mut walk.image.build_env
        };
        values.insert(name.clone(), Taken::new(value.template.clone(), origin));
    }
}

fn is_default(name: &str, value: &str) -> bool {
    let of_image = OF_EVERY_IMAGE.contains(&name) && !value.is_empty();
    let of_installers = OF_INSTALLERS.iter().any(|start| name.starts_with(start));
    of_image
        || of_installers
        || OF_DIRECTORIES.contains(&name)
        || matches!(
            (name, value),
            ("LANG", "C.UTF-8") | ("PYTHONHASHSEED", "random")
        )
}

/// Whether a value looks like a secret, which is never copied.
fn is_hidden(walk: &mut Walk<'_>, name: &str, value: &Expanded, origin: &Origin) -> bool {
    let hidden = is_secret(name, &value.value) || has_secret_argument(walk, value);
    if hidden {
        walk.draft.remark(
            origin,
            format!("`{name}` looks like a secret, which anyone with the image could read"),
            format!("pass it to the container: `docker run --env {name}`; a build gets it with `--secret`"),
        );
    }
    hidden
}

/// Whether a value contains a build argument that is not in the build file because it looks like a secret.
fn has_secret_argument(walk: &Walk<'_>, value: &Expanded) -> bool {
    let mut arguments = value.arguments.iter();
    arguments.any(|name| !walk.draft.arguments.contains_key(name))
}

/// Addresses of indexes, which the file has elsewhere.
fn of_index(walk: &mut Walk<'_>, name: &str, origin: &Origin) -> bool {
    let is_index = matches!(
        name,
        "PIP_INDEX_URL"
            | "PIP_EXTRA_INDEX_URL"
            | "UV_INDEX_URL"
            | "UV_DEFAULT_INDEX"
            | "POETRY_PYPI_MIRROR_URL"
    );
    if is_index {
        walk.draft.remark(
            origin,
            format!("`{name}` names a package index"),
            "set `mirror` of `[poetry]` if it stands in for the default index",
        );
    }
    is_index
}

/// `PATH` starts with the environment in any case.
fn path(walk: &mut Walk<'_>, state: &mut State, value: &Expanded, origin: &Origin) {
    const STANDARD: [&str; 6] = [
        "/usr/local/bin",
        "/usr/local/sbin",
        "/usr/bin",
        "/usr/sbin",
        "/bin",
        "/sbin",
    ];
    let mut others = Vec::new();
    for entry in value.value.split(':').filter(|entry| !entry.is_empty()) {
        let is_installer = ["poetry", ".local/bin", "cargo/bin", "pipx", "PATH"]
            .iter()
            .any(|part| entry.contains(part));
        let environment = entry
            .strip_suffix("/bin")
            .filter(|directory| is_environment(walk, directory));
        if let Some(environment) = environment {
            walk.venvs.insert(environment.to_owned());
        } else if !is_installer && !STANDARD.contains(&entry) {
            others.push(entry);
        }
    }
    if others.is_empty() || !walk.is_image(state.stage) {
        walk.draft.leave_out(origin, "PATH");
    } else {
        walk.draft.remark(
            origin,
            format!("`PATH` has `{}`", others.join(":")),
            "link the programs into `/usr/local/bin` with a hook at `final`, or use their whole paths",
        );
    }
}

fn is_environment(walk: &Walk<'_>, directory: &str) -> bool {
    let name = directory.rsplit('/').next().unwrap_or_default();
    walk.venvs.contains(directory) || name.ends_with("venv") || matches!(name, "env" | "virtualenv")
}

pub(super) fn labels(walk: &mut Walk<'_>, labels: &[(String, Expanded)], origin: &Origin) {
    let pyproject = &walk.project.pyproject;
    let text = |value: &Option<crate::build_file::Located<String>>| {
        value.as_ref().map(|value| value.value.clone())
    };
    let own = [
        ("org.opencontainers.image.title", pyproject.title.clone()),
        (
            "org.opencontainers.image.version",
            pyproject.version.clone(),
        ),
        (
            "org.opencontainers.image.description",
            text(&pyproject.description),
        ),
        (
            "org.opencontainers.image.licenses",
            text(&pyproject.license),
        ),
    ];
    for (name, value) in labels {
        if own
            .iter()
            .any(|(known, own)| known == name && own.as_ref() == Some(&value.value))
        {
            walk.draft.leave_out(origin, format!("the label {name}"));
        } else if has_secret(&value.value) || has_secret_argument(walk, value) {
            walk.draft.remark(
                origin,
                format!("the label `{name}` looks like a secret"),
                "remove it",
            );
        } else {
            walk.image
                .labels
                .insert(name.clone(), Taken::new(value.template.clone(), origin));
        }
    }
}
