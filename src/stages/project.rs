//! The `project` stage: the dependencies and the project, for hooks that need both.

use crate::build_file::HookPoint;
use crate::plan::{Base, Stage, StageName, Step};
use crate::resolve::Resolved;
use crate::steps::hooks;

/// `None` if no hook runs there. `source` are the steps that add the project to the dependencies.
pub(super) fn stage(resolved: &Resolved<'_>, source: &[Step]) -> Option<Stage> {
    let hooks = hooks::steps(resolved, HookPoint::AfterSource);
    (!hooks.is_empty()).then(|| Stage {
        name: StageName::Project,
        from: Base::Stage(StageName::Deps),
        span: resolved.base_span.clone(),
        steps: source.iter().cloned().chain(hooks).collect(),
    })
}
