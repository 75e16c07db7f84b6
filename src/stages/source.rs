//! The project's own code: a wheel that is built and installed in the stage `source`, a plain copy, or nothing.

use crate::build_file::InstallMode;
use crate::diagnostics::{Diagnostic, Problem, Span};
use crate::paths::{clean, literal};
use crate::plan::{
    Action, Base, ContextFiles, Copy, CopyFrom, Expected, Run, Stage, StageName, Step,
};
use crate::project::PYPROJECT;
use crate::resolve::environment::{beside_environment, workdir};
use crate::resolve::{Error, Resolved, context_files};
use crate::scripts;
use crate::steps::tools;

use super::wheel::Wheel;

/// How code gets into the image.
#[derive(Default)]
pub(super) struct SourcePlan {
    /// The stages that build it.
    pub(super) stages: Vec<Stage>,
    /// The steps that copy it into the image.
    pub(super) into_image: Vec<Step>,
    /// The files that the contexts must contain.
    pub(super) expected: Vec<Expected>,
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
    let copy = |from, src: &str| {
        let copy = Copy::directory(from, src, &workdir);
        Action::Copy(copy.placed(beside_environment(&workdir)))
    };
    let title = format!("copy the source to {workdir}");
    let context = CopyFrom::Context(files.clone());
    let (stages, from, src) = if resolved.file.dependencies.compile {
        let run = Run::script(scripts::COMPILE_SOURCE, [workdir.clone()])
            .offline()
            .mount(tools::script(scripts::COMPILE_BYTECODE));
        let compile = step("compile the source".to_owned(), Action::Run(run));
        let stage = Stage {
            name: StageName::Source,
            from: Base::Stage(StageName::Base),
            span: resolved.base_span.clone(),
            steps: vec![
                step("copy the source".to_owned(), copy(context, "/")),
                compile,
            ],
        };
        (
            vec![stage],
            CopyFrom::Stage(StageName::Source),
            workdir.as_str(),
        )
    } else {
        (Vec::new(), context, "/")
    };
    SourcePlan {
        stages,
        into_image: vec![step(title, copy(from, src))],
        expected: project_files.expected(&files),
    }
}

fn wheel(resolved: &Resolved<'_>) -> SourcePlan {
    let project_files = ProjectFiles::of(resolved);
    let wheel_files = &resolved.project.pyproject.wheel_files;
    let reduced = resolved.project.reduced_for_wheel();
    let core = tools::core_for(resolved.project, resolved.python);
    let metadata = reduced.is_none().then(|| {
        let readmes = wheel_files.readmes.iter().map(|file| file.value.as_str());
        readmes.chain([PYPROJECT])
    });
    let needed: Vec<String> = metadata
        .into_iter()
        .flatten()
        .chain(wheel_files.required())
        .map(|path| literal(&clean(path)))
        .collect();
    let mut patterns = project_files.patterns();
    if !patterns.is_empty() {
        patterns.extend(needed.iter().cloned());
        patterns.extend(wheel_files.optional().map(str::to_owned));
    }
    let mut files = context_files(resolved, patterns);
    // The wheel cannot be built without these, so an ignore file that allows only the code does not exclude them.
    files
        .exclude
        .extend(needed.iter().map(|path| format!("!{path}")));
    files.exclude.extend(excluded(resolved));
    if reduced.is_some() {
        files.exclude.push(PYPROJECT.to_owned());
    }
    let (stage, step) = Wheel {
        stage: StageName::Source,
        what: "the installed project",
        files: &files,
        directory: "/",
        span: &project_files.span,
        core,
        reduced_pyproject: reduced,
    }
    .plan(resolved);
    let tools = core.map(|pinned| tools::wheel_tools(resolved, pinned));
    SourcePlan {
        stages: tools.into_iter().chain([stage]).collect(),
        into_image: vec![step],
        expected: project_files.expected(&files),
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
                    let error = Error::NothingIncluded(pattern.value.clone());
                    (vec![pattern.value.clone()], error.at(&pattern.span))
                })
                .collect();
            return Self { any_of, span };
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
            span: resolved.source_span(),
        }
    }

    fn patterns(&self) -> Vec<String> {
        let patterns: Vec<String> = self
            .any_of
            .iter()
            .flat_map(|(any, _)| any.clone())
            .collect();
        if patterns.iter().any(|pattern| pattern == ".") {
            return Vec::new();
        }
        patterns
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
