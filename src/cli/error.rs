//! Why a command could not be done. What is wrong with the user's files is none of this.

use std::io;
use std::path::PathBuf;

use crate::build_file::{DEFAULT_NAME, SwitchError};
use crate::diagnostics::{Colour, Problem, closest, listed};

use super::COMMANDS;

/// A command that makes no sense, or a file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("there is no command `{0}`")]
    UnknownCommand(String),
    #[error("`{1}` has no option `{0}`")]
    UnknownOption(String, &'static str, Option<String>),
    #[error("{0}")]
    Arguments(#[from] lexopt::Error),
    #[error("`{1}` does not take `{0}`")]
    Superfluous(String, &'static str),
    #[error("`{1}` needs {0}")]
    Missing(&'static str, &'static str),
    #[error("`--{0}` cannot be `{1}`")]
    Choice(&'static str, String, &'static [&'static str]),
    #[error("`{given}` is not one of {}", listed(known))]
    Operand {
        given: String,
        known: Vec<&'static str>,
    },
    #[error("`--{0} {1}` is not of the form `NAME=VALUE`")]
    Pair(&'static str, String),
    #[error("`{0}` is not UTF-8 text")]
    NotText(String),
    #[error("`{0}` is not a platform")]
    Platform(String),
    #[error("there is no rule `{0}`")]
    UnknownRule(String),
    #[error("`BUILDKIT_DOCKERFILE_CHECK`: {0}")]
    Checks(#[from] SwitchError),
    #[error("`{0}` is neither a folder nor a revision of the Git repository here")]
    NoRevision(String),
    #[error("there is no build file `{0}`")]
    NoBuildFile(PathBuf),
    #[error("`{0}` is there already")]
    Exists(PathBuf),
    #[error("`{0}` cannot be read: {1}")]
    Read(PathBuf, io::Error),
    #[error("`{0}` cannot be written: {1}")]
    Write(PathBuf, io::Error),
    #[error("{0}")]
    Compile(#[from] crate::compile::Error),
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl Problem for Error {
    fn hint(&self) -> String {
        let help = "run `poetry-frontend --help`";
        match self {
            Self::UnknownCommand(name) => meant(name, COMMANDS.iter().map(|command| command.name))
                .unwrap_or_else(|| help.into()),
            Self::UnknownOption(_, _, Some(meant)) => format!("did you mean `--{meant}`?"),
            Self::UnknownOption(_, command, None)
            | Self::Superfluous(_, command)
            | Self::Missing(_, command) => format!("run `poetry-frontend {command} --help`"),
            Self::Choice(_, _, choices) => format!("use {}", listed(*choices)),
            Self::Operand { given, known } => {
                meant(given, known.iter().copied()).unwrap_or_else(|| "use one of these".into())
            }
            Self::Arguments(_) | Self::Pair(..) | Self::NotText(_) => help.into(),
            Self::Platform(_) => "write one such as `linux/amd64`".into(),
            Self::UnknownRule(name) => {
                let rules = crate::rules::Rule::ALL.iter().map(|rule| rule.id());
                meant(name, rules)
                    .unwrap_or_else(|| "run `poetry-frontend explain` to see all rules".into())
            }
            Self::Checks(error) => error.hint(),
            Self::NoBuildFile(_) => format!(
                "name it with `--file`, or write a `{DEFAULT_NAME}` with `poetry-frontend init`"
            ),
            Self::NoRevision(_) => "check the spelling, and that `git` is there".into(),
            Self::Exists(_) => "use `--force` to have it written anew".into(),
            Self::Compile(crate::compile::Error::NoDockerfile(_)) => {
                "build it with this frontend".into()
            }
            Self::Compile(_) => "report this as a bug of the frontend".into(),
            Self::Read(..) => "check the path, and that you may read it".into(),
            Self::Write(..) | Self::Output(_) => "check that you may write there".into(),
        }
    }
}

fn meant<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    closest(name, known).map(|meant| format!("did you mean `{meant}`?"))
}

impl Error {
    pub(super) fn rendered(&self, colour: Colour) -> String {
        let shown = self.nowhere().rendered(colour);
        shown.trim_end().to_owned()
    }
}
