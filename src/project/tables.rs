//! The shape of `pyproject.toml`: its tables as they are deserialised, with the location of everything that findings can
//! point to. Only what a build uses is listed; Poetry validates the rest.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Table, Value};

/// A table whose keys the user chooses.
pub(super) type Entries<T> = BTreeMap<Spanned<String>, T>;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct File {
    pub(super) project: ProjectTable,
    /// PEP 735.
    pub(super) dependency_groups: Entries<Vec<Spanned<Value>>>,
    pub(super) tool: Tool,
    pub(super) build_system: Option<BuildSystem>,
}

/// `[project]` (PEP 621).
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct ProjectTable {
    pub(super) name: Option<String>,
    pub(super) version: Option<Value>,
    pub(super) description: Option<Spanned<Value>>,
    pub(super) requires_python: Option<Spanned<String>>,
    pub(super) dependencies: Vec<Spanned<Value>>,
    pub(super) optional_dependencies: Entries<Vec<Spanned<Value>>>,
    pub(super) scripts: Entries<Spanned<Value>>,
    pub(super) readme: Option<Spanned<Value>>,
    pub(super) license: Option<Spanned<Value>>,
    pub(super) license_files: Option<Vec<Spanned<String>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Tool {
    pub(super) poetry: PoetryTable,
    /// The settings of the plugin with that name, which sets the version when the wheel is built.
    #[serde(rename = "poetry-dynamic-versioning")]
    pub(super) dynamic_versioning: Option<Spanned<Value>>,
}

/// `[tool.poetry]`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct PoetryTable {
    pub(super) name: Option<String>,
    pub(super) version: Option<Value>,
    pub(super) description: Option<Spanned<Value>>,
    pub(super) license: Option<Spanned<Value>>,
    pub(super) package_mode: Option<bool>,
    pub(super) dependencies: Entries<Spanned<Value>>,
    /// The development dependencies of Poetry before 1.2.
    pub(super) dev_dependencies: Option<Entries<Spanned<Value>>>,
    pub(super) group: Entries<GroupTable>,
    pub(super) extras: Entries<Value>,
    pub(super) scripts: Entries<Spanned<Value>>,
    pub(super) packages: Vec<Spanned<PackageTable>>,
    pub(super) include: Vec<Spanned<Value>>,
    pub(super) readme: Option<Spanned<Value>>,
    pub(super) build: Option<Spanned<Value>>,
    pub(super) requires_poetry: Option<Spanned<String>>,
    pub(super) requires_plugins: BTreeMap<String, Value>,
    pub(super) source: Vec<SourceTable>,
}

/// `[tool.poetry.group.NAME]`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct GroupTable {
    pub(super) optional: bool,
    pub(super) dependencies: Entries<Spanned<Value>>,
    pub(super) include_groups: Vec<Value>,
}

#[derive(Deserialize)]
pub(super) struct PackageTable {
    pub(super) include: String,
    pub(super) from: Option<String>,
    pub(super) format: Option<Value>,
}

/// `[[tool.poetry.source]]`.
#[derive(Deserialize)]
pub(super) struct SourceTable {
    pub(super) name: Spanned<String>,
    #[serde(default)]
    pub(super) url: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct BuildSystem {
    pub(super) build_backend: Option<Spanned<String>>,
    pub(super) requires: Vec<String>,
}

/// The table at `path` below another one.
pub(super) fn below<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Table> {
    path.iter()
        .try_fold(table, |table, key| table.get(*key)?.as_table())
}
