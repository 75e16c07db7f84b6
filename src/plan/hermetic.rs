//! What keeps a build from being hermetic: the steps that use a network.

use super::command::{Network, Run};
use super::graph::Plan;
use super::stage_name::StageName;
use super::step::Action;

/// A step with a network, and why it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkUse {
    pub stage: StageName,
    pub title: String,
    pub reason: &'static str,
}

impl Plan {
    /// The steps that use a network, if the user wants the engine to download wheels. Those that ask an index for addresses
    /// do not count: they run before the build, and nothing of them is in the image.
    #[must_use]
    pub fn network_uses(&self) -> Option<Vec<NetworkUse>> {
        self.fetched_at.as_ref()?;
        let stages = self.stages.iter();
        let stages = stages.filter(|stage| !stage.name.is_addresses());
        let steps = stages.flat_map(|stage| stage.steps.iter().map(move |step| (stage, step)));
        let uses = steps.filter_map(|(stage, step)| {
            let Action::Run(run) = &step.action else {
                return None;
            };
            (run.network != Network::None).then(|| NetworkUse {
                stage: stage.name.clone(),
                title: step.title.clone(),
                reason: reason(&stage.name, run),
            })
        });
        Some(uses.collect())
    }
}

fn reason(stage: &StageName, run: &Run) -> &'static str {
    match stage {
        StageName::Of(_, stage) => reason(stage, run),
        StageName::Layer { .. } if run.secrets.is_empty() => {
            "the lock has no SHA-256 of these wheels"
        }
        StageName::Layer { .. } => "the index has no `header-secret`, which the engine would send",
        StageName::Uv | StageName::WheelTools => "the Python of the image is unknown",
        StageName::Poetry => "pip installs Poetry",
        StageName::PoetryDeps => "Poetry downloads what it installs",
        StageName::Source | StageName::Path(_) => "the build backend may download what it needs",
        _ => "the command may use the network",
    }
}
