//! The choices that the files leave open: which Python, which Poetry, how the project is installed.

use crate::build_file::{BuildFile, Extras, InstallMode};
use crate::diagnostics::{Diagnostic, Place, Problem};
use crate::image::ImageReference;
use crate::project::{
    Constraint, KNOWN_PYTHONS, MAIN, PoetryVersion, Project, PythonVersion, Selection, normalised,
};

use super::Error;

/// The variant of the official image: small, with glibc so that wheels fit, on the current Debian.
const DEFAULT_VARIANT: &str = "slim-trixie";
/// The last Poetry 1.8: what reads the locks of every older one.
const LAST_1_8: PoetryVersion = PoetryVersion::new(1, 8, 5);
/// For a lock that does not name its writer.
const DEFAULT_POETRY: PoetryVersion = PoetryVersion::new(2, 1, 4);

/// The Python asked for, or the newest that the project and its lock allow and that every locked package has a wheel
/// for. `None` where a whole base image is given and no version. Unless `checked`, it need not be allowed.
pub(super) fn python(
    file: &BuildFile,
    project: &Project,
    selection: &Selection,
    checked: bool,
) -> Result<Option<PythonVersion>, Diagnostic> {
    let constraints = [&project.pyproject.python, &project.lock.python];
    if let Some(asked) = &file.python.version {
        for (constraint, place) in constraints.into_iter().flatten() {
            if checked && !constraint.allows_python(asked.value) {
                return Err(Error::PythonNotAllowed {
                    version: asked.value,
                    constraint: shown(place),
                }
                .at(&asked.place));
            }
        }
        return Ok(Some(asked.value));
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
    let any = any.filter(|_| !checked);
    let chosen = candidates.first().copied().or(newest).or(any);
    if chosen.is_none() {
        let mut places = constraints.into_iter().flatten().map(|(_, place)| place);
        return Err(Error::NoPython.at(places.next().unwrap_or(&file.whole())));
    }
    Ok(chosen)
}

/// The Poetry asked for, or the one that wrote the lock, raised to what the project asks for.
pub(super) fn poetry(file: &BuildFile, project: &Project) -> Result<PoetryVersion, Diagnostic> {
    let required = project.pyproject.requires_poetry.as_ref();
    let (version, place) = match &file.poetry.version {
        Some(asked) => (asked.value, Some(&asked.place)),
        None => (default_poetry(project, required), None),
    };
    match required {
        Some((constraint, required_at)) if !constraint.allows(version.release()) => {
            Err(Error::PoetryNotAllowed {
                version,
                constraint: shown(required_at),
            }
            .at(place.unwrap_or(required_at)))
        }
        _ => Ok(version),
    }
}

fn default_poetry(project: &Project, required: Option<&(Constraint, Place)>) -> PoetryVersion {
    let writer = project
        .lock
        .writer
        .unwrap_or(match project.lock.version.as_str() {
            "2.0" => LAST_1_8,
            _ => DEFAULT_POETRY,
        });
    let lowest = required
        .and_then(|(constraint, _)| constraint.lowest())
        .map(|release| {
            let [major, minor, patch] = release.0;
            PoetryVersion::new(major, minor, patch)
        });
    writer.max(LAST_1_8).max(lowest.unwrap_or(LAST_1_8))
}

/// A Poetry that cannot read the lock, or cannot run.
pub(super) fn misfit(
    file: &BuildFile,
    project: &Project,
    poetry: PoetryVersion,
    python: Option<PythonVersion>,
) -> Option<Diagnostic> {
    let place = file.poetry.version.as_ref().map(|asked| &asked.place);
    let minor = |version: PoetryVersion| {
        let [major, minor, _] = version.release().0;
        (major, minor)
    };
    // Releases of one minor version write the same locks.
    if let (Some(place), Some(writer)) = (place, project.lock.writer)
        && minor(poetry) < minor(writer)
    {
        let version = poetry;
        return Some(Error::OlderThanLock { version, writer }.at(place));
    }
    let oldest = oldest_python(poetry);
    let python = python.filter(|python| python.minor < oldest.minor)?;
    let error = Error::PythonTooOld {
        poetry,
        python,
        oldest,
    };
    let asked = file.python.version.as_ref().map(|asked| &asked.place);
    Some(error.at(asked.or(place).unwrap_or(&file.whole())))
}

/// The oldest Python that a Poetry runs on, as its packages say (`Requires-Python`).
fn oldest_python(poetry: PoetryVersion) -> PythonVersion {
    if poetry >= PoetryVersion::new(2, 3, 0) {
        PythonVersion::minor(10)
    } else {
        PythonVersion::minor(9)
    }
}

/// The lock's mistake of not being the project's.
pub(super) fn stale(project: &Project, poetry: PoetryVersion) -> Option<Diagnostic> {
    if project.is_fresh(poetry) {
        return None;
    }
    let hash = project.lock.content_hash.as_ref();
    let place = hash.map_or_else(
        || project.lock.document.first_line(),
        |(_, place)| place.clone(),
    );
    Some(Error::StaleLock(poetry).at(&place))
}

/// The groups and extras asked for, or the main group alone. Those that the project does not have are left out.
pub(super) fn selection(
    file: &BuildFile,
    project: &Project,
    found: &mut Vec<Diagnostic>,
) -> Selection {
    let mut selection = Selection::default();
    if let Some(groups) = &file.dependencies.groups {
        let known = project.groups();
        selection.groups.clear();
        for group in groups {
            let name = normalised(&group.value);
            if !known.contains_key(&name) {
                let error = Error::UnknownGroup {
                    name: group.value.clone(),
                    known: known.values().cloned().collect(),
                };
                found.push(error.at(&group.place));
                continue;
            }
            selection.groups.insert(name);
        }
    }
    let Some(extras) = &file.dependencies.extras else {
        return selection;
    };
    let known = project.extras();
    match &extras.value {
        Extras::All => selection.extras.extend(known.into_keys()),
        Extras::Some(names) => {
            for name in names {
                if !known.contains_key(&normalised(name)) {
                    let error = Error::UnknownExtra {
                        name: name.clone(),
                        known: known.values().cloned().collect(),
                    };
                    found.push(error.at(&extras.place));
                    continue;
                }
                selection.extras.insert(normalised(name));
            }
        }
    }
    if !selection.extras.is_empty() && !selection.groups.contains(MAIN) {
        found.push(Error::ExtrasWithoutMain.at(&extras.place));
    }
    selection
}

/// How the project is installed.
pub(super) fn install(file: &BuildFile, project: &Project) -> Result<InstallMode, Diagnostic> {
    match &file.source.install {
        Some(asked) if asked.value == InstallMode::Wheel && !project.pyproject.package_mode => {
            Err(Error::NoWheel.at(&asked.place))
        }
        Some(asked) => Ok(asked.value),
        None => Ok(default_install(project)),
    }
}

pub(super) fn default_install(project: &Project) -> InstallMode {
    if project.pyproject.package_mode {
        InstallMode::Wheel
    } else {
        InstallMode::Copy
    }
}

/// The image that the build and the runtime start from, and who asks for it.
pub(super) fn base(file: &BuildFile, python: Option<PythonVersion>) -> (ImageReference, Place) {
    if let Some(base) = &file.runtime.base {
        return (base.value.clone(), base.place.clone());
    }
    let variant = file.python.variant.as_ref();
    let tag = format!(
        "{}-{}",
        python.map_or_else(|| "3".to_owned(), |version| version.to_string()),
        variant.map_or(DEFAULT_VARIANT, |variant| &variant.value)
    );
    let version = file.python.version.as_ref().map(|version| &version.place);
    let place = version.or(variant.map(|variant| &variant.place)).cloned();
    (
        ImageReference::official("python", &tag),
        place.unwrap_or_else(|| file.whole()),
    )
}

pub(super) fn shown(place: &Place) -> String {
    format!("{}:{}", place.document().name(), place.start().line)
}
