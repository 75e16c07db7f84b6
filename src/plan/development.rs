//! The built-in target `dev`: the builder with all dependencies, Poetry, and the project editable, for a container that one
//! works in. It is the one image that keeps Poetry.

use crate::project::{LOCK, MAIN, PYPROJECT, Project, SETTINGS, Selection};

use super::source::context_files;
use super::{
    Action, Base, ContextFiles, Copy, Inputs, Mount, Origin, PROJECT_DIR, Run, Settings, Stage,
    StageName, Step, VENV, apt, poetry, runtime,
};

/// The target's name.
pub(super) const NAME: &str = "dev";
const SHELL: &str = "/bin/bash";

/// Poetry's own environment is as it was made; its command is all that is on the `PATH`.
const ADD_POETRY: &str = "\
mkdir -p /opt/poetry /usr/local/bin
cp -a \"$1/.\" /opt/poetry
ln -sf /opt/poetry/bin/poetry /usr/local/bin/poetry";
const MADE_POETRY: &str = "/run/poetry-frontend/poetry";

/// The locked packages are there; what is left is the project and what it names by path, editable.
const INSTALL: &str = "\
\"$@\"
rm -rf \"$HOME/.cache\"";

/// All that the project depends on in any way.
pub(super) fn selection(project: &Project) -> Selection {
    Selection {
        groups: project.groups().into_keys().collect(),
        extras: project.extras().into_keys().collect(),
    }
}

pub(super) fn stage(inputs: &Inputs<'_>) -> Stage {
    let user = &inputs.file.runtime.user;
    let owner = (user.uid, user.gid);
    let home = home(inputs);
    let step = |title: &str, action| Step {
        title: title.to_owned(),
        place: inputs.file.whole(),
        action,
    };
    let copy = |from, src: &str, dest: &str| {
        Action::Copy(Copy {
            owner,
            ..Copy::tree(from, src, dest)
        })
    };
    let packages = &inputs.file.runtime.packages;
    let mut steps: Vec<Step> = apt::install(inputs, inputs.build_base(), packages, None)
        .into_iter()
        .collect();
    let add_poetry = Run::script(ADD_POETRY, [MADE_POETRY.to_owned()])
        .offline()
        .mount(Mount::Stage {
            from: StageName::Poetry,
            path: poetry::HOME.to_owned(),
            target: MADE_POETRY.to_owned(),
        });
    let own = [home.clone(), PROJECT_DIR.to_owned()];
    steps.extend([
        step("add Poetry", Action::Run(add_poetry)),
        runtime::add_user(inputs, SHELL, &home, &own),
        step(
            "copy the environment",
            copy(Origin::Stage(StageName::Deps), VENV, VENV),
        ),
        step(
            "copy the project",
            copy(Origin::Context(project_files(inputs)), "/", PROJECT_DIR),
        ),
    ]);
    let elsewhere = inputs.folders.iter().filter_map(|folder| {
        let dest = folder.outside(PROJECT_DIR)?;
        let title = format!("copy the path dependency to {dest}");
        let from = Origin::Context(folder.files(inputs));
        Some(step(&title, copy(from, "/", &dest)))
    });
    steps.extend(elsewhere);
    steps.push(step(
        "install the project, editable",
        Action::Run(install(inputs)),
    ));
    Stage {
        name: inputs.image.clone(),
        from: Base::Stage(StageName::Builder),
        place: inputs.base_place.clone(),
        steps,
    }
}

/// All of the build context, and what makes it a project of Poetry's even if it is ignored.
fn project_files(inputs: &Inputs<'_>) -> ContextFiles {
    let mut files = context_files(inputs, Vec::new());
    files.exclude.retain(|pattern| pattern != LOCK);
    let needed = [PYPROJECT, LOCK, SETTINGS].map(|name| format!("!{name}"));
    files.exclude.extend(needed);
    files
}

fn install(inputs: &Inputs<'_>) -> Run {
    let mut command = vec![poetry::COMMAND.to_owned(), "install".to_owned()];
    let groups = inputs.project.groups().into_iter();
    let groups: Vec<String> = groups
        .filter(|(name, _)| name != MAIN)
        .map(|(_, spelled)| spelled)
        .collect();
    if !groups.is_empty() {
        command.extend(["--with".to_owned(), groups.join(",")]);
    }
    if !inputs.selection.extras.is_empty() {
        command.push("--all-extras".to_owned());
    }
    command.push("--no-ansi".to_owned());
    let user = &inputs.file.runtime.user;
    let mut run = Run::script(INSTALL, command);
    run.env.extend(inputs.build_env());
    run.user = Some(format!("{}:{}", user.uid, user.gid));
    run = run
        .cwd(PROJECT_DIR)
        .env(poetry::env(inputs))
        .env(in_project())
        .env([("HOME", home(inputs))]);
    run.mounts.extend(poetry::ca_secret(inputs));
    run
}

fn home(inputs: &Inputs<'_>) -> String {
    format!("/home/{}", inputs.file.runtime.user.name)
}

fn in_project() -> [(&'static str, String); 2] {
    [
        ("POETRY_VIRTUALENVS_CREATE", "true".to_owned()),
        ("POETRY_VIRTUALENVS_IN_PROJECT", "true".to_owned()),
    ]
}

/// The image's settings: a shell in the project, with what the service would see.
pub(super) fn settings(inputs: &Inputs<'_>) -> Settings {
    let file = inputs.file;
    let user = &file.runtime.user;
    let index = poetry::index_env(inputs).into_iter().chain(in_project());
    let mut env = runtime::env(file);
    env.extend(index.map(|(name, value)| (name.to_owned(), value)));
    Settings {
        user: Some(format!("{}:{}", user.uid, user.gid)),
        workdir: Some(PROJECT_DIR.to_owned()),
        path: runtime::path(),
        env,
        entrypoint: Some(Vec::new()),
        cmd: Some(vec![SHELL.to_owned()]),
        expose: file.runtime.expose.iter().map(|port| port.value).collect(),
        labels: runtime::labels(file, inputs.project, inputs.request),
        ..Settings::default()
    }
}
