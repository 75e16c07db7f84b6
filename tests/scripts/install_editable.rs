//! The project is installed, and nothing of the installer's cache is left.

use super::container::Container;

const ARGS: [&str; 4] = [
    "sh",
    "-euc",
    "mkdir -p \"$HOME/.cache/pypoetry\" \"$HOME/.config\"; echo \"$0 $1\"; exit $1",
    "installed",
];

#[test]
fn the_cache_is_removed() {
    let mut container = Container::new();
    container.set_env("HOME", "/root");
    let ran = container.sh("install-editable.sh", &[&ARGS[..], &["0"]].concat());
    assert_eq!(ran.succeeded().stdout, "installed 0\n");
    assert!(!container.exists("/root/.cache"));
    assert!(container.exists("/root/.config"));
}

#[test]
fn the_exit_code_of_the_command_is_passed_on() {
    let mut container = Container::new();
    container.set_env("HOME", "/root");
    let ran = container.sh("install-editable.sh", &[&ARGS[..], &["7"]].concat());
    assert_eq!(ran.stdout, "installed 7\n");
    ran.failed(7);
}
