//! The project's own code: a wheel that is built and installed in the stage `source`, a plain copy, or nothing.

use crate::build_file::InstallMode;
use crate::diagnostics::{Diagnostic, Problem, Span};
use crate::paths::{clean, literal, overlap, within};
use crate::plan::{
    Action, Base, ContextFiles, Copy, CopyFrom, Expected, Placement, Run, Stage, StageName, Step,
};
use crate::project::PYPROJECT;
use crate::resolve::environment::{PROJECT_DIR, beside_environment, workdir};
use crate::resolve::{Error, Resolved, context_files, nothing_included, package_files};
use crate::scripts;
use crate::steps::tools;
use crate::steps::user::owns_around;

use super::wheel::Wheel;
use super::{layers, source_hooks};

/// Where a copied source is prepared.
const PREPARED: &str = "/out";

/// How code gets into the image.
#[derive(Default)]
pub(super) struct SourcePlan {
    /// The stages that build it.
    pub(super) stages: Vec<Stage>,
    /// The steps that copy it into the image.
    pub(super) into_image: Vec<Step>,
    /// The files that the contexts must contain.
    pub(super) expected: Vec<Expected>,
    /// The project's source in the build context; `None` if it is not installed.
    pub(super) files: Option<ContextFiles>,
}

pub(super) fn plan(resolved: &Resolved<'_>) -> SourcePlan {
    match resolved.install {
        InstallMode::None => SourcePlan::default(),
        InstallMode::Copy => copy(resolved),
        InstallMode::Wheel => wheel(resolved),
    }
}

fn copy(resolved: &Resolved<'_>) -> SourcePlan {
    let project_files = ProjectFiles::of(resolved);
    let mut files = context_files(resolved, project_files.patterns());
    files.exclude.extend(excluded(resolved));
    let workdir = workdir(resolved.file);
    let step = |title: String, action| Step {
        title,
        span: project_files.span.clone(),
        action,
    };
    let prepared = format!("{PREPARED}{workdir}");
    let args = [
        PREPARED.to_owned(),
        workdir.clone(),
        layers::compile(resolved),
    ];
    let mut run = Run::script(scripts::PREPARE_SOURCE, args).offline();
    if resolved.file.dependencies.compile {
        run = run.mount(tools::script(scripts::COMPILE_BYTECODE));
    }
    let (from, hooked) = source_hooks::changed(resolved, &files, &project_files.span);
    let stage = Stage {
        name: StageName::Source,
        from: Base::Stage(resolved.portable_base()),
        span: resolved.base_span.clone(),
        steps: vec![
            step(
                "copy the source".to_owned(),
                Action::Copy(Copy::directory(from, "/", &prepared)),
            ),
            step("prepare the source".to_owned(), Action::Run(run)),
        ],
    };
    let title = format!("copy the source to {workdir}");
    let copy = Copy::directory(CopyFrom::Stage(StageName::Source), &prepared, &workdir);
    let copy = Action::Copy(copy.placed(placement(resolved, &workdir)));
    SourcePlan {
        stages: hooked.into_iter().chain([stage]).collect(),
        into_image: vec![step(title, copy)],
        expected: project_files.expected(&files),
        files: Some(files),
    }
}

/// How a copied source is added to the image. A layer of its own replaces links of the base image with directories, and gives
/// directories back to root. So it is one only below the directory that the layers of the environment bring anyway, and if
/// nothing there has another owner or mode.
fn placement(resolved: &Resolved<'_>, workdir: &str) -> Placement {
    let file = resolved.file;
    let user = &file.runtime.user;
    let root = (0, 0);
    let copies = file.copies.iter();
    let copies = copies.filter(|files| files.mode.is_some() || files.owner.ids(user) != root);
    let hooks = resolved.hooks().map(|(_, hook)| hook);
    let hooks = hooks.filter(|hook| hook.owner.ids(user) != root);
    let outputs = hooks.flat_map(|hook| &hook.outputs);
    let mut changed = copies
        .map(|files| files.dest.as_str())
        .chain(outputs.map(|path| path.value.as_str()));
    if !within(workdir, PROJECT_DIR)
        || owns_around(file, workdir)
        || changed.any(|path| overlap(path, workdir))
    {
        beside_environment(workdir)
    } else {
        Placement::Layer
    }
}

fn wheel(resolved: &Resolved<'_>) -> SourcePlan {
    let project_files = ProjectFiles::of(resolved);
    let wheel_files = &resolved.project.pyproject.wheel_files;
    // A plugin reads what it likes.
    let (reduced, core) = if resolved.has_build_plugins {
        (None, None)
    } else {
        let core = tools::core_for(resolved.project, resolved.python);
        (resolved.project.reduced_for_wheel(), core)
    };
    // Hooks read and change what they like.
    let reduced = reduced.filter(|_| !resolved.has_changed_source());
    let metadata = reduced.is_none().then(|| {
        let readmes = wheel_files.readmes.iter().map(|file| file.value.as_str());
        readmes.chain([PYPROJECT])
    });
    let metadata = metadata.into_iter().flatten();
    let metadata = metadata.map(|path| literal(&clean(path)));
    let needed: Vec<String> = metadata.chain(wheel_files.required()).collect();
    let mut patterns = project_files.patterns();
    if !patterns.is_empty() {
        patterns.extend(needed.iter().cloned());
        patterns.extend(wheel_files.optional().map(str::to_owned));
    }
    let pyproject = &resolved.project.pyproject;
    let packages = if pyproject.built_by_poetry {
        pyproject.package_paths().concat()
    } else {
        Vec::new()
    };
    let mut files = package_files(resolved, patterns, &packages);
    // The wheel cannot be built without these, so an ignore file that allows only the code does not exclude them.
    files
        .exclude
        .extend(needed.iter().map(|path| format!("!{path}")));
    files.exclude.extend(excluded(resolved));
    if reduced.is_some() {
        files.exclude.push(PYPROJECT.to_owned());
    }
    let (from, hooked) = source_hooks::changed(resolved, &files, &project_files.span);
    let (stage, step) = Wheel {
        stage: StageName::Source,
        what: "the installed project",
        from,
        directory: "/",
        span: &project_files.span,
        core,
        reduced_pyproject: reduced,
    }
    .plan(resolved);
    let tools = core.map(|pinned| tools::wheel_tools(resolved, pinned));
    SourcePlan {
        stages: tools
            .into_iter()
            .flatten()
            .chain(hooked)
            .chain([stage])
            .collect(),
        into_image: vec![step],
        expected: project_files.expected(&files),
        files: Some(files),
    }
}

/// The patterns that the build file excludes from the source.
fn excluded(resolved: &Resolved<'_>) -> impl Iterator<Item = String> {
    let exclude = resolved.file.source.exclude.iter();
    exclude.map(|pattern| pattern.value.clone())
}

/// The project's source in the build context.
struct ProjectFiles {
    /// Patterns of which at least one must match, and the error if none does. No patterns at all: the whole context.
    any_of: Vec<(Vec<String>, Diagnostic)>,
    /// Whether the whole context is needed, although the places of the code are known.
    whole: bool,
    /// Where the user sets what the source is.
    span: Span,
}

impl ProjectFiles {
    fn of(resolved: &Resolved<'_>) -> Self {
        let pyproject = &resolved.project.pyproject;
        if let Some(include) = &resolved.file.source.include {
            let span = resolved.source_span();
            let any_of = include
                .iter()
                .map(|pattern| {
                    let error = nothing_included(resolved, &pattern.value);
                    (vec![pattern.value.clone()], error.at(&pattern.span))
                })
                .collect();
            return Self {
                any_of,
                whole: false,
                span,
            };
        }
        let span = pyproject.document.first_line();
        // Only for Poetry's own build backend are the files of a package known.
        let known = pyproject.package_mode && pyproject.built_by_poetry;
        let paths = if known {
            pyproject.package_paths()
        } else {
            Vec::new()
        };
        Self {
            any_of: paths
                .into_iter()
                .map(|paths| (paths.clone(), Error::NoPackage(paths).at(&span)))
                .collect(),
            // A build script may read any file of the project.
            whole: pyproject.wheel_files.build_script.is_some(),
            span: resolved.source_span(),
        }
    }

    fn patterns(&self) -> Vec<String> {
        if self.whole {
            return Vec::new();
        }
        self.any_of
            .iter()
            .flat_map(|(any, _)| any.clone())
            .collect()
    }

    fn expected(self, files: &ContextFiles) -> Vec<Expected> {
        self.any_of
            .into_iter()
            .map(|(any_of, error)| Expected {
                any_of,
                files: files.clone(),
                error,
            })
            .collect()
    }
}
