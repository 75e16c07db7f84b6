//! The `deps` stage: the builder with the locked dependencies in the project's virtual environment, without any of the
//! project's source. Hooks run in it, and it is a target; the image gets the layers themselves.

use crate::build_file::HookPoint;
use crate::plan::{Base, Input, Stage, StageName};
use crate::resolve::Resolved;
use crate::steps::hooks;

use super::layers;

pub(super) fn stage(resolved: &Resolved<'_>) -> Stage {
    let before = hooks::steps(resolved, HookPoint::BeforeInstall);
    let (from, mut steps) = if layers::needs_poetry(resolved) {
        // The hooks ran there.
        (StageName::PoetryDeps, Vec::new())
    } else {
        (StageName::Builder, before)
    };
    // It starts from what Poetry installed.
    let copies = layers::copies(resolved).into_iter();
    let own = |name: &StageName| *name == StageName::PoetryDeps;
    steps.extend(copies.filter(|step| !step.inputs().filter_map(Input::stage).any(own)));
    steps.extend(hooks::steps(resolved, HookPoint::AfterInstall));
    Stage {
        name: StageName::Deps,
        from: Base::Stage(from),
        span: resolved.base_span.clone(),
        steps,
    }
}
