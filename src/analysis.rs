//! What the user's files say, before anything runs: parsing, planning and linting. Pure, so the command line and the
//! gateway report the same problems.

use std::collections::{BTreeMap, BTreeSet};

use crate::build_file::{BuildFile, InstallMode};
use crate::diagnostics::{Diagnostics, Document, Findings, Problem, Span, Warning};
use crate::lint;
pub use crate::lint::DebianRelease;
use crate::paths::ignore_patterns;
use crate::plan::{Plan, StageName};
use crate::project::{Project, PythonVersion};
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
        let file = BuildFile::parse(&self.name, &self.build_file, build_args)?;
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
        let file = BuildFile::parse(&self.name, &self.build_file, build_args)
            .map_err(|errors| findings.add_errors(&errors));
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
        let mut findings = self.findings.clone();
        let (Some(file), Some(project)) = (&self.file, &self.project) else {
            return (None, findings);
        };
        match plan(file, project, request) {
            Ok(plan) => {
                findings.warnings.clone_from(&plan.warnings);
                (Some(plan), findings)
            }
            Err(errors) => {
                findings.add_errors(&errors);
                findings.warnings = warnings(file, project, request);
                (None, findings)
            }
        }
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
    let target = match target(file, request.target.as_deref()) {
        Ok(target) => target,
        Err(error) => return Err(error.without_span().into()),
    };
    let Planned {
        mut plan,
        resolved,
        source,
    } = stages::plan(&target, project, request)?;
    plan.warnings = lint::find(&resolved);
    let image = plan.stages.iter().find(|stage| stage.name == plan.result);
    let steps = image.map_or(&[][..], |stage| &stage.steps);
    plan.warnings.extend(lint::in_steps(&resolved, steps));
    // Hooks may add to the source whatever the build context does not have.
    let complete = source.as_ref().filter(|_| !resolved.has_changed_source());
    plan.executables = lint::executables(&resolved, complete);
    plan.warnings.extend(lint::of_version(&resolved, complete));
    plan.repository = lint::repository(&resolved, complete);
    plan.warn_if_missing =
        complete.map_or_else(Vec::new, |files| lint::warn_if_missing(&resolved, files));
    let is_wheel = resolved.install == InstallMode::Wheel && project.pyproject.built_by_poetry;
    let wheel = source.filter(|_| is_wheel);
    plan.wheel = wheel.map(|files| (files, resolved.source_span()));
    Ok(plan)
}

/// Warnings for inputs that cannot be planned.
fn warnings(file: &BuildFile, project: &Project, request: &Request) -> Vec<Warning> {
    let target = target(file, request.target.as_deref());
    let target = target.unwrap_or_else(|_| Target::new(file, StageName::Runtime));
    let resolved = Resolved::new(&target, project, request, &mut Vec::new());
    resolved.map_or_else(Vec::new, |resolved| lint::find(&resolved))
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
