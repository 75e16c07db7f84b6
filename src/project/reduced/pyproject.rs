//! The reduced `pyproject.toml`.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::tables::{below, insert_unless_empty, not_editable, one_spelling, only};
use crate::project::name::normalised;
use crate::project::pyproject::Pyproject;
use crate::project::selection::{MAIN, Selection};

/// Settings of `[tool.poetry]` that affect the installation although the content hash does not cover all of them.
pub(super) const SETTINGS: [&str; 4] = [
    "build-constraints",
    "requires-plugins",
    "requires-poetry",
    "source",
];

/// `is_needed`: a locked package depends on the project itself, as its plugins do. `all_optional`: keep optional dependencies
/// of no extra.
pub(super) fn reduce_pyproject(
    pyproject: &Pyproject,
    selection: &Selection,
    is_needed: bool,
    all_optional: bool,
) -> Table {
    let mut reduced = Table::new();
    let groups = pyproject.with_included(&selection.groups);
    let pyproject = &pyproject.table;
    if let Some(project) = below(pyproject, &["project"]) {
        reduced.insert(
            "project".to_owned(),
            reduce_project(project, selection, is_needed).into(),
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
    for key in ["name", "version"].into_iter().filter(|_| is_needed) {
        let value = tool.get(key).map(|value| (key.to_owned(), value.clone()));
        poetry.extend(value);
    }
    // The project itself is installed in another step; without a package, Poetry requires no name or version.
    poetry.insert("package-mode".to_owned(), Value::Boolean(false));
    if let Some(dependencies) = below(tool, &["dependencies"]) {
        // Where `[project]` lists the dependencies, this table only adds details. With none of them selected, Poetry would
        // read the details as dependencies.
        let main = selection.groups.contains(MAIN)
            && (!adds_details(pyproject) || names_dependencies(&reduced));
        let wanted = selected_optional(tool, selection);
        let kept = dependencies
            .iter()
            .filter(|(name, value)| {
                *name == "python"
                    || main
                        && (all_optional
                            || !is_optional(value)
                            || wanted.contains(&normalised(name)))
            })
            .map(|(name, value)| match value.as_str() {
                Some(python) if name == "python" => (name.clone(), one_spelling(python).into()),
                _ => (name.clone(), value.clone()),
            })
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

/// Keeps the name, because extras can refer to each other as `NAME[EXTRA]`; the version is a constant unless a package needs
/// it.
fn reduce_project(project: &Table, selection: &Selection, is_needed: bool) -> Table {
    let mut reduced = Table::new();
    if let Some(name) = project.get("name") {
        reduced.insert("name".to_owned(), name.clone());
    }
    let version = project.get("version").filter(|_| is_needed).cloned();
    let version = version.unwrap_or_else(|| Value::String("0".to_owned()));
    reduced.insert("version".to_owned(), version);
    for key in ["requires-python", "dependencies"] {
        if let Some(value) = project.get(key) {
            let keep = key != "dependencies" || selection.groups.contains(MAIN);
            let value = if let ("requires-python", Some(python)) = (key, value.as_str()) {
                one_spelling(python).into()
            } else if keep {
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

/// Whether `[project]` lists dependencies, of extras or others.
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

/// Whether `[tool.poetry.dependencies]` only adds details to the dependencies of `[project]`: it does if `[project]` lists
/// any and declares none dynamic (poetry-core, `src/poetry/core/packages/dependency_group.py`).
pub(in crate::project) fn adds_details(pyproject: &Table) -> bool {
    names_dependencies(pyproject) && !below(pyproject, &["project"]).is_some_and(is_dynamic)
}

/// Whether a reduced `pyproject.toml` has dependencies in its main group.
pub(super) fn has_main(pyproject: &Table) -> bool {
    names_dependencies(pyproject)
        || below(pyproject, &["tool", "poetry", "dependencies"])
            .is_some_and(|all| all.keys().any(|name| name != "python"))
}

/// `wanted`, with the extras they include as `PROJECT[EXTRA]`.
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

/// The optional dependencies in the selected extras of `[tool.poetry.extras]`.
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
