//! What keeps a Dockerfile from being read.

use crate::diagnostics::Problem;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("this file is not UTF-8 text")]
    NotUtf8,
    #[error("this file is larger than {} KiB", .0 >> 10)]
    TooLarge(usize),
    #[error("this Dockerfile has more than {0} instructions")]
    TooLong(usize),
    #[error("this file has no `FROM`")]
    NoStage,
    #[error("`{0}` is before the first `FROM`")]
    BeforeFrom(String),
    #[error("`FROM` must name an image, and can name the stage: `FROM IMAGE AS NAME`")]
    From,
    /// The last field is the suggestion.
    #[error("unknown instruction `{0}`")]
    UnknownInstruction(String, Option<&'static str>),
    #[error("`{0}` says nothing")]
    NoArguments(String),
    #[error("a source and a destination are needed")]
    OnePath,
    #[error("`SHELL` must be a JSON list, such as `[\"/bin/bash\", \"-c\"]`")]
    ShellForm,
    #[error("`HEALTHCHECK` must be followed by `CMD` and a command, or by `NONE`")]
    Health,
    #[error("the here-document `{0}` has no end")]
    OpenHereDocument(String),
    #[error("`{0}` is not an assignment `NAME=VALUE`")]
    NotAPair(String),
    #[error("`{0}` has an open quote, or a variable that cannot be read")]
    Variable(String),
}

impl Problem for Error {
    fn hint(&self) -> String {
        match self {
            Self::NotUtf8 | Self::TooLarge(_) | Self::TooLong(_) => {
                "check that it is the right file, or ignore it with `--from none`".into()
            }
            Self::UnknownInstruction(_, Some(name)) => format!("did you mean `{name}`?"),
            Self::NotAPair(_) => "write `NAME=VALUE`, with quotes around a value with spaces".into(),
            Self::OpenHereDocument(name) => format!("end it with a line that is `{name}`"),
            Self::Variable(_) => {
                "close the quote; variables are `$NAME`, `${NAME}`, `${NAME:-default}` or `${NAME:+value}`"
                    .into()
            }
            _ => "fix the line, or ignore the Dockerfile with `--from none`".into(),
        }
    }
}
