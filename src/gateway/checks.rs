//! What must succeed besides the image: what it needs of the client, and commands whose trees are in no image.

use buildkit_llb::Output;
use tokio::task::JoinSet;

use crate::compile::ClientChecks;
use crate::diagnostics::Diagnostics;
use crate::plan::{Need, Plan};

use super::engine::{Engine, Tree};
use super::failure::{Error, Failure};

/// Asks the client for what the plan needs of it, so that all that is missing is told at once, before anything is
/// installed.
pub(super) async fn look(
    engine: &Engine,
    plan: &Plan,
    checks: &ClientChecks,
) -> Result<(), Failure> {
    match can_run(engine, &checks.all).await {
        Err(Failure::Engine(status))
            if checks.each.keys().any(|need| says_missing(&status, need)) => {}
        other => return other,
    }
    let mut looking = JoinSet::new();
    for (need, check) in &checks.each {
        let (engine, need, check) = (engine.clone(), need.clone(), check.clone());
        looking.spawn(async move {
            match can_run(&engine, &check).await {
                Ok(()) => Ok(None),
                Err(Failure::Engine(status)) if says_missing(&status, &need) => Ok(Some(need)),
                Err(other) => Err(other),
            }
        });
    }
    let mut missing = Vec::new();
    while let Some(done) = looking.join_next().await {
        let need = done.map_err(|error| Error::Internal(error.to_string()))??;
        missing.extend(need.and_then(|need| plan.needs.get(&need).cloned()));
    }
    Ok(Diagnostics::check(missing)?)
}

/// Builds what must be built besides the image, side by side.
pub(super) async fn all_succeed(
    engine: &Engine,
    checks: impl IntoIterator<Item = &Output>,
) -> Result<(), Failure> {
    let mut running = JoinSet::new();
    for check in checks {
        let (engine, check) = (engine.clone(), check.clone());
        running.spawn(async move { can_run(&engine, &check).await });
    }
    while let Some(done) = running.join_next().await {
        done.map_err(|error| Error::Internal(error.to_string()))??;
    }
    Ok(())
}

/// Runs a check: reading its tree makes the engine build it.
async fn can_run(engine: &Engine, check: &Output) -> Result<(), Failure> {
    Tree::of(engine, check).await?.list("", "bin").await?;
    Ok(())
}

/// The engine has no codes of its own for what the client does not have (`session/secrets/secrets.go`,
/// `solver/llbsolver/mounts/mount.go`, `session/sshforward/sshprovider/agentprovider.go`).
fn says_missing(status: &tonic::Status, need: &Need) -> bool {
    let said = status.message();
    match need {
        Need::Secret(id) => said.contains(&format!("secret {id}: not found")),
        Need::HostNetwork => said.contains("network.host is not allowed"),
        Need::Agent(id) => {
            said.contains(&format!("no SSH key \"{id}\" forwarded from the client"))
                || said.contains(&format!("unset ssh forward key {id}"))
        }
    }
}
