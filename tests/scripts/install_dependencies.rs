//! The command that installs the dependencies finds an empty environment.

use super::container::{Container, Ran};

/// Runs the script with a command that runs this shell script.
fn install(container: &Container, script: &str) -> Ran {
    let args = ["sh", "-euc", script, "sh", "--only", "a group"];
    container.sh("install-dependencies.sh", &args)
}

fn project() -> Container {
    let mut container = Container::new();
    container.python("");
    container.set_workdir("/src");
    container
}

#[test]
fn the_command_installs_into_an_environment_without_pip() {
    let container = project();
    let script = ".venv/bin/python -c 'import sys; print(sys.prefix)'; ls .venv/bin; printf '<%s>\\n' \"$@\"";
    let ran = install(&container, script).succeeded();
    assert!(ran.stdout.starts_with("/src/.venv\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("pip"), "{}", ran.stdout);
    assert!(
        ran.stdout.ends_with("<--only>\n<a group>\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn clones_of_git_dependencies_are_removed() {
    let container = project();
    let script = "mkdir -p .venv/src/words/.git; touch .venv/installed; mkdir src";
    install(&container, script).succeeded();
    assert!(container.exists("/src/.venv/installed"));
    assert!(!container.exists("/src/.venv/src"));
    assert!(container.exists("/src/src"));
}

#[test]
fn the_exit_code_of_the_command_is_passed_on() {
    let container = project();
    let ran = install(&container, "echo out; echo err >&2; exit 7");
    assert_eq!(format!("{}{}", ran.stdout, ran.stderr), "out\nerr\n");
    ran.failed(7);
}
