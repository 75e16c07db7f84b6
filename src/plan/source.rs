//! The project's own files: a wheel built and installed in a `source` stage, or a plain copy, or nothing.

use crate::build_file::{DEFAULT_NAME, InstallMode};
use crate::diagnostics::{Diagnostic, Place, Problem};
use crate::project::{LOCK, PYPROJECT};

use super::{
    Action, Base, ContextFiles, Copy, Error, Expected, Inputs, NewFile, Origin, Run, Stage,
    StageName, Step, VENV, poetry,
};

/// Where the wheel is built.
const BUILD_DIR: &str = "/src";
/// The root of a tree that holds nothing but the installed project.
const TREE: &str = "/out";

/// Never part of a project's source: what Git, Python and Poetry leave in a working tree.
const LEFTOVERS: [&str; 5] = [".git", ".venv", "**/__pycache__", "**/*.pyc", LOCK];

/// Builds the wheel and installs it below another root but for the environment's own paths, so that it can be laid
/// over the environment as a small layer. It does not wait for the dependencies.
const INSTALLER: (&str, &str) = (
    "/opt/poetry-frontend/install_project.py",
    include_str!("install_project.py"),
);

/// How the source gets into the image.
pub(super) struct SourcePlan {
    /// The stage that builds it, if it is built.
    pub(super) stage: Option<Stage>,
    /// The step that puts it into the image.
    pub(super) into_image: Option<Step>,
    /// What the context must hold.
    pub(super) expected: Vec<Expected>,
}

pub(super) fn plan(inputs: &Inputs<'_>) -> SourcePlan {
    match inputs.install {
        InstallMode::None => SourcePlan {
            stage: None,
            into_image: None,
            expected: Vec::new(),
        },
        InstallMode::Copy => copy(inputs),
        InstallMode::Wheel => wheel(inputs),
    }
}

fn copy(inputs: &Inputs<'_>) -> SourcePlan {
    let wanted = Wanted::of(inputs);
    let files = context_files(inputs, wanted.patterns());
    let workdir = super::runtime::workdir(inputs.file);
    SourcePlan {
        stage: None,
        into_image: Some(Step {
            title: format!("copy the source to {workdir}"),
            place: wanted.place.clone(),
            action: Action::Copy(Copy {
                from: Origin::Context(files.clone()),
                src: "/".to_owned(),
                dest: workdir,
            }),
        }),
        expected: wanted.expected(&files),
    }
}

fn wheel(inputs: &Inputs<'_>) -> SourcePlan {
    let wanted = Wanted::of(inputs);
    let pyproject = &inputs.project.pyproject;
    let mut patterns = wanted.patterns();
    if !patterns.is_empty() {
        patterns.push(PYPROJECT.to_owned());
        patterns.extend(pyproject.wheel_files.iter().cloned());
    }
    let files = context_files(inputs, patterns);
    let (path, content) = INSTALLER;
    let steps = vec![
        Step {
            title: "write the installer".to_owned(),
            place: inputs.file.whole(),
            action: Action::Write(vec![NewFile {
                path: path.to_owned(),
                content: content.to_owned(),
            }]),
        },
        Step {
            title: "copy the source".to_owned(),
            place: wanted.place.clone(),
            action: Action::Copy(Copy {
                from: Origin::Context(files.clone()),
                src: "/".to_owned(),
                dest: BUILD_DIR.to_owned(),
            }),
        },
        Step {
            title: "build and install the wheel".to_owned(),
            place: wanted.place.clone(),
            action: Action::Run(build(inputs)),
        },
    ];
    SourcePlan {
        stage: Some(Stage {
            name: StageName::Source,
            from: Base::Stage(StageName::Builder),
            place: inputs.base_place.clone(),
            steps,
        }),
        into_image: Some(Step {
            title: "copy the installed project".to_owned(),
            place: wanted.place.clone(),
            action: Action::Copy(Copy {
                from: Origin::Stage(StageName::Source),
                src: TREE.to_owned(),
                dest: "/".to_owned(),
            }),
        }),
        expected: wanted.expected(&files),
    }
}

fn build(inputs: &Inputs<'_>) -> Run {
    Run::command([poetry::PYTHON, INSTALLER.0, TREE, VENV])
        .cwd(BUILD_DIR)
        .env(poetry::env(inputs))
        // A build that needs an environment makes one of its own; another one would be made for nothing.
        .env([("POETRY_VIRTUALENVS_CREATE", "false".to_owned())])
        .mount(poetry::mount())
}

/// What of the context is the project's source, and who says so.
struct Wanted {
    /// Each inner list names the places of one thing, of which one must exist; empty is the whole context.
    anyof: Vec<(Vec<String>, Diagnostic)>,
    place: Place,
}

impl Wanted {
    fn of(inputs: &Inputs<'_>) -> Self {
        let pyproject = &inputs.project.pyproject;
        if let Some(include) = &inputs.file.source.include {
            let place = include
                .first()
                .map_or_else(|| inputs.file.whole(), |first| first.place.clone());
            let anyof = include
                .iter()
                .map(|pattern| {
                    let error = Error::NothingIncluded(pattern.value.clone());
                    (vec![pattern.value.clone()], error.at(&pattern.place))
                })
                .collect();
            return Self { anyof, place };
        }
        let place = pyproject.document.first_line();
        // What a package is made of is known only where Poetry itself builds it.
        let known = pyproject.package_mode && pyproject.built_by_poetry;
        let paths = if known {
            pyproject.package_paths()
        } else {
            Vec::new()
        };
        Self {
            anyof: paths
                .into_iter()
                .map(|paths| (paths.clone(), Error::NoPackage(paths).at(&place)))
                .collect(),
            place: inputs.file.whole(),
        }
    }

    fn patterns(&self) -> Vec<String> {
        let patterns: Vec<String> = self.anyof.iter().flat_map(|(any, _)| any.clone()).collect();
        if patterns.iter().any(|pattern| pattern == ".") {
            return Vec::new();
        }
        patterns
    }

    fn expected(self, files: &ContextFiles) -> Vec<Expected> {
        self.anyof
            .into_iter()
            .map(|(any_of, otherwise)| Expected {
                any_of,
                files: files.clone(),
                otherwise,
            })
            .collect()
    }
}

/// The part of the context that matches `include`, less what is ignored. The ignore file comes last, so that its `!`
/// can bring back what is left out by default; so does naming it in `include`.
fn context_files(inputs: &Inputs<'_>, include: Vec<String>) -> ContextFiles {
    let mut exclude: Vec<String> = LEFTOVERS
        .into_iter()
        .chain([DEFAULT_NAME, inputs.file.document.name()])
        .map(str::to_owned)
        .filter(|pattern| !include.contains(pattern))
        .collect();
    exclude.dedup();
    exclude.extend(inputs.request.ignore.iter().cloned());
    let mut include = include;
    include.sort();
    include.dedup();
    ContextFiles { include, exclude }
}
