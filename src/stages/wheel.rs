//! Wheels of the project and its path dependencies: each is built in its own stage from only its own files, and installed
//! into a separate directory.

use crate::diagnostics::Span;
use crate::plan::{
    Action, Base, CacheSharing, Copy, CopyFrom, NewFile, Run, Stage, StageName, Step,
};
use crate::project::PYPROJECT;
use crate::resolve::Resolved;
use crate::resolve::environment::VENV;
use crate::scripts;
use crate::steps::{certificates, hints, poetry, tools};

use super::layers;

/// Where the wheel is built.
const BUILD_DIR: &str = "/src";
/// The directory that contains only the installed wheel. Copied over the environment, it is a small layer. It is built in
/// parallel with the installation of the dependencies.
const TREE: &str = "/out";

/// What a wheel is built from.
pub(super) struct Wheel<'a> {
    /// The stage that builds it.
    pub(super) stage: StageName,
    /// What it is, for the title of the step that copies it.
    pub(super) what: &'a str,
    /// The files that it is built from.
    pub(super) from: CopyFrom,
    /// The project's directory in `from`.
    pub(super) directory: &'a str,
    /// Where the user requests it.
    pub(super) span: &'a Span,
    /// The pinned poetry-core that builds it without running any code of the project; `None` if its own backend has to.
    pub(super) core: Option<&'static str>,
    /// The `pyproject.toml` to build it from; `None` is the one in `from`.
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
        let reduced = self.reduced_pyproject.as_ref().map(|reduced| {
            let file = NewFile {
                path: format!("{BUILD_DIR}/{PYPROJECT}"),
                content: reduced.clone(),
            };
            step(
                "write the reduced pyproject.toml",
                Action::Write(vec![file]),
            )
        });
        let source = Copy::directory(self.from.clone(), self.directory, BUILD_DIR);
        let build = step(
            "build and install the wheel",
            Action::Run(self.build(resolved)),
        );
        let copy = step("copy the source", Action::Copy(source));
        let stage = Stage {
            name: self.stage.clone(),
            // poetry-core alone needs no system packages.
            from: Base::Stage(if self.core.is_some() {
                resolved.portable_base()
            } else {
                StageName::Builder
            }),
            span: resolved.base_span.clone(),
            steps: reduced.into_iter().chain([copy, build]).collect(),
        };
        let tree = layers::tree(resolved, self.stage.clone());
        let title = format!("copy {}", self.what);
        (stage, step(&title, Action::Copy(tree)))
    }

    fn build(&self, resolved: &Resolved<'_>) -> Run {
        let python = if self.core.is_some() {
            "python3"
        } else {
            poetry::PYTHON
        };
        let tools = self.core.map(|_| tools::WHEEL_TOOLS.to_owned());
        let args = [TREE.to_owned(), VENV.to_owned()];
        let args = args
            .into_iter()
            .chain([layers::compile(resolved), python.to_owned()])
            .chain(tools);
        let run = Run::script(scripts::INSTALL_PROJECT, args);
        let mut run = hints::wheel(run)
            .cwd(BUILD_DIR)
            .into_directory(TREE)
            .mount(tools::script(scripts::INSTALL_PROJECT_PY));
        if resolved.file.dependencies.compile {
            run = run.mount(tools::script(scripts::COMPILE_BYTECODE));
        }
        if self.core.is_some() {
            return run.offline().mount(tools::wheel_tools_mount());
        }
        run.env.extend(resolved.build_env());
        if self.stage == StageName::Source {
            run.env.extend(resolved.source_env());
        }
        if resolved.has_build_plugins {
            run = run.env([("WITH_PLUGINS", "1".to_owned())]);
        }
        run = run
            .env(poetry::env(resolved))
            // The build creates its own environment if it needs one.
            .env([("POETRY_VIRTUALENVS_CREATE", "false".to_owned())])
            .mount(poetry::mount());
        run = certificates::trusted_by_python(run, resolved);
        let caches = resolved.file.source.cache.iter().map(|cache| {
            let path = &cache.value;
            let target = if path.starts_with('/') {
                path.clone()
            } else {
                format!("{BUILD_DIR}/{path}")
            };
            let scope = (resolved.builder_scope(), self.directory);
            let name = format!("{}/{path}", self.stage.as_str());
            let mount = resolved.cache(&name, &scope, &target, CacheSharing::Locked);
            mount.asked_at(&cache.span)
        });
        run.mounts.extend(caches);
        run
    }
}
