//! Files of the frontend that are mounted for a step.

use crate::plan::Mount;
use crate::scripts::Script;

const DIRECTORY: &str = "/run";

/// Mounts a script.
pub(crate) fn script((name, text): Script) -> Mount {
    file(name, text.to_owned())
}

/// The path of a mounted script.
pub(crate) fn path_of((name, _): Script) -> String {
    path(name)
}

/// The path of a mounted file.
pub(crate) fn path(name: &str) -> String {
    format!("{DIRECTORY}/{name}")
}

/// Mounts a file.
pub(crate) fn file(name: &str, content: String) -> Mount {
    Mount::File {
        target: path(name),
        content,
        executable: false,
    }
}
