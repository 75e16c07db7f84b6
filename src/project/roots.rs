//! The dependencies that a selection of the project asks for, where the groups that a lock lists do not decide.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::name::normalised;
use super::pyproject::Pyproject;
use super::reduced::{adds_details, below};
use super::requirement::Requirement;
use super::selection::{MAIN, Selection};

/// The group of `[tool.poetry.dev-dependencies]`.
const DEV: &str = "dev";

/// The dependencies of the selected groups, without the optional ones that no selected extra contains. Poetry 1 reads only
/// `[tool.poetry]`, and locks without groups.
pub(super) fn roots<'a>(
    pyproject: &'a Pyproject,
    selection: &Selection,
    by_poetry_1: bool,
) -> Vec<Requirement<'a>> {
    let groups = pyproject.with_included(&selection.groups);
    let table = &pyproject.table;
    let tool = below(table, &["tool", "poetry"]);
    let mut found = Vec::new();
    if groups.contains(MAIN) {
        found.extend(main(pyproject, selection, by_poetry_1));
    }
    let mut tables = Vec::new();
    if let Some(tool) = tool {
        if groups.contains(DEV) {
            tables.extend(below(tool, &["dev-dependencies"]));
        }
        let own = selected(below(tool, &["group"]), &groups);
        tables.extend(own.filter_map(|group| group.get("dependencies")?.as_table()));
    }
    found.extend(tables.into_iter().flat_map(of_table));
    let standard = selected(below(table, &["dependency-groups"]), &groups);
    found.extend(standard.flat_map(of_list));

    let wanted = in_extras(tool, selection);
    found.retain(|one| !one.optional || wanted.contains(&one.name));
    found
}

/// The main group: where `[project]` lists a package, `[tool.poetry.dependencies]` adds details to it.
fn main<'a>(
    pyproject: &'a Pyproject,
    selection: &Selection,
    by_poetry_1: bool,
) -> Vec<Requirement<'a>> {
    let table = &pyproject.table;
    let mut standard: Vec<Requirement<'_>> = Vec::new();
    if let Some(project) = below(table, &["project"]) {
        standard.extend(project.get("dependencies").into_iter().flat_map(of_list));
        let extras = below(project, &["optional-dependencies"]);
        standard.extend(of_extras(extras, selection, pyproject.name.as_deref()));
    }
    let own = below(table, &["tool", "poetry", "dependencies"]);
    let own: Vec<Requirement<'_>> = own.into_iter().flat_map(of_table).collect();
    let listed: BTreeSet<&str> = standard.iter().map(|one| one.name.as_str()).collect();
    let (details, mut found): (Vec<_>, Vec<_>) = own
        .into_iter()
        .partition(|one| listed.contains(one.name.as_str()));
    // The rest are details of extras that are not selected, or of nothing.
    if !by_poetry_1 && adds_details(table) {
        found.clear();
    }
    for one in &standard {
        let mut details = details
            .iter()
            .filter(|details| details.name == one.name)
            .peekable();
        if details.peek().is_none() {
            found.push(one.clone());
        }
        found.extend(details.map(|details| one.with_details(details)));
    }
    found
}

/// The requirements of the selected `[project.optional-dependencies]`, which can include each other as `PROJECT[EXTRA]`.
fn of_extras<'a>(
    extras: Option<&'a Table>,
    selection: &Selection,
    project: Option<&str>,
) -> Vec<Requirement<'a>> {
    let mut found = Vec::new();
    let mut seen = selection.extras.clone();
    let mut open = vec![selection.extras.clone()];
    while let Some(names) = open.pop() {
        for one in selected(extras, &names).flat_map(of_list) {
            if Some(one.name.as_str()) == project {
                let included = one.extras.into_iter();
                let new = included.filter(|extra| seen.insert(extra.clone()));
                open.push(new.collect());
            } else {
                found.push(one);
            }
        }
    }
    found
}

/// The packages in the selected extras of `[tool.poetry.extras]`.
fn in_extras(tool: Option<&Table>, selection: &Selection) -> BTreeSet<String> {
    let extras = tool.and_then(|tool| below(tool, &["extras"]));
    let names = selected(extras, &selection.extras).flat_map(texts);
    names.map(|name| Requirement::parse(name).name).collect()
}

/// The values of a table whose normalised keys are in `names`.
fn selected<'a>(
    table: Option<&'a Table>,
    names: &BTreeSet<String>,
) -> impl Iterator<Item = &'a Value> {
    let entries = table.into_iter().flatten();
    let selected = entries.filter(|(name, _)| names.contains(&normalised(name)));
    selected.map(|(_, value)| value)
}

fn of_table(dependencies: &Table) -> impl Iterator<Item = Requirement<'_>> {
    // `python` is the project's own requirement.
    let packages = dependencies.iter().filter(|(name, _)| *name != "python");
    packages.flat_map(|(name, value)| Requirement::of_value(name, value))
}

fn of_list(list: &Value) -> impl Iterator<Item = Requirement<'_>> {
    texts(list).map(Requirement::parse)
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    let items = list.as_array().into_iter().flatten();
    items.filter_map(Value::as_str)
}
