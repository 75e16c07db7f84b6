//! Failures on their way to the engine.

use buildkit_proto::{Any, rpc};
use prost::Message;
use serde_json::{Value, json};
use tonic::Code;

use crate::build_file::SwitchError;
use crate::diagnostics::{self, Diagnostic, Diagnostics, Place, Problem};

/// How much of the files goes with an error: engines take messages of 16 MiB.
const ROOM: usize = 4 << 20;

/// Why there is no image.
#[derive(Debug)]
pub enum Failure {
    /// The user's files are wrong.
    Mistakes(Diagnostics),
    /// The engine failed; what it said goes back to it unchanged, for it holds the source lines of failed steps.
    Engine(Box<tonic::Status>),
    /// The request asks for what this frontend, or this engine, cannot do.
    Request(Error),
}

/// What a request may ask for in vain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The build file is not where the engine was told.
    #[error("there is no build file `{0}`")]
    NoBuildFile(String),
    /// A file is larger than any such file could be.
    #[error("`{0}` is larger than 4 MiB")]
    TooLarge(String),
    /// A context that cannot be read.
    #[error("the {what} is `{address}`, {why}")]
    Context {
        /// `build context`, or the named context.
        what: String,
        /// What was given.
        address: String,
        /// What is wrong with it, as the end of a sentence.
        why: String,
    },
    /// An option with a value that makes no sense.
    #[error("the option `{option}` has the value `{value}`, which is not {expected}")]
    Option {
        /// The option's name on the wire.
        option: String,
        /// Its value.
        value: String,
        /// What would be right.
        expected: &'static str,
    },
    /// A wrong switch of the checks.
    #[error("the build argument `BUILDKIT_DOCKERFILE_CHECK`: {0}")]
    Checks(#[from] SwitchError),
    /// The engine lacks capabilities.
    #[error("this engine is too old: it lacks {}", diagnostics::listed(.0))]
    MissingCapabilities(Vec<String>),
    /// A subrequest, such as `--call outline`, that is not answered.
    #[error("unsupported request {0}")]
    UnsupportedSubrequest(String),
    /// A bug.
    #[error("the frontend contradicts itself: {0}")]
    Internal(String),
}

/// Capabilities that engines of our day may lack: the release of BuildKit that brought each, and what needs it. The
/// latest comes first.
const SINCE: [(&str, &str, &str); 5] = [
    (
        "exec.meta.linux.resources",
        "0.31",
        "limits of memory and CPUs",
    ),
    (
        "source.git.fetchbycommit",
        "0.30",
        "`fetch-by-commit` in the repository's address",
    ),
    (
        "source.git.mtime",
        "0.29",
        "`mtime` in the repository's address",
    ),
    (
        "source.git.skipsubmodules",
        "0.24",
        "`submodules` in the repository's address",
    ),
    (
        "source.git.checksum",
        "0.23",
        "`checksum` in the repository's address",
    ),
];

impl Problem for Error {
    fn hint(&self) -> String {
        match self {
            Self::NoBuildFile(_) => {
                "name it with `-f`; it may be empty but for its first line, `# syntax=...`".into()
            }
            Self::TooLarge(_) => "check that it is the right file".into(),
            Self::Context { .. } | Self::Option { .. } => "correct it in the command".into(),
            Self::MissingCapabilities(missing) => {
                let latest = SINCE
                    .iter()
                    .find(|(capability, ..)| missing.iter().any(|name| name == capability));
                match latest {
                    Some((_, release, wanted)) => {
                        format!("use BuildKit {release} or newer, or build without {wanted}")
                    }
                    None => "use Docker 24 or BuildKit 0.11, or newer".into(),
                }
            }
            Self::UnsupportedSubrequest(_) => {
                "`--call=subrequests.describe` lists what is answered".into()
            }
            Self::Checks(error) => error.hint(),
            Self::Internal(_) => "report this as a bug of the frontend".into(),
        }
    }
}

impl From<Diagnostics> for Failure {
    fn from(mistakes: Diagnostics) -> Self {
        Self::Mistakes(mistakes)
    }
}

impl From<Diagnostic> for Failure {
    fn from(mistake: Diagnostic) -> Self {
        Self::Mistakes(mistake.into())
    }
}

impl From<tonic::Status> for Failure {
    fn from(status: tonic::Status) -> Self {
        Self::Engine(Box::new(status))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Request(error)
    }
}

impl Failure {
    /// The failure as the engine takes it. The code is `Unknown`, as the engine's own frontends have it: any other is
    /// put before the message, once for each process that passes it on.
    pub(super) fn to_status(&self) -> rpc::Status {
        let (message, details) = match self {
            Self::Engine(status) => return forwarded(status),
            Self::Mistakes(mistakes) => {
                let places = mistakes.iter().filter_map(|mistake| mistake.place.as_ref());
                // Each has the whole file with it.
                let mut room = ROOM;
                let fitting = places.take_while(|place| {
                    let fits = room > 0;
                    room = room.saturating_sub(place.document().text().len());
                    fits
                });
                (mistakes.to_string(), fitting.map(source).collect())
            }
            Self::Request(error @ Error::UnsupportedSubrequest(name)) => {
                let request = detail("errdefs.Subrequest+json", &json!({ "name": name }));
                (error.nowhere().to_string(), vec![request])
            }
            Self::Request(error) => (error.nowhere().to_string(), Vec::new()),
        };
        rpc::Status {
            code: Code::Unknown.into(),
            message,
            details,
        }
    }
}

/// The engine's own error, whole: tonic keeps the message that it travelled in among its details.
fn forwarded(status: &tonic::Status) -> rpc::Status {
    match rpc::Status::decode(status.details()) {
        Ok(whole) if whole.code != 0 => whole,
        _ => rpc::Status {
            code: status.code().into(),
            message: status.message().to_owned(),
            details: Vec::new(),
        },
    }
}

/// The detail that makes the engine print the lines of a file (`solver/errdefs/source.go`).
fn source(place: &Place) -> Any {
    let info = diagnostics::source(place.document());
    let ranges = [diagnostics::range(place)];
    detail(
        "errdefs.Source+json",
        &json!({ "info": info, "ranges": ranges }),
    )
}

/// A typed detail: Go JSON inside `Any` (`util/grpcerrors/grpcerrors.go`).
fn detail(kind: &str, value: &Value) -> Any {
    Any {
        type_url: format!("github.com/moby/buildkit/{kind}"),
        value: value.to_string().into_bytes(),
    }
}
