//! Help, `explain`, `schema`, `completions`, and commands that cannot be run.

use std::fs;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use poetry_frontend::cli;

use crate::generated;
use crate::support::run;

#[test]
fn the_page_of_the_command_line_is_its_help() {
    const PAGE: &str = "docs/command-line.md";
    const BEGIN: &str = "<!-- generated from the help: begin -->\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = fs::read_to_string(&path).unwrap();
    let (head, _) = page.split_once(BEGIN).expect("the mark");
    let expected = format!("{head}{BEGIN}\n{}", cli::reference());
    generated::compare(PAGE, &expected);
}

#[test]
fn a_wrong_command_is_an_error_with_a_hint() {
    let mut page = String::new();
    for arguments in [
        "chek",
        "check --fromat json",
        "check --format yaml",
        "check a b",
        "check --build-arg A",
        "check --platform /",
        "check src",
        "completions",
        "completions bsh",
        "explain stalelok",
        "explain runtime.usr",
        "explain StaleLock .",
    ] {
        let words: Vec<&str> = arguments.split(' ').collect();
        let ran = run(&words);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments}");
        page += &format!("$ poetry-frontend {arguments}\n{}\n", ran.stderr);
    }
    assert_snapshot!(page);
}

#[test]
fn help_lists_the_commands() {
    let help = run(&[]).printed();
    for arguments in [&["--help"], &["-h"], &["help"]] {
        assert_eq!(run(arguments).printed(), help, "{arguments:?}");
    }
    assert_snapshot!(help);
}

#[test]
fn a_command_has_its_own_help() {
    let help = run(&["check", "--help"]).printed();
    for arguments in [&["help", "check"], &["check", "-h"]] {
        assert_eq!(run(arguments).printed(), help, "{arguments:?}");
    }
    assert_snapshot!(help);
}

#[test]
fn the_version_is_that_of_the_package() {
    let version = format!("poetry-frontend {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&["--version"]).stdout, version);
}

#[test]
fn explain_shows_the_page_of_a_rule() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules/StaleLock.md"));
    assert_eq!(run(&["explain", "stalelock"]).printed(), page.unwrap());
}

#[test]
fn explain_without_a_rule_lists_all_of_them() {
    let all = run(&["explain"]).printed();
    let listed = run(&["explain", "--format=json"]).json();
    assert_eq!(listed.as_array().unwrap().len(), all.lines().count());
    assert_snapshot!(all);
}

#[test]
fn schema_writes_the_schema_of_the_build_file_or_of_a_standard() {
    let read = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
        fs::read_to_string(path.join(name)).unwrap()
    };
    assert_eq!(run(&["schema"]).stdout, read("poetry.build.schema.json"));
    assert_eq!(
        run(&["schema", "--standard"]).stdout,
        read("standard.schema.json")
    );
}

#[test]
fn shells_complete_commands_options_and_values() {
    let script = run(&["completions", "bash"]).stdout;
    let completed = |words: &str| {
        let ask = format!(
            "COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); _poetry_frontend; echo \"${{COMPREPLY[@]}}\""
        );
        let output = Command::new("bash")
            .arg("-c")
            .arg(format!("{script}\n{ask}"))
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    assert_eq!(completed("poetry-frontend ch"), "check");
    assert_eq!(completed("poetry-frontend check --fo"), "--format");
    assert_eq!(
        completed("poetry-frontend check --format ''"),
        "text json sarif github"
    );
    assert_eq!(completed("poetry-frontend explain Stale"), "StaleLock");
    for shell in ["zsh", "fish"] {
        assert!(
            run(&["completions", shell]).stdout.contains("StaleLock"),
            "{shell}"
        );
    }
}

/// The files that releases install, which need no program at hand.
#[test]
fn releases_have_the_completions_of_all_shells() {
    let share = "packaging/python/poetry_frontend.data/data/share";
    for (shell, path) in [
        ("bash", "bash-completion/completions/poetry-frontend"),
        ("zsh", "zsh/site-functions/_poetry-frontend"),
        ("fish", "fish/vendor_completions.d/poetry-frontend.fish"),
    ] {
        let script = run(&["completions", shell]).printed();
        generated::compare(&format!("{share}/{path}"), &script);
    }
}
