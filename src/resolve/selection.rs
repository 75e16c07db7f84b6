//! Which groups and extras are installed.

use crate::build_file::{Extras, ImageSpec};
use crate::diagnostics::{Diagnostic, Problem};
use crate::project::{MAIN, Project, Selection, normalised};

use super::error::Error;

/// The configured groups and extras, or the main group alone. Unknown names are reported and skipped.
pub(crate) fn choose(
    file: &ImageSpec,
    project: &Project,
    errors: &mut Vec<Diagnostic>,
) -> Selection {
    let mut selection = Selection::default();
    if let Some(groups) = &file.dependencies.groups {
        let known = project.groups();
        selection.groups.clear();
        for group in groups {
            let name = normalised(&group.value);
            if !known.contains_key(&name) {
                let error = Error::UnknownGroup {
                    name: group.value.clone(),
                    known: known.values().cloned().collect(),
                };
                errors.push(error.at(&group.span));
                continue;
            }
            selection.groups.insert(name);
        }
    }
    let Some(extras) = &file.dependencies.extras else {
        return selection;
    };
    let known = project.extras();
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

/// All groups and extras.
pub(crate) fn all(project: &Project) -> Selection {
    Selection {
        groups: project.groups().into_keys().collect(),
        extras: project.extras().into_keys().collect(),
    }
}
