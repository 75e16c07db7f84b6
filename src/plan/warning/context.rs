//! What of the build context belongs into no image.

use crate::diagnostics::{Place, Warning};
use crate::rules::Rule;

use super::super::Inputs;
use super::warning;

/// Names of files with secrets, which are left out of every source by default.
pub(in crate::plan) const SECRET_FILES: [&str; 11] = [
    ".env",
    ".env.local",
    ".env.*.local",
    ".netrc",
    ".pypirc",
    ".git-credentials",
    "id_rsa",
    "id_ecdsa",
    "id_ed25519",
    "*.pem",
    "*.key",
];
/// Names of folders that are virtual environments.
const ENVIRONMENTS: [&str; 3] = [".venv", "venv", "virtualenv"];
/// What a context may be large, in bytes.
const LARGE: u64 = 100_000_000;

/// A file of the build context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextFile {
    /// The path from the context's root.
    pub path: String,
    /// The size in bytes.
    pub size: u64,
}

/// Whether a path or pattern names a file with secrets.
pub(in crate::plan) fn is_secret_file(path: &str) -> bool {
    let name = name_of(path);
    SECRET_FILES
        .iter()
        .any(|known| match known.split_once('*') {
            Some((start, end)) => {
                name.len() > start.len() + end.len()
                    && name.starts_with(start)
                    && name.ends_with(end)
            }
            None => name == *known,
        })
}

/// Whether a path names a virtual environment.
pub(in crate::plan) fn is_environment(path: &str) -> bool {
    ENVIRONMENTS.contains(&name_of(path))
}

fn name_of(path: &str) -> &str {
    path.trim_end_matches("/**")
        .rsplit('/')
        .next()
        .unwrap_or_default()
}

/// What the build file and the ignore file name that is left out by default.
pub(super) fn find(inputs: &Inputs<'_>) -> Vec<Warning> {
    let included = inputs.file.source.include.iter().flatten();
    let included = included.map(|include| (&include.value, include.place.clone()));
    let back = inputs.request.ignore.iter().filter_map(|pattern| {
        let path = pattern.strip_prefix('!')?;
        Some((path.to_owned(), inputs.file.whole()))
    });
    let back: Vec<(String, Place)> = back.collect();
    let named = included.chain(back.iter().map(|(path, place)| (path, place.clone())));
    named
        .filter_map(|(path, place)| {
            if is_secret_file(path) {
                Some(warning(
                    Rule::SecretFile,
                    &place,
                    format!("`{path}` looks like a file with secrets, and everybody who has the image could read it"),
                    "leave it out, and give it to the container when it runs, or to a build step as a secret",
                ))
            } else if is_environment(path) {
                Some(environment(path, &place))
            } else {
                None
            }
        })
        .collect()
}

fn environment(path: &str, place: &Place) -> Warning {
    warning(
        Rule::VenvNotIgnored,
        place,
        format!("`{path}` is a virtual environment, which is of no use in the image"),
        format!("leave it out: a line `{path}` in `.dockerignore`"),
    )
}

/// What the files of a part of the context tell that `place` asks for.
#[must_use]
pub fn in_context(listing: &[ContextFile], place: &Place) -> Vec<Warning> {
    let environments = listing.iter().filter_map(|file| {
        let path = file.path.strip_suffix("/pyvenv.cfg")?;
        Some(environment(path, place))
    });
    let mut found: Vec<Warning> = environments.collect();
    let size: u64 = listing.iter().map(|file| file.size).sum();
    if size > LARGE {
        let mut folders = std::collections::BTreeMap::<&str, u64>::new();
        for file in listing {
            let first = file.path.split('/').next().unwrap_or_default();
            *folders.entry(first).or_default() += file.size;
        }
        let largest = folders.into_iter().max_by_key(|(_, size)| *size);
        let (name, part) = largest.unwrap_or_default();
        let megabytes = |bytes: u64| bytes / 1_000_000;
        found.push(warning(
            Rule::LargeContext,
            place,
            format!(
                "{} MB of the build context are the source, {} MB of them in `{name}`",
                megabytes(size),
                megabytes(part)
            ),
            "name what belongs to it in `include` of `[source]`, or leave the rest out with `.dockerignore`",
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{PYPROJECT, line, plan, told};
    use super::*;

    #[test]
    fn files_with_secrets_that_are_named() {
        assert_eq!(
            told("[source]\ninclude = [\n  \"service\",\n  \"certs/tls.key\",\n]\n"),
            [
                "poetry.build.toml:4 SecretFile: `certs/tls.key` looks like a file with secrets, and everybody who has the image could read it"
            ]
        );
        let plan = plan("", PYPROJECT, "", &["*", "!service", "!.env", "!venv"]);
        let told: Vec<String> = plan.warnings.iter().map(line).collect();
        assert_eq!(
            told,
            [
                "poetry.build.toml:1 SecretFile: `.env` looks like a file with secrets, and everybody who has the image could read it",
                "poetry.build.toml:1 VenvNotIgnored: `venv` is a virtual environment, which is of no use in the image",
            ]
        );
    }

    #[test]
    fn names_of_secret_files() {
        for path in ["a/.env", ".env.prod.local", "x.pem", "id_rsa", "**/.netrc"] {
            assert!(is_secret_file(path), "{path}");
        }
        for path in [
            "env",
            ".env.example",
            "pem",
            ".pem",
            "src",
            "id_rsa.pub",
            "",
        ] {
            assert!(!is_secret_file(path), "{path}");
        }
    }

    #[test]
    fn what_the_context_holds() {
        let place = crate::diagnostics::Document::new("poetry.build.toml", "toml", "").first_line();
        let file = |path: &str, size| ContextFile {
            path: path.to_owned(),
            size,
        };
        let listing = [
            file("env/pyvenv.cfg", 1),
            file("env/lib/x", 60_000_000),
            file("data/y", 90_000_000),
        ];
        let told: Vec<String> = in_context(&listing, &place).iter().map(line).collect();
        assert_eq!(
            told,
            [
                "poetry.build.toml:1 VenvNotIgnored: `env` is a virtual environment, which is of no use in the image",
                "poetry.build.toml:1 LargeContext: 150 MB of the build context are the source, 90 MB of them in `data`",
            ]
        );
        assert!(in_context(&listing[2..], &place).is_empty());
    }
}
