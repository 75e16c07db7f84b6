//! A lock that another release of Poetry wrote, or that was written anew for other development tools, reinstalls nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::planned::{Installer, Setting};
use super::projects::Chosen;
use super::proof::{Bench, DefaultIndex, Locked, unchanged};
use super::{FEW, is_full};

/// The releases of the full test.
const ALL: [&str; 5] = ["1.8.5", "2.1.4", "2.2.1", "2.4.1", "2.5.1"];

/// Its markers are in an order of their own, and those of the development tools in another.
const PROJECT: &str = r#"
[tool.poetry]
name = "app"
version = "0.1.0"
description = "One"
authors = []

[tool.poetry.dependencies]
python = "^3.9"
chain = { version = "*", markers = "platform_release != '1.0' and platform_version != '2.0'" }
toolbox = { version = "*", markers = "python_version >= '3.8' and sys_platform == 'linux'" }

[tool.poetry.group.dev.dependencies]
stray = "*"
"#;
const TOOLS: &str = r#"chain = { version = "*", markers = "platform_version != '2.0' and platform_release != '1.0'" }
toolbox = { version = "*", markers = "sys_platform == 'linux' and python_version >= '3.8'", extras = ["slow"] }
devtool = { version = "*", markers = "platform_version != '2.0' and platform_release != '1.0'" }
"#;

/// What the service gets: packages with many dependencies that it has already.
const SERVICE_TOOLS: &str = "ipython = \"*\"\npytest-mock = \"^3.14\"\nhttpx = \"*\"\n";

const TABLE: &str = "[tool.poetry.group.dev.dependencies]\n";

fn with_tools(project: &str, tools: &str) -> String {
    project.replace(TABLE, &format!("{TABLE}{tools}"))
}

/// The steps are planned for the release of Poetry that wrote the lock. Returns what they read.
fn no_step_changes(locks: &[(String, Locked)], python: &str) -> String {
    let chosen = Chosen::main(&[]);
    let setting = Setting {
        chosen: &chosen,
        installer: Installer::Auto,
        python,
        poetry: None,
        mirror: None,
    };
    let plan = |locked: &Locked| locked.planned(&setting).unwrap();
    let ((first, before), others) = locks.split_first().unwrap();
    assert!(plan(before).by_uv > 0, "{first}");
    for (name, locked) in others {
        let result = unchanged(&plan(before), &plan(locked));
        result.unwrap_or_else(|text| panic!("{first}, then {name}: {text}"));
    }
    plan(before).shown()
}

#[test]
fn another_lock_of_the_same_packages_reinstalls_nothing() {
    let releases: &[&str] = if is_full() { &ALL } else { &FEW };
    let bench = Bench::new(&releases.iter().copied().collect());
    let desk = bench.desk("only");
    let mut locks = Vec::new();
    for release in releases {
        for (what, text) in [
            ("one tool", PROJECT.to_owned()),
            ("more tools", with_tools(PROJECT, TOOLS)),
        ] {
            let locked = desk.lock(&text, release).unwrap();
            locks.push((format!("{release} with {what}"), locked));
        }
    }
    // The marker is left to the Python of the image, in one spelling.
    let marker = "; platform_release != \"1.0\" and platform_version != \"2.0\"";
    assert!(no_step_changes(&locks, "3.11").contains(marker));
}

/// The service of the benchmark, with packages of PyPI.
#[test]
#[ignore = "locks packages of PyPI; harness/test-matrix runs it"]
fn another_lock_of_the_service_reinstalls_nothing() {
    let directory =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/benchmark/projects/service");
    let [project, lock] = ["pyproject.toml", "poetry.lock"]
        .map(|name| fs::read_to_string(directory.join(name)).unwrap());
    // Poetry wants to run with a Python that the project allows.
    let project = project.replace(">=3.13,<3.14", ">=3.11,<3.14");
    // Poetry 1 does not know `[project]`.
    let releases = BTreeSet::from(["2.1.4", "2.4.1", "2.5.1"]);
    let bench = Bench::new(&releases);
    let desk = bench.desk("only");
    let mut locks = Vec::new();
    for release in releases {
        for (what, text) in [
            ("its tools", project.clone()),
            ("more tools", with_tools(&project, SERVICE_TOOLS)),
        ] {
            let locked = desk.lock_from(DefaultIndex::PyPi, &text, Some(&lock), release);
            locks.push((format!("{release} with {what}"), locked.unwrap()));
        }
    }
    no_step_changes(&locks, "3.13");
}
