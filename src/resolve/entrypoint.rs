//! The entrypoint of the image.

use crate::build_file::{ImageSpec, InstallMode};
use crate::diagnostics::{Diagnostic, Problem};
use crate::project::{Project, Script};

use super::error::Error;
use super::install;

/// The configured entrypoint, or the only script of the project.
pub(crate) fn choose(
    file: &ImageSpec,
    project: &Project,
) -> Result<Option<Vec<String>>, Diagnostic> {
    if let Some(configured) = &file.runtime.entrypoint {
        return Ok(Some(configured.value.clone()));
    }
    if file.runtime.cmd.is_some() {
        return Ok(None);
    }
    let install = file
        .source
        .install
        .as_ref()
        .map_or_else(|| install::default(project), |configured| configured.value);
    let scripts = project.pyproject.scripts.iter();
    let commands: Vec<&str> = scripts.map(Script::command).collect();
    let error = match commands.as_slice() {
        [only] if install == InstallMode::Wheel => return Ok(Some(vec![(*only).to_owned()])),
        [_, ..] if install != InstallMode::Wheel => Error::NoScriptInstalled,
        [] => Error::NoEntrypoint,
        many => Error::ManyScripts(many.iter().map(|&command| command.to_owned()).collect()),
    };
    Err(error.at(&file.whole()))
}
