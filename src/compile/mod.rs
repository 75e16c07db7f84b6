//! Compiles a [`Plan`] to an LLB definition and an image config. Pure: the same plan, images and options give the same
//! bytes.

mod command;
mod compiled;
mod config;
mod contexts;
mod error;
mod images;
mod llb;
mod options;
mod source_files;

use buildkit_llb::Definition;

use crate::image::Platform;
use crate::plan::Plan;

pub use compiled::{Compiled, Probes, StepInfo};
pub use config::{creation_time, variable};
pub use contexts::{local_files, platform};
pub use error::Error;
pub use images::{ImageFiles, Images, ResolvedImage};
pub use options::{Context, IgnoreCache, LocalDirectory, Options, ResourceLimits, Ulimit};

/// Compiles a plan.
///
/// # Errors
/// `images` lacks an image of the plan, or a stage uses a stage that is not defined before it.
pub fn compile(
    plan: &Plan,
    platform: &Platform,
    images: &Images,
    options: &Options,
) -> Result<Compiled, Error> {
    let stages = llb::stages(plan, platform, images, options)?;
    let base = stages.image.base;
    Ok(Compiled {
        definition: Definition::new(&stages.image.output),
        verifications: stages.verifications,
        stage_outputs: stages.stage_outputs,
        image: stages.image.output,
        system: stages.image.without_layers,
        probes: stages.probes,
        steps: stages.steps,
        config: config::image(plan, base, options),
        base_config: base.config.clone(),
    })
}

#[cfg(test)]
mod tests;
