//! `pyproject.toml`: `[project]` (PEP 621) and `[tool.poetry]`, as far as a build uses them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

use super::dependencies::{self, Dependency, DependencyList, Group, NeededBy};
use super::error::Error;
use super::input::{constraint, toml_error};
use super::name::{normalised, requirement_name};
use super::pep440::VersionConstraint;
use super::scripts::{Script, scripts};
use super::selection::MAIN;
use super::tables::{File, Tool};
use super::version_from_git::{VersionFromGit, is_set_by_plugin, version_from_git};
use super::wheel_files::WheelFiles;
use crate::diagnostics::{Diagnostics, Document, Located, Problem, Span};

#[derive(Clone, Debug, PartialEq)]
pub struct Pyproject {
    pub document: Document,
    /// The whole content, which the content hash and the reduced project are made from.
    pub(super) table: toml::Table,
    /// The distribution's name, normalised.
    pub name: Option<String>,
    /// The distribution's name as spelled.
    pub title: Option<String>,
    /// The version, unless it is set when the wheel is built.
    pub version: Option<String>,
    pub description: Option<Located<String>>,
    pub license: Option<Located<String>>,
    /// The Python that the project requires.
    pub python: Option<(VersionConstraint, Span)>,
    pub requires_poetry: Option<(VersionConstraint, Span)>,
    pub version_from_git: Option<VersionFromGit>,
    /// The names of the plugins in `requires-plugins`.
    pub required_plugins: Vec<String>,
    /// Whether the project is a package: `package-mode` is not `false`.
    pub package_mode: bool,
    /// By their normalised names.
    pub groups: BTreeMap<String, Group>,
    /// The extras as spelled, by their normalised names.
    pub extras: BTreeMap<String, String>,
    /// Those in `[tool.poetry]` come first.
    pub dependencies: Vec<DependencyList>,
    /// In the order of the file.
    pub scripts: Vec<Script>,
    pub wheel_files: WheelFiles,
    pub indexes: Vec<Index>,
    /// Whether poetry-core builds the wheel. Another backend may read any file of the project.
    pub built_by_poetry: bool,
    /// The poetry-core that builds the wheel, if nothing else runs: no script of the project, no other package.
    pub core: Option<VersionConstraint>,
    /// The `build-backend` of `[build-system]`.
    pub build_backend: Option<Span>,
}

/// An entry of `[[tool.poetry.source]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub name: String,
    /// Empty for the default index.
    pub url: String,
    pub span: Span,
}

/// Far more packages and files than a real project names. Each is matched against all files of the context.
const MOST_NAMES: usize = 250;

impl Pyproject {
    pub(super) fn parse(document: Document) -> Result<Self, Diagnostics> {
        let wrong = |error| toml_error(&document, &error);
        let root = DeTable::parse(document.text()).map_err(wrong)?;
        let file = File::deserialize(Deserializer::from(root.clone())).map_err(wrong)?;
        let table = toml::Table::deserialize(Deserializer::from(root)).map_err(wrong)?;

        let wheel_files = WheelFiles::read(&document, &file);
        if wheel_files.count() > MOST_NAMES {
            let error = Error::TooManyNames(MOST_NAMES);
            return Err(error.at(&document.first_line()).into());
        }
        if let Some(span) = wheel_files.with_control() {
            return Err(Error::Control("path").at(span).into());
        }
        if let Some(pattern) = wheel_files.malformed() {
            return Err(Error::Pattern(pattern.value).at(&pattern.span).into());
        }
        let mut names = file.tool.poetry.source.iter().map(|source| &source.name);
        if let Some(name) = names.find(|name| name.get_ref().contains(char::is_control)) {
            let span = document.span(name.span());
            return Err(Error::Control("name").at(&span).into());
        }
        let groups = dependencies::groups(&file);
        let extras = dependencies::extras(&file);
        let dependencies = dependencies::dependencies(&document, &file);
        let scripts = scripts(&document, &file);
        let version_from_git = version_from_git(&document, &file, &table);
        let dynamic_version = is_set_by_plugin(&file, &table);

        let File {
            project,
            tool,
            build_system,
            ..
        } = file;
        let Tool { poetry, .. } = tool;
        let python_of_poetry = poetry.dependencies.get("python").and_then(|value| {
            let text = value.get_ref().as_str()?.to_owned();
            Some(Spanned::new(value.span(), text))
        });
        let title = project.name.or(poetry.name);

        let system = build_system.unwrap_or_default();
        let backend = system.build_backend.as_ref();
        let built_by_poetry =
            backend.is_none_or(|backend| backend.get_ref().starts_with("poetry."));
        // With a `setup.py` and no backend, setuptools would build the wheel.
        let core = (built_by_poetry && backend.is_some() && poetry.build.is_none())
            .then(|| core(&system.requires))
            .flatten();

        Ok(Self {
            table,
            name: title.as_deref().map(normalised),
            title,
            version: text([&project.version, &poetry.version]).filter(|_| !dynamic_version),
            description: located(&document, [&project.description, &poetry.description]),
            license: located(&document, [&project.license, &poetry.license]),
            python: project
                .requires_python
                .or(python_of_poetry)
                .map(|text| constraint(&document, &text))
                .transpose()?,
            requires_poetry: poetry
                .requires_poetry
                .map(|text| constraint(&document, &text))
                .transpose()?,
            version_from_git,
            required_plugins: poetry.requires_plugins.into_keys().collect(),
            package_mode: poetry.package_mode.unwrap_or(true),
            groups,
            extras,
            dependencies,
            scripts,
            wheel_files,
            indexes: poetry
                .source
                .into_iter()
                .map(|source| Index {
                    span: document.span(source.name.span()),
                    name: source.name.into_inner(),
                    url: source.url,
                })
                .collect(),
            built_by_poetry,
            core,
            build_backend: system
                .build_backend
                .map(|backend| document.span(backend.span())),
            document,
        })
    }

    /// The entry that asks for a package, by the package's normalised name.
    #[must_use]
    pub fn dependency(&self, name: &str) -> Option<&Dependency> {
        self.dependencies
            .iter()
            .flat_map(|list| &list.dependencies)
            .find(|dependency| dependency.normalised() == name)
    }

    /// Whether the main group has dependencies, in extras at least.
    #[must_use]
    pub fn has_main_dependencies(&self) -> bool {
        let mut lists = self.dependencies.iter();
        lists.any(|list| {
            let is_main = match &list.needed_by {
                NeededBy::Group(name) => name == MAIN,
                NeededBy::Extra(_) => true,
            };
            is_main && !list.dependencies.is_empty()
        })
    }

    /// Where the package's code may be. Of each inner list, one path must exist.
    ///
    /// Without `packages`, Poetry uses the directory or module with the project's name, at the top or under `src`
    /// (poetry-core, `src/poetry/core/masonry/utils/module.py`).
    #[must_use]
    pub fn package_paths(&self) -> Vec<Vec<String>> {
        if let Some(packages) = &self.wheel_files.packages {
            return packages
                .iter()
                .map(|package| vec![package.path()])
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

    /// `groups` and all that they include.
    pub(super) fn with_included(&self, groups: &BTreeSet<String>) -> BTreeSet<String> {
        let mut found = groups.clone();
        let mut open: Vec<&String> = groups.iter().collect();
        while let Some(group) = open.pop() {
            for included in self
                .groups
                .get(group)
                .iter()
                .flat_map(|group| &group.includes)
            {
                if found.insert(included.clone()) {
                    open.push(included);
                }
            }
        }
        found
    }
}

/// The first text that is not empty.
fn text(values: [&Option<toml::Value>; 2]) -> Option<String> {
    let mut texts = values.into_iter().flatten().filter_map(toml::Value::as_str);
    texts.find(|text| !text.is_empty()).map(str::to_owned)
}

/// The first text that is not empty, with its location.
fn located(
    document: &Document,
    values: [&Option<Spanned<toml::Value>>; 2],
) -> Option<Located<String>> {
    let mut texts = values.into_iter().flatten().filter_map(|value| {
        let text = value.get_ref().as_str()?;
        Some(Located {
            value: text.to_owned(),
            span: document.span(value.span()),
        })
    });
    texts.find(|text| !text.value.is_empty())
}

/// The poetry-core that the build requires; `None` if it requires anything else.
fn core(requirements: &[String]) -> Option<VersionConstraint> {
    let [only] = requirements else { return None };
    let name = requirement_name(only);
    let rest = only.get(name.len()..)?.trim();
    if name != "poetry-core" || rest.contains(['[', ';', '@', '!']) {
        return None;
    }
    match rest.trim_matches(['(', ')', ' ']) {
        "" => Some(VersionConstraint::any()),
        constraint => VersionConstraint::parse(constraint),
    }
}
