//! Directories, and Git revisions checked out into temporary ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::error::Error;
use super::super::git::{git, git_with_index};

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
        let commit = git(&[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &format!("{name}^{{commit}}"),
        ])
        .ok_or_else(|| Error::UnknownRevision(name.to_owned()))?;
        let prefix = git(&["rev-parse", "--show-prefix"]).unwrap_or_default();
        let temporary = temporary_directory()?;
        let checkout = Self {
            directory: temporary.join("tree"),
            temporary: Some(temporary.clone()),
        };
        let index = temporary.join("index");
        let tree = format!("{commit}:{}", prefix.trim_end_matches('/'));
        let destination = format!("--prefix={}/", checkout.directory.display());
        git_with_index(&["read-tree", &tree], &index)
            .and_then(|_| git_with_index(&["checkout-index", "--all", &destination], &index))
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
