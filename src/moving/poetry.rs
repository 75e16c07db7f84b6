//! Commands that install Poetry, and dependencies with it.

use super::pip::{Pip, is_installer, pip_install as pip_installed};
use super::shell::{Item, Word, is_assignment};

/// What a command has to do with the installation of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Installing {
    /// Brings Poetry, with its release and its plugins.
    Poetry {
        version: Option<String>,
        plugins: Vec<String>,
    },
    Dependencies(Selected),
    /// Writes a file of requirements.
    Export(Selected),
    /// Installs the requirements that were exported, or that a file has.
    Requirements(String),
    /// Installs the project, its wheel or its source.
    Project,
    /// Installs distributions that the lock may not have.
    Others(Vec<String>),
    /// Makes a virtual environment in a directory.
    Environment(String),
    /// Settings, environments and the like, which the frontend takes care of.
    Nothing,
    /// A setting that may be needed.
    Setting(String),
}

/// The options of `poetry install`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are options of their own"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Selected {
    pub(super) only: Vec<String>,
    pub(super) with: Vec<String>,
    pub(super) without: Vec<String>,
    pub(super) all_groups: bool,
    pub(super) extras: Vec<String>,
    pub(super) all_extras: bool,
    pub(super) no_root: bool,
    /// Of an export: the main group is the default.
    pub(super) is_export: bool,
    /// Whether an option depends on something that only a shell knows.
    pub(super) is_conditional: bool,
}

/// Looks at one command; `None` if it has nothing to do with the installation.
pub(super) fn installing(item: &Item) -> Option<Vec<Installing>> {
    if let [.., download, run] = item.commands.as_slice()
        && let Some(found) = installer(download, run)
    {
        return Some(vec![found]);
    }
    let words: Vec<&Word> = item.commands.first()?.iter().collect();
    let start = words
        .iter()
        .take_while(|word| is_assignment(word.value()))
        .count();
    let words = words.get(start..)?;
    let values: Vec<&str> = words.iter().map(|word| word.value()).collect();
    let (program, rest) = values.split_first()?;
    let name = base_name(program);
    match (name, rest) {
        ("pip" | "pip3", rest) | ("uv", ["pip", rest @ ..]) => return pip(rest),
        ("pipx", ["install", rest @ ..]) => return Some(pip_install(rest)),
        (_, ["-m", "pip", rest @ ..]) if is_python(name) => return pip(rest),
        _ => {}
    }
    let found = match (name, rest) {
        ("poetry", rest) => poetry(rest, words.get(1..)?)?,
        (_, ["-m", "poetry", rest @ ..]) if is_python(name) => poetry(rest, words.get(3..)?)?,
        ("pipx", ["inject", "poetry", plugins @ ..]) => added(plugins),
        ("virtualenv", rest) | ("uv", ["venv", rest @ ..]) => environment(rest),
        (_, ["-m", "venv" | "virtualenv", rest @ ..]) if is_python(name) => environment(rest),
        ("pipx", _) => Installing::Nothing,
        (_, ["-m", "ensurepip" | "compileall", ..] | ["--version" | "-V"]) if is_python(name) => {
            Installing::Nothing
        }
        // `python3 install-poetry.py`, or the installer through a substitution.
        (_, [script, ..]) if is_python(name) && is_poetrys_installer(script) => {
            Installing::Poetry {
                version: option(rest, "--version"),
                plugins: Vec::new(),
            }
        }
        ("curl" | "wget", rest) if rest.iter().any(|word| is_poetrys_installer(word)) => {
            Installing::Nothing
        }
        ("." | "source", [script, ..]) if script.ends_with("/activate") => Installing::Nothing,
        ("ln", rest) if rest.iter().any(|word| word.ends_with("/poetry")) => Installing::Nothing,
        _ => return None,
    };
    Some(vec![found])
}

/// The directory of a new environment.
fn environment(words: &[&str]) -> Installing {
    let directory = words.iter().rev().find(|word| !word.starts_with('-'));
    directory.map_or(Installing::Nothing, |directory| {
        Installing::Environment((*directory).to_owned())
    })
}

fn added(plugins: &[&str]) -> Installing {
    let named = plugins
        .iter()
        .filter(|name| !name.starts_with('-') && !is_installer(name));
    Installing::Poetry {
        version: None,
        plugins: named.map(|&name| name.to_owned()).collect(),
    }
}

pub(super) fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or_default()
}

pub(super) fn is_python(name: &str) -> bool {
    let version = name.strip_prefix("python");
    version.is_some_and(|version| {
        version
            .chars()
            .all(|char| char.is_ascii_digit() || char == '.')
    })
}

fn is_poetrys_installer(text: &str) -> bool {
    ["install.python-poetry.org", "install-poetry", "get-poetry"]
        .iter()
        .any(|part| text.contains(part))
}

/// `curl https://install.python-poetry.org | POETRY_VERSION=1.8.3 python3 -`.
fn installer(download: &[Word], run: &[Word]) -> Option<Installing> {
    if !download
        .iter()
        .any(|word| is_poetrys_installer(word.value()))
    {
        return None;
    }
    let values: Vec<&str> = run.iter().map(Word::value).collect();
    let assigned = values
        .iter()
        .find_map(|word| word.strip_prefix("POETRY_VERSION="));
    let version = assigned
        .map(str::to_owned)
        .or_else(|| option(&values, "--version"));
    Some(Installing::Poetry {
        version,
        plugins: Vec::new(),
    })
}

fn option(words: &[&str], name: &str) -> Option<String> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if *word == name {
            return words.next().map(|&value| value.to_owned());
        }
        let inline = word
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('='));
        if let Some(value) = inline {
            return Some(value.to_owned());
        }
    }
    None
}

/// `pip ...`.
fn pip(words: &[&str]) -> Option<Vec<Installing>> {
    match words {
        ["install", rest @ ..] => Some(pip_install(rest)),
        [
            "--version" | "cache" | "config" | "list" | "check" | "freeze" | "wheel" | "uninstall",
            ..,
        ] => Some(vec![Installing::Nothing]),
        // Options before the subcommand.
        [option, rest @ ..] if option.starts_with('-') => pip(rest),
        _ => None,
    }
}

fn pip_install(words: &[&str]) -> Vec<Installing> {
    let Pip {
        has_poetry,
        version,
        plugins,
        others,
        file,
        is_project,
    } = pip_installed(words);
    let mut found = Vec::new();
    if has_poetry || !plugins.is_empty() {
        found.push(Installing::Poetry { version, plugins });
    }
    found.extend(file.map(Installing::Requirements));
    found.extend(is_project.then_some(Installing::Project));
    found.extend((!others.is_empty()).then_some(Installing::Others(others)));
    found
}

/// `poetry ...`; `values` and `words` are what follows.
fn poetry(values: &[&str], words: &[&Word]) -> Option<Installing> {
    let skipped = values
        .iter()
        .take_while(|word| word.starts_with('-'))
        .count();
    let (values, words) = (values.get(skipped..)?, words.get(skipped..)?);
    let Some((command, rest)) = values.split_first() else {
        return Some(Installing::Nothing);
    };
    Some(match *command {
        "install" | "sync" | "bundle" => Installing::Dependencies(selected(words.get(1..)?)),
        "export" => Installing::Export(Selected {
            is_export: true,
            ..selected(words.get(1..)?)
        }),
        "build" | "check" | "lock" | "env" | "cache" | "show" | "version" | "about" => {
            Installing::Nothing
        }
        "config" => setting(rest),
        "self" | "plugin" => match rest {
            ["add", plugins @ ..] => added(plugins),
            ["update", version] => Installing::Poetry {
                version: Some((*version).to_owned()),
                plugins: Vec::new(),
            },
            _ => Installing::Nothing,
        },
        "add" => Installing::Others(
            rest.iter()
                .filter(|word| !word.starts_with('-'))
                .map(|&word| word.to_owned())
                .collect(),
        ),
        // `poetry run` is taken away elsewhere.
        _ => return None,
    })
}

fn setting(words: &[&str]) -> Installing {
    let mut plain = words.iter().filter(|word| !word.starts_with("--"));
    let name = plain.next().copied().unwrap_or_default();
    let first = name.split(['.', '-']).next().unwrap_or_default();
    match first {
        "repositories" | "http" | "pypi" | "certificates" => Installing::Setting(name.to_owned()),
        _ => Installing::Nothing,
    }
}

fn selected(words: &[&Word]) -> Selected {
    let mut selected = Selected::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        selected.is_conditional |= !word.is_literal;
        let (option, inline) = match word.value().split_once('=') {
            Some((option, value)) => (option, Some(value)),
            None => (word.value(), None),
        };
        let mut value = || {
            inline
                .or_else(|| rest.next().map(|word| word.value()))
                .unwrap_or_default()
        };
        match option {
            "--only" => selected.only.extend(list(value())),
            "--with" => selected.with.extend(list(value())),
            "--without" => selected.without.extend(list(value())),
            "-E" | "--extras" => selected.extras.extend(list(value())),
            "--all-extras" => selected.all_extras = true,
            "--all-groups" => selected.all_groups = true,
            "--no-dev" => selected.without.push("dev".to_owned()),
            "--dev" => selected.with.push("dev".to_owned()),
            "--no-root" => selected.no_root = true,
            // Only the project: its dependencies are installed before.
            "--only-root" => selected.only.push(String::new()),
            "-o" | "--output" | "-f" | "--format" | "-P" | "--project" | "-C" | "--directory" => {
                let _ = value();
            }
            _ => {}
        }
    }
    selected
}

fn list(text: &str) -> impl Iterator<Item = String> {
    let names = text.split([',', ' ']).filter(|name| !name.is_empty());
    names.map(str::to_owned)
}
