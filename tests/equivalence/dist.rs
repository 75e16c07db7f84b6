//! Distributions: wheels and source archives.

use std::fmt::Write;

use super::archive::{wheel, zip};

const BUILT_BY_BACKEND: &str = r#"[build-system]
requires = ["buildhelper"]
build-backend = "backend"
backend-path = ["."]
"#;

/// A distribution to build.
pub(crate) struct Dist {
    /// As the author spells it.
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) requires: &'static [&'static str],
    pub(crate) extras: &'static [&'static str],
    /// Whether it has a command.
    pub(crate) command: bool,
}

impl Dist {
    /// The name as it is in file names.
    fn stem(&self) -> String {
        self.name.replace('-', "_")
    }

    fn module(&self) -> String {
        self.stem().replace('.', "_").to_ascii_lowercase()
    }

    fn metadata(&self) -> String {
        let Self { name, version, .. } = self;
        let mut text = format!(
            "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >=3.8\n"
        );
        for extra in self.extras {
            writeln!(text, "Provides-Extra: {extra}").unwrap();
        }
        for requirement in self.requires {
            writeln!(text, "Requires-Dist: {requirement}").unwrap();
        }
        text
    }

    /// A wheel's name and bytes; `origin` is part of its content.
    pub(crate) fn wheel(&self, origin: &str) -> (String, Vec<u8>) {
        let (stem, module, version) = (self.stem(), self.module(), self.version);
        let code = format!(
            "VERSION = {version:?}\nORIGIN = {origin:?}\n\n\ndef main():\n    print(VERSION)\n"
        );
        let mut files = vec![
            (format!("{module}/__init__.py"), code),
            (format!("{module}/data/table.txt"), format!("{version}\n")),
        ];
        if self.command {
            files.push((
                format!("{stem}-{version}.dist-info/entry_points.txt"),
                format!("[console_scripts]\n{module} = {module}:main\n"),
            ));
        }
        wheel(&stem, version, &self.metadata(), files)
    }

    /// A source archive's name and bytes.
    pub(crate) fn sdist(&self) -> (String, Vec<u8>) {
        let directory = format!("{}-{}", self.stem(), self.version);
        let files: Vec<(String, String)> = self
            .sources()
            .into_iter()
            .map(|(path, content)| (format!("{directory}/{path}"), content))
            .collect();
        (format!("{directory}.zip"), zip(&files))
    }

    /// A source tree with its own build backend. The wheel names the `buildhelper` that built it.
    pub(crate) fn sources(&self) -> Vec<(String, String)> {
        let backend = include_str!("backend.py")
            .replace("@STEM@", &self.stem())
            .replace("@VERSION@", self.version)
            .replace("@METADATA@", &self.metadata());
        vec![
            ("PKG-INFO".to_owned(), self.metadata()),
            ("backend.py".to_owned(), backend),
            ("pyproject.toml".to_owned(), BUILT_BY_BACKEND.to_owned()),
        ]
    }
}
