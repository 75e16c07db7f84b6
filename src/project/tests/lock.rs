//! Reading a lock.

use testkit::{Lock, Package};

use super::fixture::{parsed, project};
use crate::project::lock::LockedPackage;
use crate::project::origin::PackageOrigin;
use crate::project::selection::Selection;
use crate::project::version::PoetryVersion;

#[test]
fn a_lock_lists_the_packages_of_each_group() {
    let project = project("[project]\nname = \"x\"\n");
    let groups = project.lock.packages[0].groups.as_deref();
    assert_eq!(groups, Some(&["main".to_owned(), "dev".to_owned()][..]));
    let wheels: Vec<&str> = project.lock.packages[0].wheels().collect();
    assert_eq!(wheels, ["a-1-py3-none-any.whl"]);
    let other = &project.lock.packages[1];
    assert_eq!(
        (other.origin, other.url.as_str()),
        (PackageOrigin::Directory, "../b")
    );
    assert_eq!(project.lock.writer, PoetryVersion::parse("2.1.3"));
}

#[test]
fn a_locked_package_has_a_version_an_index_and_files() {
    let pyproject = "[project]\nname = \"x\"\n";
    let lock = Lock::new()
        .package(Package::new("a", "1.0").index("corp", "https://index.example/simple"))
        .package(Package::new("b", "2").git("https://git.example/b", "0123"))
        .package(Package::new("c", "3").file("c-3.tar.gz", "45"));
    let project = parsed(pyproject, &lock.text(pyproject));
    let [a, b, c] = &project.lock.packages[..] else {
        panic!("three packages")
    };
    assert_eq!([a, b, c].map(LockedPackage::version), ["1.0", "2", "3"]);
    assert_eq!(a.index(), Some(("corp", "https://index.example/simple")));
    assert_eq!((b.index(), c.index()), (None, None));
    assert_eq!(c.files().collect::<Vec<_>>(), [("c-3.tar.gz", "sha256:45")]);
}

#[test]
fn a_lock_of_version_1_1_lists_the_files_at_its_end() {
    let pyproject = "[tool.poetry]\nname = \"x\"\n[tool.poetry.dependencies]\na_b = \"*\"\n";
    let lock = r#"
        [[package]]
        name = "a-b"
        version = "1.0"
        description = ""
        category = "main"
        optional = false
        python-versions = "*"

        [metadata]
        lock-version = "1.1"
        python-versions = "^3.9"
        content-hash = "0123"

        [metadata.files]
        A_B = [
            {file = "a_b-1.0-py3-none-any.whl", hash = "sha256:45"},
        ]
        "#;
    let project = parsed(pyproject, lock);
    let files: Vec<_> = project.lock.packages[0].files().collect();
    assert_eq!(files, [("a_b-1.0-py3-none-any.whl", "sha256:45")]);
    let reduced = project.reduced(&Selection::default(), false, PoetryVersion::new(1, 8, 5));
    assert!(
        reduced.lock.contains("lock-version = \"2.0\""),
        "{}",
        reduced.lock
    );
    assert!(reduced.lock.contains("sha256:45"), "{}", reduced.lock);
    assert!(!reduced.lock.contains("metadata.files"), "{}", reduced.lock);
}
