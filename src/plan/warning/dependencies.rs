//! Path dependencies that Poetry would install editable.

use crate::diagnostics::{Place, Warning};
use crate::project::{LockedPackage, Project, SourceKind, normalised};
use crate::rules::Rule;

use super::super::Inputs;
use super::warning;

pub(super) fn find(inputs: &Inputs<'_>) -> Vec<Warning> {
    let packages = inputs.project.packages(&inputs.selection);
    let editable =
        packages.filter(|package| package.source == SourceKind::Directory && is_editable(package));
    editable
        .map(|package| {
            warning(
                Rule::EditableDependency,
                &place(inputs.project, package),
                format!("`{}` is editable, and is installed as a wheel", package.name),
                "remove `develop = true` to have the same everywhere, or look for its files with `importlib.resources`",
            )
        })
        .collect()
}

fn is_editable(package: &LockedPackage) -> bool {
    package.table.get("develop").and_then(toml::Value::as_bool) == Some(true)
}

/// The line of the project that asks for a package; where none does, that of the lock.
pub(super) fn place(project: &Project, package: &LockedPackage) -> Place {
    asked_for(project, &normalised(&package.name)).unwrap_or_else(|| package.place.clone())
}

fn asked_for(project: &Project, name: &str) -> Option<Place> {
    let table = &project.pyproject.table;
    let document = &project.pyproject.document;
    let below = |path: &[&str]| {
        let mut value = table.get(*path.first()?)?;
        for key in &path[1..] {
            value = value.get(*key)?;
        }
        Some(value)
    };
    // Lists of requirements, and tables by name.
    let mut lists: Vec<Vec<String>> = vec![owned(&["project", "dependencies"])];
    let mut tables: Vec<Vec<String>> = vec![
        owned(&["tool", "poetry", "dependencies"]),
        owned(&["tool", "poetry", "dev-dependencies"]),
    ];
    let keys = |path: &[&str]| -> Vec<String> {
        let table = below(path).and_then(toml::Value::as_table);
        table
            .into_iter()
            .flat_map(toml::Table::keys)
            .cloned()
            .collect()
    };
    for extra in keys(&["project", "optional-dependencies"]) {
        lists.push(owned(&["project", "optional-dependencies", &extra]));
    }
    for group in keys(&["dependency-groups"]) {
        lists.push(owned(&["dependency-groups", &group]));
    }
    for group in keys(&["tool", "poetry", "group"]) {
        tables.push(owned(&["tool", "poetry", "group", &group, "dependencies"]));
    }
    for path in tables {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        if let Some(key) = keys(&parts).iter().find(|key| normalised(key) == name) {
            return document.place_of(&[&parts[..], &[key]].concat());
        }
    }
    for path in lists {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        let items = below(&parts).and_then(toml::Value::as_array);
        let index = items.into_iter().flatten().position(|item| {
            let text = item.as_str().unwrap_or_default();
            let in_name = |char: char| char.is_ascii_alphanumeric() || "-._".contains(char);
            normalised(text.split(|char| !in_name(char)).next().unwrap_or_default()) == name
        });
        if let Some(index) = index {
            return document.place_of(&[&parts[..], &[&index.to_string()]].concat());
        }
    }
    None
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|&part| part.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{PYPROJECT, told_of};

    const LOCKED: &str = "[[package]]\nname = \"shared\"\nversion = \"1\"\ngroups = [\"main\"]\nfiles = []\ndevelop = true\n[package.source]\ntype = \"directory\"\nurl = \"libs/shared\"\n";

    #[test]
    fn editable_dependencies_are_told_where_the_project_asks_for_them() {
        let pyproject = format!(
            "{PYPROJECT}[tool.poetry.dependencies]\nShared = {{ path = \"libs/shared\", develop = true }}\n"
        );
        let told = "EditableDependency: `shared` is editable, and is installed as a wheel";
        assert_eq!(
            told_of("", &pyproject, LOCKED),
            [format!("pyproject.toml:7 {told}")]
        );
        assert_eq!(
            told_of("", PYPROJECT, LOCKED),
            [format!("poetry.lock:2 {told}")]
        );
        let plain = LOCKED.replace("develop = true\n", "");
        assert!(told_of("", &pyproject, &plain).is_empty());
    }
}
