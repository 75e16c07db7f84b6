//! How a step runs Poetry, and the environment in which Poetry and pip access the index.

use crate::build_file::Located;
use crate::plan::{Mount, StageName};
use crate::resolve::Resolved;

use super::certificates;

/// Poetry's own virtual environment.
pub(crate) const HOME: &str = "/opt/poetry";
/// The `poetry` command.
pub(crate) const COMMAND: &str = "/opt/poetry/bin/poetry";
/// The Python of Poetry's environment.
pub(crate) const PYTHON: &str = "/opt/poetry/bin/python";

/// What pip does in every step.
pub(crate) const PIP_ENV: [(&str, &str); 3] = [
    ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ("PIP_NO_INPUT", "1"),
    ("PIP_ROOT_USER_ACTION", "ignore"),
];

/// Mounts Poetry's environment.
pub(crate) fn mount() -> Mount {
    Mount::stage(StageName::Poetry, HOME)
}

/// The environment in which pip accesses the index.
pub(crate) fn pip_env(resolved: &Resolved<'_>) -> Vec<(&'static str, String)> {
    let mut env: Vec<_> = PIP_ENV.map(|(name, value)| (name, value.to_owned())).into();
    env.extend(value_of(
        resolved.file.poetry.mirror.as_ref(),
        "PIP_INDEX_URL",
    ));
    env
}

/// The environment in which Poetry, and the pip that it starts, access the index.
pub(crate) fn env(resolved: &Resolved<'_>) -> Vec<(&'static str, String)> {
    let mut env = pip_env(resolved);
    env.extend([
        ("POETRY_NO_INTERACTION", "1".to_owned()),
        // A build step has no keyring, and looking for one takes time.
        ("POETRY_KEYRING_ENABLED", "false".to_owned()),
        // Makes Python validate bytecode by the hash of its source: the bytes are the same in every build, and stay valid
        // when a layer changes the files' times. 1980 is the first year that a ZIP file can represent.
        ("SOURCE_DATE_EPOCH", "315532800".to_owned()),
        // The bytecode of older Python versions depends on the order of sets.
        ("PYTHONHASHSEED", "0".to_owned()),
    ]);
    env.extend(value_of(
        resolved.file.poetry.mirror.as_ref(),
        "POETRY_PYPI_MIRROR_URL",
    ));
    env
}

/// Like [`env`], for a container that runs after the build: without secrets.
pub(crate) fn index_env(resolved: &Resolved<'_>) -> Vec<(&'static str, String)> {
    let poetry = &resolved.file.poetry;
    let mut env: Vec<(&str, String)> = ["PIP_INDEX_URL", "POETRY_PYPI_MIRROR_URL"]
        .into_iter()
        .filter_map(|variable| value_of(poetry.mirror.as_ref(), variable))
        .collect();
    if let Some(path) = certificates::path(resolved) {
        env.extend(["PIP_CERT", "REQUESTS_CA_BUNDLE"].map(|variable| (variable, path.to_owned())));
    }
    env
}

fn value_of(
    setting: Option<&Located<String>>,
    variable: &'static str,
) -> Option<(&'static str, String)> {
    setting.map(|setting| (variable, setting.value.clone()))
}
