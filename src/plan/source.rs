//! The project's own files: a wheel built and installed in a `source` stage, or a plain copy, or nothing.

use crate::build_file::{DEFAULT_NAME, InstallMode};
use crate::diagnostics::{Diagnostic, Place, Problem};
use crate::project::{LOCK, PYPROJECT};

use super::warning::{SECRET_FILES, is_environment, is_secret_file};
use super::wheel::Wheel;
use super::{Action, ContextFiles, Copy, Error, Expected, Inputs, Origin, Stage, StageName, Step};

/// Never part of a project's source: what Git, Python and Poetry leave in a working tree.
const LEFTOVERS: [&str; 5] = [".git", "**/.venv", "**/__pycache__", "**/*.pyc", LOCK];

/// Whether a path is, or is in, what is never part of a source by default.
fn is_leftover(path: &str) -> bool {
    let mut parts = path.split('/');
    let leftover = |part: &str| {
        [".git", ".venv", "__pycache__"].contains(&part)
            || part.rsplit_once('.').is_some_and(|(_, end)| end == "pyc")
    };
    parts.any(leftover)
}

/// How code gets into the image.
#[derive(Default)]
pub(super) struct SourcePlan {
    /// The stages that build it.
    pub(super) stages: Vec<Stage>,
    /// The steps that put it into the image.
    pub(super) into_image: Vec<Step>,
    /// What the contexts must hold.
    pub(super) expected: Vec<Expected>,
}

pub(super) fn plan(inputs: &Inputs<'_>) -> SourcePlan {
    match inputs.install {
        InstallMode::None => SourcePlan::default(),
        InstallMode::Copy => copy(inputs),
        InstallMode::Wheel => wheel(inputs),
    }
}

fn copy(inputs: &Inputs<'_>) -> SourcePlan {
    let wanted = Wanted::of(inputs);
    let mut files = context_files(inputs, wanted.patterns());
    files.exclude.extend(excluded(inputs));
    let workdir = super::runtime::workdir(inputs.file);
    SourcePlan {
        stages: Vec::new(),
        into_image: vec![Step {
            title: format!("copy the source to {workdir}"),
            place: wanted.place.clone(),
            action: Action::Copy(Copy::tree(Origin::Context(files.clone()), "/", &workdir)),
        }],
        expected: wanted.expected(&files),
    }
}

fn wheel(inputs: &Inputs<'_>) -> SourcePlan {
    let wanted = Wanted::of(inputs);
    let pyproject = &inputs.project.pyproject;
    let manifest = inputs.project.wheel_manifest();
    let own = manifest.is_none().then(|| {
        let readmes = pyproject.readmes.iter().cloned();
        readmes.chain([PYPROJECT.to_owned()])
    });
    let needed: Vec<String> = own
        .into_iter()
        .flatten()
        .chain(pyproject.named_files.clone())
        .collect();
    let mut patterns = wanted.patterns();
    if !patterns.is_empty() {
        patterns.extend(needed.iter().cloned());
        patterns.extend(pyproject.wheel_files.iter().cloned());
    }
    let mut files = context_files(inputs, patterns);
    // Without these there is no wheel, so an ignore file that allows only the code does not mean them.
    files
        .exclude
        .extend(needed.iter().map(|path| format!("!{path}")));
    files.exclude.extend(excluded(inputs));
    if manifest.is_some() {
        files.exclude.push(PYPROJECT.to_owned());
    }
    let (stage, step) = Wheel {
        stage: StageName::Source,
        what: "the installed project",
        files: &files,
        folder: "/",
        place: &wanted.place,
        inert: inputs.project.is_built_by(inputs.poetry),
        manifest,
    }
    .plan(inputs);
    SourcePlan {
        stages: vec![stage],
        into_image: vec![step],
        expected: wanted.expected(&files),
    }
}

/// What the build file leaves out of the source.
fn excluded(inputs: &Inputs<'_>) -> impl Iterator<Item = String> {
    let exclude = inputs.file.source.exclude.iter();
    exclude.map(|pattern| pattern.value.clone())
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
pub(super) fn context_files(inputs: &Inputs<'_>, include: Vec<String>) -> ContextFiles {
    let mut exclude: Vec<String> = LEFTOVERS
        .into_iter()
        .chain([DEFAULT_NAME, inputs.file.document.name()])
        .map(str::to_owned)
        .filter(|pattern| !include.contains(pattern))
        .collect();
    exclude.dedup();
    exclude.extend(SECRET_FILES.map(|name| format!("**/{name}")));
    // What the user names is not left out by default.
    let named = |pattern: &&String| {
        is_secret_file(pattern) || is_environment(pattern) || is_leftover(pattern)
    };
    exclude.extend(include.iter().filter(named).map(|path| format!("!{path}")));
    exclude.extend(inputs.request.ignore.iter().cloned());
    let mut include = include;
    include.sort();
    include.dedup();
    ContextFiles {
        context: None,
        include,
        exclude,
        follow: false,
    }
}
