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

pub(crate) fn default(project: &Project) -> InstallMode {
    if project.pyproject.package_mode {
        InstallMode::Wheel
    } else {
        InstallMode::Copy
    }
}
