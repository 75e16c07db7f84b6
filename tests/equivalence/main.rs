//! Real Poetry installs the same from the reduced `pyproject.toml` and lock as from the project's own: the same
//! distributions, byte for byte, with the same origins.
//!
//! Each project of `projects/` is locked by real Poetry against an index in this process. Every selection of its
//! dependencies is installed twice, from its own pair of files and by the steps that the frontend plans. The two
//! environments must be equal, and hold the expected distributions. After edits that do not affect the installation and
//! another real lock, the reduced pair must be unchanged.
//!
//! By default this installs one selection of every project. `EQUIVALENCE=all` (`make test-matrix`) installs all of them
//! with every release of Poetry, and writes `docs/equivalence.md`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../support/archive.rs"]
mod archive;
mod dist;
#[path = "../support/generated.rs"]
mod generated;
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
use projects::{CASES, Chosen};
use proof::{Bench, Column, unchanged, wrong};

/// The releases of the short test, from the oldest to the newest.
const FEW: [&str; 3] = ["1.8.5", "2.1.4", "2.5.1"];

#[test]
fn the_reduced_pair_installs_what_the_project_installs() {
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
        generated::compare("docs/equivalence.md", &results.page());
    }
}

/// The tests notice if the reduced pair is that of another project.
#[test]
fn a_wrong_pair_is_detected() {
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
    let chosen = Chosen::main(&["devtool 1.0", "leaf 1.0", "twin 1.0"]);
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
        // Both sides are equal, but not as expected.
        let failure = wrong(&made, &made, &chosen, Column::of(newest));
        assert_eq!(failure.is_empty(), made.distributions == full.distributions);
    }
}
