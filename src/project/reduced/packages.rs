//! The packages of the reduced lock.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use super::lock_text::Package as Reduced;
use super::tables::{below, not_editable, one_spelling, only};
use crate::project::lock::{Lock, marker_of};
use crate::project::marker::can_hold;
use crate::project::name::{normalised, requirement_name};
use crate::project::requirement::Requirement;
use crate::project::selection::{MAIN, Selection};

/// The locked packages that a reduced `pyproject.toml` needs for `selection`.
pub(super) fn reduce_packages<'a>(
    pyproject: &Table,
    lock: &'a Lock,
    selection: &Selection,
) -> Vec<Reduced<'a>> {
    let packages: Vec<&Table> = lock.packages.iter().map(|package| &package.table).collect();
    let reached = reached(pyproject, &packages);
    let constrained = constrained(pyproject, &packages);
    let mut requested = BTreeMap::new();
    request_extras(pyproject, &mut requested);
    for dependencies in packages
        .iter()
        .filter_map(|package| below(package, &["dependencies"]))
    {
        request_extras(dependencies, &mut requested);
    }
    packages
        .into_iter()
        .filter_map(|package| {
            let mut reduced = match package.get("groups").and_then(Value::as_array) {
                Some(groups) => reduce_package(package, groups, selection)?,
                // Locks older than version 2.1 do not list groups.
                None if reached.contains(&name_of(package)) => reduce_older_package(package),
                None => return None,
            };
            if is_from(package, "directory") && !constrained.contains(&name_of(package)) {
                set(&mut reduced, "version", Value::String("0".to_owned()));
            }
            let extras = requested.get(&name_of(package));
            without_other_extras(package, extras.unwrap_or(&BTreeSet::new()), &mut reduced);
            if let Some(python) = package.get("python-versions").and_then(Value::as_str) {
                set(&mut reduced, "python-versions", one_spelling(python).into());
            }
            Some(reduced)
        })
        .collect()
}

/// Collects the extras of packages that anything in a table of dependencies, or in a whole `pyproject.toml`, asks for.
fn request_extras(table: &Table, requested: &mut BTreeMap<String, BTreeSet<String>>) {
    for (name, value) in table {
        let mut found = Requirement::of_value(name, value);
        if let Value::Array(all) = value {
            found.extend(all.iter().filter_map(Value::as_str).map(Requirement::parse));
        }
        for one in found {
            requested.entry(one.name).or_default().extend(one.extras);
        }
        if let Value::Table(table) = value {
            request_extras(table, requested);
        }
    }
}

/// Leaves out the extras of a package that nothing asks for, and the dependencies of these alone: they change with the
/// metadata of a release, and are not installed.
fn without_other_extras(package: &Table, requested: &BTreeSet<String>, reduced: &mut Reduced<'_>) {
    let Some(extras) = below(package, &["extras"]) else {
        return;
    };
    let kept = only(extras, requested);
    let needed: BTreeSet<String> = kept
        .values()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(|one| one.as_str().map(requirement_name))
        .collect();
    if kept.is_empty() {
        reduced.remove("extras");
    } else {
        set(reduced, "extras", Value::Table(kept));
    }
    let Some(Cow::Owned(Value::Table(dependencies))) = reduced.get_mut("dependencies") else {
        return;
    };
    let is_listed = |name: &str| needed.contains(&normalised(name));
    let is_optional = |name: &str, value: &Value| {
        let alternatives = Requirement::of_value(name, value);
        alternatives.iter().all(|one| one.optional)
    };
    dependencies.retain(|name, value| is_listed(name) || !is_optional(name, value));
    if dependencies.is_empty() {
        reduced.remove("dependencies");
    }
}

/// The packages with a version constraint anywhere. Otherwise the version of a directory dependency can be left out:
/// directories are installed in another step.
fn constrained(pyproject: &Table, packages: &[&Table]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for package in packages {
        let dependencies = below(package, &["dependencies"]);
        found.extend(dependencies.into_iter().flat_map(constrained_keys));
    }
    collect_constrained(pyproject, &mut found);
    found
}

/// Collects from everything that may be a dependency in a `pyproject.toml`: keys with a version, and PEP 508 requirements.
fn collect_constrained(table: &Table, found: &mut BTreeSet<String>) {
    found.extend(constrained_keys(table));
    for value in table.values() {
        match value {
            Value::Table(table) => collect_constrained(table, found),
            Value::Array(all) => found.extend(
                all.iter()
                    .filter_map(Value::as_str)
                    .filter(|requirement| requirement.contains(['=', '<', '>', '~']))
                    .map(requirement_name),
            ),
            _ => {}
        }
    }
}

fn constrained_keys(dependencies: &Table) -> impl Iterator<Item = String> {
    fn has_version(value: &Value) -> bool {
        match value {
            Value::String(version) => version != "*",
            Value::Table(table) => table.get("version").is_some_and(has_version),
            Value::Array(all) => all.iter().any(has_version),
            _ => false,
        }
    }
    dependencies
        .iter()
        .filter(|(_, value)| has_version(value))
        .map(|(name, _)| normalised(name))
}

/// The package with only its selected groups; `None` if neither these nor the selected extras need it.
///
/// How Poetry writes `optional` and `markers` depends on the unselected groups as well, so both are normalised.
fn reduce_package<'a>(
    package: &'a Table,
    groups: &[Value],
    selection: &Selection,
) -> Option<Reduced<'a>> {
    let no_extras = BTreeSet::new();
    let optional = package.get("optional").and_then(Value::as_bool) == Some(true);
    let mut kept: Vec<(&str, Option<&str>)> = Vec::new();
    let mut by_extra_alone = optional;
    for group in groups.iter().filter_map(Value::as_str) {
        let marker = marker_of(package, group);
        let needed = if normalised(group) == MAIN {
            by_extra_alone |= marker.is_some_and(|marker| !can_hold(marker, &no_extras));
            !(optional && selection.extras.is_empty())
                && marker.is_none_or(|marker| can_hold(marker, &selection.extras))
        } else {
            true
        };
        if needed && selection.groups.contains(&normalised(group)) {
            kept.push((group, marker));
        }
    }
    let (first, first_marker) = *kept.first()?;
    let mut reduced = as_installed(package);
    let only_main = kept.len() == 1 && normalised(first) == MAIN;
    let is_optional = if only_main { by_extra_alone } else { optional };
    set(&mut reduced, "optional", Value::Boolean(is_optional));
    let names = kept
        .iter()
        .map(|(group, _)| Value::String((*group).to_owned()));
    set(&mut reduced, "groups", Value::Array(names.collect()));

    reduced.remove("markers");
    if kept.iter().all(|(_, marker)| *marker == first_marker) {
        if let Some(marker) = first_marker {
            set(&mut reduced, "markers", Value::String(marker.to_owned()));
        }
    } else {
        let markers = kept
            .iter()
            .filter_map(|(group, marker)| {
                Some(((*group).to_owned(), Value::String((*marker)?.to_owned())))
            })
            .collect();
        set(&mut reduced, "markers", Value::Table(markers));
    }
    Some(reduced)
}

/// A package of a lock older than version 2.1, where `optional` means that only extras need it. All packages that get here
/// are needed, so none is optional.
fn reduce_older_package(package: &Table) -> Reduced<'_> {
    let mut reduced = as_installed(package);
    set(&mut reduced, "optional", Value::Boolean(false));
    reduced
}

fn set(package: &mut Reduced<'_>, key: &'static str, value: Value) {
    package.insert(key, Cow::Owned(value));
}

/// The package without what does not affect its installation. A Git dependency is never editable: an image has no checkout
/// to edit.
pub(super) fn as_installed(package: &Table) -> Reduced<'_> {
    let is_git = is_from(package, "git");
    let kept = package
        .iter()
        .filter(|(key, _)| *key != "description" && !(is_git && *key == "develop"));
    kept.map(|(key, value)| {
        let mut value = Cow::Borrowed(value);
        if key == "dependencies" {
            not_editable(value.to_mut());
        }
        (key.as_str(), value)
    })
    .collect()
}

fn is_from(package: &Table, kind: &str) -> bool {
    let source = below(package, &["source"]);
    source.and_then(|source| source.get("type")?.as_str()) == Some(kind)
}

/// The packages reachable from the dependencies of a reduced `pyproject.toml`, regardless of markers: Poetry skips those
/// whose markers do not match.
fn reached(pyproject: &Table, packages: &[&Table]) -> BTreeSet<String> {
    let mut open: Vec<String> = Vec::new();
    let tool = below(pyproject, &["tool", "poetry"]);
    let mut tables: Vec<&Table> = Vec::new();
    if let Some(tool) = tool {
        tables.extend(below(tool, &["dependencies"]));
        tables.extend(below(tool, &["dev-dependencies"]));
        let groups = below(tool, &["group"]).into_iter().flat_map(Table::values);
        tables.extend(groups.filter_map(|group| group.get("dependencies")?.as_table()));
    }
    open.extend(
        tables
            .into_iter()
            .flat_map(Table::keys)
            .map(|name| normalised(name)),
    );
    let mut found = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !found.insert(name.clone()) {
            continue;
        }
        for package in packages.iter().filter(|package| name_of(package) == name) {
            let dependencies = below(package, &["dependencies"]);
            open.extend(
                dependencies
                    .into_iter()
                    .flat_map(Table::keys)
                    .map(|name| normalised(name)),
            );
        }
    }
    found
}

fn name_of(package: &Table) -> String {
    package
        .get("name")
        .and_then(Value::as_str)
        .map(normalised)
        .unwrap_or_default()
}
