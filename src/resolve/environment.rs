//! Fixed paths in the image, and its environment variables.

use std::collections::BTreeMap;

use crate::build_file::{ImageSpec, plain};
use crate::paths::within;
use crate::plan::Placement;

pub(crate) const PROJECT_DIR: &str = "/app";
/// The same path in the builder and in the image, because virtual environments cannot be moved.
pub(crate) const VENV: &str = "/app/.venv";

/// The init process: the name of both the Debian package and the command.
pub(crate) const INIT: &str = "tini";

/// The working directory of the image, to which `install = "copy"` copies the source.
pub(crate) fn workdir(file: &ImageSpec) -> String {
    file.runtime
        .workdir
        .as_ref()
        .map_or_else(|| PROJECT_DIR.to_owned(), |path| path.value.clone())
}

/// How files at `path` are added: below the layers of the environment, unless they go into it.
pub(crate) fn beside_environment(path: &str) -> Placement {
    if within(path, VENV) {
        Placement::OnTop
    } else {
        Placement::Below
    }
}

/// The directories that come before the base image's `PATH`.
pub(crate) fn path() -> Vec<String> {
    vec![format!("{VENV}/bin")]
}

pub(crate) fn env(file: &ImageSpec) -> BTreeMap<String, String> {
    let defaults = [
        // The only directory that the user can write to everywhere. Servers keep sockets and caches below it.
        ("HOME", "/tmp"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("PYTHONFAULTHANDLER", "1"),
        ("PYTHONUNBUFFERED", "1"),
        ("VIRTUAL_ENV", VENV),
    ];
    let defaults = defaults.map(|(name, value)| (name.to_owned(), value.to_owned()));
    defaults
        .into_iter()
        .chain(plain(&file.runtime.env))
        .collect()
}
