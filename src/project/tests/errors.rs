//! Files that cannot be read.

use testkit::dedent;

use super::fixture::{lock, span};
use crate::project::project::Project;

fn error(pyproject: Option<&str>, lock: Option<&str>) -> String {
    let [pyproject, lock] = [pyproject, lock].map(|text| Some(dedent(text?).into_bytes()));
    Project::parse(pyproject.as_deref(), lock.as_deref(), &span())
        .unwrap_err()
        .to_string()
}

#[test]
fn each_error_has_a_line_and_a_hint() {
    let fine = r#"
        [project]
        name = "x"
    "#;
    let lock = lock().text("");
    for (pyproject, lock, expected) in [
        (
            None,
            Some(lock.as_str()),
            "poetry.build.toml:1: there is no `pyproject.toml` in the build context\n  hint: build from the project's directory: `docker buildx build -f poetry.build.toml .`",
        ),
        (
            Some(fine),
            None,
            "poetry.build.toml:1: there is no `poetry.lock` in the build context\n  hint: run `poetry lock`, and commit the file",
        ),
        (
            Some(
                r"
                [project]
                name = 1
                ",
            ),
            Some(lock.as_str()),
            "pyproject.toml:2: cannot parse this file: invalid type: integer `1`, expected a string\n  hint: fix this line; run `poetry check` for details",
        ),
        (
            Some(fine),
            Some(
                r#"
                [[package]]
                name = "a"
                "#,
            ),
            "poetry.lock:1: cannot parse this file: missing field `metadata`\n  hint: fix this line; run `poetry check` for details",
        ),
        (
            Some(fine),
            Some(
                r#"
                [metadata]
                lock-version = "1.0"
                "#,
            ),
            "poetry.lock:2: this lock has version `1.0`, but only versions 1.1, 2.0 and 2.1 are supported\n  hint: recreate the lock with Poetry 1.8 or newer: `poetry lock`",
        ),
        (
            Some(fine),
            Some("<<<<<<< HEAD\n"),
            "poetry.lock:1: cannot parse this file: key with no value, expected `=`\n  hint: fix this line; run `poetry check` for details",
        ),
    ] {
        assert_eq!(error(pyproject, lock), expected);
    }
}

#[test]
fn names_and_paths_that_are_none_have_a_line() {
    let fine = r#"
        [project]
        name = "x"
    "#;
    let lock = lock().text("");
    for (pyproject, lock, expected) in [
        (
            Some(fine),
            Some(
                r#"
                [[package]]
                name = "a b"
                version = "1"
                "#,
            ),
            "poetry.lock:1: `a b` is not the name of a package\n  hint: recreate the lock: `poetry lock`",
        ),
        (
            Some(fine),
            Some(
                r#"
                [[package]]
                name = "a"
                version = "1\n--index-url https://evil.example"
                "#,
            ),
            "poetry.lock:1: `1\\n--index-url https://evil.example` is not the version of a package\n  hint: recreate the lock: `poetry lock`",
        ),
        (
            Some(
                r#"
                [tool.poetry]
                readme = "a\nb.md"
                "#,
            ),
            Some(lock.as_str()),
            "pyproject.toml:2: this path contains a line break or another control character\n  hint: remove the character",
        ),
        (
            Some(
                r"
                [tool.poetry]
                include = ['\d']
                ",
            ),
            Some(lock.as_str()),
            "pyproject.toml:2: `\\d` is not a valid pattern\n  hint: close each `[` with `]`, and put no `\\` before a letter or digit",
        ),
        (
            Some(
                r#"
                [[tool.poetry.source]]
                name = "a\u001b"
                "#,
            ),
            Some(lock.as_str()),
            "pyproject.toml:2: this name contains a line break or another control character\n  hint: remove the character",
        ),
    ] {
        assert_eq!(error(pyproject, lock), expected);
    }
}

#[test]
fn no_input_causes_a_panic() {
    let lock = lock().text("");
    for end in 0..lock.len() {
        let bytes = &lock.as_bytes()[..end];
        let _ = Project::parse(Some(bytes), Some(bytes), &span());
    }
    let _ = Project::parse(Some(b"\xff"), Some(b"\xff"), &span());
}
