//! Reading a lock.

use super::fixture::project;
use crate::project::origin::PackageOrigin;
use crate::project::selection::Selection;
use crate::project::version::PoetryVersion;

#[test]
fn a_lock_lists_the_packages_of_each_group() {
    let project = project("[project]\nname = \"x\"\n");
    let selected = Selection::default();
    let main: Vec<&str> = project
        .packages(&selected)
        .map(|package| package.name.as_str())
        .collect();
    assert_eq!(main, ["a"]);
    let wheels: Vec<&str> = project.lock.packages[0].wheels().collect();
    assert_eq!(wheels, ["a-1-py3-none-any.whl"]);
    let other = &project.lock.packages[1];
    assert_eq!(
        (other.origin, other.url.as_str()),
        (PackageOrigin::Directory, "../b")
    );
    assert_eq!(project.lock.writer, PoetryVersion::parse("2.1.3"));
}
