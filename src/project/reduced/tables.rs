//! Helpers for TOML tables.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::project::name::normalised;
use crate::project::pep440::VersionConstraint;
pub(super) use crate::project::tables::below;

/// The entries whose normalised keys are `wanted`.
pub(super) fn only(table: &Table, wanted: &BTreeSet<String>) -> Table {
    table
        .iter()
        .filter(|(key, _)| wanted.contains(&normalised(key)))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

pub(super) fn insert_unless_empty(into: &mut Table, key: &str, table: Table) {
    if !table.is_empty() {
        into.insert(key.to_owned(), Value::Table(table));
    }
}

/// A constraint in the one spelling for all with the same meaning; unchanged if its syntax is unknown.
pub(super) fn one_spelling(constraint: &str) -> String {
    let parsed = VersionConstraint::parse(constraint);
    parsed.map_or_else(|| constraint.to_owned(), |parsed| parsed.normalised())
}

/// Removes `develop` from the Git dependencies at and below a value: an image has no checkout to edit.
pub(super) fn not_editable(value: &mut Value) {
    match value {
        Value::Table(table) => {
            // Dependencies may themselves be called `git` and `develop`; their values have other types.
            let is_git = table.get("git").is_some_and(Value::is_str);
            if is_git && table.get("develop").is_some_and(Value::is_bool) {
                table.remove("develop");
            }
            table.iter_mut().for_each(|(_, value)| not_editable(value));
        }
        Value::Array(all) => all.iter_mut().for_each(not_editable),
        _ => {}
    }
}
