//! The commands that a project installs.

use toml::{Spanned, Value};

use super::tables::{Entries, File};
use super::wheel_files::script_file;
use crate::diagnostics::{Document, Span};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The command's name.
    pub name: String,
    /// What a console script runs, as `MODULE:FUNCTION`; `None` for a script that is a file.
    pub target: Option<String>,
    /// The path of a script that is a file.
    pub file: Option<String>,
    /// The whole entry.
    pub span: Span,
}

impl Script {
    /// The command that the wheel installs: a script that is a file keeps the file's name.
    #[must_use]
    pub fn command(&self) -> &str {
        let file = self
            .file
            .as_deref()
            .and_then(|path| path.rsplit('/').next());
        file.unwrap_or(&self.name)
    }

    /// Whether it can be installed: a console script must name a function
    /// (packaging.python.org, "Entry points specification").
    #[must_use]
    pub fn is_valid(&self) -> bool {
        let Some(target) = &self.target else {
            return true;
        };
        let is_name = |name: &str| {
            let name = name.trim();
            !name.is_empty() && !name.contains(|char: char| char.is_whitespace() || char == ':')
        };
        let object = target.split('[').next().unwrap_or_default();
        object
            .split_once(':')
            .is_some_and(|(module, function)| is_name(module) && is_name(function))
    }

    /// The module that a console script imports.
    #[must_use]
    pub fn module(&self) -> Option<&str> {
        let target = self.target.as_deref()?;
        target.split([':', '[']).next().map(str::trim)
    }
}

/// The scripts of `[project.scripts]` and `[tool.poetry.scripts]` in the order of the file. Of two with one name, the first
/// table's counts.
pub(super) fn scripts(document: &Document, file: &File) -> Vec<Script> {
    let standard = &file.project.scripts;
    let mut scripts: Vec<Script> = read(document, standard).collect();
    let own = read(document, &file.tool.poetry.scripts);
    scripts
        .extend(own.filter(|script| !standard.keys().any(|name| *name.get_ref() == script.name)));
    scripts.sort_by_key(|script| script.span.range().start);
    scripts
}

fn read(document: &Document, table: &Entries<Spanned<Value>>) -> impl Iterator<Item = Script> {
    table.iter().map(|(name, value)| Script {
        name: name.get_ref().clone(),
        target: target(value.get_ref()).map(str::to_owned),
        file: script_file(value.get_ref()).map(str::to_owned),
        span: document.span(name.span().start..value.span().end),
    })
}

fn target(value: &Value) -> Option<&str> {
    match value {
        Value::Table(table) if table.get("type")?.as_str()? == "console" => {
            table.get("reference")?.as_str()
        }
        value => value.as_str(),
    }
}
