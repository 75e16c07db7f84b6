//! The `pyproject.toml` that a wheel is built from: what poetry-core makes of it decides the wheel, and nothing else is
//! in it. A change of another tool's settings, of a comment, of the readme, or of what only developers need builds no wheel.

use toml::{Table, Value};

use super::selection::below;

/// What of `[tool.poetry]` no wheel has, or an image needs.
const NOT_IN_WHEELS: [&str; 8] = [
    "build-constraints",
    "dev-dependencies",
    "group",
    "package-mode",
    "readme",
    "requires-plugins",
    "requires-poetry",
    "source",
];

pub(super) fn wheel_manifest(pyproject: &Table) -> String {
    let mut reduced = Table::new();
    if let Some(system) = pyproject.get("build-system") {
        reduced.insert("build-system".to_owned(), system.clone());
    }
    if let Some(project) = below(pyproject, &["project"]) {
        let mut project = project.clone();
        // Only an index shows it.
        project.remove("readme");
        if let Some(Value::Array(dynamic)) = project.get_mut("dynamic") {
            dynamic.retain(|key| key.as_str() != Some("readme"));
        }
        reduced.insert("project".to_owned(), Value::Table(project));
    }
    if let Some(poetry) = below(pyproject, &["tool", "poetry"]) {
        let mut poetry = poetry.clone();
        poetry.retain(|key, _| !NOT_IN_WHEELS.contains(&key));
        let tool = Table::from_iter([("poetry".to_owned(), Value::Table(poetry))]);
        reduced.insert("tool".to_owned(), Value::Table(tool));
    }
    reduced.to_string()
}
