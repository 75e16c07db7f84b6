//! Warnings: one file for each group of rules.

mod arguments;
mod base;
mod command_lines;
mod commands;
mod context;
mod dependencies;
mod duplicates;
mod entrypoint;
mod executables;
mod files;
mod from_source;
mod git_ignored;
mod imports;
mod links;
mod reader;
mod scripts;
mod secrets;
mod system_libraries;
mod variables;
mod version_from_git;
mod vex;
mod warning;

use crate::diagnostics::{MAX_REPORTED, Span, Warning};
use crate::plan::{ContextFiles, Executable, Step, WarnIfMissing};
use crate::resolve::Resolved;

pub(crate) use files::{exists, find_missing, lint_files};
pub(crate) use reader::{ContextFile, ContextParts, ContextReader, Entry, FileKind};
pub use system_libraries::DebianRelease;
pub(crate) use system_libraries::{debian_packages, system_packages};
pub(crate) use vex::read_vex;
pub(crate) use warning::take_fatal;

/// Warnings that follow from the build file, the project and the lock, sorted by location.
pub(crate) fn find(resolved: &Resolved<'_>) -> Vec<Warning> {
    let warnings = [
        arguments::find(resolved),
        base::find(resolved),
        commands::find(resolved),
        context::find(resolved),
        dependencies::find(resolved),
        entrypoint::find(resolved),
        from_source::find(resolved),
        secrets::find(resolved),
        system_libraries::find(resolved),
        variables::find(resolved),
    ];
    sorted(resolved, warnings.into_iter().flatten())
}

/// Warnings about the steps of the image.
pub(crate) fn in_steps(resolved: &Resolved<'_>, steps: &[Step]) -> Vec<Warning> {
    sorted(resolved, duplicates::find(steps))
}

/// Warnings about a version that comes from Git.
pub(crate) fn of_version(resolved: &Resolved<'_>, source: Option<&ContextFiles>) -> Vec<Warning> {
    sorted(resolved, version_from_git::find(resolved, source))
}

/// The source with the repository that the version comes from, and where the project asks for it.
pub(crate) fn repository(
    resolved: &Resolved<'_>,
    source: Option<&ContextFiles>,
) -> Option<(ContextFiles, Span)> {
    version_from_git::repository(resolved, source)
}

/// The files of contexts that the container executes.
pub(crate) fn executables(
    resolved: &Resolved<'_>,
    source: Option<&ContextFiles>,
) -> Vec<Executable> {
    executables::find(resolved, source)
}

/// Warnings that depend on whether the source, `files` of the context, contains certain files.
pub(crate) fn warn_if_missing(resolved: &Resolved<'_>, files: &ContextFiles) -> Vec<WarnIfMissing> {
    let warnings = scripts::find(resolved, files)
        .into_iter()
        .chain(entrypoint::in_source(resolved, files));
    warnings
        .filter(|missing| resolved.is_enabled(missing.warning.rule))
        .collect()
}

fn sorted(resolved: &Resolved<'_>, warnings: impl IntoIterator<Item = Warning>) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = warnings
        .into_iter()
        .filter(|warning| resolved.is_enabled(warning.rule))
        .collect();
    let key = |warning: &Warning| {
        (
            warning.span.document().name().to_owned(),
            warning.span.range().start,
        )
    };
    warnings.sort_by_cached_key(key);
    warnings.dedup();
    warnings.truncate(MAX_REPORTED);
    warnings
}

#[cfg(test)]
mod fixture;
