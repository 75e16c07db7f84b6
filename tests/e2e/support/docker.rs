//! The `docker` command.

use std::process::{Command, Output};
use std::sync::OnceLock;

/// A `docker` command; fails the test if no engine answers.
pub(crate) fn docker(arguments: &[&str]) -> Command {
    static ANSWERS: OnceLock<bool> = OnceLock::new();
    let answers = ANSWERS.get_or_init(|| {
        [["version"].as_slice(), &["buildx", "version"]]
            .iter()
            .all(|arguments| {
                let output = Command::new("docker").args(*arguments).output();
                output.is_ok_and(|output| output.status.success())
            })
    });
    assert!(
        *answers,
        "no Docker engine with buildx answers: run `make test`, or `make engine` and `eval \"$(make -s engine-env)\"` first"
    );
    let mut command = Command::new("docker");
    command.args(arguments);
    command
}

/// Whether the engine can merge file systems: with the containerd image store.
pub(crate) fn merges() -> bool {
    static MERGES: OnceLock<bool> = OnceLock::new();
    *MERGES.get_or_init(|| {
        let status = run(&["info", "--format={{.DriverStatus}}"]);
        String::from_utf8_lossy(&status).contains("io.containerd.snapshotter")
    })
}

/// Runs it and returns its standard output; fails the test if it fails.
#[track_caller]
pub(crate) fn run(arguments: &[&str]) -> Vec<u8> {
    let output: Output = docker(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "docker {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}
