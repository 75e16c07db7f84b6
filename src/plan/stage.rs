//! Stages.

use std::collections::BTreeSet;

use crate::diagnostics::Span;
use crate::image::ImageReference;

use super::stage_name::StageName;
use super::step::{Input, Step};

/// A named chain of steps on a base: a `FROM` of a Dockerfile and the instructions that follow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    pub name: StageName,
    pub from: Base,
    /// The line that selects the base.
    pub span: Span,
    pub steps: Vec<Step>,
}

/// What a stage starts from: the argument of `FROM`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// An image, by reference.
    Image(ImageReference),
    /// An earlier stage.
    Stage(StageName),
}

impl Stage {
    /// The images that it starts from or copies from, each with the span that selects it.
    pub(crate) fn images(&self) -> impl Iterator<Item = (&ImageReference, &Span)> {
        let base = match &self.from {
            Base::Image(reference) => Some((reference, &self.span)),
            Base::Stage(_) => None,
        };
        let copied = self.inputs().filter_map(|input| match input {
            Input::Image(reference, span) => Some((reference, span)),
            _ => None,
        });
        base.into_iter().chain(copied)
    }

    /// The stages that it starts from, copies from or mounts.
    pub(crate) fn dependencies(&self) -> impl Iterator<Item = &StageName> {
        let read = self.inputs().filter_map(Input::stage);
        self.from.stage().into_iter().chain(read)
    }

    /// Renames the stage and those that it depends on.
    pub(crate) fn renamed(mut self, rename: impl Fn(&StageName) -> StageName) -> Self {
        if let Base::Stage(name) = &mut self.from {
            *name = rename(name);
        }
        for step in &mut self.steps {
            step.rename_stages(&rename);
        }
        self.name = rename(&self.name);
        self
    }

    fn inputs(&self) -> impl Iterator<Item = Input<'_>> {
        self.steps.iter().flat_map(Step::inputs)
    }
}

impl Base {
    #[must_use]
    pub fn stage(&self) -> Option<&StageName> {
        match self {
            Self::Stage(name) => Some(name),
            Self::Image(_) => None,
        }
    }
}

/// The stages named in `targets`, and all that they depend on.
pub(crate) fn needed_for(targets: Vec<StageName>, stages: &[Stage]) -> BTreeSet<StageName> {
    let mut needed: BTreeSet<StageName> = targets.into_iter().collect();
    // A stage depends only on earlier ones.
    for stage in stages.iter().rev() {
        if needed.contains(&stage.name) {
            needed.extend(stage.dependencies().cloned());
        }
    }
    needed
}
