//! The engine that would build.

use super::super::arguments::Arguments;
use super::super::directory::{ProjectDirectory, machine, platform};
use super::super::error::Error;
use crate::plan::BuildPlatform;

/// The build by the engine that the arguments describe.
pub(super) fn on_engine(
    mut directory: ProjectDirectory,
    arguments: &Arguments,
) -> Result<ProjectDirectory, Error> {
    let engine = arguments.get("build-platform").map(platform).transpose()?;
    let engine = engine.unwrap_or_else(machine);
    let request = &mut directory.request;
    request.build_platform = BuildPlatform::between(&engine, &request.platform);
    Ok(directory)
}
