//! The licences of the installed packages, without building an image.

use crate::gateway::inputs::Inputs;
use crate::gateway::transport::{Error, Failure, both};
use crate::licenses::Statement;
use crate::plan::{LICENSES_STAGE, LicenseRules, StageName};
use crate::project::normalised;

use super::{addresses, graphs, platforms, probes, step_failures, verifications};

/// What is installed for a platform.
pub(crate) struct Licenses {
    pub(crate) platform: String,
    /// Of each package, sorted by name.
    pub(crate) statements: Vec<Statement>,
    /// What the standard allows.
    pub(crate) rules: LicenseRules,
}

/// Installs the packages for each platform, and reads their metadata.
///
/// # Errors
/// The target is no image, or what a build of it would report.
pub(crate) async fn of_each(inputs: &Inputs<'_>) -> Result<Vec<Licenses>, Failure> {
    let is_wanted = |name: &StageName| name.as_str() == LICENSES_STAGE;
    let builds = platforms::plan_each(inputs).await?;
    if !builds
        .iter()
        .all(|build| build.plan.verifications.iter().any(is_wanted))
    {
        return Err(Error::Option {
            option: "--target".to_owned(),
            value: inputs.options.target.clone().unwrap_or_default(),
            expected: "a target that is an image, whose packages `--call=licenses` lists",
        }
        .into());
    }
    let (_, compiled) = both(
        platforms::absent(inputs.engine, &builds),
        graphs::compile(inputs, &builds),
    )
    .await?;
    probes::run(inputs.engine, &builds, &compiled).await?;
    let (builds, compiled) = addresses::complete(inputs, builds, compiled).await?;
    let reports = verifications::run(inputs.engine, &builds, &compiled, is_wanted).await;
    let mut reports =
        reports.map_err(|failure| step_failures::explain(failure, &builds, &compiled))?;
    let found = builds.into_iter().map(|build| {
        let platform = build.platform.to_string();
        let mut statements = reports.licenses.remove(&platform).unwrap_or_default();
        statements.sort_by_cached_key(|one| normalised(&one.name));
        Licenses {
            statements,
            platform,
            rules: build.plan.licenses,
        }
    });
    Ok(found.collect())
}
