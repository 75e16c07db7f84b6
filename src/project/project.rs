//! A project and its lock.

use std::collections::{BTreeMap, BTreeSet};

use super::content_hash::content_hash;
use super::error::Error;
use super::input::{LOCK, PYPROJECT, SETTINGS, document};
use super::lock::{Lock, LockedPackage};
use super::name::{normalised, requirement_name};
use super::pep440::VersionConstraint;
use super::pyproject::Pyproject;
use super::reduced::{self, ReducedProject};
use super::selection::Selection;
use super::settings::Settings;
use super::version::{PoetryVersion, PythonVersion, Release};
use crate::diagnostics::{Diagnostics, Problem, Span};

#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    pub pyproject: Pyproject,
    pub lock: Lock,
    /// `poetry.toml`, if there is one.
    pub settings: Option<Settings>,
}

impl Project {
    /// Reads both files as they are in the build context. `None` is a file that does not exist, which is reported at
    /// `asked_by`, the location that asks for a Poetry project.
    ///
    /// # Errors
    /// A file is missing, is not UTF-8 or TOML, does not have Poetry's structure, or has an unsupported lock version.
    pub fn parse(
        pyproject: Option<&[u8]>,
        lock: Option<&[u8]>,
        asked_by: &Span,
    ) -> Result<Self, Diagnostics> {
        let pyproject = pyproject.ok_or_else(|| Error::NoPyproject.at(asked_by))?;
        let lock = lock.ok_or_else(|| Error::NoLock.at(asked_by))?;
        // Parsing the lock takes the most memory, so it comes first; errors in `pyproject.toml` are still reported first.
        let lock = document(LOCK, lock).and_then(|lock| Lock::parse(&lock));
        Ok(Self {
            pyproject: Pyproject::parse(document(PYPROJECT, pyproject)?)?,
            lock: lock?,
            settings: None,
        })
    }

    /// Adds Poetry's settings for the project; `None` is a file that does not exist.
    ///
    /// # Errors
    /// The file is not UTF-8 or not TOML.
    pub fn with_settings(mut self, settings: Option<&[u8]>) -> Result<Self, Diagnostics> {
        if let Some(bytes) = settings {
            self.settings = Some(Settings::parse(&document(SETTINGS, bytes)?)?);
        }
        Ok(self)
    }

    /// The two files reduced to what `selection` installs, for `poetry` to install from. `all_extras` keeps the dependencies
    /// of the other extras.
    #[must_use]
    pub fn reduced(
        &self,
        selection: &Selection,
        all_extras: bool,
        poetry: PoetryVersion,
    ) -> ReducedProject {
        let mut kept = selection.clone();
        if all_extras {
            kept.extras.extend(self.pyproject.extras.keys().cloned());
        }
        reduced::reduced(&self.pyproject, &self.lock, &kept, all_extras, poetry)
    }

    /// The two files of a project that depends on `packages` alone, for `poetry` to install with this Python. Each package has
    /// the marker under which it is installed, unless it always is.
    #[must_use]
    pub fn pinned(
        &self,
        packages: &[(&LockedPackage, Option<&str>)],
        python: PythonVersion,
        poetry: PoetryVersion,
    ) -> ReducedProject {
        reduced::pinned(&self.pyproject, &self.lock, packages, python, poetry)
    }

    /// The `pyproject.toml` to build the project's wheel from, reduced to what the wheel depends on. `None` if the wheel may
    /// contain the file itself, or if something other than poetry-core builds it.
    #[must_use]
    pub fn reduced_for_wheel(&self) -> Option<String> {
        let pyproject = &self.pyproject;
        let may_match_it = |pattern: &str| pattern == PYPROJECT || pattern.starts_with('*');
        let contains_it = pyproject.wheel_files.optional().any(may_match_it);
        (pyproject.core.is_some() && !contains_it)
            .then(|| reduced::reduced_for_wheel(&pyproject.table))
    }

    /// Whether this poetry-core alone builds the project's wheel, with no other code running and nothing downloaded.
    #[must_use]
    pub fn is_built_by(&self, core: Release) -> bool {
        let required = self.pyproject.core.as_ref();
        required.is_some_and(|required| required.allows_release(core))
    }

    /// The groups as spelled, by their normalised names.
    #[must_use]
    pub fn groups(&self) -> BTreeMap<String, String> {
        let groups = self.pyproject.groups.iter();
        groups
            .map(|(name, group)| (name.clone(), group.name.clone()))
            .collect()
    }

    /// The groups that `poetry install` installs by default: the main group, and those that are not optional.
    #[must_use]
    pub fn default_groups(&self) -> BTreeSet<String> {
        let groups = self.pyproject.groups.iter();
        groups
            .filter(|(_, group)| !group.optional)
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The extras as spelled, by their normalised names.
    #[must_use]
    pub fn extras(&self) -> BTreeMap<String, String> {
        self.pyproject.extras.clone()
    }

    /// The project's extras that a package belongs to, by its normalised name.
    pub fn extras_with<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let extras = self.lock.extras.iter();
        let adding = extras.filter(move |(_, list)| {
            let mut names = list.as_array().into_iter().flatten();
            names.any(|one| one.as_str().map(requirement_name).as_deref() == Some(name))
        });
        adding.map(|(extra, _)| extra.as_str())
    }

    /// Where the project asks for a package, or where the lock lists it if another package needs it.
    #[must_use]
    pub fn location_of<'a>(&'a self, package: &'a LockedPackage) -> &'a Span {
        let asked_for = self.pyproject.dependency(&normalised(&package.name));
        asked_for.map_or(&package.span, |dependency| &dependency.span)
    }

    /// Whether Poetry accepts the lock for this project. Poetry 2.3 and later also accept the lock of an older Poetry, whose
    /// hash does not cover `[dependency-groups]`.
    #[must_use]
    pub fn is_fresh(&self, poetry: PoetryVersion) -> bool {
        const BEFORE_GROUPS: PoetryVersion = PoetryVersion::new(2, 2, 0);
        let Some((locked, _)) = &self.lock.content_hash else {
            return false;
        };
        let older = self
            .lock
            .writer
            .is_some_and(|writer| writer < PoetryVersion::new(2, 3, 0));
        let rules = [Some(poetry), older.then_some(BEFORE_GROUPS.min(poetry))];
        rules.into_iter().flatten().any(|rule| {
            // Poetry reports what it cannot hash.
            content_hash(&self.pyproject.table, rule).is_none_or(|hash| hash == *locked)
        })
    }

    /// The Python versions that both the project and the lock allow.
    #[must_use]
    pub fn python_constraint(&self) -> VersionConstraint {
        [&self.pyproject.python, &self.lock.python]
            .into_iter()
            .flatten()
            .fold(VersionConstraint::any(), |all, (one, _)| all.and(one))
    }
}
