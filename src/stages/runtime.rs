//! The `runtime` stage: a slim image with a non-root user. Layers that rarely change come first.

use crate::build_file::{HookPoint, Located};
use crate::image::ImageReference;
use crate::plan::{Action, Base, Copy, CopyFrom, Stage, StageName, Step};
use crate::resolve::Resolved;
use crate::resolve::environment::{INIT, VENV, workdir};
use crate::steps::user::{add_user, chown_copied_source, writable_directories};
use crate::steps::{apt, hooks};

use super::layers;

/// The shell of a user that never logs in.
const NOLOGIN: &str = "/usr/sbin/nologin";

/// `outputs` are the steps that copy files and hook outputs, which change less often than the project; `source` are the
/// steps that copy the project.
pub(super) fn stage(resolved: &Resolved<'_>, outputs: Vec<Step>, source: Vec<Step>) -> Stage {
    let mut steps = packages(resolved, &resolved.base);
    steps.push(add_user(
        resolved,
        NOLOGIN,
        &workdir(resolved.file),
        &writable_directories(resolved.file),
    ));
    if hooks::steps(resolved, HookPoint::AfterInstall).is_empty() {
        steps.extend(layers::copies(resolved));
    } else {
        // Hooks may have changed any file of the environment.
        let copy = Copy::directory(CopyFrom::Stage(StageName::Deps), VENV, VENV);
        steps.push(Step {
            title: "copy the environment".to_owned(),
            span: resolved.dependencies_span(),
            action: Action::Copy(copy.placed(layers::placement(resolved))),
        });
    }
    steps.extend(outputs);
    steps.extend(source);
    steps.extend(chown_copied_source(resolved));
    steps.extend(hooks::steps(resolved, HookPoint::Final));
    Stage {
        name: resolved.image.clone(),
        from: Base::Image(resolved.base.clone()),
        span: resolved.base_span.clone(),
        steps,
    }
}

/// The step that installs the image's system packages on `base`, if there are any.
pub(super) fn packages(resolved: &Resolved<'_>, base: &ImageReference) -> Vec<Step> {
    let runtime = &resolved.file.runtime;
    let init = runtime.init.iter().map(|span| Located {
        value: INIT.to_owned(),
        span: span.clone(),
    });
    let packages: Vec<Located<String>> = runtime.packages.iter().cloned().chain(init).collect();
    let upgrade = runtime.upgrade.as_ref();
    apt::install(resolved, base, &packages, upgrade)
        .into_iter()
        .collect()
}
