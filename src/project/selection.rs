//! Which of a project's dependencies are installed: groups and extras.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::pyproject::normalised;

/// The group of the project's own dependencies.
pub const MAIN: &str = "main";

/// Groups and extras by their normalised names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The groups.
    pub groups: BTreeSet<String>,
    /// The extras of the main group.
    pub extras: BTreeSet<String>,
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            groups: BTreeSet::from([MAIN.to_owned()]),
            extras: BTreeSet::new(),
        }
    }
}

/// A table below another one.
pub(super) fn below<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Table> {
    path.iter()
        .try_fold(table, |table, key| table.get(*key)?.as_table())
}

/// The groups of a `pyproject.toml`: Poetry's own, its older `dev-dependencies`, and PEP 735's.
pub(super) fn groups(pyproject: &Table) -> BTreeMap<String, String> {
    let mut names = BTreeMap::from([(MAIN.to_owned(), MAIN.to_owned())]);
    for path in [&["tool", "poetry", "group"][..], &["dependency-groups"]] {
        names.extend(spelled(below(pyproject, path)));
    }
    if below(pyproject, &["tool", "poetry", "dev-dependencies"]).is_some() {
        names.insert("dev".to_owned(), "dev".to_owned());
    }
    names
}

/// The keys of a table as they are spelled, by their normalised names.
fn spelled(table: Option<&Table>) -> impl Iterator<Item = (String, String)> {
    table
        .into_iter()
        .flat_map(Table::keys)
        .map(|name| (normalised(name), name.clone()))
}

/// The extras of a `pyproject.toml`.
pub(super) fn extras(pyproject: &Table) -> BTreeMap<String, String> {
    [
        &["project", "optional-dependencies"][..],
        &["tool", "poetry", "extras"],
    ]
    .into_iter()
    .flat_map(|path| spelled(below(pyproject, path)))
    .collect()
}

/// `groups` and all that they include, in either way of writing it (`include-group` of PEP 735, Poetry's
/// `include-groups`).
pub(super) fn with_included(pyproject: &Table, groups: &BTreeSet<String>) -> BTreeSet<String> {
    let mut found = groups.clone();
    let mut open: Vec<String> = groups.iter().cloned().collect();
    while let Some(group) = open.pop() {
        for included in included(pyproject, &group) {
            if found.insert(included.clone()) {
                open.push(included);
            }
        }
    }
    found
}

fn included(pyproject: &Table, group: &str) -> Vec<String> {
    let named = |path: &[&str]| {
        below(pyproject, path)
            .into_iter()
            .flatten()
            .filter(|(name, _)| normalised(name) == group)
            .map(|(_, value)| value)
    };
    let standard = named(&["dependency-groups"])
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(|item| item.get("include-group")?.as_str());
    let own = named(&["tool", "poetry", "group"])
        .filter_map(|group| group.get("include-groups")?.as_array())
        .flatten()
        .filter_map(Value::as_str);
    standard.chain(own).map(normalised).collect()
}
