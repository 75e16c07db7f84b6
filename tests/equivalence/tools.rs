//! The tools that the harness installs once and keeps.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Installs missing tools, and returns their directories: releases of Poetry, and `uv`, which is the pinned one.
pub(crate) fn prepare<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<PathBuf> {
    let names: Vec<&str> = names.into_iter().collect();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/test-matrix");
    let output = Command::new(script)
        .arg("--prepare")
        .args(&names)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let directories: Vec<PathBuf> = text.lines().map(PathBuf::from).collect();
    assert_eq!(directories.len(), names.len(), "{text}");
    directories
}
