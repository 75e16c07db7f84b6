//! The canonical manifest: a `pyproject.toml` and a `poetry.lock` that say what is installed and nothing else.
//!
//! Poetry installs from this pair what it installs from the user's own, but the pair is the same after a version bump, a
//! change of the readme, of a tool's settings, of a comment, of the order of tables, or of a dependency that is not
//! selected. So the text of the pair is the cache key of the dependencies.

use std::borrow::Cow;
use std::collections::BTreeSet;

use toml::{Table, Value};

use super::content_hash::content_hash;
use super::lock::Lock;
use super::lock_text::{LockText, Package};
use super::marker::can_hold;
use super::pyproject::{normalised, requirement_name};
use super::selection::{self, MAIN, Selection, below};
use super::version::PoetryVersion;

/// The pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The text of `pyproject.toml`.
    pub pyproject: String,
    /// The text of `poetry.lock`.
    pub lock: String,
    /// How many packages the lock holds.
    pub packages: usize,
    /// Whether the main group has dependencies. Poetry does not know one that has none.
    pub has_main: bool,
}

/// Settings of `[tool.poetry]` that decide how packages are installed, though no lock's hash covers them.
const SETTINGS: [&str; 4] = [
    "build-constraints",
    "requires-plugins",
    "requires-poetry",
    "source",
];

/// Makes the pair for `selection` from a whole project.
pub(super) fn manifest(
    pyproject: &Table,
    lock: &Lock,
    selection: &Selection,
    poetry: PoetryVersion,
) -> Manifest {
    let pyproject = reduce_pyproject(pyproject, selection);
    let packages = reduce_packages(&pyproject, lock, selection);
    let extras = only(&lock.extras, &selection.extras);
    let mut metadata = Table::new();
    let mut say = |key: &str, text: String| metadata.insert(key.to_owned(), Value::String(text));
    say("lock-version", lock.version.clone());
    if let Some(python) = &lock.python_versions {
        say("python-versions", python.clone());
    }
    if let Some(hash) = content_hash(&pyproject, poetry) {
        say("content-hash", hash);
    }
    let text = LockText {
        head: lock.head(),
        packages: &packages,
        extras: &extras,
        metadata: &metadata,
    };

    Manifest {
        has_main: has_main(&pyproject),
        pyproject: pyproject.to_string(),
        lock: text.to_string(),
        packages: packages.len(),
    }
}

fn reduce_pyproject(pyproject: &Table, selection: &Selection) -> Table {
    let mut reduced = Table::new();
    let groups = selection::with_included(pyproject, &selection.groups);
    if let Some(project) = below(pyproject, &["project"]) {
        reduced.insert(
            "project".to_owned(),
            reduce_project(project, selection).into(),
        );
    }
    let standard = below(pyproject, &["dependency-groups"]);
    let standard = standard.map(|all| only(all, &groups)).unwrap_or_default();
    insert_unless_empty(&mut reduced, "dependency-groups", standard);

    let empty = Table::new();
    let tool = below(pyproject, &["tool", "poetry"]).unwrap_or(&empty);
    let mut poetry: Table = tool
        .iter()
        .filter(|(key, _)| SETTINGS.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    // The project itself is not installed from here, and what is no package needs no description.
    poetry.insert("package-mode".to_owned(), Value::Boolean(false));
    if let Some(dependencies) = below(tool, &["dependencies"]) {
        // Details of what is not selected would be taken for dependencies.
        let main = selection.groups.contains(MAIN)
            && (!adds_details(pyproject) || names_dependencies(&reduced));
        let wanted = selected_optional(tool, selection);
        let kept = dependencies
            .iter()
            .filter(|(name, value)| {
                *name == "python"
                    || main && (!is_optional(value) || wanted.contains(&normalised(name)))
            })
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        poetry.insert("dependencies".to_owned(), Value::Table(kept));
    }
    let extras = below(tool, &["extras"]);
    let extras = extras
        .map(|all| only(all, &selection.extras))
        .unwrap_or_default();
    insert_unless_empty(&mut poetry, "extras", extras);
    let own = below(tool, &["group"])
        .map(|all| only(all, &groups))
        .unwrap_or_default();
    insert_unless_empty(&mut poetry, "group", own);
    if let Some(dev) = tool
        .get("dev-dependencies")
        .filter(|_| groups.contains("dev"))
    {
        poetry.insert("dev-dependencies".to_owned(), dev.clone());
    }
    poetry.iter_mut().for_each(|(_, value)| not_editable(value));
    let mut tool = Table::new();
    tool.insert("poetry".to_owned(), Value::Table(poetry));
    reduced.insert("tool".to_owned(), Value::Table(tool));
    reduced
}

/// The name stays, for an extra may refer to others of its own project by it; the version is the same for all.
fn reduce_project(project: &Table, selection: &Selection) -> Table {
    let mut reduced = Table::new();
    if let Some(name) = project.get("name") {
        reduced.insert("name".to_owned(), name.clone());
    }
    reduced.insert("version".to_owned(), Value::String("0".to_owned()));
    for key in ["requires-python", "dependencies"] {
        if let Some(value) = project.get(key) {
            let keep = key != "dependencies" || selection.groups.contains(MAIN);
            let value = if keep {
                value.clone()
            } else {
                Value::Array(Vec::new())
            };
            reduced.insert(key.to_owned(), value);
        }
    }
    if let Some(extras) = project
        .get("optional-dependencies")
        .and_then(Value::as_table)
    {
        insert_unless_empty(
            &mut reduced,
            "optional-dependencies",
            only(extras, &with_referred(project, extras, &selection.extras)),
        );
    }
    let dynamic: Vec<Value> = project
        .get("dynamic")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|key| {
            matches!(
                key.as_str(),
                Some("requires-python" | "dependencies" | "optional-dependencies")
            )
        })
        .cloned()
        .collect();
    if !dynamic.is_empty() {
        reduced.insert("dynamic".to_owned(), Value::Array(dynamic));
    }
    reduced
}

fn is_dynamic(project: &Table) -> bool {
    let dynamic = project.get("dynamic").and_then(Value::as_array);
    dynamic
        .into_iter()
        .flatten()
        .any(|key| matches!(key.as_str(), Some("dependencies" | "optional-dependencies")))
}

/// Whether `[project]` itself names dependencies, be they of extras.
fn names_dependencies(pyproject: &Table) -> bool {
    let Some(project) = below(pyproject, &["project"]) else {
        return false;
    };
    let extras = below(project, &["optional-dependencies"])
        .into_iter()
        .flat_map(Table::values);
    project
        .get("dependencies")
        .into_iter()
        .chain(extras)
        .filter_map(Value::as_array)
        .any(|list| !list.is_empty())
}

/// Whether `[tool.poetry.dependencies]` only adds details to the dependencies of `[project]`: it does if that names any
/// and leaves none open (poetry-core, `src/poetry/core/packages/dependency_group.py`).
fn adds_details(pyproject: &Table) -> bool {
    names_dependencies(pyproject) && !below(pyproject, &["project"]).is_some_and(is_dynamic)
}

fn has_main(pyproject: &Table) -> bool {
    names_dependencies(pyproject)
        || below(pyproject, &["tool", "poetry", "dependencies"])
            .is_some_and(|all| all.keys().any(|name| name != "python"))
}

/// `wanted` and the extras that these name as `PROJECT[EXTRA]`.
fn with_referred(project: &Table, extras: &Table, wanted: &BTreeSet<String>) -> BTreeSet<String> {
    let name = project.get("name").and_then(Value::as_str).map(normalised);
    let mut found = wanted.clone();
    let mut open: Vec<String> = wanted.iter().cloned().collect();
    while let Some(extra) = open.pop() {
        let requirements = extras
            .iter()
            .filter(|(name, _)| normalised(name) == extra)
            .filter_map(|(_, value)| value.as_array())
            .flatten()
            .filter_map(Value::as_str);
        for requirement in requirements {
            let Some((package, rest)) = requirement.split_once('[') else {
                continue;
            };
            if Some(normalised(package.trim())) != name {
                continue;
            }
            let referred = rest.split(']').next().unwrap_or_default().split(',');
            for one in referred.map(|one| normalised(one.trim())) {
                if found.insert(one.clone()) {
                    open.push(one);
                }
            }
        }
    }
    found
}

/// The optional dependencies that the selected extras of `[tool.poetry.extras]` name.
fn selected_optional(tool: &Table, selection: &Selection) -> BTreeSet<String> {
    let extras = below(tool, &["extras"]);
    extras
        .map(|all| only(all, &selection.extras))
        .unwrap_or_default()
        .values()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(Value::as_str)
        .map(normalised)
        .collect()
}

fn is_optional(dependency: &Value) -> bool {
    match dependency {
        Value::Table(table) => table.get("optional").and_then(Value::as_bool) == Some(true),
        Value::Array(all) => !all.is_empty() && all.iter().all(is_optional),
        _ => false,
    }
}

fn reduce_packages<'a>(
    pyproject: &Table,
    lock: &'a Lock,
    selection: &Selection,
) -> Vec<Package<'a>> {
    let packages: Vec<&Table> = lock.packages.iter().map(|package| &package.table).collect();
    let reached = reached(pyproject, &packages);
    let constrained = constrained(pyproject, &packages);
    packages
        .into_iter()
        .filter_map(|package| {
            let mut reduced = match package.get("groups").and_then(Value::as_array) {
                Some(groups) => reduce_package(package, groups, selection)?,
                // Before version 2.1 a lock did not say which groups need a package.
                None if reached.contains(&name_of(package)) => reduce_older_package(package),
                None => return None,
            };
            if is_from(package, "directory") && !constrained.contains(&name_of(package)) {
                set(&mut reduced, "version", Value::String("0".to_owned()));
            }
            Some(reduced)
        })
        .collect()
}

/// The packages of which somebody asks for certain versions. The version of a folder decides nothing else, for folders
/// are not installed from here.
fn constrained(pyproject: &Table, packages: &[&Table]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for package in packages {
        let dependencies = below(package, &["dependencies"]);
        found.extend(dependencies.into_iter().flat_map(constrained_keys));
    }
    collect_constrained(pyproject, &mut found);
    found
}

/// Looks through all dependencies of a `pyproject.toml`: keys with a version, and requirements (PEP 508) as strings.
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
/// Poetry writes the same in several ways, depending on groups that are not selected: here it is written in one.
fn reduce_package<'a>(
    package: &'a Table,
    groups: &[Value],
    selection: &Selection,
) -> Option<Package<'a>> {
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

/// The package of a lock before version 2.1. It is optional there if only extras need it, in whatever group it may be;
/// but what no selected extra needs is not here.
fn reduce_older_package(package: &Table) -> Package<'_> {
    let mut reduced = as_installed(package);
    set(&mut reduced, "optional", Value::Boolean(false));
    reduced
}

fn set(package: &mut Package<'_>, key: &'static str, value: Value) {
    package.insert(key, Cow::Owned(value));
}

/// The marker under which a group needs the package; `None` is always.
fn marker_of<'a>(package: &'a Table, group: &str) -> Option<&'a str> {
    match package.get("markers")? {
        Value::String(marker) => Some(marker),
        Value::Table(markers) => markers.get(group)?.as_str(),
        _ => None,
    }
}

/// The package without what decides nothing. What comes from a Git repository is never editable: an image has no
/// checkout to edit.
fn as_installed(package: &Table) -> Package<'_> {
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

/// Takes `develop` from the Git dependencies at and below a value.
fn not_editable(value: &mut Value) {
    match value {
        Value::Table(table) => {
            // A table of dependencies may have some that are called `git` and `develop`, but these are no booleans.
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

/// The packages that the dependencies of a reduced `pyproject.toml` lead to, whatever their markers: those that turn out
/// not to be needed are not installed.
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

/// The entries whose normalised keys are `wanted`.
fn only(table: &Table, wanted: &BTreeSet<String>) -> Table {
    table
        .iter()
        .filter(|(key, _)| wanted.contains(&normalised(key)))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn insert_unless_empty(into: &mut Table, key: &str, table: Table) {
    if !table.is_empty() {
        into.insert(key.to_owned(), Value::Table(table));
    }
}
