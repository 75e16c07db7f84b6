//! Files of the build context that do not belong in an image.

use crate::diagnostics::{Span, Warning};
use crate::rules::Rule;

use super::reader::ContextFile;
use super::warning::{first_of, warning};
use crate::plan::ContextFiles;
use crate::resolve::{Resolved, is_secret_file, is_virtual_environment, may_have_secrets};

/// Contexts above this size, in bytes, are reported.
const LARGE: u64 = 100_000_000;

/// Files that are excluded by default, but that the build file or the ignore file includes.
pub(super) fn find(resolved: &Resolved<'_>) -> Vec<Warning> {
    let included = resolved.file.source.include.iter().flatten();
    let included = included.map(|include| (&include.value, include.span.clone()));
    let back = resolved.request.ignore.iter().filter_map(|pattern| {
        let path = pattern.strip_prefix('!')?;
        Some((path.to_owned(), resolved.file.whole()))
    });
    let back: Vec<(String, Span)> = back.collect();
    let named = included.chain(back.iter().map(|(path, span)| (path, span.clone())));
    named
        .filter_map(|(path, span)| {
            if is_secret_file(path) {
                Some(warning(
                    Rule::SecretFile,
                    &span,
                    format!("`{path}` looks like a file with secrets, which anyone with the image could read"),
                    "exclude it, and provide the secret when the container runs, or as a build secret",
                ))
            } else if is_virtual_environment(path) {
                Some(environment(path, &span))
            } else {
                None
            }
        })
        .collect()
}

fn environment(path: &str, span: &Span) -> Warning {
    warning(
        Rule::VenvNotIgnored,
        span,
        format!("`{path}` is a virtual environment, which does not work in an image"),
        format!("exclude it: add the line `{path}` to `.dockerignore`"),
    )
}

/// Lints the context files that a step at `span` copies: `files`, which are these.
pub(crate) fn in_context(
    files: &ContextFiles,
    listing: &[ContextFile],
    span: &Span,
) -> Vec<Warning> {
    let environments = listing.iter().filter_map(|file| {
        let path = file.path.strip_suffix("/pyvenv.cfg")?;
        Some(environment(path, span))
    });
    let mut warnings: Vec<Warning> = environments.collect();
    warnings.extend(secrets(files, listing, span));
    let size: u64 = listing.iter().map(|file| file.size).sum();
    if size > LARGE {
        let mut directories = std::collections::BTreeMap::<&str, u64>::new();
        for file in listing {
            let first = file.path.split('/').next().unwrap_or_default();
            *directories.entry(first).or_default() += file.size;
        }
        let largest = directories.into_iter().max_by_key(|(_, size)| *size);
        let (name, part) = largest.unwrap_or_default();
        let megabytes = |bytes: u64| bytes / 1_000_000;
        warnings.push(warning(
            Rule::LargeContext,
            span,
            format!(
                "the source takes {} MB from the build context, {} MB of it from `{name}`",
                megabytes(size),
                megabytes(part)
            ),
            "list the files that it needs in `include` of `[source]`, or exclude the rest with `.dockerignore`",
        ));
    }
    warnings
}

/// Files that look like secrets, unless the user names them.
fn secrets(files: &ContextFiles, listing: &[ContextFile], span: &Span) -> Option<Warning> {
    let is_named = |path: &str| {
        let named = files.include.iter().chain(&files.exclude);
        let mut named = named.map(|pattern| pattern.strip_prefix('!').unwrap_or(pattern));
        named.any(|named| named == path)
    };
    let paths = listing.iter().map(|file| file.path.as_str());
    let found = paths.filter(|path| may_have_secrets(path) && !is_named(path));
    let found: Vec<&str> = found.collect();
    let (look, files) = if found.len() == 1 {
        ("looks like a file", "it")
    } else {
        ("look like files", "them")
    };
    let what = format!("{} {look} with secrets", first_of(&found)?);
    Some(warning(
        Rule::SecretFile,
        span,
        format!("{what}, which anyone with the image could read"),
        format!(
            "exclude {files} with `exclude` of `[source]` or `.dockerignore`, or skip this rule if nothing in {files} is secret"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{line, service, warnings, warnings_with};
    use super::super::reader::FileKind;
    use super::*;

    #[test]
    fn included_files_that_look_like_secrets_are_reported() {
        assert_eq!(
            warnings_with(
                r#"
                [source]
                include = [
                  "service",
                  "certs/tls.key",
                ]
                "#
            ),
            [
                "poetry.build.toml:4 SecretFile: `certs/tls.key` looks like a file with secrets, which anyone with the image could read"
            ]
        );
        let project = service().with_ignore_file(
            r"
            *
            !service
            !.env
            !venv
            ",
        );
        assert_eq!(
            warnings(&project),
            [
                "poetry.build.toml:1 SecretFile: `.env` looks like a file with secrets, which anyone with the image could read",
                "poetry.build.toml:1 VenvNotIgnored: `venv` is a virtual environment, which does not work in an image",
            ]
        );
    }

    #[test]
    fn environments_and_a_large_context_are_reported() {
        let span = crate::diagnostics::Document::new("poetry.build.toml", "toml", "").first_line();
        let file = |path: &str, size| ContextFile {
            path: path.to_owned(),
            kind: FileKind::File,
            size,
            link: None,
        };
        let listing = [
            file("env/pyvenv.cfg", 1),
            file("env/lib/x", 60_000_000),
            file("data/y", 90_000_000),
        ];
        let files = ContextFiles::default();
        let found = in_context(&files, &listing, &span);
        let found: Vec<String> = found.iter().map(line).collect();
        assert_eq!(
            found,
            [
                "poetry.build.toml:1 VenvNotIgnored: `env` is a virtual environment, which does not work in an image",
                "poetry.build.toml:1 LargeContext: the source takes 150 MB from the build context, 90 MB of it from `data`",
            ]
        );
        assert!(in_context(&files, &listing[2..], &span).is_empty());
    }

    #[test]
    fn files_that_look_like_secrets_are_reported_unless_the_user_names_them() {
        let span = crate::diagnostics::Document::new("poetry.build.toml", "toml", "").first_line();
        let file = |path: &&str| ContextFile {
            path: (*path).to_owned(),
            kind: FileKind::File,
            size: 1,
            link: None,
        };
        let found = |paths: &[&str]| {
            let listing: Vec<ContextFile> = paths.iter().map(file).collect();
            let files = ContextFiles {
                include: vec!["app".to_owned(), "tls.pem".to_owned()],
                exclude: vec!["**/.env".to_owned(), "!conf/.env".to_owned()],
                ..ContextFiles::default()
            };
            let found = in_context(&files, &listing, &span);
            found.iter().map(line).collect::<Vec<String>>()
        };
        let start = "poetry.build.toml:1 SecretFile:";
        let end = "with secrets, which anyone with the image could read";
        assert_eq!(
            found(&["app/ca.pem", "app/x.py"]),
            [format!("{start} `app/ca.pem` looks like a file {end}")]
        );
        assert_eq!(
            found(&["app/ca.pem", "app/credentials.json"]),
            [format!(
                "{start} `app/ca.pem` and `app/credentials.json` look like files {end}"
            )]
        );
        assert_eq!(
            found(&["app/a.pem", "app/b.pem", "app/c.pem"]),
            [format!(
                "{start} `app/a.pem` and 2 others look like files {end}"
            )]
        );
        assert!(found(&["conf/.env", "tls.pem", "app/x.py"]).is_empty());
    }
}
