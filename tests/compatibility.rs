//! `docs/compatibility.md`: what a command can ask for, each with the end-to-end test that proves it.
//! `UPDATE_DOCS=1 cargo test --test compatibility` updates it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "support/generated.rs"]
mod generated;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

const PAGE: &str = "docs/compatibility.md";
const HEAD: &str = "\
# Compatibility

What a command can ask for, and the end-to-end test that proves it. This page is generated from
`tests/compatibility.toml`; a test fails if a test that it names does not exist.

The last column names the engines that run the test: Docker 26.1 (BuildKit 0.13) with its default image store, and Docker
28.5 with the containerd image store, which `make test` starts after it. A fake engine records its requests where neither
can show the behaviour.

If an engine lacks what an option needs, the build fails before anything runs, and names the missing capability and the
release of BuildKit that has it.
";

/// The rows of the page.
#[derive(Deserialize)]
struct List {
    section: Vec<Section>,
}

#[derive(Deserialize)]
struct Section {
    title: String,
    /// The request, how it is handled, and the test.
    rows: Vec<[String; 3]>,
}

fn sections() -> Vec<Section> {
    let list: List = toml::from_str(include_str!("compatibility.toml")).unwrap();
    list.section
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The engines that run the test; `None` if it does not exist.
fn engine(test: &str) -> Option<&'static str> {
    let (file, name) = test.split_once("::")?;
    let path = Path::new("tests/e2e").join(file).with_extension("rs");
    let code = fs::read_to_string(root().join(path)).ok()?;
    let (before, body) = code.split_once(&format!("\nfn {name}() {{\n"))?;
    let (body, _) = body.split_once("\n}\n")?;
    // The attributes of the function.
    let attributes = before.rsplit("\n\n").next()?;
    if !attributes.contains("#[test]") {
        return None;
    }
    Some(if named("ignored", test) {
        "26.1, 28.5"
    } else if attributes.contains("#[ignore") {
        (named("containerd", file) || file == EMPTIES_THE_ENGINE).then_some("28.5")?
    } else if body.contains("FakeEngine::new()") {
        "fake"
    } else if named("files", file) {
        "26.1, 28.5"
    } else {
        "26.1"
    })
}

/// Its ignored tests run after all others.
const EMPTIES_THE_ENGINE: &str = "empty_engine";
/// `harness/test-matrix` runs its ignored test.
const IN_THE_MATRIX: &str = "moving";

#[test]
fn every_ignored_test_is_run_by_a_command() {
    let files = fs::read_dir(root().join("tests/e2e")).unwrap();
    let mut forgotten: Vec<String> = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| fs::read_to_string(path).unwrap().contains("\n#[ignore"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !named("containerd", name))
        .collect();
    forgotten.sort_unstable();
    assert_eq!(forgotten, [EMPTIES_THE_ENGINE, IN_THE_MATRIX]);
}

/// Whether the list of what both engines run has the name in that section.
fn named(section: &str, wanted: &str) -> bool {
    let list = fs::read_to_string(root().join("tests/e2e/both-engines.txt")).unwrap();
    let (_, rest) = list.split_once(&format!("\n[{section}]\n")).unwrap();
    rest.lines()
        .take_while(|line| !line.starts_with('['))
        .any(|name| name == wanted)
}

#[test]
fn every_row_names_an_existing_test() {
    let sections = sections();
    let rows = sections.iter().flat_map(|section| &section.rows);
    let missing: Vec<&str> = rows
        .map(|[_, _, test]| test.as_str())
        .filter(|test| engine(test).is_none())
        .collect();
    assert!(missing.is_empty(), "no such test: {missing:#?}");
}

#[test]
fn the_page_is_up_to_date() {
    let mut page = HEAD.to_owned();
    for Section { title, rows } in sections() {
        write!(
            page,
            "\n## {title}\n\n| request | behaviour | test | engine |\n| --- | --- | --- | --- |\n"
        )
        .unwrap();
        for [what, how, test] in rows {
            let what = what.replace('|', "\\|");
            let engine = engine(&test).unwrap_or_default();
            writeln!(page, "| {what} | {how} | `{test}` | {engine} |").unwrap();
        }
    }
    generated::compare(PAGE, &page);
}
