//! Directories, and Git revisions checked out into temporary ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::error::Error;

/// A directory; a temporary one is removed on drop.
pub(super) struct Checkout {
    directory: PathBuf,
    temporary: Option<PathBuf>,
}

impl Checkout {
    /// `name` is a directory, or a revision of the Git repository here. Of a revision, only the files below the working
    /// directory are checked out.
    pub(super) fn of(name: &str) -> Result<Self, Error> {
        if Path::new(name).is_dir() {
            return Ok(Self {
                directory: PathBuf::from(name),
                temporary: None,
            });
        }
        let commit = git(
            &[
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                &format!("{name}^{{commit}}"),
            ],
            None,
        )
        .ok_or_else(|| Error::UnknownRevision(name.to_owned()))?;
        let prefix = git(&["rev-parse", "--show-prefix"], None).unwrap_or_default();
        let temporary = temporary_directory()?;
        let checkout = Self {
            directory: temporary.join("tree"),
            temporary: Some(temporary.clone()),
        };
        let index = temporary.join("index");
        let tree = format!("{commit}:{}", prefix.trim_end_matches('/'));
        let destination = format!("--prefix={}/", checkout.directory.display());
        git(&["read-tree", &tree], Some(&index))
            .and_then(|_| git(&["checkout-index", "--all", &destination], Some(&index)))
            .ok_or_else(|| Error::UnknownRevision(name.to_owned()))?;
        fs::create_dir_all(&checkout.directory)
            .map_err(|error| Error::Write(checkout.directory.clone(), error))?;
        Ok(checkout)
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            let _ = fs::remove_dir_all(temporary);
        }
    }
}

fn temporary_directory() -> Result<PathBuf, Error> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "poetry-frontend-{}-{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let directory = std::env::temp_dir().join(name);
    fs::create_dir(&directory).map_err(|error| Error::Write(directory.clone(), error))?;
    Ok(directory)
}

/// The output of a `git` command, if it succeeds.
fn git(arguments: &[&str], index: Option<&Path>) -> Option<String> {
    let mut command = Command::new("git");
    command.args(arguments).stderr(Stdio::null());
    if let Some(index) = index {
        // Paths of a Git tree are relative to the top level.
        let top = git(&["rev-parse", "--show-toplevel"], None)?;
        command.current_dir(top).env("GIT_INDEX_FILE", index);
    }
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output
        .status
        .success()
        .then(|| text.trim_end_matches('\n').to_owned())
}
