//! How the project is installed.

use crate::build_file::{ImageSpec, InstallMode};
use crate::diagnostics::{Diagnostic, Problem};
use crate::project::Project;

use super::error::Error;

pub(crate) fn choose(file: &ImageSpec, project: &Project) -> Result<InstallMode, Diagnostic> {
    match &file.source.install {
        Some(configured)
            if configured.value == InstallMode::Wheel && !project.pyproject.package_mode =>
        {
            Err(Error::NoWheel.at(&configured.span))
        }
        Some(configured) => Ok(configured.value),
        None => Ok(default(project)),
    }
}

/// Errors for scripts of the wheel that cannot be installed.
pub(super) fn invalid_scripts(project: &Project, install: InstallMode) -> Vec<Diagnostic> {
    if install != InstallMode::Wheel {
        return Vec::new();
    }
    let scripts = project.pyproject.scripts.iter();
    let invalid = scripts.filter(|script| !script.is_valid());
    invalid
        .map(|script| {
            let target = script.target.clone().unwrap_or_default();
            let name = script.name.clone();
            Error::ScriptTarget { name, target }.at(&script.span)
        })
        .collect()
}

pub(crate) fn default(project: &Project) -> InstallMode {
    if project.pyproject.package_mode {
        InstallMode::Wheel
    } else {
        InstallMode::Copy
    }
}
