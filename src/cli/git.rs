//! Asks Git about the repository of a directory.

use std::path::Path;
use std::process::{Command, Stdio};

/// The output of a `git` command in the working directory, if it succeeds.
pub(super) fn git(arguments: &[&str]) -> Option<String> {
    run(Command::new("git").args(arguments))
}

/// The same at the top of the work tree, with an index of its own. Paths of a Git tree are relative to the top level.
pub(super) fn git_with_index(arguments: &[&str], index: &Path) -> Option<String> {
    let top = git(&["rev-parse", "--show-toplevel"])?;
    run(Command::new("git")
        .args(arguments)
        .current_dir(top)
        .env("GIT_INDEX_FILE", index))
}

/// The repository that a directory was cloned from.
pub(super) fn origin(directory: &Path) -> Option<String> {
    run(Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(["config", "--get", "remote.origin.url"]))
}

/// The output of a command, if it succeeds.
fn run(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output
        .status
        .success()
        .then(|| text.trim_end_matches('\n').to_owned())
}
