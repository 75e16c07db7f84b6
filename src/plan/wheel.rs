//! Wheels of the project's own code: each is built in a stage of its own from nothing but its own files, and installed
//! into a tree of its own.

use crate::diagnostics::Place;
use crate::project::PYPROJECT;

use super::{
    Action, Base, CacheSharing, ContextFiles, Copy, Inputs, NewFile, Origin, Run, Stage, StageName,
    Step, VENV, poetry,
};

/// Where the wheel is built.
const BUILD_DIR: &str = "/src";
/// Where what is built once is kept for when only code has changed.
const TEMPLATES: &str = "/var/cache/poetry-frontend";
/// The root of a tree that holds nothing but the installed wheel.
const TREE: &str = "/out";

/// Builds the wheel and installs it below another root but for the environment's own paths, so that it can be laid
/// over the environment as a small layer. It does not wait for the dependencies.
const INSTALLER: (&str, &str) = (
    "/opt/poetry-frontend/install_project.py",
    include_str!("install_project.py"),
);

/// What a wheel is built from.
pub(super) struct Wheel<'a> {
    /// The stage that builds it.
    pub(super) stage: StageName,
    /// What it is, in the words of a user.
    pub(super) what: &'a str,
    /// Its files.
    pub(super) files: &'a ContextFiles,
    /// The folder of the project among them.
    pub(super) folder: &'a str,
    /// Who asks for it.
    pub(super) place: &'a Place,
    /// Whether nothing of the project runs when it is built.
    pub(super) inert: bool,
    /// The `pyproject.toml` to build it from; `None` is the one among its files.
    pub(super) manifest: Option<String>,
}

impl Wheel<'_> {
    /// The stage that builds the wheel, and the step that puts it into the image.
    pub(super) fn plan(&self, inputs: &Inputs<'_>) -> (Stage, Step) {
        let (path, content) = INSTALLER;
        let step = |title: &str, action| Step {
            title: title.to_owned(),
            place: self.place.clone(),
            action,
        };
        let mut written = vec![NewFile {
            path: path.to_owned(),
            content: content.to_owned(),
        }];
        written.extend(self.manifest.as_ref().map(|manifest| NewFile {
            path: format!("{BUILD_DIR}/{PYPROJECT}"),
            content: manifest.clone(),
        }));
        let source = Copy::tree(Origin::Context(self.files.clone()), self.folder, BUILD_DIR);
        let stage = Stage {
            name: self.stage.clone(),
            from: Base::Stage(StageName::Builder),
            place: inputs.base_place.clone(),
            steps: vec![
                step("write the installer", Action::Write(written)),
                step("copy the source", Action::Copy(source)),
                step(
                    "build and install the wheel",
                    Action::Run(self.build(inputs)),
                ),
            ],
        };
        let tree = Copy::tree(Origin::Stage(self.stage.clone()), "/", "/");
        let title = format!("copy {}", self.what);
        (stage, step(&title, Action::Copy(tree)))
    }

    fn build(&self, inputs: &Inputs<'_>) -> Run {
        let no_bytecode = if inputs.file.dependencies.compile {
            ""
        } else {
            "1"
        };
        let mut run = Run::command([poetry::PYTHON, INSTALLER.0, TREE, VENV]);
        // What poetry-core alone makes does not depend on it, and is shared with projects that say something else.
        if !self.inert {
            run.env.extend(inputs.build_env());
        }
        let mut run = run
            .cwd(BUILD_DIR)
            .into(TREE)
            .env(poetry::env(inputs))
            // A build that needs an environment makes one of its own; another one would be made for nothing.
            .env([("POETRY_VIRTUALENVS_CREATE", "false".to_owned())])
            // Said either way, for a base may say it as well.
            .env([("PYTHONDONTWRITEBYTECODE", no_bytecode.to_owned())])
            .mount(poetry::mount());
        // All projects of the engine share it, so no code of theirs may reach it.
        if self.inert {
            run.command.push(TEMPLATES.to_owned());
            let templates = inputs.cache("wheels", TEMPLATES, CacheSharing::Locked);
            run = run.offline().mount(templates);
        } else {
            run.mounts.extend(poetry::ca_secret(inputs));
        }
        run
    }
}
