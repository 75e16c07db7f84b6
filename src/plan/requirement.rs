//! What the client must provide.

use super::command::Network;
use super::step::{Action, Input, Step};

/// A secret, an SSH agent or an entitlement that the client must provide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Requirement {
    /// `--secret id=ID`.
    Secret(String),
    /// `--ssh ID`.
    Agent(String),
    /// The entitlement `network.host`.
    HostNetwork,
}

impl Step {
    /// What the client must provide for the step.
    #[must_use]
    pub fn requirements(&self) -> Vec<Requirement> {
        let inputs = self.inputs().filter_map(|input| match input {
            Input::Secret(id, Some(_)) => Some(Requirement::Secret(id.to_owned())),
            Input::Agent(id, _) => Some(Requirement::Agent(id.to_owned())),
            _ => None,
        });
        let network = self
            .needs_host_network()
            .then_some(Requirement::HostNetwork);
        inputs.chain(network).collect()
    }

    /// Whether its command uses the host network.
    #[must_use]
    pub fn needs_host_network(&self) -> bool {
        matches!(&self.action, Action::Run(run) if run.network == Network::Host)
    }
}
