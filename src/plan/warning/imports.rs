//! Imports of packages that only groups have which are not installed. Best effort: what a package is imported as is
//! taken from its name, and a few that are known to differ.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Document, Warning};
use crate::project::{Project, Selection, normalised};
use crate::rules::Rule;

use super::{ContextFile, warning};

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

/// No source file that anybody wrote is larger.
const LARGEST: u64 = 1 << 20;
/// So much is looked at, in files and in bytes; this is no more than a best effort.
const MOST_FILES: usize = 1000;
const MOST_BYTES: u64 = 8 << 20;

/// The files of a part of the context whose imports are looked at.
#[must_use]
pub fn python_sources(listing: &[ContextFile]) -> Vec<&ContextFile> {
    let is_python = |file: &&ContextFile| {
        let end = file.path.rsplit_once('.').map(|(_, end)| end);
        end == Some("py") && file.size <= LARGEST
    };
    let mut room = MOST_BYTES;
    let fits = |file: &&ContextFile| {
        let left = room.checked_sub(file.size);
        room = left.unwrap_or(room);
        left.is_some()
    };
    let sources = listing.iter().filter(is_python);
    sources.take(MOST_FILES).take_while(fits).collect()
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
    let packages = project.lock.packages.iter();
    let locked: BTreeMap<String, _> = packages
        .map(|package| (normalised(&package.name), package))
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
            let groups = locked
                .get(&name)
                .and_then(|package| package.groups.as_ref());
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
    fn so_many_sources_are_looked_at() {
        let file = |path: &str, size| ContextFile {
            path: path.to_owned(),
            size,
        };
        let mut listing = vec![file("a.txt", 1), file("large.py", LARGEST + 1)];
        listing.extend((0..2000).map(|number| file(&format!("{number}.py"), 1)));
        let taken = python_sources(&listing);
        assert_eq!(taken.len(), MOST_FILES);
        assert_eq!(taken[0].path, "0.py");
        let large = vec![file("a.py", LARGEST); 20];
        assert_eq!(python_sources(&large).len(), 8);
    }

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
