//! Real Poetry installs the same from the canonical manifest as from the project's own files: the same distributions,
//! byte for byte, with the same origins.
//!
//! Each project of `projects.rs` is locked by real Poetry against an index in this process. Every selection of its
//! dependencies is installed twice, from its own pair of files and by the steps that the frontend plans; nothing of the
//! two environments may differ, and both must hold what the table says. After edits that decide nothing and another
//! real lock, the manifest must be what it was.
//!
//! By itself this takes one selection of every project. `EQUIVALENCE=all` (`make test-matrix`) takes all of them with
//! every release of Poetry, and writes `docs/equivalence.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../support/archive.rs"]
mod archive;
mod dist;
#[path = "../support/http.rs"]
mod http;
mod index;
mod locked_files;
mod matrix;
mod poetry;
mod projects;
mod proof;

use std::collections::BTreeSet;

use matrix::Matrix;
use projects::{CASES, Chosen, Extras};
use proof::{Bench, Column, unchanged, wrong};

/// The releases of the short test, from the oldest to the newest.
const FEW: [&str; 3] = ["1.8.5", "2.1.4", "2.5.1"];

#[test]
fn the_manifest_installs_what_the_project_installs() {
    let all = std::env::var("EQUIVALENCE").is_ok_and(|size| size == "all");
    let matrix = if all {
        Matrix::all()
    } else {
        Matrix::few(&FEW)
    };
    let columns = matrix.columns();
    let results = matrix.run();
    assert!(
        results.failures.is_empty(),
        "{}",
        results.failures.join("\n\n")
    );
    // No project and no release was left out.
    assert_eq!(results.projects(), CASES.len());
    assert_eq!(results.columns(), columns);
    if all {
        results.write("docs/equivalence.md");
    }
}

/// What would be seen if the manifest were that of another project.
#[test]
fn a_wrong_manifest_is_seen() {
    const PROJECT: &str = r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
devtool = "1.0"
twin = "*"

[[tool.poetry.source]]
name = "first"
url = "@INDEX@/first/simple/"
priority = "primary"

[[tool.poetry.source]]
name = "second"
url = "@INDEX@/second/simple/"
priority = "explicit"
"#;
    let chosen = Chosen {
        groups: &["main"],
        extras: Extras::These(&[]),
        installed: &["devtool 1.0", "leaf 1.0", "twin 1.0"],
        or_else: None,
        shows: None,
    };
    let newest = FEW[FEW.len() - 1];
    let bench = Bench::new(&BTreeSet::from([newest]));
    let desk = bench.desk("only");
    let lock = |text: &str| desk.lock(text, newest).unwrap();
    let right = lock(PROJECT);
    let full = desk.install_full(&right, newest, &chosen).unwrap();
    for (from, to, seen) in [
        ("twin = \"*\"\n", "", "only one side has twin 1.0"),
        (
            "\"*\"",
            "{ version = \"*\", source = \"second\" }",
            "twin/__init__.py",
        ),
        (
            "\"*\"",
            "{ url = \"@INDEX@/first/files/twin-1.0-py3-none-any.whl\" }",
            "twin-1.0.dist-info/direct_url.json",
        ),
        (
            "devtool = \"1.0\"",
            "devtool = \"2.0\"",
            "only one side has devtool 2.0",
        ),
    ] {
        let other = lock(&PROJECT.replace(from, to));
        let made = desk.install_planned(&other, newest, &chosen).unwrap();
        let failure = wrong(&full, &made, &chosen, Column::of(newest)).join("\n");
        assert!(failure.contains(seen), "{failure}");
        let failure = unchanged(&right, &other, newest, &chosen).unwrap_err();
        assert!(failure.contains("changes"), "{failure}");
        // Both sides alike, and yet not what was expected.
        let failure = wrong(&made, &made, &chosen, Column::of(newest));
        assert_eq!(failure.is_empty(), made.distributions == full.distributions);
    }
}
