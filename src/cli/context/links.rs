//! Follows links: a client also sends their targets (`followlinks.go` in `tonistiigi/fsutil`).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::path::{join, parts};
use crate::paths::{Pattern, clean};

/// The paths and patterns, and the targets of the links in them.
pub(super) fn link_targets(root: &Path, paths: &[String]) -> BTreeSet<String> {
    let mut links = Links {
        root,
        found: BTreeSet::new(),
    };
    for path in paths {
        links.follow(path);
    }
    links.found
}

struct Links<'a> {
    root: &'a Path,
    found: BTreeSet<String>,
}

impl Links<'_> {
    fn follow(&mut self, path: &str) {
        let path = clean(&format!("/{path}"));
        let path = path.trim_start_matches('/');
        let mut current = String::new();
        for (start, part) in parts(path) {
            current = join(&current, part);
            let targets = self.targets(&current);
            let rest = &path[start + part.len()..];
            if !rest.is_empty() && targets.is_empty() {
                continue;
            }
            if self.found.insert(current.clone()) {
                for target in targets {
                    self.follow(&format!("{target}/{rest}"));
                }
            }
            return;
        }
        // The path is the root.
        if path.is_empty() {
            self.found.insert(".".to_owned());
        }
    }

    /// The targets of the links at a path whose last part may be a pattern; the parts before it are not links.
    fn targets(&self, path: &str) -> Vec<String> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        if !name.contains(['*', '?', '[']) {
            return self.target(parent, name).into_iter().collect();
        }
        let names = Pattern::new(name);
        let Ok(listed) = fs::read_dir(self.root.join(parent)) else {
            return Vec::new();
        };
        let listed = listed.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut matching: Vec<String> = listed.filter(|name| names.matches(name)).collect();
        matching.sort();
        let targets = matching.iter().filter_map(|name| self.target(parent, name));
        targets.collect()
    }

    fn target(&self, parent: &str, name: &str) -> Option<String> {
        let target = fs::read_link(self.root.join(parent).join(name)).ok()?;
        let target = target.to_str()?;
        Some(if target.starts_with('/') {
            clean(target)
        } else {
            clean(&format!("/{parent}/{target}"))
        })
    }
}
