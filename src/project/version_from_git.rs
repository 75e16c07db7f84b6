//! What sets the project's version from its Git repository when the wheel is built.

use toml::Value;

use super::name::requirement_name;
use super::tables::{File, below};
use crate::diagnostics::{Document, Span};

/// The plugin that is a build backend as well.
const OF_POETRY: &str = "poetry-dynamic-versioning";
const BYPASS: &str = "POETRY_DYNAMIC_VERSIONING_BYPASS";

/// Requirements of a build that read the version from a repository, and the variables that give it instead.
const OF_OTHERS: [(&str, &str); 2] = [
    ("hatch-vcs", "SETUPTOOLS_SCM_PRETEND_VERSION"),
    ("setuptools-scm", "SETUPTOOLS_SCM_PRETEND_VERSION"),
];

/// A tool that reads the version from the Git repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionFromGit {
    /// The normalised name of its package.
    pub tool: &'static str,
    /// The environment variable that gives the version in place of the repository.
    pub bypass: &'static str,
    /// Whether the project lets the tool set its version.
    pub applies: bool,
    /// Whether the build backend runs it. Otherwise, it must be a plugin of Poetry.
    pub by_backend: bool,
    /// Where the project asks for it.
    pub span: Span,
}

pub(super) fn version_from_git(
    document: &Document,
    file: &File,
    table: &toml::Table,
) -> Option<VersionFromGit> {
    let system = file.build_system.as_ref();
    let requires = system.map_or(&[][..], |system| &system.requires);
    let is_required = |tool: &str| requires.iter().any(|one| requirement_name(one) == tool);
    let backend = system.and_then(|system| system.build_backend.as_ref());
    if let Some(settings) = &file.tool.dynamic_versioning {
        let value = settings.get_ref();
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let from_file = value.get("from-file").is_some_and(Value::is_table);
        let is_git = text("vcs").is_none_or(|vcs| ["any", "git"].contains(&vcs));
        let own = backend.is_some_and(|one| one.get_ref().starts_with("poetry_dynamic_versioning"));
        return (is_enabled(value) && !from_file && is_git).then(|| VersionFromGit {
            tool: OF_POETRY,
            bypass: BYPASS,
            applies: applies(table),
            by_backend: own && is_required(OF_POETRY),
            span: document.span(settings.span()),
        });
    }
    if !is_dynamic(table) {
        return None;
    }
    let (tool, bypass) = OF_OTHERS.into_iter().find(|(tool, _)| is_required(tool))?;
    let span = backend.map_or_else(
        || document.first_line(),
        |backend| document.span(backend.span()),
    );
    Some(VersionFromGit {
        tool,
        bypass,
        applies: true,
        by_backend: true,
        span,
    })
}

/// Whether `poetry-dynamic-versioning` sets the version, from Git or from elsewhere.
pub(super) fn is_set_by_plugin(file: &File, table: &toml::Table) -> bool {
    let settings = file.tool.dynamic_versioning.as_ref();
    settings.is_some_and(|settings| is_enabled(settings.get_ref())) && applies(table)
}

fn is_enabled(settings: &Value) -> bool {
    settings.get("enable").and_then(Value::as_bool) == Some(true)
}

/// Whether the version is the plugin's to set (`_get_and_apply_version` in its `__init__.py`).
fn applies(table: &toml::Table) -> bool {
    let has =
        |path: &[&str], key: &str| below(table, path).is_some_and(|one| one.contains_key(key));
    has(&["tool", "poetry"], "name")
        || is_dynamic(table) && !has(&["project"], "version") && has(&["tool", "poetry"], "version")
}

/// Whether `[project]` leaves its version to the build.
fn is_dynamic(table: &toml::Table) -> bool {
    let project = below(table, &["project"]);
    let dynamic = project.and_then(|project| project.get("dynamic")?.as_array());
    let mut names = dynamic.into_iter().flatten().filter_map(Value::as_str);
    names.any(|name| name == "version")
}
