//! The built-in target `dev`, a development container: the builder with the dependencies, Poetry and the project in editable
//! mode. It is the only image that contains Poetry.

use crate::build_file::HookPoint;
use crate::paths::{clean, literal, within};
use crate::plan::{
    Action, Base, ContextFiles, Copy, CopyFrom, Mount, Run, Settings, Stage, StageName, Step,
};
use crate::project::{LOCK, MAIN, PYPROJECT, SETTINGS};
use crate::resolve::environment::{self, PROJECT_DIR, VENV};
use crate::resolve::{GIT, Resolved, context_files};
use crate::scripts;
use crate::steps::user::{add_user, writable_directories};
use crate::steps::{certificates, hints, hooks, poetry};

use super::runtime;
use super::settings::{labels, of_container, with_init};

const SHELL: &str = "/bin/bash";

/// Where the `poetry` stage is mounted while its environment is copied.
const POETRY_MOUNT: &str = "/run/poetry-frontend/poetry";

/// `outputs` are the steps that copy files and hook outputs.
pub(super) fn stage(resolved: &Resolved<'_>, outputs: Vec<Step>) -> Stage {
    let owner = user(resolved);
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
    let mut steps = runtime::packages(resolved, resolved.build_base());
    let add_poetry = Run::script(scripts::ADD_POETRY, [POETRY_MOUNT.to_owned()])
        .offline()
        .mount(Mount::Stage {
            from: StageName::Poetry,
            path: poetry::HOME.to_owned(),
            target: POETRY_MOUNT.to_owned(),
        });
    steps.extend([
        step("add Poetry", Action::Run(add_poetry)),
        add_user(resolved, SHELL, &home, &directories(resolved, &home)),
        step(
            "copy the environment",
            copy(CopyFrom::Stage(StageName::Deps), VENV, VENV),
        ),
    ]);
    let outputs = outputs.into_iter();
    steps.extend(outputs.map(|step| owned_in_project(step, owner)));
    steps.push(step(
        "copy the project",
        copy(CopyFrom::Context(project_files(resolved)), "/", PROJECT_DIR),
    ));
    let changed = resolved.has_changed_source().then(|| {
        let files = CopyFrom::Stage(StageName::ChangedSource);
        let title = "copy what hooks made of the source";
        step(title, copy(files, "/", PROJECT_DIR))
    });
    steps.extend(changed);
    let outside_project = resolved.directories.iter().filter_map(|dependency| {
        let dest = dependency.outside(PROJECT_DIR)?;
        let title = format!("copy the path dependency to {dest}");
        let from = CopyFrom::Context(dependency.files(resolved));
        Some(step(&title, copy(from, "/", &dest)))
    });
    steps.extend(outside_project);
    let editable = hints::poetry(install(resolved), resolved);
    steps.push(step(
        "install the project in editable mode",
        Action::Run(certificates::trusted_by_python(editable, resolved)),
    ));
    steps.extend(hooks::steps(resolved, HookPoint::Final));
    Stage {
        name: resolved.image.clone(),
        from: Base::Stage(StageName::Builder),
        span: resolved.base_span.clone(),
        steps,
    }
}

fn user(resolved: &Resolved<'_>) -> (u32, u32) {
    let user = &resolved.file.runtime.user;
    (user.uid, user.gid)
}

/// The directories that the user may write to.
fn directories(resolved: &Resolved<'_>, home: &str) -> Vec<String> {
    let mut directories = vec![home.to_owned(), PROJECT_DIR.to_owned()];
    let workdir = environment::workdir(resolved.file);
    let more = writable_directories(resolved.file).into_iter();
    for directory in more.chain([workdir]) {
        if !directories.contains(&directory) {
            directories.push(directory);
        }
    }
    directories
}

/// Files in the project's directory belong to the user, unless they have another owner than root.
fn owned_in_project(mut step: Step, user: (u32, u32)) -> Step {
    let copies = match &mut step.action {
        Action::Copy(copy) => std::slice::from_mut(copy),
        Action::CopyAll(copies) => copies,
        _ => return step,
    };
    for copy in copies {
        if copy.owner == (0, 0) && within(&copy.dest, PROJECT_DIR) {
            copy.owner = user;
        }
    }
    step
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
    command.extend(selection(resolved));
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
    run
}

/// The options that select the groups and extras of the environment, which Poetry would otherwise change.
fn selection(resolved: &Resolved<'_>) -> Vec<String> {
    let project = resolved.project;
    let selected = &resolved.selection;
    let is_selected = |(name, _): &(String, String)| selected.groups.contains(name);
    let (with, without): (Vec<_>, Vec<_>) = project.groups().into_iter().partition(is_selected);
    let mut options = Vec::new();
    let mut add = |option: &str, groups: Vec<(String, String)>| {
        // Poetry rejects the main group as unknown if it has no dependencies.
        let groups = groups.into_iter().filter(|(name, _)| {
            name != MAIN || option == "--without" && project.pyproject.has_main_dependencies()
        });
        let groups: Vec<String> = groups.map(|(_, spelled)| spelled).collect();
        if !groups.is_empty() {
            options.extend([option.to_owned(), groups.join(",")]);
        }
    };
    add("--with", with);
    add("--without", without);
    let extras = project.extras().into_iter();
    let (chosen, others): (Vec<_>, Vec<_>) =
        extras.partition(|(name, _)| selected.extras.contains(name));
    if others.is_empty() && !chosen.is_empty() {
        options.push("--all-extras".to_owned());
    } else {
        let chosen = chosen.into_iter();
        options.extend(chosen.flat_map(|(_, spelled)| ["--extras".to_owned(), spelled]));
    }
    options
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

/// Unless `[target.dev]` says otherwise, the image starts a shell in the project. It has the environment of the service.
pub(super) fn settings(resolved: &Resolved<'_>) -> Settings {
    let file = resolved.file;
    let runtime = &file.runtime;
    let index = poetry::index_env(resolved).into_iter().chain(in_project());
    let mut env = environment::env(file);
    if !runtime.env.contains_key("HOME") {
        env.insert("HOME".to_owned(), home(resolved));
    }
    env.extend(index.map(|(name, value)| (name.to_owned(), value)));
    let entrypoint = runtime.entrypoint.as_ref();
    let shell = entrypoint.is_none().then(|| vec![SHELL.to_owned()]);
    let entrypoint = entrypoint.map_or_else(Vec::new, |command| command.value.clone());
    let cmd = runtime.cmd.as_ref().map(|command| command.value.clone());
    Settings {
        user: Some(format!("{}:{}", runtime.user.uid, runtime.user.gid)),
        workdir: Some(environment::workdir(file)),
        path: environment::path(),
        env,
        entrypoint: with_init(file, Some(entrypoint)),
        cmd: cmd.or(shell),
        labels: labels(file, resolved.project, resolved.request),
        ..of_container(file)
    }
}
