//! A reduced project of chosen packages alone: each is a dependency on its locked version, and has no dependencies itself.
//! Poetry then installs these packages and no others, whatever else the lock contains.

use std::borrow::Cow;

use toml::{Table, Value};

use super::lock_text::{LockText, Package};
use super::packages::as_installed;
use super::pair::ReducedProject;
use super::pyproject::SETTINGS;
use super::tables::below;
use crate::project::content_hash::content_hash;
use crate::project::lock::{Lock, LockedPackage};
use crate::project::pyproject::Pyproject;
use crate::project::selection::MAIN;
use crate::project::version::{PoetryVersion, PythonVersion};

/// What only decides whether a package is installed.
const DECIDED: [&str; 5] = ["dependencies", "extras", "groups", "markers", "optional"];

pub(in crate::project) fn pinned(
    pyproject: &Pyproject,
    lock: &Lock,
    packages: &[(&LockedPackage, Option<&str>)],
    python: PythonVersion,
    poetry: PoetryVersion,
) -> ReducedProject {
    let text = |text: &str| Value::String(text.to_owned());
    let python = format!("3.{}.*", python.minor);
    let mut dependencies = Table::new();
    dependencies.insert("python".to_owned(), text(&python));
    for (package, marker) in packages {
        let one = dependency(&package.table, *marker);
        // Several versions of a package have markers that exclude each other.
        match dependencies.get_mut(&package.name) {
            None => {
                dependencies.insert(package.name.clone(), one);
            }
            Some(Value::Array(all)) => all.push(one),
            Some(first) => *first = Value::Array(vec![first.clone(), one]),
        }
    }
    let tool = below(&pyproject.table, &["tool", "poetry"]);
    let mut settings: Table = tool
        .into_iter()
        .flatten()
        .filter(|(key, _)| SETTINGS.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    settings.insert("package-mode".to_owned(), Value::Boolean(false));
    settings.insert("dependencies".to_owned(), Value::Table(dependencies));
    let tool = Table::from_iter([("poetry".to_owned(), Value::Table(settings))]);
    let reduced = Table::from_iter([("tool".to_owned(), Value::Table(tool))]);

    let locked: Vec<Package<'_>> = packages
        .iter()
        .map(|(package, marker)| {
            let mut locked = as_installed(&package.table);
            locked.retain(|key, _| !DECIDED.contains(key));
            if let Some(marker) = marker {
                locked.insert("markers", Cow::Owned(text(marker)));
            }
            locked.insert("optional", Cow::Owned(Value::Boolean(false)));
            locked.insert("python-versions", Cow::Owned(text("*")));
            if package.groups.is_some() {
                let groups = Value::Array(vec![text(MAIN)]);
                locked.insert("groups", Cow::Owned(groups));
            }
            locked
        })
        .collect();
    let mut metadata = Table::new();
    metadata.insert("lock-version".to_owned(), text(lock.written_version()));
    metadata.insert("python-versions".to_owned(), text(&python));
    if let Some(hash) = content_hash(&reduced, poetry) {
        metadata.insert("content-hash".to_owned(), text(&hash));
    }
    let lock_text = LockText {
        head: lock.head(),
        packages: &locked,
        extras: &Table::new(),
        metadata: &metadata,
    };
    ReducedProject {
        pyproject: reduced.to_string(),
        lock: lock_text.to_string(),
        packages: packages.len(),
        has_main: true,
    }
}

/// A dependency on exactly the locked package.
fn dependency(package: &Table, marker: Option<&str>) -> Value {
    let mut dependency = Table::new();
    if let Some(marker) = marker {
        dependency.insert("markers".to_owned(), Value::String(marker.to_owned()));
    }
    let mut set = |key: &str, value: Option<&Value>| {
        if let Some(value) = value {
            dependency.insert(key.to_owned(), value.clone());
        }
    };
    let source = below(package, &["source"]);
    let of_source = |key: &str| source.and_then(|source| source.get(key));
    match of_source("type").and_then(Value::as_str) {
        Some("git") => {
            set("git", of_source("url"));
            set("rev", of_source("reference"));
            set("subdirectory", of_source("subdirectory"));
        }
        Some("url") => {
            set("url", of_source("url"));
            set("subdirectory", of_source("subdirectory"));
        }
        Some("file") => set("path", of_source("url")),
        kind => {
            if let Some(version) = package.get("version").and_then(Value::as_str) {
                set("version", Some(&Value::String(format!("=={version}"))));
            }
            if kind == Some("legacy") {
                set("source", of_source("reference"));
            }
        }
    }
    Value::Table(dependency)
}
