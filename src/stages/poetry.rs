//! The `poetry` stage: Poetry in its own virtual environment, which other stages mount and only `dev` contains.

use crate::plan::{Action, Base, Run, Stage, StageName, Step};
use crate::project::PoetryVersion;
use crate::resolve::Resolved;
use crate::scripts;
use crate::steps::{certificates, hints, poetry};

/// The plugin that redirects Poetry's default index; Poetry itself has no setting for it. Each release is for some releases
/// of Poetry.
const fn mirror_plugin(poetry: PoetryVersion) -> &'static str {
    match poetry.release().0 {
        [1, ..] => "poetry-plugin-pypi-mirror==0.4.2",
        [2, 0, _] => "poetry-plugin-pypi-mirror==0.5.0",
        _ => "poetry-plugin-pypi-mirror==0.6.5",
    }
}

/// Independent of the project, so that all projects on an engine share it.
pub(super) fn stage(resolved: &Resolved<'_>) -> Stage {
    let settings = &resolved.file.poetry;
    if let Some(image) = &settings.image {
        return Stage {
            name: StageName::Poetry,
            from: Base::Image(image.value.clone()),
            span: image.span.clone(),
            steps: Vec::new(),
        };
    }
    let mut packages = vec![format!("poetry=={}", resolved.poetry)];
    if settings.mirror.is_some() {
        packages.push(mirror_plugin(resolved.poetry).to_owned());
    }
    let plugins = settings.plugins.iter();
    packages.extend(plugins.map(|plugin| plugin.value.clone()));
    let install = Run::script(scripts::INSTALL_POETRY, packages);
    let install = hints::pip(install).env(poetry::pip_env(resolved));
    let install = certificates::trusted_by_python(install, resolved);
    Stage {
        name: StageName::Poetry,
        from: Base::Stage(StageName::Base),
        span: resolved.base_span.clone(),
        steps: vec![Step {
            title: format!("install Poetry {}", resolved.poetry),
            span: resolved.poetry_span(),
            action: Action::Run(install),
        }],
    }
}
