//! The `builder` stage: the base with the system packages that are needed to build dependencies.

use crate::build_file::HookPoint;
use crate::plan::{Base, BuildPlatform, Stage, StageName};
use crate::resolve::Resolved;
use crate::steps::{apt, git, hooks};

use super::verifications;

/// The stage that `builder` and `poetry` start from.
pub(super) fn base(resolved: &Resolved<'_>) -> Stage {
    let custom = resolved.file.build.base.as_ref();
    Stage {
        name: StageName::Base,
        from: Base::Image(resolved.build_base().clone()),
        span: custom.map_or_else(|| resolved.base_span.clone(), |base| base.span.clone()),
        steps: verifications::patch_release(resolved).into_iter().collect(),
    }
}

/// The base for the engine's own platform, if that is another one than the image's: its Python is the same.
pub(super) fn build_base(resolved: &Resolved<'_>) -> Option<Stage> {
    let BuildPlatform::Engine(platform) = &resolved.build_platform else {
        return None;
    };
    Some(Stage {
        name: StageName::BuildBase,
        from: Base::ImageOn(resolved.build_base().clone(), platform.clone()),
        ..base(resolved)
    })
}

pub(super) fn stage(resolved: &Resolved<'_>) -> Stage {
    let mut packages = resolved.file.build.packages.clone();
    packages.extend(git::packages(resolved));
    Stage {
        name: StageName::Builder,
        from: Base::Stage(StageName::Base),
        span: resolved.base_span.clone(),
        steps: apt::install(resolved, resolved.build_base(), &packages, None)
            .into_iter()
            .chain(hooks::steps(resolved, HookPoint::AfterPackages))
            .collect(),
    }
}

/// The stage of the hooks that run apart: on top of the builder, and nothing is installed on top of it. `None` if there are
/// none.
pub(super) fn hooks(resolved: &Resolved<'_>) -> Option<Stage> {
    let steps = hooks::apart(resolved);
    (!steps.is_empty()).then(|| Stage {
        name: StageName::BuilderHooks,
        from: Base::Stage(StageName::Builder),
        span: resolved.base_span.clone(),
        steps,
    })
}
