//! Each script of `src/scripts/`, run as in a build, but without an engine and without network.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod add_poetry;
mod add_user;
#[allow(dead_code, reason = "only some tests need all of it")]
#[path = "../support/archive.rs"]
mod archive;
mod check_overlaps;
mod check_python;
mod check_size;
mod container;
mod create_environment;
mod explain_failure;
mod find_wheels;
mod give_files;
#[allow(dead_code, reason = "only some tests need all of it")]
#[path = "../support/http.rs"]
mod http;
mod install_dependencies;
mod install_editable;
mod install_packages;
mod install_poetry;
mod install_project;
mod install_uv;
mod install_wheels;
mod prepare_source;
mod read_licenses;
mod run_hook;
mod run_poetry;
mod run_python;
mod run_read_only;
mod set_modes;
mod take_source;
mod trust_certificates;
mod uv_for_platform;
mod with_inputs;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Every script, and the file of its tests.
const TESTS: [(&str, &str); 33] = [
    ("add-poetry.sh", "tests/scripts/add_poetry.rs"),
    ("add-user.sh", "tests/scripts/add_user.rs"),
    ("check_overlaps.py", "tests/scripts/check_overlaps.rs"),
    ("check_python.py", "tests/scripts/check_python.rs"),
    ("check_size.py", "tests/scripts/check_size.rs"),
    ("compile_bytecode.py", "tests/bytecode.rs"),
    ("compile_schemas.py", "tests/wheels.rs"),
    (
        "create-environment.sh",
        "tests/scripts/create_environment.rs",
    ),
    ("explain-failure.sh", "tests/scripts/explain_failure.rs"),
    ("find_wheels.py", "tests/scripts/find_wheels.rs"),
    ("give-files.sh", "tests/scripts/give_files.rs"),
    (
        "install-dependencies.sh",
        "tests/scripts/install_dependencies.rs",
    ),
    ("in-root.sh", "tests/scripts/add_user.rs"),
    ("install-editable.sh", "tests/scripts/install_editable.rs"),
    ("install-packages.sh", "tests/scripts/install_packages.rs"),
    ("install-poetry.sh", "tests/scripts/install_poetry.rs"),
    ("install-project.sh", "tests/scripts/install_project.rs"),
    ("install-uv.sh", "tests/scripts/install_uv.rs"),
    ("install-wheels.sh", "tests/scripts/install_wheels.rs"),
    ("install_fetched.py", "tests/scripts/install_wheels.rs"),
    ("install_project.py", "tests/wheels.rs"),
    ("prepare-source.sh", "tests/scripts/prepare_source.rs"),
    ("read_licenses.py", "tests/scripts/read_licenses.rs"),
    ("run-hook.sh", "tests/scripts/run_hook.rs"),
    ("run_poetry.py", "tests/scripts/run_poetry.rs"),
    ("run_read_only.py", "tests/scripts/run_read_only.rs"),
    ("run-python.sh", "tests/scripts/run_python.rs"),
    ("run_uv.py", "tests/scripts/install_wheels.rs"),
    ("set-modes.sh", "tests/scripts/set_modes.rs"),
    ("take-source.sh", "tests/scripts/take_source.rs"),
    ("uv-for-platform.sh", "tests/scripts/uv_for_platform.rs"),
    (
        "trust-certificates.sh",
        "tests/scripts/trust_certificates.rs",
    ),
    ("with_inputs.py", "tests/scripts/with_inputs.rs"),
];

#[test]
fn every_script_has_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(root.join("src/scripts")).unwrap() {
        found.insert(entry.unwrap().file_name().into_string().unwrap());
    }
    for other in ["mod.rs", "pins"] {
        found.remove(other);
    }
    let listed = TESTS.map(|(script, _)| script.to_owned());
    assert_eq!(found, BTreeSet::from(listed), "add it to TESTS");
    for (script, tests) in TESTS {
        let text = fs::read_to_string(root.join(tests)).unwrap();
        assert!(text.contains(script), "{tests} does not run {script}");
        assert!(text.contains("#[test]"), "{tests} has no tests");
    }
}
