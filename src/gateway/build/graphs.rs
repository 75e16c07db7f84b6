//! The graphs of the builds, and their solution.

use buildkit_proto::gateway::Ref;

use crate::compile::{self, Compiled};
use crate::gateway::inputs::Inputs;
use crate::gateway::transport::{Engine, Error, Evaluation, Failure, all};

use super::images::{self, BaseImage};
use super::platforms::Build;

/// Compiles the plans, whose images are all looked up side by side.
pub(crate) async fn compile(
    inputs: &Inputs<'_>,
    builds: &[Build],
) -> Result<Vec<Compiled>, Failure> {
    let needed = builds.iter().flat_map(|build| {
        let images = build.plan.images();
        let images =
            images.filter(|(reference, _)| !build.contexts.contains_key(&reference.context_name()));
        images.map(|(reference, span)| BaseImage {
            platform: &build.platform,
            reference,
            span,
        })
    });
    let resolved = images::resolve(&inputs.images, needed).await?;
    builds
        .iter()
        .map(|build| {
            let references = build.plan.images().map(|(reference, _)| reference);
            let images =
                images::of_platform(&build.platform, references, &build.contexts, &resolved);
            compile::compile(&build.plan, &build.platform, &images, &build.steps)
                .map_err(|error| Error::Internal(error.to_string()).into())
        })
        .collect()
}

/// Builds the images side by side. They are built before this returns, where the engine can, so that a failing step can
/// be explained.
pub(super) async fn solve(engine: &Engine, compiled: &[Compiled]) -> Result<Vec<Ref>, Failure> {
    all(compiled.iter().map(async |compiled| {
        let definition = compiled.definition.clone();
        let solved = engine.solve(definition, Evaluation::Eager).await?;
        Ok(solved.into_message())
    }))
    .await
}
