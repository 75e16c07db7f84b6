//! Build files as users write them. Each module has the errors of one part of the file.

use std::collections::BTreeMap;

use testkit::dedent;

use super::*;
use crate::diagnostics::Diagnostics;
use crate::rules::Rule;

mod arguments;
mod build;
mod copies;
mod dependencies;
mod hooks;
mod keys;
mod lists_and_tables;
mod misplaced_keys;
mod python_and_poetry;
mod runtime;
mod scalars;
mod schema;
mod standard;
mod syntax;
mod targets;

/// A file with one error: its line, the message and the hint.
type Row = (&'static str, usize, &'static str, &'static str);

fn check(rows: &[Row]) {
    for (text, line, message, hint) in rows {
        let all = parse_with(text, &[]).expect_err(text);
        let errors: Vec<_> = all.iter().collect();
        let [error] = errors.as_slice() else {
            panic!("{text}: not one error: {all}");
        };
        let span = error.span.as_ref().unwrap();
        assert_eq!(span.start().line, *line, "{text}: {error}");
        assert_eq!(error.message, *message, "{text}");
        assert_eq!(error.hint, *hint, "{text}");
    }
}

fn parse_with(text: &str, args: &[(&str, &str)]) -> Result<BuildFile, Diagnostics> {
    let args: BTreeMap<String, String> = args
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    BuildFile::parse(DEFAULT_NAME, dedent(text).as_bytes(), &args)
}

fn parse(text: &str) -> BuildFile {
    parse_with(text, &[]).unwrap()
}

/// All errors as a terminal shows them.
fn errors(text: &str) -> String {
    parse_with(text, &[]).unwrap_err().to_string()
}

#[test]
fn an_empty_file_is_valid() {
    let file = parse("# syntax=org/poetry-frontend\n");
    assert_eq!(file.main.python.version, None);
    assert_eq!(file.main.source.include, None);
    assert_eq!(
        (
            file.main.runtime.user.name.as_str(),
            file.main.runtime.user.uid
        ),
        ("app", 10001)
    );
    assert_eq!(file.main.runtime.user.gid, 10001);
}

#[test]
fn every_key_is_read() {
    let file = parse(
        r#"
        [python]
        version = "3.13.5"
        variant = "slim"
        [poetry]
        version = "2.1.3"
        mirror = "https://index.example/simple"
        ca-bundle = "/etc/ssl/certs/ca-certificates.crt"
        [source]
        install = "copy"
        include = ["./src/", "templates/*.html"]
        [build]
        packages = ["gcc", "libpq-dev=15.*"]
        [runtime]
        packages = ["libpq5"]
        user = { name = "web", uid = 1000, gid = 2000 }
        workdir = "/srv/app/"
        entrypoint = ["web"]
        cmd = ["--port", "8000"]
        env = { PORT = "8000" }
        expose = [8000]
        "#,
    );
    assert_eq!(
        file.main.python.version.unwrap().value.to_string(),
        "3.13.5"
    );
    assert_eq!(
        file.main.poetry.mirror.unwrap().value,
        "https://index.example/simple/"
    );
    let include: Vec<String> = file
        .main
        .source
        .include
        .unwrap()
        .into_iter()
        .map(|pattern| pattern.value)
        .collect();
    assert_eq!(include, ["src", "templates/*.html"]);
    assert_eq!(file.main.source.install.unwrap().value, InstallMode::Copy);
    assert_eq!(file.main.build.packages[1].value, "libpq-dev=15.*");
    assert_eq!(file.main.runtime.user.gid, 2000);
    assert_eq!(file.main.runtime.workdir.unwrap().value, "/srv/app");
    assert_eq!(file.main.runtime.env["PORT"].value, "8000");
    assert_eq!(file.main.runtime.expose[0].value.to_string(), "8000/tcp");
}

#[test]
fn arguments_are_replaced_everywhere() {
    let text = r#"
        [args]
        MIRROR = { default = "" }
        TAG = { default = "3.13" }
        [python]
        version = "${TAG}"
        [poetry]
        mirror = "${MIRROR}"
        [runtime]
        entrypoint = ["sh", "-c", "echo $${HOME} ${TAG}"]
        env = { TAG = "${TAG}" }
    "#;
    let file = parse(text);
    assert_eq!(file.main.poetry.mirror, None);
    assert_eq!(
        file.main.runtime.entrypoint.unwrap().value[2],
        "echo ${HOME} 3.13"
    );
    let file = parse_with(text, &[("TAG", "3.11"), ("MIRROR", "http://m/simple/")]).unwrap();
    assert_eq!(file.main.python.version.unwrap().value.to_string(), "3.11");
    assert_eq!(file.main.runtime.env["TAG"].value, "3.11");
    assert_eq!(file.main.poetry.mirror.unwrap().value, "http://m/simple/");
}

#[test]
fn all_errors_of_a_step_are_reported_at_once() {
    let shown = errors(
        r#"
        [python]
        version = "2.7"
        [runtime]
        user = { uid = 0, gid = -1 }
        expose = [0]
        "#,
    );
    assert_eq!(shown.matches("hint:").count(), 4, "{shown}");
    let shown = errors(
        r"
        [python]
        x = 1
        [nothing]
        [runtime]
        y = 2
        ",
    );
    assert_eq!(shown.matches("unknown key").count(), 3, "{shown}");
}

#[test]
fn unknown_keys_and_wrong_types_are_reported_together_in_the_order_of_lines() {
    let all = parse_with(
        "[runtime]
expose = '8000'
port = 1
entrypoint = 'serve'
[source]
install = 'weel'
[copy]
source = 'a'
[hook]
run = 7
[python]
version = 3.13
",
        &[],
    );
    let all = all.unwrap_err();
    let lines = all
        .iter()
        .map(|one| one.span.as_ref().unwrap().start().line);
    assert_eq!(lines.collect::<Vec<_>>(), [2, 3, 4, 6, 7, 8, 9, 10, 12]);
}

#[test]
fn each_wrong_item_is_reported_where_the_list_cannot_be_corrected() {
    let shown = errors(
        r"
        [runtime]
        expose = [
          true,
          8000,
          [8001],
          {},
        ]
        ",
    );
    for (line, hint) in [(3, "write a value such as `8000`"), (5, "write `8001`")] {
        let error = format!(
            "poetry.build.toml:{line}: each item of `expose` must be a whole number or a string"
        );
        assert!(shown.contains(&error), "{shown}");
        assert!(shown.contains(hint), "{shown}");
    }
    assert_eq!(shown.matches("hint:").count(), 3, "{shown}");
}

#[test]
fn a_long_value_is_not_repeated_in_the_hint() {
    let shown = errors(&format!(
        r"
        [build]
        packages = '{}'
        ",
        "gcc ".repeat(100)
    ));
    assert!(
        shown.ends_with("write, for example, `packages = [\"gcc\", \"libpq-dev\"]`"),
        "{shown}"
    );
}

#[test]
fn targets_that_extend_each_other_are_both_reported() {
    assert_eq!(
        errors(
            r#"
            [target.a]
            extends = "b"
            [target.b]
            extends = "a"
            "#
        ),
        "poetry.build.toml:2: the target `b` extends itself
  hint: remove one `extends`, so that its target extends the main image
poetry.build.toml:4: the target `a` extends itself
  hint: remove one `extends`, so that its target extends the main image"
    );
}

#[test]
fn a_file_must_be_utf_8() {
    let error = BuildFile::parse("b.toml", b"a = \"\xff\"", &BTreeMap::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "b.toml:1: this file is not UTF-8 text\n  hint: save the file as UTF-8"
    );
}

#[test]
fn no_input_causes_a_panic() {
    // Every prefix of a file with every kind of value, and that with one byte changed.
    let whole = dedent(
        r#"
        [args]
        A={default="x"}
        [python]
        version="${A}é"
        [runtime]
        user={uid=1}
        expose=[1]
        env={B='''
        $${'''}
        "#,
    );
    for end in 0..=whole.len() {
        let _ = BuildFile::parse("f", &whole.as_bytes()[..end], &BTreeMap::new());
        let mut changed = whole.as_bytes().to_vec();
        for byte in [b'"', b'$', 0, 0xc3] {
            if let Some(at) = changed.get_mut(end) {
                *at = byte;
                let _ = BuildFile::parse("f", &changed, &BTreeMap::new());
            }
        }
    }
}

#[test]
fn rules_are_switched_on_and_off_by_their_ids() {
    let rules = parse(
        r#"
        [check]
        skip = ["StaleLock", "latesttag"]
        error = true
        "#,
    )
    .rules;
    assert!(
        rules.fail_on_warnings
            && !rules.is_enabled(Rule::StaleLock)
            && !rules.is_enabled(Rule::LatestTag)
    );
    assert!(rules.is_enabled(Rule::AlpineBase));
    assert_eq!(
        errors(
            r#"
            [check]
            skip = [
            "AlpinBase",
            "MissingSecret"]
            enable = ["X"]
            "#
        ),
        "poetry.build.toml:3: there is no rule `AlpinBase`
  hint: did you mean `AlpineBase`?
poetry.build.toml:5: there is no rule `X`
  hint: `poetry-frontend explain` lists all rules"
    );
}

#[test]
fn an_argument_can_stand_for_several_names_or_none() {
    let text = r#"
        [args]
        EXTRAS = { default = "" }
        [dependencies]
        groups = ["main"]
        extras = ["${EXTRAS}", "fixed"]
        [runtime]
        packages = ["${EXTRAS}"]
        cmd = ["${EXTRAS}"]
        "#;
    let extras = |value: &str| {
        let file = parse_with(text, &[("EXTRAS", value)]).unwrap();
        let extras = file.main.dependencies.extras.unwrap().value;
        let Extras::Some(extras) = extras else {
            panic!("{extras:?}")
        };
        let packages = file.main.runtime.packages.len();
        assert_eq!(packages, extras.len() - 1);
        // Only lists of names are divided.
        assert_eq!(file.main.runtime.cmd.unwrap().value, [value]);
        extras.join(" ")
    };
    assert_eq!(extras(""), "fixed");
    assert_eq!(extras("aa"), "aa fixed");
    assert_eq!(extras("aa, bb,"), "aa bb fixed");
}

#[test]
fn windows_line_endings_are_no_part_of_a_value() {
    let text = "[runtime]\nenv = { A = \"\"\"x\ny\"\"\" }\n".replace('\n', "\r\n");
    let file = BuildFile::parse(DEFAULT_NAME, text.as_bytes(), &BTreeMap::new()).unwrap();
    assert_eq!(file.main.runtime.env["A"].value, "x\ny");
    let wrong = "[runtime]\r\n\r\nuser = { uid = 0 }\r\n";
    let errors = BuildFile::parse(DEFAULT_NAME, wrong.as_bytes(), &BTreeMap::new());
    let errors = errors.unwrap_err().to_string();
    assert!(errors.starts_with("poetry.build.toml:3: "), "{errors}");
}

#[test]
fn the_group_can_be_0() {
    let file = parse("[runtime]\nuser = { gid = 0 }\n");
    let user = file.main.runtime.user;
    assert_eq!((user.uid, user.gid), (10001, 0));
}
