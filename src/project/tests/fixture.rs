//! A project and its lock.

use testkit::{Lock, Package, dedent};

use crate::diagnostics::{Document, Span};
use crate::project::project::Project;
use crate::project::reduced::ReducedProject;

/// A package of an index in two groups, and a directory in one of them.
pub(super) fn lock() -> Lock {
    Lock::new()
        .package(
            Package::new("a", "1")
                .group("main")
                .group("dev")
                .wheel()
                .sdist(),
        )
        .package(Package::new("b", "1").group("dev").directory("../b"))
}

pub(super) fn span() -> Span {
    Document::new("poetry.build.toml", "toml", "# syntax=x\n").first_line()
}

pub(super) fn parsed(pyproject: &str, lock: &str) -> Project {
    let (pyproject, lock) = (dedent(pyproject), dedent(lock));
    Project::parse(Some(pyproject.as_bytes()), Some(lock.as_bytes()), &span()).unwrap()
}

/// A project with [`lock`].
pub(super) fn project(pyproject: &str) -> Project {
    parsed(pyproject, &lock().text(&dedent(pyproject)))
}

/// A project of the test kit.
pub(super) fn read(project: &testkit::Project) -> Project {
    parsed(&project.pyproject(), &project.lock())
}

/// The names of the packages in a reduced lock.
pub(super) fn locked(reduced: &ReducedProject) -> Vec<String> {
    let table: toml::Table = toml::from_str(&reduced.lock).unwrap();
    table["package"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| package["name"].as_str().unwrap().to_owned())
        .collect()
}
