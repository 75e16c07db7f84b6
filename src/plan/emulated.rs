//! What of a plan runs on which platform.

use std::collections::BTreeSet;

use crate::image::{ImageReference, Platform};

use super::build_platform::BuildPlatform;
use super::graph::Plan;
use super::stage::Base;
use super::stage_name::StageName;
use super::step::Action;

/// A command that an emulator runs, unless the engine has a node of the image's platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emulated<'a> {
    pub stage: &'a StageName,
    /// The title of the step.
    pub title: &'a str,
    /// Why it runs on the image's platform.
    pub reason: &'a str,
}

impl Plan {
    /// The image whose Python runs on the engine's own platform, and that platform; `None` if there is none.
    #[must_use]
    pub fn engine_base(&self) -> Option<(&ImageReference, &Platform)> {
        let mut stages = self.stages.iter();
        let stage = stages.find(|stage| stage.name == StageName::BuildBase)?;
        stage.from.on_engine()
    }

    /// All images that stages start from on the engine's own platform.
    pub fn engine_images(&self) -> impl Iterator<Item = (&ImageReference, &Platform)> {
        self.stages
            .iter()
            .filter_map(|stage| stage.from.on_engine())
    }

    /// The commands that run on the image's platform, if the engine has another one.
    #[must_use]
    pub fn emulated(&self) -> Vec<Emulated<'_>> {
        if self.build_platform == BuildPlatform::Image {
            return Vec::new();
        }
        let mut on_engine: BTreeSet<&StageName> = BTreeSet::new();
        let mut found = Vec::new();
        for stage in &self.stages {
            let is_on_engine = match &stage.from {
                Base::Image(_) => false,
                Base::ImageOn(..) => true,
                Base::Stage(name) => on_engine.contains(name),
            };
            if is_on_engine {
                on_engine.insert(&stage.name);
            }
            for step in &stage.steps {
                let Action::Run(run) = &step.action else {
                    continue;
                };
                let root = run.from_outside.as_ref().unwrap_or(&stage.name);
                if !on_engine.contains(root) {
                    found.push(Emulated {
                        stage: &stage.name,
                        title: &step.title,
                        reason: self.reason(&stage.name),
                    });
                }
            }
        }
        found
    }

    fn reason(&self, stage: &StageName) -> &str {
        if let BuildPlatform::Emulated { reason, .. } = &self.build_platform {
            return reason;
        }
        match stage {
            StageName::Of(_, stage) => self.reason(stage),
            StageName::Poetry | StageName::PoetryDeps => {
                "Poetry may have to build packages for the image's platform"
            }
            StageName::Source | StageName::Path(_) => "the build backend may compile code",
            StageName::Run { .. } | StageName::Verification(_) => "it runs programs of the image",
            _ => "it installs or runs programs of the image's platform",
        }
    }
}
