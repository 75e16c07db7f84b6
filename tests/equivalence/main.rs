//! The planned steps install the same as real Poetry from the project's own files: the same distributions, byte for byte,
//! with the same origins.
//!
//! Each project of `projects/` is locked by real Poetry against an index in this process. Every selection of its
//! dependencies is installed by Poetry, and by the steps that the frontend plans with each `installer`. The environments
//! must be equal, and hold the expected distributions. After edits that do not affect the installation and another real
//! lock, no step may change.
//!
//! By default this installs one selection of every project. `EQUIVALENCE=all` (`make test-matrix`) installs all of them
//! with every release of Poetry, and writes `docs/equivalence.md`. `EQUIVALENCE=TEXT` does so with the projects whose names
//! contain the text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../support/archive.rs"]
mod archive;
#[path = "../support/default_index.rs"]
mod default_index;
mod dist;
#[path = "../support/generated.rs"]
mod generated;
#[path = "../support/http.rs"]
mod http;
mod index;
mod locked_files;
mod matrix;
mod planned;
mod poetry;
mod projects;
mod proof;
mod relock;
mod snapshot;
mod tools;

use std::collections::BTreeSet;

use matrix::Matrix;
use planned::Installer;
use projects::{CASES, Chosen};
use proof::{Bench, Column, unchanged, wrong};
use snapshot::{Entry, Snapshot};

/// The releases of the short test, from the oldest to the newest.
const FEW: [&str; 3] = ["1.8.5", "2.1.4", "2.5.1"];

/// Whether to compare everything.
fn is_full() -> bool {
    std::env::var("EQUIVALENCE").is_ok_and(|size| size == "all")
}

#[test]
fn planned_steps_install_what_poetry_installs() {
    let (matrix, projects) = match std::env::var("EQUIVALENCE") {
        Err(_) => (Matrix::few(&FEW), CASES.len()),
        Ok(_) if is_full() => (Matrix::all(), CASES.len()),
        Ok(part) => Matrix::of(&part),
    };
    let columns = matrix.columns();
    let results = matrix.run();
    assert!(
        results.failures.is_empty(),
        "{}",
        results.failures.join("\n\n")
    );
    // No project and no release was left out.
    assert_eq!(results.projects(), projects);
    assert_eq!(results.columns(), columns);
    if is_full() {
        generated::compare("docs/equivalence.md", &results.page());
    }
}

/// The tests notice if the steps are those of another project, and if one file of an environment differs.
#[test]
fn wrong_environments_are_detected() {
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
        for installer in Installer::ALL {
            let plan = |locked| desk.planned(locked, newest, &chosen, installer).unwrap();
            let planned = plan(&other);
            let made = desk.install_planned(&planned, newest).unwrap();
            let failure = wrong(&full, &made, &chosen, Column::of(newest)).join("\n");
            assert!(failure.contains(seen), "{failure}");
            let failure = unchanged(&plan(&right), &planned).unwrap_err();
            assert!(failure.contains("changes"), "{failure}");
            // Both sides are equal, but not as expected.
            let failure = wrong(&made, &made, &chosen, Column::of(newest));
            assert_eq!(failure.is_empty(), made.distributions == full.distributions);
        }
    }
    let planned = desk.planned(&right, newest, &chosen, Installer::Auto);
    let made = desk.install_planned(&planned.unwrap(), newest).unwrap();
    damage_is_detected(&full, &made, &chosen, newest);
}

/// A change of a file in the environment.
type Damage = fn(&mut Entry);

fn damage_is_detected(full: &Snapshot, made: &Snapshot, chosen: &Chosen, poetry: &'static str) {
    let found = |made: &Snapshot| wrong(full, made, chosen, Column::of(poetry)).join("\n");
    assert_eq!(found(made), "");
    let changes: [(&str, Damage); 8] = [
        ("/twin/__init__.py", |file| file.content.push('#')),
        ("/twin/data/table.txt", |file| file.mode = 0o755),
        ("/twin/data/", |file| file.mode = 0o700),
        ("/__pycache__/__init__.cpython-", |file| file.mode = 0o600),
        ("/devtool-1.0.dist-info/METADATA", |file| {
            file.content.push('#');
        }),
        ("/devtool-1.0.dist-info/RECORD", |file| {
            file.content = file.content.replace(",sha256=", ",sha256=x");
        }),
        ("/devtool-1.0.dist-info/INSTALLER", |file| {
            "pip".clone_into(&mut file.content);
        }),
        ("bin/devtool", |file| file.mode = 0o644),
    ];
    let path = |part: &str| {
        let mut paths = made.files.keys();
        paths.find(|path| path.contains(part)).unwrap().clone()
    };
    for (part, change) in changes {
        let path = path(part);
        let mut damaged = made.clone();
        damaged.files.entry(path.clone()).and_modify(change);
        assert!(found(&damaged).contains(&path), "{path}");
        damaged.files.remove(&path);
        // Without the file that names uv, everything counts.
        let seen = found(&damaged);
        assert!(seen.contains(&path), "{path}: {seen}");
    }
    let mut damaged = made.clone();
    let more = path("/twin-1.0.dist-info/METADATA").replace("METADATA", "direct_url.json");
    let entry = made.files[&path("/twin-1.0.dist-info/METADATA")].clone();
    damaged.files.insert(more.clone(), entry);
    assert!(found(&damaged).contains(&more));
    // The text of a command may differ, but not what it does.
    let mut damaged = made.clone();
    let command = damaged.files.get_mut("bin/devtool").unwrap();
    command.content.push('#');
    assert_eq!(found(&damaged), "");
    let done = damaged.commands.get_mut("bin/devtool").unwrap();
    done.push('#');
    assert!(found(&damaged).contains("bin/devtool"));
}
