//! Imports of packages that only groups have which are not installed. Best effort: what a package is imported as is
//! taken from its name, and a few that are known to differ.

use std::collections::BTreeSet;

use crate::diagnostics::{Document, Warning};
use crate::project::{Project, Selection, normalised};
use crate::rules::Rule;

use super::warning;

/// Packages by what they are imported as.
const DIFFERENT: [(&str, &str); 10] = [
    ("attr", "attrs"),
    ("bs4", "beautifulsoup4"),
    ("cv2", "opencv-python"),
    ("dateutil", "python-dateutil"),
    ("dotenv", "python-dotenv"),
    ("jose", "python-jose"),
    ("jwt", "pyjwt"),
    ("PIL", "pillow"),
    ("sklearn", "scikit-learn"),
    ("yaml", "pyyaml"),
];

/// A file of the project's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path from the context's root.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// The imports of `sources` that only other groups than the selected ones have.
#[must_use]
pub fn dev_only_imports(
    project: &Project,
    selection: &Selection,
    sources: &[SourceFile],
) -> Vec<Warning> {
    let installed: BTreeSet<String> = project
        .packages(selection)
        .map(|package| normalised(&package.name))
        .collect();
    let mut found = Vec::new();
    for source in sources {
        let document = Document::new(source.path.clone(), "python", source.text.clone());
        let mut start = 0;
        for line in source.text.split_inclusive('\n') {
            let span = start..start + line.trim_end().len();
            start += line.len();
            let Some(module) = imported(line) else {
                continue;
            };
            let different = DIFFERENT.iter().find(|(name, _)| *name == module);
            let name =
                different.map_or_else(|| normalised(module), |(_, package)| (*package).to_owned());
            let mut locked = project.lock.packages.iter();
            let package = locked.find(|package| normalised(&package.name) == name);
            let groups = package.and_then(|package| package.groups.as_ref());
            if let Some([group, ..]) = groups.map(Vec::as_slice)
                && !installed.contains(&name)
            {
                found.push(warning(
                    Rule::DevOnlyImport,
                    &document.place(span),
                    format!("`{module}` is imported, and only the group `{group}` has `{name}`"),
                    format!("run `poetry add {name}` to have it in the main group"),
                ));
            }
        }
    }
    found
}

/// The first part of the module that a line imports, if the line stands alone and not in a function or condition.
fn imported(line: &str) -> Option<&str> {
    let rest = line
        .strip_prefix("import ")
        .or_else(|| line.strip_prefix("from "))?;
    let in_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let name = rest.trim_start().split(|char| !in_name(char)).next()?;
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{PYPROJECT, line, lock, package};
    use super::*;

    #[test]
    fn imports_of_what_only_developers_have() {
        let packages = package("rich", "dev", true)
            + &package("pyyaml", "dev", true)
            + &package("a", "main", true);
        let place = Document::new("f", "toml", "").first_line();
        let lock = lock(&packages);
        let project =
            Project::parse(Some(PYPROJECT.as_bytes()), Some(lock.as_bytes()), &place).unwrap();
        let source = SourceFile {
            path: "service/web.py".to_owned(),
            text: "import a\nimport os\nfrom rich.table import Table\nif True:\n    import rich\nimport yaml, a\nfrom . import b\n".to_owned(),
        };
        let found = dev_only_imports(&project, &Selection::default(), &[source]);
        let told: Vec<String> = found.iter().map(line).collect();
        assert_eq!(
            told,
            [
                "service/web.py:3 DevOnlyImport: `rich` is imported, and only the group `dev` has `rich`",
                "service/web.py:6 DevOnlyImport: `yaml` is imported, and only the group `dev` has `pyyaml`",
            ]
        );
    }
}
