//! Files that Git ignores and that the project's wheel contains: `poetry build` leaves them out, but a build has no repository.

use crate::diagnostics::{Document, Span, Warning};
use crate::paths::Patterns;
use crate::rules::Rule;

use super::reader::ContextFile;
use super::warning::warning;

/// The file at the root of the context; those in other directories are not read.
pub(super) const GITIGNORE: &str = ".gitignore";

/// Reports the files of a wheel that the patterns of `.gitignore` match. `span` is where the wheel's source is set.
pub(super) fn find(text: &str, listing: &[ContextFile], span: &Span) -> Option<Warning> {
    let ignored = patterns(text);
    let found = listing.iter().map(|file| file.path.as_str());
    let found: Vec<&str> = found.filter(|path| ignored.matches(path)).collect();
    let (first, rest) = found.split_first()?;
    let what = match rest.len() {
        0 => format!("`{first}`, which Git ignores, is part of the wheel"),
        1 => format!(
            "`{first}` and `{}`, which Git ignores, are part of the wheel",
            rest[0]
        ),
        more => format!("`{first}` and {more} others, which Git ignores, are part of the wheel"),
    };
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
fn patterns(text: &str) -> Patterns {
    let document = Document::new(GITIGNORE, "gitignore", text);
    let lines = document.text().lines().map(str::trim_end);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let patterns: Vec<String> = lines
        .map(|line| {
            let (negation, pattern) = match line.strip_prefix('!') {
                Some(pattern) => ("!", pattern),
                None => ("", line),
            };
            let path = pattern.trim_end_matches('/');
            // Without a separator, a name matches in every directory.
            match path.strip_prefix('/') {
                Some(path) => format!("{negation}{path}"),
                None if path.contains('/') => format!("{negation}{path}"),
                None => format!("{negation}**/{path}"),
            }
        })
        .collect();
    Patterns::new(&patterns)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::line;
    use super::super::reader::FileKind;
    use super::*;

    fn found(text: &str, paths: &[&str]) -> Option<String> {
        let file = |path: &&str| ContextFile {
            path: (*path).to_owned(),
            kind: FileKind::File,
            size: 1,
            link: None,
        };
        let listing: Vec<ContextFile> = paths.iter().map(file).collect();
        let span = Document::new("pyproject.toml", "toml", "").first_line();
        find(text, &listing, &span).map(|warning| line(&warning))
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
