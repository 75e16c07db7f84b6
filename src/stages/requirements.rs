//! What the client must provide for the stages, and the error if it does not.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, Problem};
use crate::plan::{Input, Requirement, Stage, Step};
use crate::resolve::Error;

/// `secrets`: whether missing secrets are reported.
pub(super) fn of(stages: &[Stage], secrets: bool) -> BTreeMap<Requirement, Diagnostic> {
    let steps = stages.iter().flat_map(|stage| &stage.steps);
    let all = steps.flat_map(of_step);
    all.filter(|(one, _)| secrets || !matches!(one, Requirement::Secret(_)))
        .collect()
}

fn of_step(step: &Step) -> BTreeMap<Requirement, Diagnostic> {
    let inputs = step.inputs().filter_map(|input| match input {
        Input::Secret(id, Some(span)) => Some((
            Requirement::Secret(id.to_owned()),
            Error::NoSecret(id.to_owned()).at(span),
        )),
        Input::Agent(id, span) => Some((
            Requirement::Agent(id.to_owned()),
            Error::NoAgent(id.to_owned()).at(span),
        )),
        _ => None,
    });
    let network = step.needs_host_network();
    let network = network.then(|| {
        let error = Error::NoHostNetwork.at(&step.span);
        (Requirement::HostNetwork, error)
    });
    inputs.chain(network).collect()
}
