//! The files that a project's wheel is made of.

use toml::{Spanned, Value};

use super::tables::{File, PackageTable};
use crate::diagnostics::{Document, Located, Span};
use crate::paths::{Pattern, clean, literal};

/// The files that poetry-core adds to a wheel as licences when the project names none
/// (poetry-core, `src/poetry/core/masonry/builders/builder.py`).
const LICENCES: [&str; 6] = [
    "LICEN[CS]E*",
    "COPYING*",
    "NOTICE*",
    "AUTHORS*",
    "COPYING/**",
    "LICENSES/**",
];

/// The code and other files of a wheel, as the project names them: paths and patterns.
#[derive(Clone, Debug, PartialEq)]
pub struct WheelFiles {
    /// `[tool.poetry] packages`, without those of an sdist alone; `None` where Poetry looks for the package by the project's
    /// name.
    pub packages: Option<Vec<PackageInclude>>,
    pub readmes: Vec<Located<String>>,
    /// Files named in `[project] license`. A licence expression is taken for a path as well; it matches no file.
    pub license: Vec<Located<String>>,
    /// `[project] license-files`; `None` if poetry-core looks for the usual names.
    license_files: Option<Vec<Located<String>>>,
    /// Scripts that are files.
    scripts: Vec<Located<String>>,
    /// The script that poetry-core runs to build extension modules.
    pub build_script: Option<Located<String>>,
    /// `[tool.poetry] include`.
    pub include: Vec<Located<String>>,
}

/// One entry of `[tool.poetry] packages`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageInclude {
    /// A directory or module, possibly with wildcards.
    pub include: String,
    /// The directory that contains it.
    pub from: Option<String>,
    pub span: Span,
}

impl PackageInclude {
    /// The path in the project.
    #[must_use]
    pub fn path(&self) -> String {
        clean(&format!("./{}/{}", self.root(), self.include))
    }

    /// The directory that contains it; empty for the project's own.
    #[must_use]
    pub fn root(&self) -> String {
        let from = self.from.as_deref().unwrap_or_default();
        let root = clean(&format!("./{}", from.trim_matches('/')));
        if root == "." { String::new() } else { root }
    }
}

impl WheelFiles {
    pub(super) fn read(document: &Document, file: &File) -> Self {
        let located = |value: &Spanned<Value>| {
            let span = document.span(value.span());
            let paths = paths(value.get_ref()).into_iter();
            paths.map(move |path| Located {
                value: path,
                span: span.clone(),
            })
        };
        let (project, poetry) = (&file.project, &file.tool.poetry);
        let package = |table: &Spanned<PackageTable>| PackageInclude {
            include: table.get_ref().include.clone(),
            from: table.get_ref().from.clone(),
            span: document.span(table.span()),
        };
        let pattern = |pattern: &Spanned<String>| Located {
            value: pattern.get_ref().clone(),
            span: document.span(pattern.span()),
        };
        let license_files = project.license_files.as_ref();
        let packages = poetry.packages.iter();
        let in_wheel = packages.filter(|table| is_in_wheel(table.get_ref().format.as_ref()));
        let scripts = [&poetry.scripts, &project.scripts].into_iter().flatten();
        let scripts = scripts.filter_map(|(_, value)| {
            Some(Located {
                value: script_file(value.get_ref())?.to_owned(),
                span: document.span(value.span()),
            })
        });
        Self {
            packages: (!poetry.packages.is_empty()).then(|| in_wheel.map(package).collect()),
            scripts: scripts.collect(),
            readmes: [&project.readme, &poetry.readme]
                .into_iter()
                .flatten()
                .flat_map(located)
                .collect(),
            license: project.license.iter().flat_map(located).collect(),
            license_files: license_files.map(|patterns| patterns.iter().map(pattern).collect()),
            build_script: poetry.build.iter().flat_map(located).next(),
            include: poetry.include.iter().flat_map(located).collect(),
        }
    }

    /// The number of paths and patterns that the project names.
    pub(super) fn count(&self) -> usize {
        let license_files = self.license_files.as_ref().map_or(LICENCES.len(), Vec::len);
        self.packages.as_ref().map_or(0, Vec::len)
            + self.scripts.len()
            + self.readmes.len()
            + self.license.len()
            + license_files
            + usize::from(self.build_script.is_some())
            + self.include.len()
    }

    /// The first path or pattern that contains a control character.
    pub(super) fn with_control(&self) -> Option<&Span> {
        let files = [&self.readmes, &self.license, &self.scripts, &self.include];
        let files = files.into_iter().flatten();
        let files = files
            .chain(self.license_files.iter().flatten())
            .chain(&self.build_script);
        let files = files.map(|file| (&file.span, file.value.as_str()));
        let packages = self.packages.iter().flatten();
        let packages = packages.flat_map(|package| {
            let from = package.from.as_deref().unwrap_or_default();
            [package.include.as_str(), from].map(|path| (&package.span, path))
        });
        let mut all = files.chain(packages);
        Some(all.find(|(_, path)| path.contains(char::is_control))?.0)
    }

    /// The first pattern that an engine refuses.
    pub(super) fn malformed(&self) -> Option<Located<String>> {
        let named = self
            .include
            .iter()
            .chain(self.license_files.iter().flatten());
        let packages = self.packages.iter().flatten().map(|package| Located {
            value: package.path(),
            span: package.span.clone(),
        });
        let mut all = named.cloned().chain(packages);
        all.find(|pattern| !Pattern::new(&pattern.value).is_well_formed())
    }

    /// Patterns of the files without which a build fails, apart from the code and the readmes. A licence outside the project
    /// is left out of the wheel.
    pub fn required(&self) -> impl Iterator<Item = String> {
        let files = self.license.iter().chain(&self.build_script);
        let files = files.chain(&self.scripts).map(|file| file.value.as_str());
        let files = files.filter(|file| !is_outside(file));
        let files = files.map(|file| literal(&clean(file)));
        let named = self.license_files.iter().flatten();
        files.chain(named.map(|pattern| pattern.value.clone()))
    }

    /// Patterns of other files in the wheel.
    pub fn optional(&self) -> impl Iterator<Item = &str> {
        let include = self.include.iter().map(|pattern| pattern.value.as_str());
        let named = self.license_files.iter().flatten();
        let named = named.map(|pattern| pattern.value.as_str());
        let usual = self.license_files.is_none().then_some(LICENCES);
        include.chain(named).chain(usual.into_iter().flatten())
    }
}

/// Whether a path leads out of the project.
pub(super) fn is_outside(path: &str) -> bool {
    path.starts_with('/') || path.split('/').next() == Some("..")
}

/// Whether an entry of `packages` with this `format` is part of a wheel.
fn is_in_wheel(format: Option<&Value>) -> bool {
    match format {
        Some(Value::String(format)) => format == "wheel",
        Some(Value::Array(formats)) => formats
            .iter()
            .any(|format| format.as_str() == Some("wheel")),
        _ => true,
    }
}

/// The file of a script with `type = "file"`.
pub(super) fn script_file(script: &Value) -> Option<&str> {
    let table = script.as_table()?;
    (table.get("type")?.as_str()? == "file").then(|| table.get("reference")?.as_str())?
}

/// The paths in a value that is a path, a list of them, or a table with `file`, `path` or `script`.
fn paths(value: &Value) -> Vec<String> {
    match value {
        Value::String(path) => vec![path.clone()],
        Value::Array(items) => items.iter().flat_map(paths).collect(),
        Value::Table(table) => ["file", "path", "script"]
            .into_iter()
            .filter_map(|key| table.get(key))
            .flat_map(paths)
            .collect(),
        _ => Vec::new(),
    }
}
