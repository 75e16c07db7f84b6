//! The built-in target `dev`, a development container: the builder with all dependencies, Poetry and the project in editable
//! mode. It is the only image that contains Poetry.

use crate::paths::{clean, literal};
use crate::plan::{
    Action, Base, ContextFiles, Copy, CopyFrom, Mount, Run, Settings, Stage, StageName, Step,
};
use crate::project::{LOCK, MAIN, PYPROJECT, SETTINGS};
use crate::resolve::environment::{self, PROJECT_DIR, VENV};
use crate::resolve::{GIT, Resolved, context_files};
use crate::scripts;
use crate::steps::user::add_user;
use crate::steps::{apt, hints, poetry};

use super::settings::labels;

const SHELL: &str = "/bin/bash";

/// Where the `poetry` stage is mounted while its environment is copied.
const POETRY_MOUNT: &str = "/run/poetry-frontend/poetry";

pub(super) fn stage(resolved: &Resolved<'_>) -> Stage {
    let user = &resolved.file.runtime.user;
    let owner = (user.uid, user.gid);
    let home = home(resolved);
    let step = |title: &str, action| Step {
        title: title.to_owned(),
        span: resolved.source_span(),
        action,
    };
    let copy = |from, src: &str, dest: &str| {
        Action::Copy(Copy {
            owner,
            ..Copy::directory(from, src, dest)
        })
    };
    let packages = &resolved.file.runtime.packages;
    let mut steps: Vec<Step> = apt::install(resolved, resolved.build_base(), packages, None)
        .into_iter()
        .collect();
    let add_poetry = Run::script(scripts::ADD_POETRY, [POETRY_MOUNT.to_owned()])
        .offline()
        .mount(Mount::Stage {
            from: StageName::Poetry,
            path: poetry::HOME.to_owned(),
            target: POETRY_MOUNT.to_owned(),
        });
    let writable = [home.clone(), PROJECT_DIR.to_owned()];
    steps.extend([
        step("add Poetry", Action::Run(add_poetry)),
        add_user(resolved, SHELL, &home, &writable),
        step(
            "copy the environment",
            copy(CopyFrom::Stage(StageName::Deps), VENV, VENV),
        ),
        step(
            "copy the project",
            copy(CopyFrom::Context(project_files(resolved)), "/", PROJECT_DIR),
        ),
    ]);
    let outside_project = resolved.directories.iter().filter_map(|dependency| {
        let dest = dependency.outside(PROJECT_DIR)?;
        let title = format!("copy the path dependency to {dest}");
        let from = CopyFrom::Context(dependency.files(resolved));
        Some(step(&title, copy(from, "/", &dest)))
    });
    steps.extend(outside_project);
    steps.push(step(
        "install the project in editable mode",
        Action::Run(hints::poetry(install(resolved), resolved)),
    ));
    Stage {
        name: resolved.image.clone(),
        from: Base::Stage(StageName::Builder),
        span: resolved.base_span.clone(),
        steps,
    }
}

/// The whole build context, including the files that Poetry needs even if they are ignored.
fn project_files(resolved: &Resolved<'_>) -> ContextFiles {
    let named = resolved.file.source.include.iter().flatten();
    let git = named
        .map(|pattern| &pattern.value)
        .filter(|path| *path == GIT);
    let include = [".".to_owned()].into_iter().chain(git.cloned());
    let mut files = context_files(resolved, include.collect());
    files.exclude.retain(|pattern| pattern != LOCK);
    let wheel_files = &resolved.project.pyproject.wheel_files;
    let readmes = wheel_files.readmes.iter();
    let readmes = readmes.map(|readme| literal(&clean(&readme.value)));
    let needed = [PYPROJECT, LOCK, SETTINGS].map(str::to_owned).into_iter();
    let needed = needed.chain(readmes).chain(wheel_files.required());
    files.exclude.extend(needed.map(|name| format!("!{name}")));
    files
}

fn install(resolved: &Resolved<'_>) -> Run {
    let mut command = vec![poetry::COMMAND.to_owned(), "install".to_owned()];
    let groups = resolved.project.groups().into_iter();
    let groups: Vec<String> = groups
        .filter(|(name, _)| name != MAIN)
        .map(|(_, spelled)| spelled)
        .collect();
    if !groups.is_empty() {
        command.extend(["--with".to_owned(), groups.join(",")]);
    }
    if !resolved.selection.extras.is_empty() {
        command.push("--all-extras".to_owned());
    }
    command.push("--no-ansi".to_owned());
    let user = &resolved.file.runtime.user;
    let mut run = Run::script(scripts::INSTALL_EDITABLE, command);
    run.env.extend(resolved.build_env());
    run.env.extend(resolved.source_env());
    run.user = Some(format!("{}:{}", user.uid, user.gid));
    run = run
        .cwd(PROJECT_DIR)
        .env(poetry::env(resolved))
        .env(in_project())
        .env([("HOME", home(resolved))]);
    run.mounts.extend(poetry::ca_secret(resolved));
    run
}

fn home(resolved: &Resolved<'_>) -> String {
    format!("/home/{}", resolved.file.runtime.user.name)
}

fn in_project() -> [(&'static str, String); 2] {
    [
        ("POETRY_VIRTUALENVS_CREATE", "true".to_owned()),
        ("POETRY_VIRTUALENVS_IN_PROJECT", "true".to_owned()),
    ]
}

/// The image starts a shell in the project, with the environment of the service.
pub(super) fn settings(resolved: &Resolved<'_>) -> Settings {
    let file = resolved.file;
    let user = &file.runtime.user;
    let index = poetry::index_env(resolved).into_iter().chain(in_project());
    let mut env = environment::env(file);
    if !file.runtime.env.contains_key("HOME") {
        env.insert("HOME".to_owned(), home(resolved));
    }
    env.extend(index.map(|(name, value)| (name.to_owned(), value)));
    Settings {
        user: Some(format!("{}:{}", user.uid, user.gid)),
        workdir: Some(PROJECT_DIR.to_owned()),
        path: environment::path(),
        env,
        entrypoint: Some(Vec::new()),
        cmd: Some(vec![SHELL.to_owned()]),
        expose: file.runtime.expose.iter().map(|port| port.value).collect(),
        labels: labels(file, resolved.project, resolved.request),
        ..Settings::default()
    }
}
