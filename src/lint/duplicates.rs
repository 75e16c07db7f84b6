//! Files that two steps add to the image.

use crate::diagnostics::Warning;
use crate::paths::within;
use crate::rules::Rule;

use super::warning::warning;
use crate::plan::{Copy, CopyFrom, Step};

pub(super) fn find(steps: &[Step]) -> Vec<Warning> {
    let copies: Vec<(&Step, &Copy)> = steps
        .iter()
        .flat_map(|step| step.action.copies().iter().map(move |copy| (step, copy)))
        .collect();
    let mut warnings = Vec::new();
    for (index, (step, copy)) in copies.iter().enumerate() {
        let mut earlier = copies[..index].iter();
        if let Some((first, same)) =
            earlier.find_map(|(first, other)| Some((first, overlap(other, copy)?)))
        {
            warnings.push(warning(
                Rule::DuplicateContent,
                &step.span,
                format!(
                    "{same} is in the image twice: line {} also copies it",
                    first.span.start().line
                ),
                "copy it only once",
            ));
        }
    }
    warnings
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
                    let both = |other: &&String| within(one, other) || within(other, one);
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

    fn warnings(steps: &[Step]) -> Vec<String> {
        find(steps).iter().map(line).collect()
    }

    #[test]
    fn files_that_two_steps_copy_are_reported() {
        let steps = [
            step(2, &["src", "www"], "/app"),
            step(3, &["www/css"], "/srv"),
        ];
        assert_eq!(
            warnings(&steps),
            [
                "poetry.build.toml:3 DuplicateContent: `www/css` is in the image twice: line 2 also copies it"
            ]
        );
        assert_eq!(
            warnings(&[step(2, &[], "/a"), step(3, &["x"], "/b")]).len(),
            1
        );
        let apart = [step(2, &["src"], "/app"), step(3, &["srcs"], "/srv")];
        assert!(warnings(&apart).is_empty());
    }
}
