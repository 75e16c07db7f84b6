//! The dependencies that a selection of the project asks for, where the groups that a lock lists do not decide.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::name::normalised;
use super::pyproject::Pyproject;
use super::reduced::adds_details;
use super::requirement::Requirement;
use super::selection::{MAIN, Selection};
use super::tables::below;

/// The group of `[tool.poetry.dev-dependencies]`.
const DEV: &str = "dev";

/// The dependencies of a project's selected groups.
#[derive(Clone, Default)]
pub(super) struct Roots<'a> {
    pub(super) required: Vec<Requirement<'a>>,
    /// Those of all extras, and optional ones of no extra.
    pub(super) optional: Vec<Requirement<'a>>,
    /// The names of the dependencies of the selected extras.
    pub(super) of_selected_extras: BTreeSet<String>,
}

impl<'a> Roots<'a> {
    /// Poetry 1 reads only `[tool.poetry]`, and its locks do not list groups.
    pub(super) fn new(pyproject: &'a Pyproject, selection: &Selection, by_poetry_1: bool) -> Self {
        let groups = pyproject.with_included(&selection.groups);
        let table = &pyproject.table;
        let tool = below(table, &["tool", "poetry"]);
        let mut roots = Self::default();
        if groups.contains(MAIN) {
            roots.add_main(pyproject, selection, by_poetry_1);
        }
        let mut tables = Vec::new();
        if let Some(tool) = tool {
            if groups.contains(DEV) {
                tables.extend(below(tool, &["dev-dependencies"]));
            }
            let own = selected(below(tool, &["group"]), &groups);
            tables.extend(own.filter_map(|group| group.get("dependencies")?.as_table()));
        }
        roots.add(tables.into_iter().flat_map(of_table));
        let standard = selected(below(table, &["dependency-groups"]), &groups);
        roots.add(standard.flat_map(of_list));
        let extras = tool.and_then(|tool| below(tool, &["extras"]));
        let names = selected(extras, &selection.extras).flat_map(texts);
        let names = names.map(|name| Requirement::parse(name).name);
        roots.of_selected_extras.extend(names);
        roots
    }

    /// Only with what the selected extras contain.
    pub(super) fn without_other_extras(mut self) -> Self {
        let wanted = &self.of_selected_extras;
        self.optional.retain(|one| wanted.contains(&one.name));
        self
    }

    fn add(&mut self, requirements: impl IntoIterator<Item = Requirement<'a>>) {
        let (optional, required): (Vec<_>, Vec<_>) =
            requirements.into_iter().partition(|one| one.optional);
        self.optional.extend(optional);
        self.required.extend(required);
    }

    /// The main group: where `[project]` lists a package, `[tool.poetry.dependencies]` adds details to it.
    fn add_main(&mut self, pyproject: &'a Pyproject, selection: &Selection, by_poetry_1: bool) {
        let table = &pyproject.table;
        let mut standard: Vec<Requirement<'_>> = Vec::new();
        if let Some(project) = below(table, &["project"]) {
            standard.extend(project.get("dependencies").into_iter().flat_map(of_list));
            let extras = below(project, &["optional-dependencies"]);
            let all = extras
                .into_iter()
                .flatten()
                .map(|(name, _)| normalised(name));
            let name = pyproject.name.as_deref();
            let optional = of_extras(extras, &all.collect(), name);
            standard.extend(optional.into_iter().map(|mut one| {
                one.optional = true;
                one
            }));
            let wanted = of_extras(extras, &selection.extras, name).into_iter();
            self.of_selected_extras.extend(wanted.map(|one| one.name));
        }
        let own = below(table, &["tool", "poetry", "dependencies"]);
        let own: Vec<Requirement<'_>> = own.into_iter().flat_map(of_table).collect();
        let listed: BTreeSet<&str> = standard.iter().map(|one| one.name.as_str()).collect();
        let (details, mut found): (Vec<_>, Vec<_>) = own
            .into_iter()
            .partition(|one| listed.contains(one.name.as_str()));
        // The rest are details of nothing.
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
        self.add(found);
    }
}

/// The requirements of these `[project.optional-dependencies]`, which can include each other as `PROJECT[EXTRA]`.
fn of_extras<'a>(
    extras: Option<&'a Table>,
    names: &BTreeSet<String>,
    project: Option<&str>,
) -> Vec<Requirement<'a>> {
    let mut found = Vec::new();
    let mut seen = names.clone();
    let mut open = vec![names.clone()];
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
