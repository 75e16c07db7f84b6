//! Files that Git ignores and that the project's wheel contains: `poetry build` leaves them out, but a build has no repository.

use crate::diagnostics::{Span, Warning};
use crate::paths::{Patterns, literal};
use crate::rules::Rule;

use super::reader::{ContextFile, FileKind};
use super::warning::{first_of, warning};

pub(super) const GITIGNORE: &str = ".gitignore";

/// A `.gitignore`.
pub(super) struct IgnoreFile {
    /// Its directory; empty for the root of the context.
    pub(super) directory: String,
    pub(super) text: String,
}

/// The directories of a listing that have a `.gitignore`, parents first.
pub(super) fn directories(listing: &[ContextFile]) -> Vec<&str> {
    let files = listing.iter().filter(|file| file.kind == FileKind::File);
    let found = files.filter_map(|file| match file.path.rsplit_once('/') {
        Some((directory, GITIGNORE)) => Some(directory),
        _ => None,
    });
    let mut found: Vec<&str> = found.collect();
    found.sort_by_key(|directory| directory.matches('/').count());
    found
}

/// Reports the files of a wheel that the patterns of these files match, of which later ones take precedence. `span` is where
/// the wheel's source is set.
pub(super) fn find(files: &[IgnoreFile], listing: &[ContextFile], span: &Span) -> Option<Warning> {
    let patterns: Vec<String> = files.iter().flat_map(patterns).collect();
    let ignored = Patterns::new(&patterns);
    let found = listing.iter().map(|file| file.path.as_str());
    let is_ignore_file = |path: &str| path.rsplit('/').next() == Some(GITIGNORE);
    let found = found.filter(|path| !is_ignore_file(path) && ignored.matches(path));
    let found: Vec<&str> = found.collect();
    let first = found.first()?;
    let are = if found.len() == 1 { "is" } else { "are" };
    let what = first_of(&found)?;
    let what = format!("{what}, which Git ignores, {are} part of the wheel");
    Some(warning(
        Rule::GitIgnoredFile,
        span,
        what,
        format!(
            "`poetry build` leaves out what Git ignores and does not track; add `{first}` to `exclude` of `[source]` or to `.dockerignore`"
        ),
    ))
}

/// The patterns of gitignore(5) in the notation of ignore files for builds, whose patterns start at the root.
fn patterns(file: &IgnoreFile) -> impl Iterator<Item = String> {
    let lines = file.text.lines().map(str::trim_end);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let below = match file.directory.as_str() {
        "" => String::new(),
        directory => format!("{}/", literal(directory)),
    };
    lines.map(move |line| {
        let (negation, pattern) = match line.strip_prefix('!') {
            Some(pattern) => ("!", pattern),
            None => ("", line),
        };
        let path = pattern.trim_end_matches('/');
        // Without a separator, a name matches in every directory.
        match path.strip_prefix('/') {
            Some(path) => format!("{negation}{below}{path}"),
            None if path.contains('/') => format!("{negation}{below}{path}"),
            None => format!("{negation}{below}**/{path}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::line;
    use super::*;
    use crate::diagnostics::Document;

    fn found(text: &str, paths: &[&str]) -> Option<String> {
        let file = |path: &&str| ContextFile {
            path: (*path).to_owned(),
            kind: FileKind::File,
            size: 1,
            link: None,
        };
        let listing: Vec<ContextFile> = paths.iter().map(file).collect();
        let span = Document::new("pyproject.toml", "toml", "").first_line();
        let file = |directory: &str, text: &str| IgnoreFile {
            directory: directory.to_owned(),
            text: text.to_owned(),
        };
        let files: Vec<IgnoreFile> = [file("", text)]
            .into_iter()
            .chain(directories(&listing).into_iter().map(|at| file(at, NESTED)))
            .collect();
        find(&files, &listing, &span).map(|warning| line(&warning))
    }

    /// In every directory but the root.
    const NESTED: &str = "*\n!.gitignore\n!kept.txt\n/deep/kept.txt\n";

    #[test]
    fn a_gitignore_counts_below_its_directory() {
        let expected = "pyproject.toml:1 GitIgnoredFile: `app/[data]/deep/kept.txt` and `app/[data]/x.bin`, which Git ignores, are part of the wheel";
        let paths = [
            "app/__init__.py",
            "app/[data]/.gitignore",
            "app/[data]/deep/kept.txt",
            "app/[data]/kept.txt",
            "app/[data]/x.bin",
        ];
        assert_eq!(found("", &paths).as_deref(), Some(expected));
    }

    #[test]
    fn files_that_git_ignores_are_reported() {
        const APP: [&str; 5] = [
            "app/__init__.py",
            "app/dev.sqlite3",
            "app/local_settings.py",
            "app/build/x.txt",
            "app/keep.sqlite3",
        ];
        for (text, expected) in [
            (
                "*.sqlite3\n!keep.sqlite3\n",
                Some("`app/dev.sqlite3`, which Git ignores, is"),
            ),
            (
                "# local\n\n*.sqlite3  \nlocal_settings.py\n",
                Some("`app/dev.sqlite3` and 2 others, which Git ignores, are"),
            ),
            ("build/\n", Some("`app/build/x.txt`, which Git ignores, is")),
            (
                "/app/build\n",
                Some("`app/build/x.txt`, which Git ignores, is"),
            ),
            (
                "app/*.sqlite3\n",
                Some("`app/dev.sqlite3` and `app/keep.sqlite3`, which Git ignores, are"),
            ),
            ("/build\n/dist\n", None),
            ("", None),
        ] {
            let expected = expected
                .map(|text| format!("pyproject.toml:1 GitIgnoredFile: {text} part of the wheel"));
            assert_eq!(found(text, &APP), expected, "{text}");
        }
    }
}
