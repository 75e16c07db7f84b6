//! Probes: whether the client has the secrets and agents that the build needs.

use std::collections::BTreeSet;

use buildkit_llb::Output;

use crate::compile::{Compiled, Probes};
use crate::diagnostics::Diagnostics;
use crate::gateway::transport::{Engine, Failure, all};
use crate::plan::{Plan, Requirement};

use super::platforms::Build;

/// Probes the client for what the plans need, so that everything that is missing is reported before anything is
/// installed. What several plans need is probed once.
pub(super) async fn run(
    engine: &Engine,
    builds: &[Build],
    compiled: &[Compiled],
) -> Result<(), Failure> {
    let mut known = BTreeSet::new();
    for (build, compiled) in builds.iter().zip(compiled) {
        let Some(probes) = &compiled.probes else {
            continue;
        };
        if !build
            .plan
            .requirements
            .keys()
            .all(|need| known.contains(need))
        {
            probe(engine, &build.plan, probes).await?;
            known.extend(build.plan.requirements.keys());
        }
    }
    Ok(())
}

async fn probe(engine: &Engine, plan: &Plan, probes: &Probes) -> Result<(), Failure> {
    match succeeds(engine, &probes.combined).await {
        Err(Failure::Engine(status))
            if probes
                .separate
                .keys()
                .any(|need| is_missing(need, &status.message)) => {}
        other => return other,
    }
    let missing = all(probes.separate.iter().map(async |(need, probe)| {
        match succeeds(engine, probe).await {
            Ok(()) => Ok(None),
            Err(Failure::Engine(status)) if is_missing(need, &status.message) => {
                Ok(plan.requirements.get(need).cloned())
            }
            Err(other) => Err(other),
        }
    }));
    let missing = missing.await?.into_iter().flatten().collect();
    Ok(Diagnostics::fail_if_any(missing)?)
}

/// Reading from a ref makes the engine build it.
async fn succeeds(engine: &Engine, probe: &Output) -> Result<(), Failure> {
    engine.solve_output(probe).await?.list("", "bin").await?;
    Ok(())
}

/// Whether the engine's message says that the client lacks this. There are no error codes for it
/// (`session/secrets/secrets.go`, `solver/llbsolver/mounts/mount.go`, `session/sshforward/sshprovider/agentprovider.go`).
fn is_missing(need: &Requirement, message: &str) -> bool {
    match need {
        Requirement::Secret(id) => message.contains(&format!("secret {id}: not found")),
        Requirement::HostNetwork => message.contains("network.host is not allowed"),
        Requirement::Agent(id) => {
            message.contains(&format!("no SSH key \"{id}\" forwarded from the client"))
                || message.contains(&format!("unset ssh forward key {id}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_engines_name_what_is_missing() {
        let secret = Requirement::Secret("token".to_owned());
        assert!(is_missing(&secret, "secret token: not found"));
        assert!(!is_missing(&secret, "secret token2: not found"));
        let agent = Requirement::Agent("default".to_owned());
        for message in [
            "no SSH key \"default\" forwarded from the client",
            "unset ssh forward key default",
        ] {
            assert!(is_missing(&agent, message), "{message}");
        }
        let network = "granting entitlement network.host is not allowed by build daemon";
        assert!(is_missing(&Requirement::HostNetwork, network));
        assert!(!is_missing(&Requirement::HostNetwork, "exit code: 1"));
    }
}
