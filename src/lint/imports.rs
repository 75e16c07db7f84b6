//! Imports of packages that only uninstalled groups provide. Best effort: the import name is derived from the package's
//! name, with a table of exceptions.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Document, Warning};
use crate::project::{Project, normalised};
use crate::rules::Rule;

use super::reader::ContextFile;
use super::warning::warning;

/// Import names that differ from the name of the package.
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
pub(crate) struct SourceFile {
    /// Relative to the context's root.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Larger files are probably generated.
const LARGEST: u64 = 1 << 20;
/// Limits on what is read, so that the lint stays fast.
const MOST_FILES: usize = 1000;
const MOST_BYTES: u64 = 8 << 20;

/// The files whose imports are linted.
pub(crate) fn python_sources(listing: &[ContextFile]) -> Vec<&ContextFile> {
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

/// Imports in `sources` of packages that only unselected groups provide. `installed` are normalised names.
pub(crate) fn dev_only_imports(
    project: &Project,
    installed: &BTreeSet<String>,
    sources: &[SourceFile],
) -> Vec<Warning> {
    let packages = project.lock.packages.iter();
    let locked: BTreeMap<String, _> = packages
        .map(|package| (normalised(&package.name), package))
        .collect();
    let mut warnings = Vec::new();
    for source in sources {
        let document = Document::new(source.path.clone(), "python", source.text.clone());
        let mut start = 0;
        for line in source.text.split_inclusive('\n') {
            let span = start..start + line.trim_end().len();
            start += line.len();
            let Some(module) = imported(line) else {
                continue;
            };
            let name = package_of(module).map_or_else(|| normalised(module), str::to_owned);
            let groups = locked
                .get(&name)
                .and_then(|package| package.groups.as_ref());
            if let Some([group, ..]) = groups.map(Vec::as_slice)
                && !installed.contains(&name)
            {
                warnings.push(warning(
                    Rule::DevOnlyImport,
                    &document.span(span),
                    format!(
                        "`{module}` is imported, but only the group `{group}` installs `{name}`"
                    ),
                    format!("run `poetry add {name}` to add it to the main group"),
                ));
            }
        }
    }
    warnings
}

/// The package of a module whose name differs.
pub(super) fn package_of(module: &str) -> Option<&'static str> {
    let mut different = DIFFERENT.iter();
    let (_, package) = different.find(|(name, _)| *name == module)?;
    Some(package)
}

/// The top-level module that a line imports. Indented imports, in functions or conditions, do not count.
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
    use testkit::{Package, dedent};

    use super::super::fixture::{line, parsed, service};
    use super::super::reader::FileKind;
    use super::*;

    #[test]
    fn only_so_many_sources_are_read() {
        let file = |path: &str, size| ContextFile {
            path: path.to_owned(),
            kind: FileKind::File,
            size,
            link: None,
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
    fn imports_of_packages_that_only_another_group_has_are_reported() {
        let project = service()
            .locked(Package::new("rich", "1").group("dev"))
            .locked(Package::new("pyyaml", "1").group("dev"))
            .locked(Package::new("a", "1"));
        let source = SourceFile {
            path: "service/web.py".to_owned(),
            text: dedent(
                r"
                import a
                import os
                from rich.table import Table
                if True:
                    import rich
                import yaml, a
                from . import b
                ",
            ),
        };
        let found = dev_only_imports(
            &parsed(&project).project,
            &BTreeSet::from(["a".to_owned()]),
            &[source],
        );
        let found: Vec<String> = found.iter().map(line).collect();
        assert_eq!(
            found,
            [
                "service/web.py:3 DevOnlyImport: `rich` is imported, but only the group `dev` installs `rich`",
                "service/web.py:6 DevOnlyImport: `yaml` is imported, but only the group `dev` installs `pyyaml`",
            ]
        );
    }
}
