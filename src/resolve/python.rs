//! The release of Python.

use std::fmt;

use crate::build_file::ImageSpec;
use crate::diagnostics::{Diagnostic, Problem};
use crate::project::{KNOWN_PYTHONS, Project, PythonVersion, Selection};

use super::error::{Error, file_and_line};
use super::installed::Context;
use super::selection;
use super::target::Target;

/// The Python of an image, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Python {
    pub(crate) version: PythonVersion,
    pub(crate) reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Configured,
    /// No newer one is allowed.
    Newest,
    /// For newer ones, more packages have no wheel.
    Wheels,
    /// For every allowed one, some packages have no wheel. These have none for this one.
    FewestWithout(Vec<String>),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configured => f.write_str("as set in `[python]`"),
            Self::Newest => f.write_str("the newest that the project allows"),
            Self::Wheels => f.write_str("the newest for which all packages have wheels"),
            Self::FewestWithout(names) => write!(
                f,
                "the newest for which the fewest packages have no wheel: {}",
                names.join(", ")
            ),
        }
    }
}

/// The configured release, or the newest that the project and its lock allow and for which the fewest selected packages have
/// no wheel. `None` if `base` is set without a version. Unless `must_be_allowed`, constraints are not enforced.
fn choose(
    file: &ImageSpec,
    project: &Project,
    selection: &Selection,
    context: &Context<'_>,
    must_be_allowed: bool,
) -> Result<Option<Python>, Diagnostic> {
    let constraints = [&project.pyproject.python, &project.lock.python];
    if let Some(configured) = &file.python.version {
        for (constraint, span) in constraints.into_iter().flatten() {
            if must_be_allowed && !constraint.allows_python(configured.value) {
                return Err(Error::PythonNotAllowed {
                    version: configured.value,
                    constraint: file_and_line(span),
                }
                .at(&configured.span));
            }
        }
        return Ok(Some(Python {
            version: configured.value,
            reason: Reason::Configured,
        }));
    }
    if file.runtime.base.is_some() {
        return Ok(None);
    }
    let allowed = project.python_constraint();
    let allowed = KNOWN_PYTHONS
        .rev()
        .filter_map(|minor| allowed.python(minor));
    // A tag that follows the newest patch release gets its security fixes.
    let (mut candidates, patches): (Vec<_>, Vec<_>) =
        allowed.partition(|version| version.patch.is_none());
    if candidates.is_empty() {
        candidates = patches;
    }
    if candidates.is_empty() && !must_be_allowed {
        candidates.extend(KNOWN_PYTHONS.last().map(PythonVersion::minor));
    }
    let chosen = fewest_without_wheel(&candidates, project, selection, context);
    if chosen.is_none() {
        let mut spans = constraints.into_iter().flatten().map(|(_, span)| span);
        return Err(Error::NoPython.at(spans.next().unwrap_or(&file.whole())));
    }
    Ok(chosen)
}

/// The first candidate for which the fewest packages have no wheel; `None` if there are no candidates.
fn fewest_without_wheel(
    candidates: &[PythonVersion],
    project: &Project,
    selection: &Selection,
    context: &Context<'_>,
) -> Option<Python> {
    let (newest, rest) = candidates.split_first()?;
    let mut best = (*newest, without_wheel(*newest, project, selection, context));
    for version in rest {
        if best.1.is_empty() {
            break;
        }
        let without = without_wheel(*version, project, selection, context);
        if without.len() < best.1.len() {
            best = (*version, without);
        }
    }
    let (version, without) = best;
    let reason = if !without.is_empty() {
        Reason::FewestWithout(without)
    } else if version == *newest {
        Reason::Newest
    } else {
        Reason::Wheels
    };
    Some(Python { version, reason })
}

/// The names of the packages that an image with this Python has to build from source.
fn without_wheel(
    version: PythonVersion,
    project: &Project,
    selection: &Selection,
    context: &Context<'_>,
) -> Vec<String> {
    let environment = context.environment(Some(version));
    let installed = context.installed(project, selection, &environment);
    let packages = installed.into_iter().map(|one| one.package);
    let without = packages.filter(|package| package.must_be_built(&environment));
    without.map(|package| package.name.clone()).collect()
}

/// The Python of a target: that of the main image unless the target sets its own base, so that tests run on the Python that
/// is shipped.
pub(super) fn of_target(
    target: &Target<'_>,
    project: &Project,
    selection: &Selection,
    context: &Context<'_>,
    must_be_allowed: bool,
) -> Result<Option<Python>, Diagnostic> {
    let [own, main] = [target.file, &target.whole.main].map(|file| file.runtime.base.as_ref());
    if own.map(|base| &base.value) != main.map(|base| &base.value) {
        return choose(target.file, project, selection, context, must_be_allowed);
    }
    // The main image reports these errors itself.
    let default = selection::DefaultGroups::Main;
    let selection = selection::choose(&target.whole.main, project, default, &mut Vec::new());
    choose(
        &target.whole.main,
        project,
        &selection,
        context,
        must_be_allowed,
    )
}
