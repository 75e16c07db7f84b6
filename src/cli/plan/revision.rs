//! Folders, and revisions of a Git repository put into one for a while.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::Error;

/// A folder, which goes with this value if it was made for it.
pub(super) struct Checkout {
    folder: PathBuf,
    made: Option<PathBuf>,
}

impl Checkout {
    /// A folder as it is, or the files of a revision of the repository here, below the working directory.
    pub(super) fn of(name: &str) -> Result<Self, Error> {
        if Path::new(name).is_dir() {
            return Ok(Self {
                folder: PathBuf::from(name),
                made: None,
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
        .ok_or_else(|| Error::NoRevision(name.to_owned()))?;
        let below = git(&["rev-parse", "--show-prefix"], None).unwrap_or_default();
        let made = temporary()?;
        let checkout = Self {
            folder: made.join("tree"),
            made: Some(made.clone()),
        };
        let index = made.join("index");
        let tree = format!("{commit}:{}", below.trim_end_matches('/'));
        let prefix = format!("--prefix={}/", checkout.folder.display());
        git(&["read-tree", &tree], Some(&index))
            .and_then(|_| git(&["checkout-index", "--all", &prefix], Some(&index)))
            .ok_or_else(|| Error::NoRevision(name.to_owned()))?;
        fs::create_dir_all(&checkout.folder)
            .map_err(|error| Error::Write(checkout.folder.clone(), error))?;
        Ok(checkout)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        if let Some(made) = &self.made {
            let _ = fs::remove_dir_all(made);
        }
    }
}

/// A folder that nobody else has.
fn temporary() -> Result<PathBuf, Error> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "poetry-frontend-{}-{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    );
    let folder = std::env::temp_dir().join(name);
    fs::create_dir(&folder).map_err(|error| Error::Write(folder.clone(), error))?;
    Ok(folder)
}

/// The output of a `git` command, if it succeeds.
fn git(arguments: &[&str], index: Option<&Path>) -> Option<String> {
    let mut command = Command::new("git");
    command.args(arguments).stderr(Stdio::null());
    if let Some(index) = index {
        // From the top, where a tree's paths begin.
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
