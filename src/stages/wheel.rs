//! Wheels of the project and its path dependencies: each is built in its own stage from only its own files, and installed
//! into a separate directory.

use crate::diagnostics::Span;
use crate::plan::{
    Action, Base, CacheSharing, ContextFiles, Copy, CopyFrom, NewFile, Run, Stage, StageName, Step,
};
use crate::project::PYPROJECT;
use crate::resolve::Resolved;
use crate::resolve::environment::VENV;
use crate::scripts;
use crate::steps::{hints, poetry};

/// Where the wheel is built.
const BUILD_DIR: &str = "/src";
/// The cache of built wheels, which are reused as templates when only code has changed.
const TEMPLATES: &str = "/var/cache/poetry-frontend";
/// The directory that contains only the installed wheel.
const TREE: &str = "/out";

/// The script that builds the wheel and installs it below [`TREE`], with the paths of the virtual environment in it. Copied
/// over the environment, it is a small layer. It runs in parallel with the installation of the dependencies.
const SCRIPT: &str = "/opt/poetry-frontend/install_project.py";

/// What a wheel is built from.
pub(super) struct Wheel<'a> {
    /// The stage that builds it.
    pub(super) stage: StageName,
    /// What it is, for the title of the step that copies it.
    pub(super) what: &'a str,
    pub(super) files: &'a ContextFiles,
    /// The project's directory in `files`.
    pub(super) directory: &'a str,
    /// Where the user requests it.
    pub(super) span: &'a Span,
    /// Whether the build runs no code of the project.
    pub(super) inert: bool,
    /// The `pyproject.toml` to build it from; `None` is the one in `files`.
    pub(super) reduced_pyproject: Option<String>,
}

impl Wheel<'_> {
    /// The stage that builds the wheel, and the step that copies it into the image.
    pub(super) fn plan(&self, resolved: &Resolved<'_>) -> (Stage, Step) {
        let step = |title: &str, action| Step {
            title: title.to_owned(),
            span: self.span.clone(),
            action,
        };
        let mut written = vec![NewFile {
            path: SCRIPT.to_owned(),
            content: scripts::INSTALL_PROJECT.1.to_owned(),
        }];
        written.extend(self.reduced_pyproject.as_ref().map(|reduced| NewFile {
            path: format!("{BUILD_DIR}/{PYPROJECT}"),
            content: reduced.clone(),
        }));
        let source = Copy::directory(
            CopyFrom::Context(self.files.clone()),
            self.directory,
            BUILD_DIR,
        );
        let stage = Stage {
            name: self.stage.clone(),
            from: Base::Stage(StageName::Builder),
            span: resolved.base_span.clone(),
            steps: vec![
                step("write the installer", Action::Write(written)),
                step("copy the source", Action::Copy(source)),
                step(
                    "build and install the wheel",
                    Action::Run(self.build(resolved)),
                ),
            ],
        };
        let tree = Copy::directory(CopyFrom::Stage(self.stage.clone()), "/", "/");
        let title = format!("copy {}", self.what);
        (stage, step(&title, Action::Copy(tree)))
    }

    fn build(&self, resolved: &Resolved<'_>) -> Run {
        let no_bytecode = if resolved.file.dependencies.compile {
            ""
        } else {
            "1"
        };
        let templates = self.inert.then_some(TEMPLATES);
        let command = [poetry::PYTHON, SCRIPT, TREE, VENV];
        let command = command.into_iter().chain(templates);
        let mut run = hints::wheel(Run::exec(command));
        // A wheel built by poetry-core alone does not depend on it, and is shared with projects that set something else.
        if !self.inert {
            run.env.extend(resolved.build_env());
        }
        let mut run = run
            .cwd(BUILD_DIR)
            .into_directory(TREE)
            .env(poetry::env(resolved))
            // The build creates its own environment if it needs one.
            .env([("POETRY_VIRTUALENVS_CREATE", "false".to_owned())])
            // Set in both cases, because the base image may set it too.
            .env([("PYTHONDONTWRITEBYTECODE", no_bytecode.to_owned())])
            .mount(poetry::mount());
        // All projects on the engine share this cache, so no code of a project may write to it.
        if self.inert {
            let templates = resolved.cache("wheels", TEMPLATES, CacheSharing::Locked);
            run = run.offline().mount(templates);
        } else {
            run.mounts.extend(poetry::ca_secret(resolved));
        }
        run
    }
}
