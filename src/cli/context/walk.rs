//! Lists a directory tree with include and exclude patterns.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::super::error::Error;
use super::path::join;
use super::read::kind;
use crate::lint::Entry;
use crate::paths::{Matched, Patterns};

/// Further files are ignored.
const MAX_FILES: usize = 200_000;

/// The included entries of each directory, sorted by name.
pub(super) fn walk(
    root: &Path,
    include: Option<Patterns>,
    exclude: Patterns,
) -> Result<BTreeMap<String, Vec<Entry>>, Error> {
    let mut walk = Walk {
        root,
        include,
        exclude,
        entries: BTreeMap::new(),
        files: 0,
    };
    let above = (Matched::default(), Matched::default());
    walk.directory("", &above, true)?;
    Ok(walk.entries)
}

struct Walk<'a> {
    root: &'a Path,
    /// `None` includes everything.
    include: Option<Patterns>,
    exclude: Patterns,
    entries: BTreeMap<String, Vec<Entry>>,
    files: usize,
}

impl Walk<'_> {
    /// Whether any entry of the directory is included; `is_included` is whether the directory itself is.
    fn directory(
        &mut self,
        directory: &str,
        above: &(Matched, Matched),
        is_included: bool,
    ) -> Result<bool, Error> {
        let path = self.root.join(directory);
        let failed = |error| Error::Read(path.clone(), error);
        let mut found = Vec::new();
        match fs::read_dir(&path) {
            // Excluded directories may be unreadable.
            Err(error) if !is_included && error.kind() == ErrorKind::PermissionDenied => {
                return Ok(false);
            }
            listed => {
                for entry in listed.map_err(failed)? {
                    let entry = entry.map_err(failed)?;
                    let name = entry.file_name().to_string_lossy().into_owned();
                    let metadata = entry.metadata().map_err(failed)?;
                    found.push(Entry {
                        name,
                        kind: kind(metadata.file_type()),
                        size: metadata.len(),
                        executable: metadata.permissions().mode() & 0o111 != 0,
                        link: metadata
                            .is_symlink()
                            .then(|| fs::read_link(entry.path()))
                            .transpose()
                            .map_err(failed)?
                            .map(|link| link.to_string_lossy().into_owned()),
                    });
                }
            }
        }
        found.sort_by(|left, right| left.name.cmp(&right.name));
        let mut kept = Vec::new();
        for entry in found {
            let path = join(directory, &entry.name);
            let (included, include) = match &self.include {
                Some(include) => include.matches_in(&above.0, &path),
                None => (true, Matched::default()),
            };
            let (excluded, exclude) = self.exclude.matches_in(&above.1, &path);
            let is_included = included && !excluded;
            if entry.is_directory() {
                let reaches = |include: &Patterns| include.reach_below(&path);
                let deeper = (included || self.include.as_ref().is_some_and(reaches))
                    && (!excluded || self.exclude.except_below(&path));
                let below = deeper && self.directory(&path, &(include, exclude), is_included)?;
                if is_included || below {
                    kept.push(entry);
                }
            } else if is_included && self.files < MAX_FILES {
                self.files += 1;
                kept.push(entry);
            }
        }
        let any = !kept.is_empty();
        self.entries.insert(directory.to_owned(), kept);
        Ok(any)
    }
}
