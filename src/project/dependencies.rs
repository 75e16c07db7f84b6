//! What a project depends on: the entries of its groups and extras, in `[project]`, `[dependency-groups]` and
//! `[tool.poetry]`.

use std::collections::BTreeMap;

use toml::{Spanned, Value};

use super::name::{normalised, spelled_name};
use super::origin::PackageOrigin;
use super::selection::MAIN;
use super::tables::{Entries, File};
use crate::diagnostics::{Document, Span};

/// The group of `[tool.poetry.dev-dependencies]`.
const DEV: &str = "dev";

/// The entries for one group or extra in one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DependencyList {
    pub needed_by: NeededBy,
    pub dependencies: Vec<Dependency>,
}

/// The group, or the extra of the main group, by its normalised name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NeededBy {
    Group(String),
    Extra(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The name as spelled.
    pub name: String,
    pub origin: PackageOrigin,
    /// Whether it asks for an editable install with `develop = true`.
    pub develop: bool,
    /// The whole entry: a key and its value, or a requirement in a list.
    pub span: Span,
}

impl Dependency {
    #[must_use]
    pub fn normalised(&self) -> String {
        normalised(&self.name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The name as spelled.
    pub name: String,
    /// The normalised names of the groups that it includes.
    pub includes: Vec<String>,
    /// Whether `poetry install` leaves it out unless it is asked for.
    pub optional: bool,
}

/// All dependencies. Those in `[tool.poetry]` come first: where both tables have an entry for a package, that one holds the
/// path or the URL.
pub(super) fn dependencies(document: &Document, file: &File) -> Vec<DependencyList> {
    let group = |name: &str| NeededBy::Group(normalised(name));
    let extra = |name: &str| NeededBy::Extra(normalised(name));
    let list = |needed_by, dependencies| DependencyList {
        needed_by,
        dependencies,
    };
    let (project, poetry) = (&file.project, &file.tool.poetry);
    let own = |entries| from_table(document, entries);
    let standard = |requirements: &Vec<_>| from_requirements(document, requirements);

    let mut lists = vec![list(group(MAIN), own(&poetry.dependencies))];
    let dev = poetry.dev_dependencies.iter();
    lists.extend(dev.map(|dev| list(group(DEV), own(dev))));
    let groups = poetry.group.iter();
    lists.extend(groups.map(|(name, table)| list(group(name.get_ref()), own(&table.dependencies))));
    lists.push(list(group(MAIN), standard(&project.dependencies)));
    let extras = project.optional_dependencies.iter();
    lists.extend(extras.map(|(name, all)| list(extra(name.get_ref()), standard(all))));
    let groups = file.dependency_groups.iter();
    lists.extend(groups.map(|(name, all)| list(group(name.get_ref()), standard(all))));
    lists
}

/// Poetry's notation: a table by name.
fn from_table(document: &Document, table: &Entries<Spanned<Value>>) -> Vec<Dependency> {
    // `python` is the project's own requirement.
    let packages = table.iter().filter(|(name, _)| name.get_ref() != "python");
    packages
        .map(|(name, value)| Dependency {
            name: name.get_ref().clone(),
            origin: PackageOrigin::of_value(value.get_ref()),
            develop: is_develop(value.get_ref()),
            span: document.span(name.span().start..value.span().end),
        })
        .collect()
}

/// The standard notation: a list of requirements (PEP 508).
fn from_requirements(document: &Document, list: &[Spanned<Value>]) -> Vec<Dependency> {
    // In a group, a table includes another group.
    let requirements = list
        .iter()
        .filter_map(|item| Some((item.get_ref().as_str()?, item.span())));
    requirements
        .map(|(requirement, span)| Dependency {
            name: spelled_name(requirement).to_owned(),
            origin: PackageOrigin::of_requirement(requirement),
            develop: false,
            span: document.span(span),
        })
        .collect()
}

fn is_develop(value: &Value) -> bool {
    match value {
        Value::Table(table) => table.get("develop").and_then(Value::as_bool) == Some(true),
        Value::Array(alternatives) => alternatives.iter().any(is_develop),
        _ => false,
    }
}

/// The groups by their normalised names: Poetry's own, those of PEP 735, and the main group, which every project has.
pub(super) fn groups(file: &File) -> BTreeMap<String, Group> {
    let mut groups = BTreeMap::new();
    let mut add = |name: &str, includes: Vec<String>, optional: bool| {
        let group = groups.entry(normalised(name)).or_insert_with(|| Group {
            name: String::new(),
            includes: Vec::new(),
            optional: false,
        });
        name.clone_into(&mut group.name);
        group.includes.extend(includes);
        group.optional |= optional;
    };
    add(MAIN, Vec::new(), false);
    for (name, table) in &file.tool.poetry.group {
        let includes = table.include_groups.iter().filter_map(Value::as_str);
        let includes = includes.map(normalised).collect();
        add(name.get_ref(), includes, table.optional);
    }
    // The table in `[tool.poetry]` can make it optional.
    for (name, list) in &file.dependency_groups {
        let includes = list
            .iter()
            .filter_map(|item| item.get_ref().get("include-group")?.as_str());
        add(name.get_ref(), includes.map(normalised).collect(), false);
    }
    if file.tool.poetry.dev_dependencies.is_some() {
        add(DEV, Vec::new(), false);
    }
    groups
}

/// The extras as spelled, by their normalised names.
pub(super) fn extras(file: &File) -> BTreeMap<String, String> {
    let standard = file.project.optional_dependencies.keys();
    let own = file.tool.poetry.extras.keys();
    standard
        .chain(own)
        .map(|name| (normalised(name.get_ref()), name.get_ref().clone()))
        .collect()
}
