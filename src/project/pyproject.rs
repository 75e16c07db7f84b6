//! `pyproject.toml`: `[project]` (PEP 621) and `[tool.poetry]`, as far as a build looks at them.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::version::Constraint;
use super::{Error, constraint, toml_error};
use crate::diagnostics::{Diagnostics, Document, Place, Problem};

/// A project file.
#[derive(Clone, Debug, PartialEq)]
pub struct Pyproject {
    /// The text.
    pub document: Document,
    /// All that it says.
    pub table: toml::Table,
    /// The distribution's name, normalised (PEP 503).
    pub name: Option<String>,
    /// The distribution's name as it is spelled.
    pub title: Option<String>,
    /// The version, unless it is found when the wheel is built.
    pub version: Option<String>,
    /// One sentence on what the project is.
    pub description: Option<String>,
    /// The licence's name.
    pub license: Option<String>,
    /// The Python that the project asks for.
    pub python: Option<(Constraint, Place)>,
    /// The Poetry that the project asks for.
    pub requires_poetry: Option<(Constraint, Place)>,
    /// Whether the project is a package; `package-mode = false` says it is not.
    pub package_mode: bool,
    /// Console scripts, in the order of their names.
    pub scripts: Vec<String>,
    /// `[tool.poetry] packages`; empty where Poetry looks for the package by the project's name.
    pub packages: Vec<PackageInclude>,
    /// The readmes that the project names.
    pub readmes: Vec<String>,
    /// Other files that building a wheel needs, since the project names them: a licence, a build script.
    pub named_files: Vec<String>,
    /// Other files that a wheel may hold: `include`, and licences by their usual names.
    pub wheel_files: Vec<String>,
    /// The entries of `[[tool.poetry.source]]`.
    pub sources: Vec<PackageSource>,
    /// Whether poetry-core builds the wheel. Another backend may read any file of the project.
    pub built_by_poetry: bool,
    /// The poetry-core that builds the wheel, if nothing else runs then: no script of the project, no other package.
    pub core: Option<Constraint>,
}

/// One entry of `[tool.poetry] packages`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct PackageInclude {
    /// A folder or module, perhaps with wildcards.
    pub include: String,
    /// The folder that it is in.
    pub from: Option<String>,
}

/// One entry of `[[tool.poetry.source]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageSource {
    /// The name.
    pub name: String,
    /// The address; empty for the default index.
    pub url: String,
    /// Where the entry stands.
    pub place: Place,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct File {
    project: ProjectTable,
    tool: Tool,
    build_system: Option<BuildSystem>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct ProjectTable {
    name: Option<String>,
    version: Option<toml::Value>,
    description: Option<toml::Value>,
    requires_python: Option<Spanned<String>>,
    scripts: BTreeMap<String, toml::Value>,
    readme: Option<toml::Value>,
    license: Option<toml::Value>,
    license_files: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tool {
    poetry: PoetryTable,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct PoetryTable {
    name: Option<String>,
    version: Option<toml::Value>,
    description: Option<toml::Value>,
    license: Option<toml::Value>,
    package_mode: Option<bool>,
    dependencies: BTreeMap<String, Spanned<toml::Value>>,
    scripts: BTreeMap<String, toml::Value>,
    packages: Vec<PackageInclude>,
    include: Vec<toml::Value>,
    readme: Option<toml::Value>,
    build: Option<toml::Value>,
    requires_poetry: Option<Spanned<String>>,
    source: Vec<SourceTable>,
}

#[derive(Deserialize)]
struct SourceTable {
    name: Spanned<String>,
    #[serde(default)]
    url: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct BuildSystem {
    build_backend: Option<String>,
    requires: Vec<String>,
}

/// The licence files that poetry-core takes into a wheel when the project names none
/// (poetry-core, `src/poetry/core/masonry/builders/builder.py`).
const LICENCES: [&str; 6] = [
    "LICEN[CS]E*",
    "COPYING*",
    "NOTICE*",
    "AUTHORS*",
    "COPYING/**",
    "LICENSES/**",
];

/// More packages and files than any project names; each is looked for among all of them.
const MOST_NAMES: usize = 250;

impl Pyproject {
    pub(super) fn parse(document: Document) -> Result<Self, Diagnostics> {
        let file: File =
            toml::from_str(document.text()).map_err(|error| toml_error(&document, &error))?;
        let table =
            toml::from_str(document.text()).map_err(|error| toml_error(&document, &error))?;
        let poetry = file.tool.poetry;
        let project = file.project;
        let legacy_python = poetry.dependencies.get("python").and_then(|value| {
            let text = value.get_ref().as_str()?.to_owned();
            Some(Spanned::new(value.span(), text))
        });
        let mut scripts: Vec<String> = project
            .scripts
            .into_keys()
            .chain(poetry.scripts.into_keys())
            .collect();
        scripts.sort();
        scripts.dedup();

        let names = |values: [&Option<toml::Value>; 2]| -> Vec<String> {
            values.into_iter().flatten().flat_map(files).collect()
        };
        let text = |values: [&Option<toml::Value>; 2]| -> Option<String> {
            let mut texts = values.into_iter().flatten().filter_map(toml::Value::as_str);
            texts.find(|text| !text.is_empty()).map(str::to_owned)
        };
        let title = project.name.or(poetry.name);

        let readmes = names([&project.readme, &poetry.readme]);
        let named_files = names([&project.license, &poetry.build]);
        let mut wheel_files: Vec<String> = poetry.include.iter().flat_map(files).collect();
        match project.license_files {
            Some(patterns) => wheel_files.extend(patterns),
            None => wheel_files.extend(LICENCES.map(str::to_owned)),
        }

        let lists = [&readmes, &named_files, &wheel_files].map(Vec::len);
        if poetry.packages.len() + lists.iter().sum::<usize>() > MOST_NAMES {
            let error = Error::TooManyNames(MOST_NAMES);
            return Err(error.at(&document.first_line()).into());
        }

        let system = file.build_system.unwrap_or_default();
        let backend = system.build_backend.as_ref();
        let built_by_poetry = backend.is_none_or(|backend| backend.starts_with("poetry."));
        // Without a backend's name, a `setup.py` would build it.
        let core = (built_by_poetry && backend.is_some() && poetry.build.is_none())
            .then(|| core(&system.requires))
            .flatten();

        Ok(Self {
            table,
            name: title.as_deref().map(normalised),
            title,
            version: text([&project.version, &poetry.version]),
            description: text([&project.description, &poetry.description]),
            license: text([&project.license, &poetry.license]),
            python: project
                .requires_python
                .or(legacy_python)
                .and_then(|text| constraint(&document, &text)),
            requires_poetry: poetry
                .requires_poetry
                .and_then(|text| constraint(&document, &text)),
            package_mode: poetry.package_mode.unwrap_or(true),
            scripts,
            packages: poetry.packages,
            readmes,
            named_files,
            wheel_files,
            sources: poetry
                .source
                .into_iter()
                .map(|source| PackageSource {
                    place: document.place(source.name.span()),
                    name: source.name.into_inner(),
                    url: source.url,
                })
                .collect(),
            built_by_poetry,
            core,
            document,
        })
    }

    /// Where the package's code may be: each inner list names the places of one package, of which one must exist.
    ///
    /// Without `packages`, Poetry takes the folder or module with the project's name, here or under `src`
    /// (poetry-core, `src/poetry/core/masonry/utils/module.py`).
    #[must_use]
    pub fn package_paths(&self) -> Vec<Vec<String>> {
        if !self.packages.is_empty() {
            return self
                .packages
                .iter()
                .map(|package| {
                    vec![match &package.from {
                        Some(from) => format!("{}/{}", from.trim_matches('/'), package.include),
                        None => package.include.clone(),
                    }]
                })
                .collect();
        }
        let Some(module) = self.name.as_ref().map(|name| name.replace('-', "_")) else {
            return Vec::new();
        };
        vec![vec![
            module.clone(),
            format!("{module}.py"),
            format!("src/{module}"),
            format!("src/{module}.py"),
        ]]
    }
}

/// The file names in a value that may be a name, a list of names, or a table with `file`, `path` or `script`.
fn files(value: &toml::Value) -> Vec<String> {
    match value {
        toml::Value::String(name) => vec![name.clone()],
        toml::Value::Array(items) => items.iter().flat_map(files).collect(),
        toml::Value::Table(table) => ["file", "path", "script"]
            .into_iter()
            .filter_map(|key| table.get(key))
            .flat_map(files)
            .collect(),
        _ => Vec::new(),
    }
}

/// What the only requirement of a build says of poetry-core; nothing when it is not the only one, or says more.
fn core(requirements: &[String]) -> Option<Constraint> {
    let [only] = requirements else { return None };
    let name = requirement_name(only);
    let rest = only.get(name.len()..)?.trim();
    if name != "poetry-core" || rest.contains(['[', ';', '@', '!']) {
        return None;
    }
    match rest.trim_matches(['(', ')', ' ']) {
        "" => Some(Constraint::any()),
        constraint => Constraint::parse(constraint),
    }
}

/// The normalised name that a requirement (PEP 508) begins with.
pub(super) fn requirement_name(requirement: &str) -> String {
    let in_name = |char: char| char.is_ascii_alphanumeric() || "-._".contains(char);
    let end = requirement.find(|char| !in_name(char));
    normalised(&requirement[..end.unwrap_or(requirement.len())])
}

/// PEP 503.
pub(crate) fn normalised(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for char in name.chars() {
        let char = if matches!(char, '_' | '.') {
            '-'
        } else {
            char.to_ascii_lowercase()
        };
        if char != '-' || !out.ends_with('-') {
            out.push(char);
        }
    }
    out
}
