//! What the software bill of materials lists.

use testkit::Dependency;

use super::*;
use crate::plan::{ListedOrigin, Listing};

fn listing(project: &Project) -> Option<Listing> {
    plan_of(project).listing
}

#[test]
fn a_listing_has_what_is_installed_and_why() {
    let hashes = ["1", "2", "3", "4"].map(|digit| digit.repeat(64));
    let project = bare()
        .version("1.2")
        .dependency("httpx")
        .dependency("lib @ git+https://git.example/lib.git")
        .locked(
            Package::new("httpx", "0.28")
                .no_files()
                .file("httpx-0.28-py3-none-any.whl", &hashes[0])
                .file("httpx-0.28.tar.gz", &hashes[1])
                .requires("idna", "*")
                .requires(
                    "colorama",
                    Dependency::version("*").key("markers", "sys_platform == 'win32'"),
                ),
        )
        .locked(
            Package::new("idna", "3.10")
                .no_files()
                .file(
                    "idna-3.10-cp313-cp313-manylinux_2_17_x86_64.whl",
                    &hashes[2],
                )
                .file("idna-3.10-py3-none-any.whl", &hashes[3]),
        )
        .locked(Package::new("colorama", "0.4").markers("sys_platform == 'win32'"))
        .locked(Package::new("pytest", "8").group("dev"))
        .locked(Package::new("lib", "1").git("https://git.example/lib.git", "0123"));
    let with = |build_file: &str| listing(&project.clone().with_build_file(build_file));
    assert_eq!(with(""), None);
    let listing = with("[runtime]\nsbom = true\n").unwrap();
    assert_eq!(listing.project.name, "app");
    assert_eq!(listing.project.version, "1.2");
    assert_eq!(listing.project.needs, ["httpx", "lib"]);
    let names: Vec<&str> = listing
        .packages
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(names, ["httpx", "idna", "lib"]);
    let [httpx, idna, lib] = &listing.packages[..] else {
        panic!("three packages")
    };
    assert_eq!(httpx.needs, ["idna"]);
    assert_eq!(httpx.groups, ["main"]);
    assert_eq!(httpx.sha256, Some(hashes[0].clone()));
    assert_eq!(idna.sha256, Some(hashes[2].clone()));
    let url = "https://git.example/lib.git".to_owned();
    assert_eq!(lib.origin, Some(ListedOrigin::Git(url, "0123".to_owned())));
}

#[test]
fn only_images_have_a_listing() {
    let project = app()
        .dependency("a")
        .needs(Package::new("a", "1"))
        .with_build_file("[runtime]\nsbom = true\n[target.test]\nruntime.sbom = false\n");
    for (target, expected) in [(None, true), (Some("test"), false), (Some("dev"), false)] {
        let request = Request {
            target: target.map(str::to_owned),
            ..request()
        };
        let plan = plan_for(&project, &request).unwrap();
        assert_eq!(plan.listing.is_some(), expected, "{target:?}");
    }
}
