//! The `pyproject.toml` that the project's wheel is built from, reduced to what poetry-core reads for it. A change to another
//! tool's settings, a comment, the readme or a development dependency does not rebuild the wheel.

use toml::{Table, Value};

use super::tables::below;
use crate::project::wheel_files::is_outside;

/// Keys of `[tool.poetry]` that do not affect the wheel, or affect only metadata that an image does not need.
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

pub(in crate::project) fn reduced_for_wheel(pyproject: &Table) -> String {
    let mut reduced = Table::new();
    if let Some(system) = pyproject.get("build-system") {
        reduced.insert("build-system".to_owned(), system.clone());
    }
    if let Some(project) = below(pyproject, &["project"]) {
        let mut project = project.clone();
        // Only an index shows the readme.
        project.remove("readme");
        let file = below(&project, &["license"]).and_then(|license| license.get("file")?.as_str());
        if file.is_some_and(is_outside) {
            project.remove("license");
        }
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
