//! The `project` stage: the dependencies, the image's system packages and the project, for hooks that need all of them.

use crate::build_file::HookPoint;
use crate::plan::{Base, Stage, StageName, Step};
use crate::resolve::Resolved;
use crate::steps::{apt, hooks};

/// `None` if no hook runs there. `source` are the steps that add the project to the dependencies.
pub(super) fn stage(resolved: &Resolved<'_>, source: &[Step]) -> Option<Stage> {
    let hooks = hooks::steps(resolved, HookPoint::AfterSource);
    if hooks.is_empty() {
        return None;
    }
    let packages = &resolved.file.runtime.packages;
    let packages = apt::install(resolved, resolved.build_base(), packages, None);
    let packages = packages.filter(|_| resolved.builder_has_same_debian());
    let source = source.iter().cloned();
    Some(Stage {
        name: StageName::Project,
        from: Base::Stage(StageName::Deps),
        span: resolved.base_span.clone(),
        steps: packages.into_iter().chain(source).chain(hooks).collect(),
    })
}
