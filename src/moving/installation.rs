//! Poetry's release, and what it installs.

use std::collections::BTreeSet;

use super::draft::{Draft, Extras, Origin, Taken};
use super::poetry::Selected;
use super::state::Walk;
use crate::project::{MAIN, PoetryVersion, Project, normalised};

/// The release is that of the lock, unless the Dockerfile has a newer one.
pub(super) fn poetry_version(walk: &mut Walk<'_>, version: &str, origin: &Origin) {
    let Some(given) = PoetryVersion::parse(version) else {
        return;
    };
    let writer = walk.project.lock.writer;
    if writer.is_some_and(|writer| given > writer) {
        walk.draft.poetry_version = Some(Taken::new(version.to_owned(), origin));
    } else {
        walk.draft.leave_out(
            origin,
            format!("Poetry {version} (the release that wrote the lock is used)"),
        );
    }
}

/// Sets the groups and extras of the image.
pub(super) fn select(walk: &mut Walk<'_>) {
    let project = walk.project;
    let selections: Vec<Taken<Selected>> = walk
        .selected
        .iter()
        .filter(|taken| !is_root_alone(&taken.value))
        .cloned()
        .collect();
    let Some(last) = selections.last() else {
        return;
    };
    let origin = &last.origin;
    let mut groups = BTreeSet::new();
    for Taken { value, .. } in &selections {
        groups.extend(of_selection(project, value));
        if value.is_conditional {
            walk.draft.remark(
                origin,
                "what is installed depends on a condition",
                "set `groups` of `[dependencies]`; a `[target.NAME]` can have others",
            );
        }
    }
    if groups.iter().eq([MAIN]) {
        walk.draft.leave_out(origin, "the group main alone");
    } else if let Some(without) = without(project, &selections) {
        let without = without.iter().map(|name| spelled(project, name));
        walk.image.without = Some(Taken::new(without.collect(), origin));
    } else if !groups.is_empty() {
        select_groups(walk, &groups, &selections, origin);
    }
    select_extras(walk, &selections);
}

/// The groups to leave out of the default ones; `None` if other options select groups as well.
fn without(project: &Project, selections: &[Taken<Selected>]) -> Option<BTreeSet<String>> {
    let is_alone = |Taken { value, .. }: &Taken<Selected>| {
        value.only.is_empty()
            && value.with.is_empty()
            && !value.all_groups
            && !value.is_export
            && !value.without.is_empty()
    };
    let names = selections.iter().flat_map(|taken| &taken.value.without);
    let names: BTreeSet<String> = names
        .map(|name| normalised(name))
        .filter(|name| project.default_groups().contains(name))
        .collect();
    (selections.iter().all(is_alone) && !names.is_empty()).then_some(names)
}

fn spelled(project: &Project, name: &str) -> String {
    let groups = project.groups();
    groups.get(name).cloned().unwrap_or_else(|| name.to_owned())
}

fn select_groups(
    walk: &mut Walk<'_>,
    groups: &BTreeSet<String>,
    selections: &[Taken<Selected>],
    origin: &Origin,
) {
    let main = groups.iter().filter(|name| *name == MAIN);
    let others = groups.iter().filter(|name| *name != MAIN);
    let names = main.chain(others);
    let names = names.map(|name| spelled(walk.project, name)).collect();
    walk.image.groups = Some(Taken::new(names, origin));
    let is_plain = selections
        .iter()
        .all(|Taken { value, .. }| value.only.is_empty() && value.with.is_empty());
    if is_plain && groups.contains("dev") {
        walk.draft.remark(
            origin,
            "`poetry install` also installs the group `dev`",
            "remove `groups` from `[dependencies]` if the image does not need it",
        );
    }
}

fn select_extras(walk: &mut Walk<'_>, selections: &[Taken<Selected>]) {
    let known = walk.project.extras();
    let mut names = Vec::new();
    for Taken { value, origin } in selections {
        if value.all_extras {
            walk.image.extras = Some(Taken::new(Extras::All, origin));
            return;
        }
        for name in &value.extras {
            match known.get(&normalised(name)) {
                Some(name) if !names.contains(name) => names.push(name.clone()),
                Some(_) => {}
                None => unknown(walk.draft, "extra", name, origin),
            }
        }
    }
    if let Some(last) = selections.last().filter(|_| !names.is_empty()) {
        walk.image.extras = Some(Taken::new(Extras::Some(names), &last.origin));
    }
}

fn unknown(draft: &mut Draft, kind: &str, name: &str, origin: &Origin) {
    draft.remark(
        origin,
        format!("the project has no {kind} `{name}`"),
        format!("add it to `pyproject.toml`, or ignore the {kind}"),
    );
}

fn is_root_alone(selected: &Selected) -> bool {
    selected.only.iter().eq([""])
}

/// The groups that exist.
fn of_selection(project: &Project, selected: &Selected) -> BTreeSet<String> {
    let named = |names: &[String]| -> BTreeSet<String> {
        names.iter().map(|name| normalised(name)).collect()
    };
    let all: BTreeSet<String> = project
        .groups()
        .into_keys()
        .chain([MAIN.to_owned()])
        .collect();
    let mut groups = if selected.all_groups {
        all.clone()
    } else if !selected.only.is_empty() {
        named(&selected.only)
    } else if selected.is_export {
        BTreeSet::from([MAIN.to_owned()])
    } else {
        project
            .default_groups()
            .into_iter()
            .chain([MAIN.to_owned()])
            .collect()
    };
    groups.extend(named(&selected.with));
    let without = named(&selected.without);
    groups
        .into_iter()
        .filter(|name| all.contains(name) && !without.contains(name))
        .collect()
}
