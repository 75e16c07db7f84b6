//! Which groups and extras are installed.

use std::collections::BTreeSet;

use crate::build_file::{Extras, ImageSpec, Located};
use crate::diagnostics::{Diagnostic, Problem};
use crate::project::{MAIN, Project, Selection, normalised};

use super::error::Error;

/// What a target installs unless its file says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DefaultGroups {
    /// The main group, without extras.
    Main,
    /// All groups and extras.
    All,
}

/// The configured groups and extras. Unknown names are reported and skipped.
pub(crate) fn choose(
    file: &ImageSpec,
    project: &Project,
    default: DefaultGroups,
    errors: &mut Vec<Diagnostic>,
) -> Selection {
    let mut selection = Selection {
        groups: groups(file, project, default, errors),
        extras: BTreeSet::new(),
    };
    let known = project.extras();
    let Some(extras) = &file.dependencies.extras else {
        if default == DefaultGroups::All && selection.groups.contains(MAIN) {
            selection.extras.extend(known.into_keys());
        }
        return selection;
    };
    match &extras.value {
        Extras::All => selection.extras.extend(known.into_keys()),
        Extras::Some(names) => {
            for name in names {
                if !known.contains_key(&normalised(name)) {
                    let error = Error::UnknownExtra {
                        name: name.clone(),
                        known: known.values().cloned().collect(),
                    };
                    errors.push(error.at(&extras.span));
                    continue;
                }
                selection.extras.insert(normalised(name));
            }
        }
    }
    if !selection.extras.is_empty() && !selection.groups.contains(MAIN) {
        errors.push(Error::ExtrasWithoutMain.at(&extras.span));
    }
    selection
}

/// The groups of `groups`, or else the default ones, without those of `without`.
fn groups(
    file: &ImageSpec,
    project: &Project,
    default: DefaultGroups,
    errors: &mut Vec<Diagnostic>,
) -> BTreeSet<String> {
    let configured = &file.dependencies;
    let before = errors.len();
    let mut groups = match (&configured.groups, default, &configured.without) {
        (Some(groups), ..) => known(groups, project, errors),
        (None, DefaultGroups::All, _) => project.groups().into_keys().collect(),
        (None, DefaultGroups::Main, Some(_)) => project.default_groups(),
        (None, DefaultGroups::Main, None) => BTreeSet::from([MAIN.to_owned()]),
    };
    let Some(without) = &configured.without else {
        return groups;
    };
    let without_groups = known(without, project, errors);
    groups.retain(|group| !without_groups.contains(group));
    if let (Some(first), true, true) = (without.first(), groups.is_empty(), errors.len() == before)
    {
        errors.push(Error::NoGroupLeft.at(&first.span));
    }
    groups
}

/// The normalised names of the groups that the project has.
fn known(
    names: &[Located<String>],
    project: &Project,
    errors: &mut Vec<Diagnostic>,
) -> BTreeSet<String> {
    let known = project.groups();
    let mut found = BTreeSet::new();
    for group in names {
        let name = normalised(&group.value);
        if known.contains_key(&name) {
            found.insert(name);
            continue;
        }
        let error = Error::UnknownGroup {
            name: group.value.clone(),
            known: known.values().cloned().collect(),
        };
        errors.push(error.at(&group.span));
    }
    found
}
