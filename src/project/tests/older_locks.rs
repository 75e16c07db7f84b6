//! Locks older than version 2.1, which do not list the groups of a package.

use std::collections::BTreeSet;

use testkit::{Dependency, Package, Project};

use super::fixture::{locked, read};
use crate::project::selection::Selection;
use crate::project::version::PoetryVersion;

/// A project of Poetry 1 with an optional dependency.
fn app() -> Project {
    Project::poetry("x")
        .python("*")
        .locked_by("1.8.5")
        .poetry_dependency("opt", Dependency::version("*").optional())
        .extra("more", ["opt"])
}

#[test]
fn needed_packages_are_found_through_their_dependencies() {
    let project = app()
        .poetry_dependency("A", "*")
        .poetry_group("dev", "b", "*")
        .locked(Package::new("a", "1").requires("shared", "*"))
        .locked(
            Package::new("b", "1")
                .requires("shared", "*")
                .requires("bee", "*"),
        )
        .locked(Package::new("bee", "1"))
        .locked(Package::new("opt", "1"))
        .locked(Package::new("shared", "1"));
    let names = |groups: &[&str], extras: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let selection = Selection {
            groups: owned(groups),
            extras: owned(extras),
        };
        let reduced = read(&project).reduced(&selection, false, PoetryVersion::new(1, 8, 5));
        locked(&reduced).join(" ")
    };
    assert_eq!(names(&["main"], &[]), "a shared");
    assert_eq!(names(&["main"], &["more"]), "a opt shared");
    assert_eq!(names(&["dev"], &[]), "b bee shared");
}

#[test]
fn other_groups_do_not_change_what_is_optional() {
    let reduced = |project: Project, package: Package| {
        let selection = Selection {
            extras: BTreeSet::from(["more".to_owned()]),
            ..Selection::default()
        };
        let project = read(&project.locked(package));
        project.reduced(&selection, false, PoetryVersion::new(1, 8, 5))
    };
    let alone = reduced(app(), Package::new("opt", "1").optional());
    assert_eq!(locked(&alone), ["opt"]);
    let with_group = app().poetry_group("dev", "opt", "*");
    assert_eq!(reduced(with_group, Package::new("opt", "1")), alone);
}
