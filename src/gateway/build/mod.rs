//! Builds one image per platform (`frontend/dockerui/build.go`).

mod addresses;
mod engine_base;
mod graphs;
mod images;
mod licenses;
mod platforms;
mod probes;
mod result;
mod sbom;
mod spdx;
mod step_failures;
mod verifications;
mod vex;
mod warnings;

use buildkit_proto::gateway::Result as BuildResult;

use crate::gateway::inputs::Inputs;
use crate::gateway::transport::{Failure, both};

pub(crate) use addresses::complete;
pub(crate) use graphs::compile;
pub(crate) use licenses::{Licenses, of_each as licenses_of_each};
pub(crate) use platforms::{plan_each, with_contexts};

/// Builds what the options ask for: plans, looks everything up, reports warnings, and has the engine build the graphs.
pub(crate) async fn build(inputs: &Inputs<'_>) -> Result<BuildResult, Failure> {
    let builds = plan_each(inputs).await?;
    let (absent, compiled) = both(
        platforms::absent(inputs.engine, &builds),
        compile(inputs, &builds),
    )
    .await?;
    let planned = builds.iter().flat_map(|build| &build.plan.warnings);
    let planned = planned.cloned().chain(absent).collect();
    warnings::report(inputs, &builds, planned).await?;
    let statements = vex::read_each(inputs.engine, &builds).await?;
    probes::run(inputs.engine, &builds, &compiled).await?;
    let (builds, compiled) = complete(inputs, builds, compiled).await?;

    let images = both(
        verifications::run(inputs.engine, &builds, &compiled, |_| true),
        graphs::solve(inputs.engine, &compiled),
    );
    let (reports, images) = images
        .await
        .map_err(|failure| step_failures::explain(failure, &builds, &compiled))?;
    let unwelcome = verifications::judge_licenses(&builds, &reports)?;
    let found = reports.warnings.iter().cloned().chain(unwelcome).collect();
    warnings::report(inputs, &builds, found).await?;
    let (scanned, written) = both(
        sbom::scan_each(inputs, &builds, &compiled),
        spdx::attest_each(inputs, &builds, &compiled, &reports.licenses),
    )
    .await?;
    let stated = vex::attest_each(inputs.engine, &statements).await?;
    Ok(result::assemble(
        &inputs.options,
        &compiled,
        images,
        [scanned, written, stated],
    ))
}
