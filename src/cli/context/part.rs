//! The files of a directory that a client would send.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::error::Error;
use super::links::link_targets;
use super::path::join;
use super::read::read;
use super::walk::walk;
use crate::lint::{ContextFile, ContextReader, Entry};
use crate::paths::{Pattern, Patterns};
use crate::plan::ContextFiles;

/// The files of a directory that a client would send for a part of a build context.
#[derive(Debug)]
pub(in crate::cli) struct Part {
    root: PathBuf,
    /// The entries of each directory, sorted by name.
    entries: BTreeMap<String, Vec<Entry>>,
}

impl Part {
    /// A part of a named context that the arguments do not name.
    pub(in crate::cli) fn empty() -> Self {
        Self {
            root: PathBuf::new(),
            entries: BTreeMap::new(),
        }
    }

    /// Lists the directory; `ignore` are the patterns of its own ignore file.
    pub(in crate::cli) fn open(
        root: &Path,
        files: &ContextFiles,
        ignore: &[String],
    ) -> Result<Self, Error> {
        let mut include = files.include.clone();
        if files.follow && !include.is_empty() {
            let targets = link_targets(root, &include);
            include.extend(targets);
            // A link to the root includes everything.
            if include.iter().any(|path| path == ".") {
                include.clear();
            }
        }
        let exclude: Vec<&String> = files.exclude.iter().chain(ignore).collect();
        let include = (!include.is_empty()).then(|| Patterns::new(&include));
        Ok(Self {
            root: root.to_owned(),
            entries: walk(root, include, Patterns::new(&exclude))?,
        })
    }

    /// All files, sorted by path.
    pub(in crate::cli) fn files(&self) -> Vec<ContextFile> {
        let mut found: Vec<ContextFile> = Vec::new();
        for (directory, entries) in &self.entries {
            let files = entries.iter().filter(|entry| !entry.is_directory());
            found.extend(files.map(|entry| ContextFile {
                path: join(directory, &entry.name),
                kind: entry.kind,
                size: entry.size,
                link: entry.link.clone(),
            }));
        }
        found.sort_by(|left, right| left.path.cmp(&right.path));
        found
    }
}

impl ContextReader for Part {
    type Error = Error;

    /// The directories are already listed.
    const MOST_DIRECTORIES: usize = usize::MAX;

    async fn list(&self, directory: &str, pattern: &str) -> Result<Vec<Entry>, Error> {
        let entries = self.entries.get(directory).map_or(&[][..], Vec::as_slice);
        let names = Pattern::new(if pattern.is_empty() { "*" } else { pattern });
        let matching = entries.iter().filter(|entry| names.matches(&entry.name));
        Ok(matching.cloned().collect())
    }

    async fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, Error> {
        Ok(read(&self.root, path)?.bytes().unwrap_or_default())
    }
}
