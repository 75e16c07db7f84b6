//! What happens after an edit while `docker compose watch` runs.

use std::collections::BTreeSet;

use super::super::directory::ProjectDirectory;
use super::super::error::Error;
use super::super::invocation::{Targets, relative};
use crate::export::Watch;
use crate::paths::{clean, within};
use crate::plan::{ContextFiles, Copy, CopyFrom, Plan, StageName};
use crate::project::{LOCK, PYPROJECT, SETTINGS};
use crate::resolve::environment::PROJECT_DIR;

/// Files that tools write beside the source.
const NOISE: [&str; 3] = ["**/__pycache__/", "**/.*_cache/", ".venv/"];

/// Finds the paths whose edits matter.
pub(super) struct Watching<'a> {
    directory: &'a ProjectDirectory,
    build_file: &'a str,
}

impl<'a> Watching<'a> {
    pub(super) fn new(targets: &'a Targets) -> Self {
        Self {
            directory: &targets.directory,
            build_file: &targets.invocation.build_file,
        }
    }

    /// Rebuilds the image after an edit of anything that it is made of.
    pub(super) fn rebuilding(&self, plan: &Plan) -> Result<Vec<Watch>, Error> {
        let mut paths = self.definition();
        for (files, _) in plan.context_parts() {
            paths.extend(self.paths(files)?);
        }
        Ok(shortest(&paths).map(rebuild).collect())
    }

    /// Copies the source to where the development image has it, and rebuilds the image after an edit of what defines it.
    pub(super) fn syncing(&self, plan: &Plan, dev: &Plan) -> Result<Vec<Watch>, Error> {
        let definition = self.definition();
        let mut source = BTreeSet::new();
        for copy in copies(plan, |stage| {
            matches!(
                stage,
                StageName::Source | StageName::SourceHooks | StageName::Path(_)
            )
        }) {
            if let CopyFrom::Context(files) = &copy.from
                && files.context.is_none()
            {
                source.extend(self.paths(files)?);
            }
        }
        source.retain(|path| !definition.contains(path));
        let mut watches: Vec<Watch> = shortest(&source)
            .map(|path| {
                let own = if path == "." {
                    definition.iter().cloned().collect()
                } else {
                    Vec::new()
                };
                sync(path, &format!("{PROJECT_DIR}/{path}"), own)
            })
            .collect();
        for copy in copies(dev, |stage| *stage == dev.result) {
            if let CopyFrom::Context(files) = &copy.from
                && files.context.is_some()
            {
                let paths = self.paths(files)?;
                watches.extend(paths.iter().map(|path| sync(path, &copy.dest, Vec::new())));
            }
        }
        watches.extend(definition.iter().map(|path| rebuild(path)));
        Ok(watches)
    }

    /// The files that define the build.
    fn definition(&self) -> BTreeSet<String> {
        let exists = |name: &&str| self.directory.path.join(name).is_file();
        let names = [LOCK, PYPROJECT, self.build_file].into_iter();
        let names = names.chain([SETTINGS].into_iter().filter(exists));
        names.map(str::to_owned).collect()
    }

    /// The existing paths of a part of a context, as seen from the project.
    fn paths(&self, files: &ContextFiles) -> Result<Vec<String>, Error> {
        if let Some(name) = &files.context {
            let known = self.directory.named_contexts().get(name);
            let known = known.filter(|path| path.is_dir());
            let known = known.map(|path| relative(path, &self.directory.path));
            return Ok(known.transpose()?.into_iter().collect());
        }
        if files.include.is_empty() || files.include.iter().any(|pattern| pattern == ".") {
            return Ok(vec![".".to_owned()]);
        }
        let mut paths = Vec::new();
        for pattern in &files.include {
            let found = self.directory.matching(files, pattern)?;
            paths.extend(found.into_iter().map(|found| found.path));
        }
        Ok(paths)
    }
}

/// The copies of the stages that `is_asked` accepts.
fn copies(plan: &Plan, is_asked: impl Fn(&StageName) -> bool) -> impl Iterator<Item = &Copy> {
    let stages = plan.stages.iter();
    let stages = stages.filter(move |stage| is_asked(&stage.name));
    let steps = stages.flat_map(|stage| &stage.steps);
    steps.flat_map(|step| step.action.copies())
}

/// The paths that are not below another one.
fn shortest(paths: &BTreeSet<String>) -> impl Iterator<Item = &str> {
    let is_below = |path: &str| {
        let mut others = paths.iter().filter(|other| *other != path);
        // Nothing outside the project is below it.
        others.any(|other| within(path, other) && !(other == "." && path.starts_with("..")))
    };
    let paths = paths.iter().map(String::as_str);
    paths.filter(move |path| !is_below(path))
}

fn rebuild(path: &str) -> Watch {
    Watch::Rebuild {
        path: dotted(path),
        ignore: if path == "." {
            noise(Vec::new())
        } else {
            Vec::new()
        },
    }
}

fn sync(path: &str, target: &str, more: Vec<String>) -> Watch {
    Watch::Sync {
        path: dotted(path),
        target: clean(target),
        ignore: noise(more),
    }
}

fn noise(more: Vec<String>) -> Vec<String> {
    NOISE
        .iter()
        .map(|&pattern| pattern.to_owned())
        .chain(more)
        .collect()
}

/// The path of a Compose file's own directory starts with a dot.
fn dotted(path: &str) -> String {
    if path.starts_with(['.', '/']) {
        path.to_owned()
    } else {
        format!("./{path}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_below_another_one_is_not_watched_twice() {
        let found = |paths: &[&str]| {
            let paths: BTreeSet<String> = paths.iter().map(|&path| path.to_owned()).collect();
            shortest(&paths).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            found(&["src", "src/a", "srcs", "../x"]),
            ["../x", "src", "srcs"]
        );
        assert_eq!(found(&[".", "src", "../x"]), [".", "../x"]);
    }
}
