//! What can be built but should be looked at: one file for each group of rules.

mod base;
mod context;
mod dependencies;
mod duplicates;
mod entrypoint;
mod imports;
mod scripts;
mod secrets;
mod system_libraries;

use crate::diagnostics::{MOST, Place, Warning};
use crate::rules::Rule;

use super::{ContextFiles, Inputs, Step};

pub use context::{ContextFile, in_context};
pub(super) use context::{SECRET_FILES, is_environment, is_secret_file};
pub use imports::{SourceFile, dev_only_imports, python_sources};
pub(super) use system_libraries::system_packages;

/// A warning that is due unless the build context holds something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspected {
    /// Patterns of which one matching path is enough.
    pub any_of: Vec<String>,
    /// The files that it is looked for in.
    pub files: ContextFiles,
    /// The warning when there is none.
    pub otherwise: Warning,
}

/// What the files alone tell, in the order of the files' lines.
pub(super) fn find(inputs: &Inputs<'_>) -> Vec<Warning> {
    let found = [
        base::find(inputs),
        context::find(inputs),
        dependencies::find(inputs),
        entrypoint::find(inputs),
        secrets::find(inputs),
        system_libraries::find(inputs),
    ];
    sorted(inputs, found.into_iter().flatten())
}

/// What the steps of the image tell.
pub(super) fn in_steps(inputs: &Inputs<'_>, steps: &[Step]) -> Vec<Warning> {
    sorted(inputs, duplicates::find(steps))
}

/// What the build context tells, if its part `files` is the project's source.
pub(super) fn suspected(inputs: &Inputs<'_>, files: &ContextFiles) -> Vec<Suspected> {
    let found = scripts::find(inputs, files)
        .into_iter()
        .chain(entrypoint::suspected(inputs, files));
    found
        .filter(|one| inputs.looks_at(one.otherwise.rule))
        .collect()
}

fn sorted(inputs: &Inputs<'_>, found: impl IntoIterator<Item = Warning>) -> Vec<Warning> {
    let mut found: Vec<Warning> = found
        .into_iter()
        .filter(|one| inputs.looks_at(one.rule))
        .collect();
    let key = |one: &Warning| {
        (
            one.place.document().name().to_owned(),
            one.place.span().start,
        )
    };
    found.sort_by_cached_key(key);
    found.dedup();
    found.truncate(MOST);
    found
}

fn warning(rule: Rule, place: &Place, what: String, hint: impl Into<String>) -> Warning {
    Warning {
        rule,
        place: place.clone(),
        what,
        hint: hint.into(),
    }
}

#[cfg(test)]
mod fixture;
