//! The `builder` stage: the base with the system packages that building needs.

use crate::build_file::HookPoint;

use super::{Base, Inputs, Stage, StageName, apt, git, hooks};

/// What the builder and Poetry start from.
pub(super) fn base(inputs: &Inputs<'_>) -> Stage {
    let asked = inputs.file.build.base.as_ref();
    Stage {
        name: StageName::Base,
        from: Base::Image(inputs.build_base().clone()),
        place: asked.map_or_else(|| inputs.base_place.clone(), |base| base.place.clone()),
        steps: Vec::new(),
    }
}

pub(super) fn stage(inputs: &Inputs<'_>) -> Stage {
    let mut packages = inputs.file.build.packages.clone();
    packages.extend(git::packages(inputs));
    Stage {
        name: StageName::Builder,
        from: Base::Stage(StageName::Base),
        place: inputs.base_place.clone(),
        steps: apt::install(inputs, inputs.build_base(), &packages, None)
            .into_iter()
            .chain(hooks::steps(inputs, HookPoint::AfterPackages))
            .collect(),
    }
}
