//! Errors of the command line itself. Problems in the user's files are diagnostics.

use std::io;
use std::path::PathBuf;

use crate::build_file::{DEFAULT_NAME, SwitchError};
use crate::diagnostics::{Colour, Problem, closest, either};
use crate::rules::Rule;

#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// The last field is the suggestion.
    #[error("unknown command `{0}`")]
    UnknownCommand(String, Option<&'static str>),
    /// The last field is the suggestion.
    #[error("`{1}` has no option `{0}`")]
    UnknownOption(String, &'static str, Option<&'static str>),
    #[error("{0}")]
    Arguments(#[from] lexopt::Error),
    #[error("unexpected argument `{0}` for `{1}`")]
    UnexpectedOperand(String, &'static str),
    #[error("`{1}` needs the argument {0}")]
    MissingOperand(&'static str, &'static str),
    #[error("`plan --diff` needs two directories or Git revisions")]
    DiffOperands,
    #[error("`--{0}` cannot be `{1}`")]
    InvalidChoice(&'static str, String, &'static [&'static str]),
    #[error("expected {}; found `{found}`", either(known))]
    InvalidOperand {
        found: String,
        known: Vec<&'static str>,
    },
    #[error("`--{0}` must have the form `NAME=VALUE`; found `{1}`")]
    NotAPair(&'static str, String),
    #[error("the argument `{0}` is not UTF-8 text")]
    NotUtf8(String),
    #[error("`{0}` is not a platform")]
    Platform(String),
    #[error("`{0}` is neither a rule nor a key of the build file")]
    NothingToExplain(String, String),
    #[error("`BUILDKIT_DOCKERFILE_CHECK`: {0}")]
    Checks(#[from] SwitchError),
    #[error("`{0}` is neither a directory nor a Git revision")]
    UnknownRevision(String),
    #[error("cannot find the build file `{0}`")]
    NoBuildFile(PathBuf),
    #[error("`{file}` has no stage `{name}`")]
    UnknownStage {
        name: String,
        file: String,
        suggestion: Option<String>,
    },
    #[error("`{0}` already exists")]
    Exists(PathBuf),
    #[error("`{0}` has no build files in `pass`, `warn/RULE` or `fail/RULE`")]
    NoTests(PathBuf),
    #[error("cannot read `{0}`: {1}")]
    Read(PathBuf, io::Error),
    #[error("cannot write `{0}`: {1}")]
    Write(PathBuf, io::Error),
    #[error("{0}")]
    Compile(#[from] crate::compile::Error),
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl Problem for Error {
    fn hint(&self) -> String {
        match self {
            Self::UnknownCommand(_, Some(name)) => format!("did you mean `{name}`?"),
            Self::UnknownOption(_, _, Some(name)) => format!("did you mean `--{name}`?"),
            Self::UnknownOption(_, command, None)
            | Self::UnexpectedOperand(_, command)
            | Self::MissingOperand(_, command) => format!("run `poetry-frontend {command} --help`"),
            Self::UnknownCommand(_, None) | Self::Arguments(_) => {
                "run `poetry-frontend --help`".into()
            }
            Self::DiffOperands => {
                "name both, for example `poetry-frontend plan --diff HEAD .`".into()
            }
            Self::InvalidChoice(_, _, choices) => format!("use {}", either(*choices)),
            Self::InvalidOperand { found, known } => did_you_mean(found, known.iter().copied())
                .unwrap_or_else(|| "use one of these".into()),
            Self::NotAPair(option, _) => format!("write `--{option} NAME=VALUE`"),
            Self::NotUtf8(_) => "use UTF-8 in arguments and file names".into(),
            Self::Platform(_) => "name a platform such as `linux/amd64`".into(),
            Self::NothingToExplain(name, of_key) => {
                let rules = Rule::ALL.iter().map(|rule| rule.id());
                did_you_mean(name, rules).unwrap_or_else(|| of_key.clone())
            }
            Self::Checks(error) => error.hint(),
            Self::NoBuildFile(_) => format!(
                "name it with `--file`, or create `{DEFAULT_NAME}` with `poetry-frontend init`"
            ),
            Self::UnknownRevision(_) => {
                "check the spelling; revisions also need `git` and a repository here".into()
            }
            Self::UnknownStage {
                suggestion: Some(name),
                ..
            } => format!("did you mean `{name}`?"),
            Self::UnknownStage { .. } => "name one behind `AS` in a `FROM` line".into(),
            Self::Exists(_) => "use `--force` to overwrite it".into(),
            Self::NoTests(_) => {
                "put a build file that follows the standard into `pass`, for example".into()
            }
            Self::Compile(_) => "report this as a bug in the frontend".into(),
            Self::Read(..) => "check the path and its permissions".into(),
            Self::Write(..) => "check the permissions of the directory".into(),
            Self::Output(_) => "check where standard output is redirected to".into(),
        }
    }
}

fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    closest(name, known).map(|known| format!("did you mean `{known}`?"))
}

impl Error {
    pub(super) fn rendered(&self, colour: Colour) -> String {
        let text = self.without_span().rendered(colour);
        text.trim_end().to_owned()
    }
}
