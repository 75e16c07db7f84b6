//! The release of Python.

use crate::build_file::ImageSpec;
use crate::diagnostics::{Diagnostic, Problem};
use crate::project::{KNOWN_PYTHONS, Project, PythonVersion, Selection};

use super::error::{Error, file_and_line};
use super::selection;
use super::target::Target;

/// The configured release, or the newest that the project and its lock allow and for which every selected package has a
/// wheel. `None` if `base` is set without a version. Unless `must_be_allowed`, constraints are not enforced.
pub(crate) fn choose(
    file: &ImageSpec,
    project: &Project,
    selection: &Selection,
    must_be_allowed: bool,
) -> Result<Option<PythonVersion>, Diagnostic> {
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
        return Ok(Some(configured.value));
    }
    if file.runtime.base.is_some() {
        return Ok(None);
    }
    let allowed = project.python_constraint();
    let mut candidates: Vec<PythonVersion> = KNOWN_PYTHONS
        .rev()
        .map(PythonVersion::minor)
        .filter(|version| allowed.allows_python(*version))
        .collect();
    let newest = candidates.first().copied();
    candidates.retain(|version| {
        project
            .packages(selection)
            .all(|package| package.has_wheel_for(*version))
    });
    let any = KNOWN_PYTHONS.last().map(PythonVersion::minor);
    let any = any.filter(|_| !must_be_allowed);
    let chosen = candidates.first().copied().or(newest).or(any);
    if chosen.is_none() {
        let mut spans = constraints.into_iter().flatten().map(|(_, span)| span);
        return Err(Error::NoPython.at(spans.next().unwrap_or(&file.whole())));
    }
    Ok(chosen)
}

/// The Python of a target: that of the main image unless the target sets its own base, so that tests run on the Python that
/// is shipped.
pub(crate) fn of_target(
    target: &Target<'_>,
    project: &Project,
    selection: &Selection,
    must_be_allowed: bool,
) -> Result<Option<PythonVersion>, Diagnostic> {
    let [own, main] = [target.file, &target.whole.main].map(|file| file.runtime.base.as_ref());
    if own.map(|base| &base.value) != main.map(|base| &base.value) {
        return choose(target.file, project, selection, must_be_allowed);
    }
    // The main image reports these errors itself.
    let selection = selection::choose(&target.whole.main, project, &mut Vec::new());
    choose(&target.whole.main, project, &selection, must_be_allowed)
}
