//! Stages.

use std::collections::BTreeSet;

use crate::diagnostics::Span;
use crate::image::{ImageReference, Platform};

use super::placement::Placement;
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
    /// The same, but for the engine's own platform and not the image's: commands run without emulation.
    ImageOn(ImageReference, Platform),
    /// An earlier stage.
    Stage(StageName),
}

impl Stage {
    /// The steps in the order in which an engine runs them that puts independent layers beside each other.
    pub(crate) fn with_layers_last(&self) -> Vec<&Step> {
        let mut steps = Vec::new();
        let parts = self
            .steps
            .split_inclusive(|step| step.action.placement() == Placement::OnTop);
        for part in parts {
            let (layers, others): (Vec<&Step>, Vec<&Step>) = part
                .iter()
                .partition(|step| step.action.placement() == Placement::Layer);
            let (below, on_top): (Vec<&Step>, Vec<&Step>) = others
                .into_iter()
                .partition(|step| step.action.placement() == Placement::Below);
            steps.extend(below.into_iter().chain(layers).chain(on_top));
        }
        steps
    }

    /// The images that it starts from or copies from, each with the span that selects it.
    pub(crate) fn images(&self) -> impl Iterator<Item = (&ImageReference, &Span)> {
        let base = match &self.from {
            Base::Image(reference) | Base::ImageOn(reference, _) => Some((reference, &self.span)),
            Base::Stage(_) => None,
        };
        let copied = self.inputs().filter_map(|input| match input {
            Input::Image(reference, span) => Some((reference, span)),
            _ => None,
        });
        base.into_iter().chain(copied)
    }

    /// The stages that it starts from, copies from, mounts or awaits.
    pub(crate) fn dependencies(&self) -> impl Iterator<Item = &StageName> {
        let read = self.inputs().filter_map(Input::stage);
        let copies = self.steps.iter().flat_map(|step| step.action.copies());
        let awaited = copies.flat_map(|copy| &copy.awaits);
        self.from.stage().into_iter().chain(read).chain(awaited)
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
    /// The image, and the platform, if that is the engine's own.
    pub(super) fn on_engine(&self) -> Option<(&ImageReference, &Platform)> {
        match self {
            Self::ImageOn(reference, platform) => Some((reference, platform)),
            Self::Image(_) | Self::Stage(_) => None,
        }
    }

    #[must_use]
    pub fn stage(&self) -> Option<&StageName> {
        match self {
            Self::Stage(name) => Some(name),
            Self::Image(_) | Self::ImageOn(..) => None,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Document;
    use crate::plan::{Action, Copy, CopyFrom, Run};

    /// The titles of the steps as an engine that can merge runs them. A title is a number and the placement.
    fn order(titles: &str) -> String {
        let span = Document::new("poetry.build.toml", "toml", "").first_line();
        let placement = |title: &str| match title.chars().last() {
            Some('b') => Placement::Below,
            Some('l') => Placement::Layer,
            _ => Placement::OnTop,
        };
        let steps = titles.split(' ').map(|title| Step {
            title: title.to_owned(),
            span: span.clone(),
            action: Action::Run(Run {
                placement: placement(title),
                ..Run::exec(["true"])
            }),
        });
        let stage = Stage {
            name: StageName::Runtime,
            from: Base::Stage(StageName::Base),
            span: span.clone(),
            steps: steps.collect(),
        };
        let titles = stage.with_layers_last().into_iter();
        let titles: Vec<&str> = titles.map(|step| step.title.as_str()).collect();
        titles.join(" ")
    }

    #[test]
    fn layers_come_after_what_can_be_below_them() {
        assert_eq!(order("1t"), "1t");
        assert_eq!(order("1l 2b 3l"), "2b 1l 3l");
        assert_eq!(order("1l 2b 3l 4b"), "2b 4b 1l 3l");
    }

    #[test]
    fn a_step_on_top_stays_between_those_before_and_after_it() {
        assert_eq!(order("1t 2l 3b 4l 5t"), "1t 3b 2l 4l 5t");
        assert_eq!(order("1l 2b 3t 4l 5b 6t 7b"), "2b 1l 3t 5b 4l 6t 7b");
        assert_eq!(order("1l 2t 3t 4b"), "1l 2t 3t 4b");
    }

    #[test]
    fn copies_of_one_step_are_placed_together() {
        let copy = |placement| {
            Copy::directory(CopyFrom::Stage(StageName::Builder), "/a", "/a").placed(placement)
        };
        let placed = |all: &[Placement]| {
            Action::CopyAll(all.iter().map(|one| copy(*one)).collect()).placement()
        };
        assert_eq!(
            placed(&[Placement::Below, Placement::Below]),
            Placement::Below
        );
        assert_eq!(
            placed(&[Placement::Below, Placement::OnTop]),
            Placement::OnTop
        );
        assert_eq!(
            placed(&[Placement::Layer, Placement::Below]),
            Placement::OnTop
        );
        assert_eq!(Action::Write(Vec::new()).placement(), Placement::OnTop);
    }
}
