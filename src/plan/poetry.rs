//! The `poetry` stage: Poetry in an environment of its own, which later stages mount and no image keeps.

use crate::build_file::{CaBundle, Located};

use super::{Action, Base, CacheSharing, Inputs, Mount, Run, Stage, StageName, Step};

/// Where Poetry's own environment is.
pub(super) const HOME: &str = "/opt/poetry";
/// The `poetry` command.
pub(super) const COMMAND: &str = "/opt/poetry/bin/poetry";
/// The Python of Poetry's environment.
pub(super) const PYTHON: &str = "/opt/poetry/bin/python";
/// The plugin that redirects Poetry's default index; Poetry itself has no setting for it.
const MIRROR_PLUGIN: &str = "poetry-plugin-pypi-mirror";
/// Where certificates that are a secret are while a step runs.
const CA_BUNDLE: &str = "/run/secrets/ca-bundle";
const PIP_CACHE: &str = "/var/cache/pip";

/// The base's own pip installs, if it is one that can do that for another environment: giving the environment a pip first
/// takes seconds. Byte code is made on all processors, where pip takes one; what is no code of this Python has none.
const INSTALL: &str = "\
if python3 -c 'import pip, sys; sys.exit(int(pip.__version__.split(\".\")[0]) < 23)' 2>/dev/null; then
  python3 -m venv --without-pip /opt/poetry
  python3 -m pip --python /opt/poetry/bin/python install --no-compile \"$@\"
else
  python3 -m venv /opt/poetry
  /opt/poetry/bin/python -m pip install --no-compile \"$@\"
fi
/opt/poetry/bin/python -m compileall -qq -j 0 /opt/poetry/lib || :";

/// Nothing of the project decides it, so that all projects on an engine share it.
pub(super) fn stage(inputs: &Inputs<'_>) -> Stage {
    let mut packages = vec![format!("poetry=={}", inputs.poetry)];
    if inputs.file.poetry.mirror.is_some() {
        packages.push(MIRROR_PLUGIN.to_owned());
    }
    let plugins = &inputs.file.poetry.plugins;
    packages.extend(plugins.iter().map(|plugin| plugin.value.clone()));
    let place = inputs.file.poetry.version.as_ref().map(|at| &at.place);
    let place = place.cloned().unwrap_or_else(|| inputs.file.whole());
    let mut install = Run::script(INSTALL, packages)
        .env(pip_env(inputs))
        .env([("PIP_CACHE_DIR", PIP_CACHE.to_owned())])
        .mount(Mount::Cache {
            id: inputs.cache_id("poetry-frontend/pip"),
            target: PIP_CACHE.to_owned(),
            sharing: CacheSharing::Shared,
        });
    install.mounts.extend(ca_secret(inputs));
    Stage {
        name: StageName::Poetry,
        from: Base::Stage(StageName::Base),
        place: inputs.base_place.clone(),
        steps: vec![Step {
            title: format!("install Poetry {}", inputs.poetry),
            place,
            action: Action::Run(install),
        }],
    }
}

/// Poetry's environment as a step sees it.
pub(super) fn mount() -> Mount {
    Mount::Stage {
        from: StageName::Poetry,
        path: HOME.to_owned(),
        target: HOME.to_owned(),
    }
}

/// How pip reaches the index.
fn pip_env(inputs: &Inputs<'_>) -> Vec<(&'static str, String)> {
    let mut env = vec![
        ("PIP_DISABLE_PIP_VERSION_CHECK", "1".to_owned()),
        ("PIP_NO_INPUT", "1".to_owned()),
        ("PIP_ROOT_USER_ACTION", "ignore".to_owned()),
    ];
    env.extend(value_of(
        inputs.file.poetry.mirror.as_ref(),
        "PIP_INDEX_URL",
    ));
    env.extend(ca_bundle(inputs).map(|path| ("PIP_CERT", path)));
    env
}

/// Where Poetry, pip and Git find the certificates that they trust.
pub(super) fn ca_bundle(inputs: &Inputs<'_>) -> Option<String> {
    Some(match &inputs.file.poetry.ca_bundle.as_ref()?.value {
        CaBundle::Path(path) => path.clone(),
        CaBundle::Secret(_) => CA_BUNDLE.to_owned(),
    })
}

/// The mount of the certificates, if they are a secret.
pub(super) fn ca_secret(inputs: &Inputs<'_>) -> Option<Mount> {
    let asked = inputs.file.poetry.ca_bundle.as_ref()?;
    match &asked.value {
        CaBundle::Path(_) => None,
        CaBundle::Secret(id) => Some(Mount::Secret {
            id: id.clone(),
            target: CA_BUNDLE.to_owned(),
            required_at: asked.place.clone(),
        }),
    }
}

/// How Poetry, and the pip it starts, reach the index.
pub(super) fn env(inputs: &Inputs<'_>) -> Vec<(&'static str, String)> {
    let mut env = pip_env(inputs);
    env.extend([
        ("POETRY_NO_INTERACTION", "1".to_owned()),
        // There is no keyring in a build step, and looking for one costs time.
        ("POETRY_KEYRING_ENABLED", "false".to_owned()),
        // Byte code that is checked by its source's hash: the same bytes in every build, and valid whatever happens
        // to the files' times on the way into a layer. 1980 is the first year that a wheel can hold.
        ("SOURCE_DATE_EPOCH", "315532800".to_owned()),
        // The order of sets is in the byte code of older Pythons.
        ("PYTHONHASHSEED", "0".to_owned()),
    ]);
    env.extend(value_of(
        inputs.file.poetry.mirror.as_ref(),
        "POETRY_PYPI_MIRROR_URL",
    ));
    env.extend(ca_bundle(inputs).map(|path| ("REQUESTS_CA_BUNDLE", path)));
    env
}

/// How Poetry and pip reach the index in a container that outlives the build, where no secret is.
pub(super) fn index_env(inputs: &Inputs<'_>) -> Vec<(&'static str, String)> {
    let poetry = &inputs.file.poetry;
    let mut env: Vec<(&str, String)> = ["PIP_INDEX_URL", "POETRY_PYPI_MIRROR_URL"]
        .into_iter()
        .filter_map(|variable| value_of(poetry.mirror.as_ref(), variable))
        .collect();
    if let Some(CaBundle::Path(path)) = poetry.ca_bundle.as_ref().map(|asked| &asked.value) {
        env.extend(["PIP_CERT", "REQUESTS_CA_BUNDLE"].map(|variable| (variable, path.clone())));
    }
    env
}

fn value_of(
    setting: Option<&Located<String>>,
    variable: &'static str,
) -> Option<(&'static str, String)> {
    setting.map(|setting| (variable, setting.value.clone()))
}
