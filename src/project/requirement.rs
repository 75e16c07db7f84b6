//! A dependency on a package: its name, constraints and markers, from `[tool.poetry]`, a lock or a PEP 508 requirement.

use std::borrow::Cow;
use std::collections::BTreeSet;

use toml::{Table, Value};

use super::environment::Environment;
use super::lock::LockedPackage;
use super::marker::{Condition, condition};
use super::name::{normalised, spelled_name};
use super::origin::PackageOrigin;
use super::pep440::{Version, VersionConstraint};

#[derive(Clone, Debug)]
pub(super) struct Requirement<'a> {
    /// Normalised.
    pub(super) name: String,
    /// Whether it is only installed with an extra.
    pub(super) optional: bool,
    /// The extras of the package that it asks for, normalised.
    pub(super) extras: Vec<String>,
    /// All of them must hold.
    markers: Vec<Cow<'a, str>>,
    /// All of them must allow the version.
    versions: Vec<&'a str>,
    origin: PackageOrigin,
    /// The index, path, URL or repository that it names.
    source: Option<&'a str>,
    /// The branch, tag or commit.
    reference: Option<&'a str>,
}

impl<'a> Requirement<'a> {
    /// The alternatives in the value of a dependency, in Poetry's notation.
    pub(super) fn of_value(name: &str, value: &'a Value) -> Vec<Self> {
        match value {
            Value::Array(alternatives) => alternatives
                .iter()
                .flat_map(|one| Self::of_value(name, one))
                .collect(),
            Value::Table(table) => vec![Self::of_table(name, value, table)],
            value => {
                let mut one = Self::new(name);
                one.versions.extend(value.as_str());
                vec![one]
            }
        }
    }

    fn new(name: &str) -> Self {
        Self {
            name: normalised(name),
            optional: false,
            extras: Vec::new(),
            markers: Vec::new(),
            versions: Vec::new(),
            origin: PackageOrigin::Index,
            source: None,
            reference: None,
        }
    }

    fn of_table(name: &str, value: &'a Value, table: &'a Table) -> Self {
        let text = |key: &str| table.get(key).and_then(Value::as_str);
        let first = |keys: &[&str]| keys.iter().find_map(|key| text(key));
        let markers = text("markers").map(Cow::Borrowed);
        let python = text("python").and_then(VersionConstraint::parse);
        let python = python.map(|python| Cow::Owned(python.python_marker()));
        let platform = text("platform").map(|platform| Cow::Owned(platform_marker(platform)));
        let extras = table.get("extras").and_then(Value::as_array);
        let extras = extras.into_iter().flatten().filter_map(Value::as_str);
        Self {
            optional: table.get("optional").and_then(Value::as_bool) == Some(true),
            extras: extras.map(normalised).collect(),
            markers: [markers, python, platform].into_iter().flatten().collect(),
            versions: text("version").into_iter().collect(),
            origin: PackageOrigin::of_value(value),
            source: first(&["git", "url", "file", "path", "source"]),
            reference: first(&["rev", "tag", "branch"]),
            ..Self::new(name)
        }
    }

    /// A requirement in the standard notation (PEP 508).
    pub(super) fn parse(text: &'a str) -> Self {
        let name = spelled_name(text);
        let mut rest = text[name.len()..].trim_start();
        let mut one = Self::new(name);
        if let Some((extras, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'))
        {
            let extras = extras.split(',').map(str::trim);
            one.extras = extras
                .filter(|extra| !extra.is_empty())
                .map(normalised)
                .collect();
            rest = after.trim_start();
        }
        if let Some(address) = rest.strip_prefix('@') {
            // A semicolon can be part of an address.
            let (address, marker) = match address.split_once(" ;") {
                Some((address, marker)) => (address, Some(marker)),
                None => (address, None),
            };
            one.origin = PackageOrigin::of_requirement(text);
            one.markers.extend(marker.map(Cow::Borrowed));
            let address = address.trim().trim_start_matches("git+");
            one.source = Some(address.strip_prefix("file://").unwrap_or(address));
            return one;
        }
        let (version, marker) = match rest.split_once(';') {
            Some((version, marker)) => (version, Some(marker)),
            None => (rest, None),
        };
        let is_around = |char: char| matches!(char, '(' | ')') || char.is_whitespace();
        one.versions.push(version.trim_matches(is_around));
        one.markers.extend(marker.map(Cow::Borrowed));
        one
    }

    /// A requirement of `[project]` with the details that `[tool.poetry.dependencies]` adds to it
    /// (poetry-core, `src/poetry/core/packages/dependency_group.py`).
    pub(super) fn with_details(&self, details: &Self) -> Self {
        let mut one = self.clone();
        one.markers.extend(details.markers.iter().cloned());
        one.versions.extend(&details.versions);
        if self.origin == PackageOrigin::Index {
            one.origin = details.origin;
            one.source = details.source;
            one.reference = details.reference;
        }
        one
    }

    /// The condition under which the package is needed.
    pub(super) fn condition(&self, evaluate: impl FnMut(&str) -> Condition) -> Condition {
        let markers = self.markers.iter().map(|marker| &**marker);
        Condition::all(markers.map(evaluate))
    }

    /// The candidates that meet the requirement and run on the environment's Python. A condition that no candidate meets is
    /// ignored.
    pub(super) fn choices(
        &self,
        packages: &'a [LockedPackage],
        mut candidates: Vec<usize>,
        environment: &Environment,
    ) -> Vec<usize> {
        let mut keep = |fits: &dyn Fn(&LockedPackage) -> bool| {
            if candidates.iter().any(|at| fits(&packages[*at])) {
                candidates.retain(|at| fits(&packages[*at]));
            }
        };
        let is_path = |origin| matches!(origin, PackageOrigin::Directory | PackageOrigin::File);
        if self.origin != PackageOrigin::Index {
            keep(&|package| {
                package.origin == self.origin || is_path(package.origin) && is_path(self.origin)
            });
        }
        if let Some(source) = self.source {
            let source = source.trim_start_matches("./");
            keep(&|package| {
                let index = package.index().map(|(name, _)| name);
                package.url == source || index == Some(source)
            });
        }
        if let Some(reference) = self.reference {
            keep(&|package| package.reference() == Some(reference));
        }
        keep(&|package| {
            let python = package.python_versions().and_then(VersionConstraint::parse);
            python.is_none_or(|python| {
                let marker = python.python_marker();
                condition(&marker, Some(environment), &BTreeSet::new()) != Condition::Known(false)
            })
        });
        for version in &self.versions {
            if let Some(constraint) = VersionConstraint::parse(version) {
                keep(&|package| {
                    let version = Version::parse(package.version());
                    version.is_some_and(|version| constraint.allows(&version))
                });
            }
        }
        candidates
    }
}

/// The marker for `platform` of a dependency, such as `linux` or `!=win32`.
fn platform_marker(platform: &str) -> String {
    let term = |term: &str| {
        let (operator, name) = match term.trim().strip_prefix("!=") {
            Some(name) => ("!=", name),
            None => ("==", term.trim().trim_start_matches('=')),
        };
        format!("sys_platform {operator} \"{}\"", name.trim())
    };
    let all = |terms: &str| terms.split(',').map(term).collect::<Vec<_>>().join(" and ");
    let alternatives = platform.split('|').filter(|part| !part.trim().is_empty());
    alternatives.map(all).collect::<Vec<_>>().join(" or ")
}
