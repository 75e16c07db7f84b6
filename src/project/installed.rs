//! Which locked packages a selection installs in an image.
//!
//! Locks of version 2.1 list the groups of each package with their markers, as Poetry 2.3 reads them
//! (`src/poetry/puzzle/transaction.py`). In older locks, and by older releases, the packages are found through their
//! dependencies.

use std::collections::{BTreeMap, BTreeSet};

use toml::Value;

use super::environment::Environment;
use super::graph::Graph;
use super::lock::{LockedPackage, marker_of};
use super::marker::{Condition, can_hold, condition};
use super::name::normalised;
use super::project::Project;
use super::roots::roots;
use super::selection::Selection;

/// A package to install.
#[derive(Clone, Debug, PartialEq)]
pub struct Installed<'a> {
    pub package: &'a LockedPackage,
    /// The part of the package's marker that only the installing Python can evaluate, in a normal form; `None` if the
    /// package is always installed.
    pub marker: Option<String>,
}

/// How Poetry finds the packages of a selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// By the groups and markers that the lock lists for each package.
    Locked,
    /// It resolves the dependencies again, using only the locked packages.
    Again,
}

impl Project {
    /// The locked packages that `selection` installs in `environment`, in the order of the lock.
    ///
    /// An optional package is only installed if a selected extra needs it. Poetry 2.3 and later also install a package that is
    /// optional but in no extra; older releases do not.
    #[must_use]
    pub fn installed(
        &self,
        selection: &Selection,
        environment: &Environment,
        resolution: Resolution,
    ) -> Vec<Installed<'_>> {
        let packages = &self.lock.packages;
        let lists_groups = packages.iter().any(|package| package.groups.is_some());
        let conditions = if lists_groups && resolution == Resolution::Locked {
            self.by_groups(selection, environment)
        } else {
            let roots = roots(&self.pyproject, selection, !lists_groups);
            Graph::new(packages, environment).reached(&roots, &selection.extras)
        };
        let installed = packages.iter().zip(conditions);
        let installed = installed.filter(|(_, condition)| *condition != Condition::Known(false));
        installed
            .map(|(package, condition)| Installed {
                package,
                marker: (condition != Condition::Known(true)).then(|| condition.to_string()),
            })
            .collect()
    }

    /// The condition of each package in a lock that lists groups.
    fn by_groups(&self, selection: &Selection, environment: &Environment) -> Vec<Condition> {
        let selected = self.pyproject.with_included(&selection.groups);
        let mut of_extras = None;
        let packages = self.lock.packages.iter();
        packages
            .map(|package| {
                let groups = package.groups.iter().flatten();
                let markers: Vec<&str> = groups
                    .filter(|group| selected.contains(&normalised(group)))
                    .map(|group| marker_of(&package.table, group).unwrap_or_default())
                    .collect();
                // The marker of an optional package names its extras, unless it is in none.
                let needs_extra = package.is_optional()
                    && markers
                        .iter()
                        .any(|marker| can_hold(marker, &BTreeSet::new()));
                if needs_extra {
                    let of_extras = of_extras.get_or_insert_with(|| self.of_extras(selection));
                    if !of_extras.contains(&normalised(&package.name)) {
                        return Condition::Known(false);
                    }
                }
                let conditions = markers
                    .iter()
                    .map(|marker| condition(marker, Some(environment), &selection.extras));
                Condition::any(conditions)
            })
            .collect()
    }

    /// The packages that the lock lists for the selected extras, with all their dependencies
    /// (`src/poetry/utils/extras.py`).
    fn of_extras(&self, selection: &Selection) -> BTreeSet<String> {
        let mut by_name: BTreeMap<String, Vec<&LockedPackage>> = BTreeMap::new();
        for package in &self.lock.packages {
            let same = by_name.entry(normalised(&package.name)).or_default();
            same.push(package);
        }
        let extras = self.lock.extras.iter();
        let selected = extras.filter(|(extra, _)| selection.extras.contains(&normalised(extra)));
        let names = selected.filter_map(|(_, names)| names.as_array()).flatten();
        let mut open: Vec<String> = names.filter_map(Value::as_str).map(normalised).collect();
        let mut found = BTreeSet::new();
        while let Some(name) = open.pop() {
            for package in by_name.get(&name).into_iter().flatten() {
                let dependencies = package.dependencies();
                let names = dependencies.map(|(name, _)| normalised(name));
                open.extend(names.filter(|name| !found.contains(name)));
            }
            found.insert(name);
        }
        found
    }
}
