//! The `deps` stage: the locked dependencies in the project's virtual environment, before any of its source.

use crate::diagnostics::{Diagnostic, Problem};
use crate::project::{LOCK, PYPROJECT, Project, SourceKind};

use super::{
    Action, Base, CacheSharing, Error, Inputs, Mount, NewFile, PROJECT_DIR, Run, Stage, StageName,
    Step, poetry,
};

const POETRY_CACHE: &str = "/var/cache/pypoetry";

/// The environment is Python's own, without pip: Poetry needs none in it, and neither does the image.
const CREATE: &str = "python3 -m venv --without-pip .venv";
const INSTALL: &str = "\
python3 -m venv --without-pip .venv
exec \"$@\"";

pub(super) fn stage(inputs: &Inputs<'_>) -> Stage {
    let project = inputs.project;
    let file = |name: &str, content: &str| NewFile {
        path: format!("{PROJECT_DIR}/{name}"),
        content: content.to_owned(),
    };
    let write = Step {
        title: "write pyproject.toml and poetry.lock".to_owned(),
        place: inputs.file.whole(),
        action: Action::Write(vec![
            file(PYPROJECT, project.pyproject.document.text()),
            file(LOCK, project.lock.document.text()),
        ]),
    };
    Stage {
        name: StageName::Deps,
        from: Base::Stage(StageName::Builder),
        place: inputs.base_place.clone(),
        steps: vec![write, install(inputs)],
    }
}

fn install(inputs: &Inputs<'_>) -> Step {
    // Poetry does not know a main group that has no dependencies, and there is nothing to install.
    if !inputs.project.has_main_dependencies() {
        return Step {
            title: "create an environment without dependencies".to_owned(),
            place: inputs.file.whole(),
            action: Action::Run(Run::script(CREATE, []).cwd(PROJECT_DIR)),
        };
    }
    let options = [
        "--only",
        "main",
        "--no-root",
        "--no-directory",
        "--compile",
        "--no-ansi",
    ];
    let command = [poetry::COMMAND, "install"].into_iter().chain(options);
    let count = inputs.project.main_packages().count();
    Step {
        title: format!(
            "poetry install --only main ({count} package{})",
            if count == 1 { "" } else { "s" }
        ),
        place: inputs.file.whole(),
        action: Action::Run(
            Run::script(INSTALL, command.map(str::to_owned))
                .cwd(PROJECT_DIR)
                .env(poetry::env(inputs))
                .env([("POETRY_CACHE_DIR", POETRY_CACHE.to_owned())])
                .mount(poetry::mount())
                .mount(Mount::Cache {
                    id: inputs.cache_id(&format!(
                        "poetry-frontend/pypoetry-{}",
                        inputs.cache_scope()
                    )),
                    target: POETRY_CACHE.to_owned(),
                    // Poetry writes its repository cache in place.
                    sharing: CacheSharing::Locked,
                }),
        ),
    }
}

/// Reports the locked packages that no step can install.
pub(super) fn unsupported(project: &Project, found: &mut Vec<Diagnostic>) {
    for package in project.main_packages() {
        if package.source == SourceKind::Path {
            found.push(Error::PathDependency(package.name.clone()).at(&package.place));
        }
    }
}
