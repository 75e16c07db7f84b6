//! What a release consists of, as far as one machine can make it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::docker;

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[test]
fn a_dry_run_makes_an_archive_a_wheel_that_can_be_installed_and_the_notes() {
    let directory = TempDir::new().unwrap();
    let made = Command::new("packaging/release")
        .arg("dry-run")
        .arg(directory.path())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{shown}");
    assert!(shown.contains("release: left to the workflow: "), "{shown}");

    let names = fs::read_dir(directory.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    let [sums, image, notes, archive, wheel] = names.as_slice() else {
        panic!("{names:?}");
    };
    assert_eq!(
        [sums, image, notes],
        ["SHA256SUMS", "image.json", "notes.md"]
    );
    assert!(
        archive.starts_with(&format!("poetry-frontend-{VERSION}-linux-")),
        "{archive}"
    );
    assert!(
        wheel.starts_with(&format!("poetry_frontend-{VERSION}-py3-none-linux_")),
        "{wheel}"
    );

    let checked = Command::new("sha256sum")
        .args(["--check", "--strict", "SHA256SUMS"])
        .current_dir(directory.path())
        .output()
        .unwrap();
    let checked = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(checked, format!("{archive}: OK\n{wheel}: OK\n"));
    let changelog = fs::read_to_string(directory.path().join(notes)).unwrap();
    assert!(
        changelog.starts_with("- ") && !changelog.contains("\n## "),
        "{changelog}"
    );
    let image = fs::read(directory.path().join(image)).unwrap();
    let image: Value = serde_json::from_slice(&image).unwrap();
    let frontend = &image["target"]["frontend"];
    assert_eq!(
        frontend["tags"][0],
        format!("org/poetry-frontend:{VERSION}")
    );
    assert_eq!(frontend["platforms"], json!(["linux/amd64", "linux/arm64"]));
    assert_eq!(frontend["attest"].as_array().unwrap().len(), 2);
}

#[test]
fn the_image_of_a_release_has_the_tags_that_it_stands_for() {
    for (version, tags) in [
        ("", "dev"),
        ("0.1.0", "0.1.0 0.1 latest"),
        ("1.2.3", "1.2.3 1.2 1 latest"),
        ("10.0.12", "10.0.12 10.0 10 latest"),
        ("1.2.3-rc.1", "1.2.3-rc.1"),
    ] {
        let output = docker(&["buildx", "bake", "--print"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("VERSION", version)
            .env("IMAGE", "registry.example.com/frontend")
            .output()
            .unwrap();
        let bake: Value = serde_json::from_slice(&output.stdout).unwrap();
        let tags = tags
            .split(' ')
            .map(|tag| format!("registry.example.com/frontend:{tag}"));
        let expected: Vec<String> = tags.collect();
        assert_eq!(
            bake["target"]["frontend"]["tags"],
            json!(expected),
            "{version}"
        );
    }
}

#[test]
fn only_the_tag_of_this_version_can_be_released() {
    let check = |tag: &str| {
        let checked = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/release"))
            .args(["check", tag])
            .output()
            .unwrap();
        (
            checked.status.success(),
            String::from_utf8(checked.stderr).unwrap(),
        )
    };
    assert_eq!(check(&format!("v{VERSION}")), (true, String::new()));
    let (success, shown) = check("v9.9.9");
    assert!(!success);
    assert!(
        shown.contains(&format!(
            "the tag is v9.9.9, and the version in Cargo.toml is {VERSION}"
        )),
        "{shown}"
    );
}
