//! Hooks run in the strictest shell of the image.

use super::container::{Container, PROGRAMS, Ran};

/// Runs a hook in an image whose only programs are these shells, by name and path here.
fn hook_with(shells: &[(&str, &str)], script: &str) -> Ran {
    let mut container = Container::new();
    for (name, path) in shells {
        container.link(&format!("{PROGRAMS}/{name}"), path);
    }
    container.set_path(PROGRAMS);
    let path = container.script("run-hook.sh");
    container.run(&["sh", &path], &[script])
}

fn with_bash(script: &str) -> Ran {
    hook_with(&[("sh", "/bin/sh"), ("bash", "/bin/bash")], script)
}

/// Bash is a `sh` that knows `pipefail`, and dash one that does not, in releases before 0.5.13.
const SHELLS: [&[(&str, &str)]; 3] = [
    &[("sh", "/bin/sh"), ("bash", "/bin/bash")],
    &[("sh", "/bin/bash")],
    &[("sh", "/bin/dash")],
];

#[test]
fn a_hook_runs_with_any_shell() {
    for shells in SHELLS {
        let ran = hook_with(shells, "greeting='hello  world'\necho \"$greeting\"\n").succeeded();
        assert_eq!(
            (ran.stdout.as_str(), ran.stderr.as_str()),
            ("hello  world\n", "")
        );
    }
}

#[test]
fn a_hook_stops_at_the_first_failed_command() {
    for shells in SHELLS {
        let ran = hook_with(shells, "echo one\n(exit 3)\necho two\n");
        assert_eq!(
            (ran.code, ran.stdout.as_str()),
            (Some(3), "one\n"),
            "{shells:?}"
        );
    }
}

#[test]
fn a_hook_stops_at_an_unset_variable() {
    for shells in SHELLS {
        let ran = hook_with(shells, "echo one\necho \"$MISSING\"\necho two\n");
        assert_ne!(ran.code, Some(0), "{shells:?}");
        assert_eq!(ran.stdout, "one\n", "{shells:?}");
        assert!(ran.stderr.contains("MISSING"), "{}", ran.stderr);
    }
}

#[test]
fn a_hook_stops_at_a_failed_command_of_a_pipe() {
    for shells in &SHELLS[..2] {
        let ran = hook_with(shells, "(exit 3) | :\necho two\n");
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(3), ""), "{shells:?}");
    }
}

#[test]
fn bash_reports_the_line_of_the_failure() {
    let message = |script: &str| with_bash(script).stderr;
    assert_eq!(message("false"), "hook: line 1 failed\n");
    assert_eq!(message("echo one\n\nfalse\n"), "hook: line 3 failed\n");
    assert_eq!(message(":\nfalse | :\n"), "hook: line 2 failed\n");
    let in_function = message("install() {\n    false\n}\ninstall\n");
    assert!(
        in_function.starts_with("hook: line 2 failed\n"),
        "{in_function}"
    );
    assert_eq!(message("if false; then :; fi\nfalse || :\n"), "");
}

#[test]
fn errors_of_the_shell_name_the_lines_of_the_hook() {
    let ran = with_bash("echo one\necho two; missing-command\n");
    assert_eq!(ran.code, Some(127));
    assert_eq!(ran.stdout, "one\ntwo\n");
    assert!(
        ran.stderr.contains("hook: line 2: missing-command"),
        "{}",
        ran.stderr
    );
}
