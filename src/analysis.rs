//! What the user's files say, before anything runs: parsing, planning and linting. Pure, so the command line and the
//! gateway report the same problems.

use std::collections::{BTreeMap, BTreeSet};

use crate::build_file::{BuildFile, EffectiveLine, InstallMode, Standard, effective};
use crate::diagnostics::{Diagnostic, Diagnostics, Document, Findings, Problem, Span, Warning};
use crate::lint;
pub use crate::lint::DebianRelease;
use crate::paths::ignore_patterns;
use crate::plan::{Plan, StageName};
use crate::policy;
pub(crate) use crate::policy::{Judgement, Outcome};
use crate::project::{PoetryVersion, Project, PythonVersion};
use crate::resolve::{Request, Resolved, Target, target};
use crate::stages::{self, Planned};

/// The files, unparsed. `None`: the file does not exist.
#[derive(Clone, Debug, Default)]
pub struct InputFiles {
    /// The name of the build file.
    pub name: String,
    pub build_file: Vec<u8>,
    pub pyproject: Option<Vec<u8>>,
    pub lock: Option<Vec<u8>>,
    /// `poetry.toml`.
    pub settings: Option<Vec<u8>>,
    /// The ignore file that applies, with its name.
    pub ignore: Option<(String, Vec<u8>)>,
    /// `standard.toml` of the frontend.
    pub standard: Option<Vec<u8>>,
    /// The files that exist but cannot be read, by name.
    pub unreadable: Vec<(String, Unreadable)>,
}

/// Why a file of the build context cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// A link to a path outside the build context.
    Link,
    /// A pipe, a socket or a device.
    Special,
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("`{0}` is a link to a file outside the build context")]
    Outside(String),
    #[error("`{0}` is not a regular file")]
    Special(String),
}

impl Problem for Error {
    fn hint(&self) -> String {
        match self {
            Self::Outside(_) => {
                "replace the link with the file, or build from a directory that contains both"
                    .into()
            }
            Self::Special(_) => "replace it with a regular file".into(),
        }
    }
}

/// The parsed files of a build.
#[derive(Clone, Debug)]
pub struct Parsed {
    pub file: BuildFile,
    pub project: Project,
    /// The patterns of the ignore file.
    pub ignore: Vec<String>,
}

/// The files that could be parsed, and all problems found while parsing.
#[derive(Clone, Debug)]
pub struct Inspection {
    pub file: Option<BuildFile>,
    pub project: Option<Project>,
    /// The patterns of the ignore file.
    pub ignore: Vec<String>,
    pub findings: Findings,
}

impl InputFiles {
    /// Parses the files for a build.
    ///
    /// # Errors
    /// The errors of the first file that cannot be parsed.
    pub fn parse(&self, build_args: &BTreeMap<String, String>) -> Result<Parsed, Diagnostics> {
        let file = self.build_file(build_args)?;
        Ok(Parsed {
            project: self.project(&file.whole())?,
            ignore: self.ignore()?,
            file,
        })
    }

    /// Parses the files for a check, which continues after a file with errors.
    #[must_use]
    pub fn inspect(&self, build_args: &BTreeMap<String, String>) -> Inspection {
        let text = String::from_utf8_lossy(&self.build_file);
        let document = Document::new(self.name.clone(), "toml", text);
        let mut findings = Findings::new(document.clone());
        let file = self.build_file(build_args);
        let file = file.map_err(|errors| findings.add_errors(&errors));
        let project = self
            .project(&document.first_line())
            .map_err(|errors| findings.add_errors(&errors));
        let ignore = self.ignore().map_err(|errors| findings.add_errors(&errors));
        Inspection {
            file: file.ok(),
            project: project.ok(),
            ignore: ignore.unwrap_or_default(),
            findings,
        }
    }

    /// Parses the build file, over the defaults of the standard.
    ///
    /// # Errors
    /// The errors of the standard, or else of the build file.
    pub fn build_file(
        &self,
        build_args: &BTreeMap<String, String>,
    ) -> Result<BuildFile, Diagnostics> {
        let standard = self.standard()?;
        BuildFile::parse_over(standard.as_ref(), &self.name, &self.build_file, build_args)
    }

    /// The build file as it applies.
    ///
    /// # Errors
    /// As [`Self::build_file`].
    pub fn effective(
        &self,
        build_args: &BTreeMap<String, String>,
    ) -> Result<Vec<EffectiveLine>, Diagnostics> {
        let standard = self.standard()?;
        effective(standard.as_ref(), &self.name, &self.build_file, build_args)
    }

    fn standard(&self) -> Result<Option<Standard>, Diagnostics> {
        self.standard.as_deref().map(Standard::parse).transpose()
    }

    /// Reports missing and unreadable files at `span`.
    fn project(&self, span: &Span) -> Result<Project, Diagnostics> {
        let unreadable = self.unreadable.iter().map(|(name, reason)| match reason {
            Unreadable::Link => Error::Outside(name.clone()).at(span),
            Unreadable::Special => Error::Special(name.clone()).at(span),
        });
        Diagnostics::fail_if_any(unreadable.collect())?;
        Project::parse(self.pyproject.as_deref(), self.lock.as_deref(), span)?
            .with_settings(self.settings.as_deref())
    }

    fn ignore(&self) -> Result<Vec<String>, Diagnostics> {
        let file = self.ignore.as_ref();
        file.map_or_else(
            || Ok(Vec::new()),
            |(name, bytes)| ignore_patterns(name, bytes),
        )
    }
}

impl Inspection {
    /// The plan, unless there are errors, and all findings including those of planning. The request must have the patterns of
    /// the ignore file.
    #[must_use]
    pub fn plan(&self, request: &Request) -> (Option<Plan>, Findings) {
        let (plan, findings, _) = self.judge(request);
        (plan, findings)
    }

    /// The same, and the rules of the standard that are not followed, those with exceptions included.
    pub(crate) fn judge(&self, request: &Request) -> (Option<Plan>, Findings, Vec<Judgement>) {
        let mut findings = self.findings.clone();
        let (Some(file), Some(project)) = (&self.file, &self.project) else {
            return (None, findings, Vec::new());
        };
        let (judgements, plan) = judged(file, project, request);
        match plan {
            Ok(plan) => {
                findings.warnings.clone_from(&plan.warnings);
                (Some(plan), findings, judgements)
            }
            Err(errors) => {
                findings.add_errors(&errors);
                let (warnings, fatal) = warnings(file, project, request);
                findings.errors.extend(fatal);
                findings.warnings = warnings;
                let warned = judgements.iter().filter_map(Judgement::warning);
                findings.warnings.extend(warned);
                (None, findings, judgements)
            }
        }
    }
}

/// The releases that an image would have; `None` if that is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Releases {
    pub(crate) python: Option<PythonVersion>,
    pub(crate) poetry: Option<PoetryVersion>,
}

impl InputFiles {
    /// What a build of the files would use.
    pub(crate) fn releases(
        &self,
        build_args: &BTreeMap<String, String>,
        request: &Request,
    ) -> Releases {
        let releases = self.resolving(build_args, request, |resolved| Releases {
            python: resolved.python,
            poetry: Some(resolved.poetry),
        });
        releases.unwrap_or_default()
    }

    /// The keys that no file sets, with what the frontend chooses for them; none if there are errors.
    pub(crate) fn chosen(
        &self,
        build_args: &BTreeMap<String, String>,
        request: &Request,
    ) -> Vec<(&'static str, String)> {
        let chosen = self.resolving(build_args, request, |resolved| {
            let main = resolved.file;
            let python = resolved.python.filter(|_| main.python.version.is_none());
            let poetry = main.poetry.version.is_none().then_some(resolved.poetry);
            let base = main.runtime.base.is_none();
            let all = [
                ("poetry.version", poetry.map(|poetry| poetry.to_string())),
                ("python.version", python.map(|python| python.to_string())),
                ("runtime.base", base.then(|| resolved.base.familiar())),
            ];
            let chosen = all
                .into_iter()
                .filter_map(|(key, value)| Some((key, value?)));
            chosen.collect()
        });
        chosen.unwrap_or_default()
    }

    /// Looks at the choices for the main image; `None` if there are errors.
    fn resolving<T>(
        &self,
        build_args: &BTreeMap<String, String>,
        request: &Request,
        look: impl FnOnce(&Resolved<'_>) -> T,
    ) -> Option<T> {
        let Parsed { file, project, .. } = self.parse(build_args).ok()?;
        let target = Target::new(&file, StageName::Runtime);
        let resolved = Resolved::new(&target, &project, request, &mut Vec::new())?;
        Some(look(&resolved))
    }
}

/// What `init` writes into a new build file, derived from the project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    pub python: Option<PythonVersion>,
    /// The Debian packages known to be needed to compile the dependencies.
    pub build: BTreeSet<&'static str>,
    /// The Debian packages known to be loaded by the dependencies.
    pub runtime: BTreeSet<&'static str>,
}

/// Plans the requested target.
///
/// # Errors
/// All contradictions in the files, and all settings that are required but missing.
pub fn plan(file: &BuildFile, project: &Project, request: &Request) -> Result<Plan, Diagnostics> {
    judged(file, project, request).1
}

/// The rules of the standard that are not followed, and the plan.
fn judged(
    file: &BuildFile,
    project: &Project,
    request: &Request,
) -> (Vec<Judgement>, Result<Plan, Diagnostics>) {
    let mut judgements = policy::of_files(file, project, request);
    let plan = plan_and_judge(file, project, request, &mut judgements);
    (judgements, plan)
}

fn plan_and_judge(
    file: &BuildFile,
    project: &Project,
    request: &Request,
    judgements: &mut Vec<Judgement>,
) -> Result<Plan, Diagnostics> {
    let target = match target(file, request.target.as_deref()) {
        Ok(target) => target,
        Err(error) => return Err(error.without_span().into()),
    };
    let errors = || judgements.iter().filter_map(Judgement::error).collect();
    let planned = stages::plan(&target, project, request);
    let Planned {
        mut plan,
        resolved,
        source,
    } = planned.map_err(|found| found.with(errors()))?;
    plan.warnings = lint::find(&resolved);
    let image = plan.stages.iter().find(|stage| stage.name == plan.result);
    let steps = image.map_or(&[][..], |stage| &stage.steps);
    plan.warnings.extend(lint::in_steps(&resolved, steps));
    // Hooks may add to the source whatever the build context does not have.
    let complete = source.as_ref().filter(|_| !resolved.has_changed_source());
    plan.warnings.extend(lint::of_version(&resolved, complete));
    if let Some(followed) = &file.standard {
        // No step depends on them, and no `--label` hides them.
        plan.settings.labels.extend(followed.standard.labels());
    }
    plan.licenses = policy::licenses(file, &resolved);
    judgements.extend(policy::of_plan(file, &resolved, &plan));
    let warnings = judgements.iter().filter_map(Judgement::warning);
    plan.warnings.extend(warnings);
    let fatal = lint::take_fatal(&mut plan.warnings, &plan.rules);
    let errors = judgements.iter().filter_map(Judgement::error);
    let errors = fatal.into_iter().chain(errors);
    Diagnostics::fail_if_any(errors.collect())?;
    plan.executables = lint::executables(&resolved, complete);
    plan.repository = lint::repository(&resolved, complete);
    plan.warn_if_missing =
        complete.map_or_else(Vec::new, |files| lint::warn_if_missing(&resolved, files));
    let is_wheel = resolved.install == InstallMode::Wheel && project.pyproject.built_by_poetry;
    let wheel = source.filter(|_| is_wheel);
    plan.wheel = wheel.map(|files| (files, resolved.source_span()));
    Ok(plan)
}

/// Warnings for inputs that cannot be planned, and those that fail the build.
fn warnings(
    file: &BuildFile,
    project: &Project,
    request: &Request,
) -> (Vec<Warning>, Vec<Diagnostic>) {
    let target = target(file, request.target.as_deref());
    let target = target.unwrap_or_else(|_| Target::new(file, StageName::Runtime));
    let Some(resolved) = Resolved::new(&target, project, request, &mut Vec::new()) else {
        return (Vec::new(), Vec::new());
    };
    let mut found = lint::find(&resolved);
    let fatal = lint::take_fatal(&mut found, &resolved.rules);
    (found, fatal)
}

/// The Debian packages that the frontend may name in a build file or a message, by their names in a release.
#[must_use]
pub fn known_debian_packages(release: DebianRelease) -> BTreeSet<&'static str> {
    lint::debian_packages(release)
}

/// The Python and the system packages that the project needs and the build file does not name.
#[must_use]
pub fn defaults(file: &BuildFile, project: &Project, request: &Request) -> Defaults {
    let target = Target::new(file, StageName::Runtime);
    let resolved = Resolved::new(&target, project, request, &mut Vec::new());
    resolved.map_or_else(Defaults::default, |resolved| {
        let [build, runtime] = lint::system_packages(&resolved);
        Defaults {
            python: resolved.python,
            build,
            runtime,
        }
    })
}

#[cfg(test)]
mod tests;
