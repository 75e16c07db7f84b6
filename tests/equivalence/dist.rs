//! Distributions: wheels and source archives.

use std::fmt::Write;

use super::archive::{tagged_wheel, zip};

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
    /// Whether it has files of all kinds, at all places where a wheel can install one.
    pub(crate) of_all_kinds: bool,
    /// The ends of the names of its wheels.
    pub(crate) tags: &'static [&'static str],
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

    /// The names and bytes of its wheels; `origin` is part of their content.
    pub(crate) fn wheels(&self, origin: &str) -> Vec<(String, Vec<u8>)> {
        let tags = self.tags.iter();
        tags.map(|tag| self.wheel(origin, tag)).collect()
    }

    fn wheel(&self, origin: &str, tag: &str) -> (String, Vec<u8>) {
        let (stem, module, version) = (self.stem(), self.module(), self.version);
        let code = format!(
            "import sys\n\nVERSION = {version:?}\nORIGIN = {origin:?}\nTAG = {tag:?}\n\n\n\
             def main():\n    print(VERSION, sys.argv, sys.prefix)\n    return 3\n"
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
        if self.of_all_kinds {
            let script = "#!python\nimport sys\nprint(sys.argv, sys.prefix)\n";
            for (path, content) in [
                (format!("{module}/tool.sh"), "#!/bin/sh\n"),
                (format!("{module}/broken.py"), "not Python\n"),
                (format!("{stem}.pth"), "import sys\n"),
                (self.data("scripts/in-python"), script),
                (self.data("scripts/in-shell"), "#!/bin/sh\necho \"$0 $1\"\n"),
                (self.data("data/share/words.txt"), "words\n"),
                (self.data("headers/words.h"), "int words;\n"),
                (self.data("purelib/pure_words.py"), "WORDS = 1\n"),
                (self.data("platlib/plat_words/__init__.py"), "WORDS = 2\n"),
                (
                    format!("{stem}-{version}.dist-info/licenses/LICENSE"),
                    "None\n",
                ),
            ] {
                files.push((path, content.to_owned()));
            }
        }
        tagged_wheel(&stem, version, tag, &self.metadata(), files)
    }

    /// A path of its `.data` directory.
    fn data(&self, path: &str) -> String {
        format!("{}-{}.data/{path}", self.stem(), self.version)
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
