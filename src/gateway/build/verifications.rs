//! Verifications: stages that must succeed although nothing of them is in the image.

use crate::compile::Compiled;
use crate::gateway::transport::{Engine, Failure, all};

/// Builds the verifications of all platforms, side by side.
pub(super) async fn run(engine: &Engine, compiled: &[Compiled]) -> Result<(), Failure> {
    let verifications = compiled.iter().flat_map(|compiled| &compiled.verifications);
    all(verifications.map(async |stage| {
        // Reading from a ref makes the engine build it.
        engine.solve_output(stage).await?.list("", "bin").await
    }))
    .await?;
    Ok(())
}
