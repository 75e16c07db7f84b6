//! The `poetry` stage: Poetry in its own virtual environment, which other stages mount and only `dev` contains.

use crate::plan::{Action, Base, CacheSharing, Mount, Run, Stage, StageName, Step};
use crate::resolve::Resolved;
use crate::scripts;
use crate::steps::{hints, poetry};

/// The plugin that redirects Poetry's default index; Poetry itself has no setting for it.
const MIRROR_PLUGIN: &str = "poetry-plugin-pypi-mirror";
const PIP_CACHE: &str = "/var/cache/pip";

/// Independent of the project, so that all projects on an engine share it.
pub(super) fn stage(resolved: &Resolved<'_>) -> Stage {
    let mut packages = vec![format!("poetry=={}", resolved.poetry)];
    if resolved.file.poetry.mirror.is_some() {
        packages.push(MIRROR_PLUGIN.to_owned());
    }
    let plugins = &resolved.file.poetry.plugins;
    packages.extend(plugins.iter().map(|plugin| plugin.value.clone()));
    let span = resolved.poetry_span();
    let install = Run::script(scripts::INSTALL_POETRY, packages);
    let mut install = hints::pip(install)
        .env(poetry::pip_env(resolved))
        .env([("PIP_CACHE_DIR", PIP_CACHE.to_owned())])
        .mount(Mount::Cache {
            id: resolved.cache_id("poetry-frontend/pip"),
            target: PIP_CACHE.to_owned(),
            sharing: CacheSharing::Shared,
        });
    install.mounts.extend(poetry::ca_secret(resolved));
    Stage {
        name: StageName::Poetry,
        from: Base::Stage(StageName::Base),
        span: resolved.base_span.clone(),
        steps: vec![Step {
            title: format!("install Poetry {}", resolved.poetry),
            span,
            action: Action::Run(install),
        }],
    }
}
