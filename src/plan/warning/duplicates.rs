//! Files that two steps put into the image.

use crate::diagnostics::Warning;
use crate::rules::Rule;

use super::super::{Copy, Origin, Step};
use super::warning;

pub(super) fn find(steps: &[Step]) -> Vec<Warning> {
    let copies: Vec<(&Step, &Copy)> = steps
        .iter()
        .flat_map(|step| step.action.copies().iter().map(move |copy| (step, copy)))
        .collect();
    let mut found = Vec::new();
    for (index, (step, copy)) in copies.iter().enumerate() {
        let mut earlier = copies[..index].iter();
        if let Some((first, same)) =
            earlier.find_map(|(first, other)| Some((first, both(other, copy)?)))
        {
            found.push(warning(
                Rule::DuplicateContent,
                &step.place,
                format!(
                    "{same} is in the image twice: line {} copies it as well",
                    first.place.start().line
                ),
                "leave it out of one of the two",
            ));
        }
    }
    found
}

/// What both copy, if they have something in common.
fn both(one: &Copy, other: &Copy) -> Option<String> {
    match (&one.from, &other.from) {
        (Origin::Context(one), Origin::Context(other)) if one.context == other.context => {
            let all = |include: &[String]| include.is_empty();
            match (all(&one.include), all(&other.include)) {
                (true, true) => Some("the build context".to_owned()),
                (true, false) => other.include.first().map(|path| format!("`{path}`")),
                (false, true) => one.include.first().map(|path| format!("`{path}`")),
                (false, false) => one.include.iter().find_map(|one| {
                    let both = |other: &&String| within(one, other) || within(other, one);
                    let other = other.include.iter().find(both)?;
                    let smaller = if within(one, other) { one } else { other };
                    Some(format!("`{smaller}`"))
                }),
            }
        }
        (Origin::Stage(_), Origin::Stage(_)) if one.from == other.from && one.src == other.src => {
            Some(format!("`{}` of `{}`", one.src, stage(&one.from)))
        }
        _ => None,
    }
}

fn stage(origin: &Origin) -> String {
    match origin {
        Origin::Stage(name) => name.to_string(),
        Origin::Context(_) | Origin::Image(..) | Origin::Download { .. } => String::new(),
    }
}

/// Whether `path` is `folder` or in it.
fn within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::super::super::{Action, ContextFiles};
    use super::super::fixture::line;
    use super::*;
    use crate::diagnostics::Document;

    fn step(line: usize, include: &[&str], dest: &str) -> Step {
        let document = Document::new("poetry.build.toml", "toml", "\n\n\n\n");
        Step {
            title: String::new(),
            place: document.place(line - 1..line),
            action: Action::Copy(Copy::tree(
                Origin::Context(ContextFiles {
                    include: include.iter().map(|&path| path.to_owned()).collect(),
                    ..ContextFiles::default()
                }),
                "/",
                dest,
            )),
        }
    }

    fn told(steps: &[Step]) -> Vec<String> {
        find(steps).iter().map(line).collect()
    }

    #[test]
    fn what_two_steps_copy() {
        let steps = [
            step(2, &["src", "www"], "/app"),
            step(3, &["www/css"], "/srv"),
        ];
        assert_eq!(
            told(&steps),
            [
                "poetry.build.toml:3 DuplicateContent: `www/css` is in the image twice: line 2 copies it as well"
            ]
        );
        assert_eq!(told(&[step(2, &[], "/a"), step(3, &["x"], "/b")]).len(), 1);
        let apart = [step(2, &["src"], "/app"), step(3, &["srcs"], "/srv")];
        assert!(told(&apart).is_empty());
    }
}
