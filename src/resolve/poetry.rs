//! The release of Poetry, and whether it can read the lock.

use crate::build_file::ImageSpec;
use crate::diagnostics::{Diagnostic, Problem, Span};
use crate::project::{PoetryVersion, Project, PythonVersion, VersionConstraint};

use super::error::{Error, file_and_line};

/// Reads the locks of all older releases.
const LAST_1_8: PoetryVersion = PoetryVersion::new(1, 8, 5);
/// For a lock that does not say which release wrote it.
const DEFAULT_POETRY: PoetryVersion = PoetryVersion::new(2, 1, 4);

/// The configured release, or the one that wrote the lock, raised to the minimum that the project requires.
pub(crate) fn choose(file: &ImageSpec, project: &Project) -> Result<PoetryVersion, Diagnostic> {
    let required = project.pyproject.requires_poetry.as_ref();
    let (version, span) = match &file.poetry.version {
        Some(configured) => (configured.value, Some(&configured.span)),
        None => (default_poetry(project, required), None),
    };
    match required {
        Some((constraint, required_at)) if !constraint.allows_release(version.release()) => {
            Err(Error::PoetryNotAllowed {
                version,
                constraint: file_and_line(required_at),
            }
            .at(span.unwrap_or(required_at)))
        }
        _ => Ok(version),
    }
}

fn default_poetry(
    project: &Project,
    required: Option<&(VersionConstraint, Span)>,
) -> PoetryVersion {
    let writer = project
        .lock
        .writer
        .unwrap_or(match project.lock.version.as_str() {
            "1.1" | "2.0" => LAST_1_8,
            _ => DEFAULT_POETRY,
        });
    let lowest = required.and_then(|(constraint, _)| PoetryVersion::oldest(constraint));
    writer.max(LAST_1_8).max(lowest.unwrap_or(LAST_1_8))
}

/// Error if this Poetry may misread the lock, or does not run on the image's Python.
pub(crate) fn misfit(
    file: &ImageSpec,
    project: &Project,
    poetry: PoetryVersion,
    python: Option<PythonVersion>,
) -> Option<Diagnostic> {
    let span = file
        .poetry
        .version
        .as_ref()
        .map(|configured| &configured.span);
    let minor = |version: PoetryVersion| {
        let [major, minor, _] = version.release().0;
        (major, minor)
    };
    // Releases of the same minor version write the same locks.
    if let (Some(span), Some(writer)) = (span, project.lock.writer)
        && minor(poetry) < minor(writer)
    {
        let version = poetry;
        return Some(Error::OlderThanLock { version, writer }.at(span));
    }
    let oldest = oldest_python(poetry);
    let python = python.filter(|python| python.minor < oldest.minor)?;
    let error = Error::PythonTooOld {
        poetry,
        python,
        oldest,
    };
    let configured = file
        .python
        .version
        .as_ref()
        .map(|configured| &configured.span);
    Some(error.at(configured.or(span).unwrap_or(&file.whole())))
}

/// The oldest Python that a release of Poetry supports, from its `Requires-Python`.
fn oldest_python(poetry: PoetryVersion) -> PythonVersion {
    if poetry >= PoetryVersion::new(2, 3, 0) {
        PythonVersion::minor(10)
    } else {
        PythonVersion::minor(9)
    }
}

/// Error if the lock is stale.
pub(crate) fn stale(project: &Project, poetry: PoetryVersion) -> Option<Diagnostic> {
    if project.is_fresh(poetry) {
        return None;
    }
    let hash = project.lock.content_hash.as_ref();
    let span = hash.map_or_else(
        || project.lock.document.first_line(),
        |(_, span)| span.clone(),
    );
    Some(Error::StaleLock(poetry).at(&span))
}
