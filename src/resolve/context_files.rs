//! Selects the part of the build context that a step reads.

use crate::build_file::DEFAULT_NAME;
use crate::paths::{Patterns, literal};
use crate::plan::{ContextFiles, Expected};
use crate::project::LOCK;

use super::error::Error;
use super::path_dependencies::PathDependency;
use super::resolved::Resolved;
use super::secret_files::{KEY_FILES, SECRET_FILES, is_secret_file, is_virtual_environment};

/// The repository of the project.
pub(crate) const GIT: &str = ".git";
/// What Git, Python and Poetry leave in a working tree; excluded by default.
const LEFTOVERS: [&str; 5] = [GIT, "**/.venv", "**/__pycache__", "**/*.pyc", LOCK];

/// Whether a path is one of the [`LEFTOVERS`], or below one.
fn is_leftover(path: &str) -> bool {
    let mut parts = path.split('/');
    let leftover = |part: &str| {
        [GIT, ".venv", "__pycache__"].contains(&part)
            || part.rsplit_once('.').is_some_and(|(_, end)| end == "pyc")
    };
    parts.any(leftover)
}

/// The files of the context that match `include` and are not ignored. The ignore file comes last, so that its `!` patterns
/// can restore files that are excluded by default. Naming such a file in `include` restores it too.
pub(crate) fn context_files(resolved: &Resolved<'_>, include: Vec<String>) -> ContextFiles {
    let mut exclude = secrets(&SECRET_FILES).chain(secrets(&KEY_FILES)).collect();
    not_needed(resolved, &include, &mut exclude);
    exclude.extend(resolved.request.ignore.iter().cloned());
    selected(include, exclude)
}

/// Like [`context_files`], for a wheel: what `packages` contain is package data, whatever its name.
pub(crate) fn package_files(
    resolved: &Resolved<'_>,
    include: Vec<String>,
    packages: &[String],
) -> ContextFiles {
    let mut exclude: Vec<String> = secrets(&SECRET_FILES).collect();
    let packages = packages.iter().filter(|path| *path != ".");
    exclude.extend(packages.map(|path| format!("!{path}/**")));
    not_needed(resolved, &include, &mut exclude);
    exclude.extend(resolved.request.ignore.iter().cloned());
    selected(include, exclude)
}

/// The error for a pattern of `include` without matches.
pub(crate) fn nothing_included(resolved: &Resolved<'_>, pattern: &str) -> Error {
    if pattern != GIT {
        return Error::NothingIncluded(pattern.to_owned());
    }
    Error::NoRepository {
        ignored: Patterns::new(&resolved.request.ignore).matches(GIT),
    }
}

fn secrets(names: &[&str]) -> impl Iterator<Item = String> {
    names.iter().map(|name| format!("**/{name}"))
}

/// Excludes the [`LEFTOVERS`] and the build file. The defaults do not exclude what the user names.
fn not_needed(resolved: &Resolved<'_>, include: &[String], exclude: &mut Vec<String>) {
    let build_files = [DEFAULT_NAME, resolved.file.document.name()].map(literal);
    let leftovers = LEFTOVERS.map(str::to_owned).into_iter().chain(build_files);
    exclude.extend(leftovers.filter(|pattern| !include.contains(pattern)));
    exclude.dedup();
    let named = |pattern: &&String| {
        is_secret_file(pattern) || is_virtual_environment(pattern) || is_leftover(pattern)
    };
    exclude.extend(include.iter().filter(named).map(|path| format!("!{path}")));
}

/// `.` is the whole context, which no patterns at all stand for; others beside it only undo default exclusions.
fn selected(mut include: Vec<String>, exclude: Vec<String>) -> ContextFiles {
    if include.iter().any(|pattern| pattern == ".") {
        include.clear();
    }
    include.sort();
    include.dedup();
    ContextFiles {
        context: None,
        include,
        exclude,
        follow: false,
    }
}

impl PathDependency {
    /// The part of the context that it is.
    pub(crate) fn files(&self, resolved: &Resolved<'_>) -> ContextFiles {
        // A named context has its own ignore file, and a library may ship its own lock.
        if let Some(context) = &self.context {
            let leftovers = LEFTOVERS.into_iter().filter(|pattern| *pattern != LOCK);
            let exclude = secrets(&SECRET_FILES).chain(leftovers.map(str::to_owned));
            return ContextFiles {
                context: Some(context.clone()),
                ..selected(Vec::new(), exclude.collect())
            };
        }
        let include = if self.path.is_empty() {
            Vec::new()
        } else {
            vec![literal(&self.path)]
        };
        package_files(resolved, include, &[])
    }

    /// What the context must hold for an archive.
    pub(crate) fn expected(&self, resolved: &Resolved<'_>) -> Expected {
        Expected {
            any_of: vec![literal(&self.path)],
            files: self.files(resolved),
            error: self.missing(),
        }
    }
}
