//! Which locked packages a selection installs in an image.
//!
//! Locks of version 2.1 list the groups of each package with their markers, as Poetry 2.3 reads them
//! (`src/poetry/puzzle/transaction.py`). In older locks, and by older releases, the packages are found through their
//! dependencies.

use std::collections::{BTreeMap, BTreeSet};

use toml::Value;

use super::environment::Environment;
use super::graph::{BelowExtras, Graph};
use super::lock::{LockedPackage, marker_of};
use super::marker::{Condition, can_hold, condition};
use super::name::normalised;
use super::project::Project;
use super::roots::Roots;
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
    /// Like `Again`, but Poetry 1 keeps an optional package if a selected extra leads to its name
    /// (`src/poetry/utils/extras.py`).
    AgainByNames,
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
        let conditions = match self.roots(selection, resolution) {
            None => self.by_groups(selection, environment),
            Some(roots) => self.by_dependencies(&roots, selection, environment, resolution),
        };
        let installed = self.lock.packages.iter().zip(conditions);
        let installed = installed.filter(|(_, condition)| *condition != Condition::Known(false));
        installed
            .map(|(package, condition)| Installed {
                package,
                marker: (condition != Condition::Known(true)).then(|| condition.to_string()),
            })
            .collect()
    }

    /// Whether extras that are not selected add to what is installed: they can ask for extras of a package that a selected
    /// extra needs as well.
    #[must_use]
    pub fn needs_other_extras(
        &self,
        selection: &Selection,
        environment: &Environment,
        resolution: Resolution,
    ) -> bool {
        if selection.extras.is_empty() {
            return false;
        }
        let conditions = |roots| self.by_dependencies(&roots, selection, environment, resolution);
        let roots = self.roots(selection, resolution);
        roots.is_some_and(|roots| {
            let alone = conditions(roots.clone().without_other_extras());
            conditions(roots) != alone
        })
    }

    /// What the dependencies are followed from; `None` if the groups that the lock lists decide.
    fn roots(&self, selection: &Selection, resolution: Resolution) -> Option<Roots<'_>> {
        let mut packages = self.lock.packages.iter();
        let lists_groups = packages.any(|package| package.groups.is_some());
        (!lists_groups || resolution != Resolution::Locked)
            .then(|| Roots::new(&self.pyproject, selection, !lists_groups))
    }

    fn by_dependencies(
        &self,
        roots: &Roots<'_>,
        selection: &Selection,
        environment: &Environment,
        resolution: Resolution,
    ) -> Vec<Condition> {
        let below = match resolution {
            Resolution::AgainByNames => BelowExtras::Names(self.of_extras(selection)),
            _ => BelowExtras::Links(roots.of_selected_extras.clone()),
        };
        Graph::new(&self.lock.packages, environment).installed(roots, &selection.extras, &below)
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
