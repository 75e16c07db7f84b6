//! What `pip install` installs.

use super::spelling::has_extension;

/// Distributions that only installing needs.
const INSTALLERS: [&str; 13] = [
    "build",
    "install",
    "pip",
    "pip-tools",
    "pipx",
    "poetry",
    "poetry-core",
    "poetry-plugin-bundle",
    "poetry-plugin-export",
    "setuptools",
    "uv",
    "virtualenv",
    "wheel",
];
/// Options with a separate value.
const WITH_VALUE: [&str; 18] = [
    "-c",
    "-f",
    "-i",
    "-t",
    "--cache-dir",
    "--constraint",
    "--extra-index-url",
    "--find-links",
    "--index-url",
    "--prefix",
    "--python",
    "--retries",
    "--root",
    "--target",
    "--timeout",
    "--trusted-host",
    "--proxy",
    "--cert",
];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pip {
    pub(super) has_poetry: bool,
    /// The release of Poetry.
    pub(super) version: Option<String>,
    /// Plugins of Poetry.
    pub(super) plugins: Vec<String>,
    pub(super) others: Vec<String>,
    /// A file of requirements.
    pub(super) file: Option<String>,
    /// A directory or a wheel.
    pub(super) is_project: bool,
}

/// Reads the words behind `pip install`.
pub(super) fn pip_install(words: &[&str]) -> Pip {
    let mut found = Pip::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        match *word {
            "-r" | "--requirement" => found.file = rest.next().map(|&file| file.to_owned()),
            "-e" | "--editable" => {}
            option if WITH_VALUE.contains(&option) => {
                rest.next();
            }
            option if option.starts_with('-') => {
                let file = option
                    .strip_prefix("--requirement=")
                    .or_else(|| option.strip_prefix("-r"));
                found.file = file.map(str::to_owned).or(found.file);
            }
            path if path.starts_with(['.', '/'])
                || has_extension(path, "whl")
                || path.starts_with("dist/") =>
            {
                found.is_project = true;
            }
            requirement => found.add(requirement),
        }
    }
    found
}

impl Pip {
    fn add(&mut self, requirement: &str) {
        let name = name(requirement);
        if name == "poetry" {
            let pinned = requirement
                .split_once("==")
                .map(|(_, version)| version.to_owned());
            self.has_poetry = true;
            self.version = pinned.or(self.version.take());
        } else if is_installer(requirement) {
        } else if name.starts_with("poetry-") {
            self.plugins.push(requirement.to_owned());
        } else {
            self.others.push(requirement.to_owned());
        }
    }
}

/// The name in a requirement, in lower case.
fn name(requirement: &str) -> String {
    let end = requirement.find(|char: char| "=<>~![; @".contains(char));
    requirement[..end.unwrap_or(requirement.len())].to_ascii_lowercase()
}

pub(super) fn is_installer(requirement: &str) -> bool {
    INSTALLERS.contains(&name(requirement).as_str())
}
