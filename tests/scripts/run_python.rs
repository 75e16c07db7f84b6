//! The check of a base image's Python starts only if there is a Python.

use super::container::{Container, PROGRAMS};

const ARGS: [&str; 4] = ["/run/check_python.py", "look", "debian:13", "3.13"];

#[test]
fn python_gets_all_arguments() {
    let container = Container::new();
    container.program("/programs/python3", "printf '%s\\n' \"$@\"; exit 3");
    let ran = container.sh("run-python.sh", &ARGS);
    assert_eq!(ran.code, Some(3));
    // Isolated from variables of the base image, such as PYTHONPATH.
    let (options, args) = ran.stdout.split_once('\n').unwrap();
    assert_eq!(options, "-I");
    assert_eq!(args.lines().collect::<Vec<_>>(), ARGS);
}

#[test]
fn a_base_image_without_python_is_an_error() {
    let mut container = Container::new();
    container.link("/programs/sh", "/bin/sh");
    container.set_path(PROGRAMS);
    let message = container.sh("run-python.sh", &ARGS).failed(1);
    assert!(
        message.starts_with("error: debian:13 has no python3 on its PATH"),
        "{message}"
    );
}
