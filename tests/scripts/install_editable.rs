//! The project is installed, and nothing of the installer's cache is left.

use super::container::Container;

const ARGS: [&str; 4] = [
    "sh",
    "-euc",
    "mkdir \"$XDG_CACHE_HOME/pypoetry\"; echo \"$XDG_CACHE_HOME\" >/root/cache; echo \"$0 $1\"; exit $1",
    "installed",
];

#[test]
fn the_cache_is_removed() {
    let container = Container::new();
    // It may be a volume.
    container.write("/root/.cache/mine", "");
    let ran = container.sh("install-editable.sh", &[&ARGS[..], &["0"]].concat());
    assert_eq!(ran.succeeded().stdout, "installed 0\n");
    let cache = container.read("/root/cache");
    assert!(!container.exists(cache.trim()), "{cache}");
    assert!(container.exists("/root/.cache/mine"));
}

#[test]
fn the_exit_code_of_the_command_is_passed_on() {
    let container = Container::new();
    container.directory("/root");
    let ran = container.sh("install-editable.sh", &[&ARGS[..], &["7"]].concat());
    assert_eq!(ran.stdout, "installed 7\n");
    ran.failed(7);
}
