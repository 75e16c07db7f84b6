//! Files that two steps add to the image.

use std::collections::BTreeSet;

use crate::diagnostics::Warning;
use crate::paths::{self, within};
use crate::plan::{ContextFiles, Copy, CopyFrom, Step};
use crate::rules::Rule;

use super::reader::ContextFile;
use super::warning::warning;

/// Duplicates up to this size, in bytes, are not worth a warning.
const SMALL: u64 = 1_000_000;

/// What two steps copy from a context; how large it is, only the context tells.
pub(super) struct Suspect<'a> {
    pub(super) copies: [&'a ContextFiles; 2],
    warning: Warning,
}

/// Reports what two steps copy from the same stage.
pub(super) fn find(steps: &[Step]) -> Vec<Warning> {
    let found = pairs(steps).into_iter();
    found
        .filter(|pair| matches!(pair.copy.from, CopyFrom::Stage(_)))
        .map(Pair::into_warning)
        .collect()
}

/// What two steps copy from the same context.
pub(super) fn suspects(steps: &[Step]) -> Vec<Suspect<'_>> {
    let found = pairs(steps).into_iter();
    found
        .filter_map(|pair| match (&pair.first.1.from, &pair.copy.from) {
            (CopyFrom::Context(one), CopyFrom::Context(other)) => Some(Suspect {
                copies: [one, other],
                warning: pair.into_warning(),
            }),
            _ => None,
        })
        .collect()
}

impl Suspect<'_> {
    /// The warning, if the files that both listings have are large.
    pub(super) fn warning(self, [one, other]: [&[ContextFile]; 2]) -> Option<Warning> {
        let paths: BTreeSet<&str> = one.iter().map(|file| file.path.as_str()).collect();
        let both = other
            .iter()
            .filter(|file| paths.contains(file.path.as_str()));
        let size: u64 = both.map(|file| file.size).sum();
        (size > SMALL).then_some(self.warning)
    }
}

/// A copy, an earlier one, and what they have in common.
struct Pair<'a> {
    first: (&'a Step, &'a Copy),
    step: &'a Step,
    copy: &'a Copy,
    same: String,
}

impl Pair<'_> {
    fn into_warning(self) -> Warning {
        let line = self.first.0.span.start().line;
        warning(
            Rule::DuplicateContent,
            &self.step.span,
            format!(
                "{} is in the image twice: line {line} also copies it",
                self.same
            ),
            "copy it only once",
        )
    }
}

fn pairs(steps: &[Step]) -> Vec<Pair<'_>> {
    let copies: Vec<(&Step, &Copy)> = steps
        .iter()
        .flat_map(|step| step.action.copies().iter().map(move |copy| (step, copy)))
        .collect();
    let mut pairs = Vec::new();
    for (index, (step, copy)) in copies.iter().enumerate() {
        let mut earlier = copies[..index].iter();
        let found = earlier.find_map(|first| Some((*first, overlap(first.1, copy)?)));
        pairs.extend(found.map(|(first, same)| Pair {
            first,
            step,
            copy,
            same,
        }));
    }
    pairs
}

/// What both copies have in common.
fn overlap(one: &Copy, other: &Copy) -> Option<String> {
    match (&one.from, &other.from) {
        (CopyFrom::Context(one), CopyFrom::Context(other)) if one.context == other.context => {
            let all = |include: &[String]| include.is_empty();
            match (all(&one.include), all(&other.include)) {
                (true, true) => Some("the build context".to_owned()),
                (true, false) => other.include.first().map(|path| format!("`{path}`")),
                (false, true) => one.include.first().map(|path| format!("`{path}`")),
                (false, false) => one.include.iter().find_map(|one| {
                    let both = |other: &&String| paths::overlap(one, other);
                    let other = other.include.iter().find(both)?;
                    let smaller = if within(one, other) { one } else { other };
                    Some(format!("`{smaller}`"))
                }),
            }
        }
        (CopyFrom::Stage(_), CopyFrom::Stage(_))
            if one.from == other.from && one.src == other.src =>
        {
            Some(format!("`{}` from `{}`", one.src, stage(&one.from)))
        }
        _ => None,
    }
}

fn stage(origin: &CopyFrom) -> String {
    match origin {
        CopyFrom::Stage(name) => name.to_string(),
        CopyFrom::Context(_) | CopyFrom::Image(..) | CopyFrom::Download { .. } => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::line;
    use super::super::reader::FileKind;
    use super::*;
    use crate::diagnostics::Document;
    use crate::plan::{Action, ContextFiles};

    fn step(line: usize, include: &[&str], dest: &str) -> Step {
        let document = Document::new("poetry.build.toml", "toml", "\n\n\n\n");
        Step {
            title: String::new(),
            span: document.span(line - 1..line),
            action: Action::Copy(Copy::directory(
                CopyFrom::Context(ContextFiles {
                    include: include.iter().map(|&path| path.to_owned()).collect(),
                    ..ContextFiles::default()
                }),
                "/",
                dest,
            )),
        }
    }

    /// The warnings if each copied pattern is a file of this size.
    fn warnings(steps: &[Step], size: u64) -> Vec<String> {
        let file = |path: &String| ContextFile {
            path: path.clone(),
            kind: FileKind::File,
            size,
            link: None,
        };
        let found = suspects(steps).into_iter().filter_map(|suspect| {
            let include = suspect.copies.iter().flat_map(|files| &files.include);
            let listing: Vec<ContextFile> = include.map(file).collect();
            suspect.warning([&listing, &listing])
        });
        found.map(|warning| line(&warning)).collect()
    }

    #[test]
    fn files_that_two_steps_copy_are_reported() {
        let steps = [
            step(2, &["src", "www"], "/app"),
            step(3, &["www/css"], "/srv"),
        ];
        assert_eq!(
            warnings(&steps, SMALL + 1),
            [
                "poetry.build.toml:3 DuplicateContent: `www/css` is in the image twice: line 2 also copies it"
            ]
        );
        let all = [step(2, &[], "/a"), step(3, &["x"], "/b")];
        assert_eq!(warnings(&all, SMALL + 1).len(), 1);
        let apart = [step(2, &["src"], "/app"), step(3, &["srcs"], "/srv")];
        assert!(warnings(&apart, SMALL + 1).is_empty());
    }

    #[test]
    fn small_files_can_be_copied_twice() {
        let steps = [step(2, &["start.sh"], "/a"), step(3, &["start.sh"], "/b")];
        assert_eq!(warnings(&steps, SMALL + 1).len(), 1);
        assert!(warnings(&steps, 400).is_empty());
    }
}
