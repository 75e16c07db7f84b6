//! The `[[copy]]` of an instruction.

use super::draft::Copy;
use super::state::{State, joined};
use crate::dockerfile::{Copying, Expanded};

pub(super) fn copy_of(state: &State, copying: &Copying, from: &str, src: String) -> Copy {
    Copy {
        from: from.to_owned(),
        src,
        dest: destination(state, &copying.dest),
        mode: mode(copying),
        ..Copy::default()
    }
}

/// The destination, with the `/` that makes it a directory.
pub(super) fn destination(state: &State, dest: &Expanded) -> String {
    let path = joined(&state.workdir, dest).template;
    let is_directory = dest.value.ends_with('/') || dest.value.ends_with("/.") || dest.value == ".";
    if is_directory && path != "/" {
        format!("{path}/")
    } else {
        path
    }
}

pub(super) fn mode(copying: &Copying) -> Option<String> {
    let mode = &copying.option("chmod")?.value;
    match mode.as_str() {
        "+x" | "a+x" => Some("0755".to_owned()),
        mode if (3..=4).contains(&mode.len()) && mode.chars().all(|char| char.is_digit(8)) => {
            Some(format!("{mode:0>4}"))
        }
        _ => None,
    }
}
