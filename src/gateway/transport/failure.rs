//! Failures, and how they are returned to the engine.

use buildkit_proto::{Any, rpc};
use prost::Message;
use serde_json::{Value, json};
use tonic::Code;

use crate::build_file::{STANDARD_NAME, SwitchError};
use crate::diagnostics::{self, Diagnostic, Diagnostics, Problem, Span};

/// How many bytes of source files go into one error: engines accept messages of up to 16 MiB.
const SOURCES_LIMIT: usize = 4 << 20;

/// How an engine says that a source policy denies something: one in JSON (`sourcepolicy/engine.go`) or one in Rego
/// (`solver/llbsolver/policy.go`).
const DENIED: [&str; 2] = ["denied by policy", "not allowed by policy"];

/// Why a request failed.
#[derive(Debug)]
pub enum Failure {
    /// Errors in the user's files.
    Diagnostics(Diagnostics),
    /// An error of the engine. Its details go back to the engine unchanged: they hold the source lines of failed steps.
    Engine(rpc::Status),
    /// The request asks for something that this frontend or this engine cannot do.
    Request(Error),
}

/// What can be wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The build file is missing.
    #[error("build file `{0}` not found")]
    NoBuildFile(String),
    /// The standard in the frontend's image.
    #[error("cannot read the frontend's own `/{STANDARD_NAME}`: {0}")]
    Standard(String),
    /// A file is larger than any such file needs to be.
    #[error("`{0}` is larger than 8 MiB")]
    TooLarge(String),
    /// A context cannot be used.
    #[error("cannot use `{address}` as {role}: {why}")]
    Context {
        /// `the build context`, or the named context.
        role: String,
        /// The value given for it.
        address: String,
        /// The end of the sentence.
        why: String,
    },
    /// The time of a context, which `SOURCE_DATE_EPOCH` names.
    #[error("`SOURCE_DATE_EPOCH={context}`: the time of {} is unknown: {why}", role(.context))]
    Time {
        /// Its name.
        context: String,
        /// The end of the sentence.
        why: String,
    },
    /// An option has an invalid value.
    #[error("invalid value `{value}` for `{option}`: expected {expected}")]
    Option {
        /// The option's name in the command.
        option: String,
        /// Its value.
        value: String,
        /// The end of the sentence.
        expected: &'static str,
    },
    /// An invalid value of the build argument that configures lint rules.
    #[error("build argument `BUILDKIT_DOCKERFILE_CHECK`: {0}")]
    Checks(#[from] SwitchError),
    /// The engine lacks capabilities.
    #[error("this engine is too old: it does not support {}", diagnostics::listed(.0))]
    MissingCapabilities(Vec<String>),
    /// A subrequest, such as `--call outline`, that this frontend does not know.
    #[error("unsupported request {0}")]
    UnsupportedSubrequest(String),
    /// A bug.
    #[error("internal error: {0}")]
    Internal(String),
}

/// Capabilities that current engines may lack, the BuildKit release that added each, and the feature that needs it;
/// latest release first.
const SINCE: [(&str, &str, &str); 5] = [
    ("exec.meta.linux.resources", "0.31", "memory and CPU limits"),
    (
        "source.git.fetchbycommit",
        "0.30",
        "`fetch-by-commit` in the repository's URL",
    ),
    (
        "source.git.mtime",
        "0.29",
        "`mtime` in the repository's URL",
    ),
    (
        "source.git.skipsubmodules",
        "0.24",
        "`submodules` in the repository's URL",
    ),
    (
        "source.git.checksum",
        "0.23",
        "`checksum` in the repository's URL",
    ),
];

/// What a context is called in a sentence.
fn role(context: &str) -> String {
    match context {
        "context" => "the build context".to_owned(),
        name => format!("the named context `{name}`"),
    }
}

impl Problem for Error {
    fn hint(&self) -> String {
        match self {
            Self::NoBuildFile(_) => {
                "pass its path with `-f`; a file with nothing but the line `# syntax=...` is enough"
                    .into()
            }
            Self::Standard(_) => {
                "ask the team that made this frontend: it must be a file that everyone can read"
                    .into()
            }
            Self::TooLarge(_) => "check that this is the intended file".into(),
            Self::Context { .. } | Self::Option { .. } => {
                "fix this argument of the build command".into()
            }
            Self::Time { .. } => {
                "build from a Git repository, or pass seconds: `--build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)`"
                    .into()
            }
            Self::MissingCapabilities(missing) => {
                let latest = SINCE
                    .iter()
                    .find(|(capability, ..)| missing.iter().any(|name| name == capability));
                match latest {
                    Some((_, release, feature)) => {
                        format!("use BuildKit {release} or newer, or build without {feature}")
                    }
                    None => "use Docker 24 or BuildKit 0.11, or newer".into(),
                }
            }
            Self::UnsupportedSubrequest(_) => {
                "`--call=subrequests.describe` lists the supported requests".into()
            }
            Self::Checks(error) => error.hint(),
            Self::Internal(_) => "this is a bug in the frontend; please report it".into(),
        }
    }
}

impl From<Diagnostics> for Failure {
    fn from(found: Diagnostics) -> Self {
        Self::Diagnostics(found)
    }
}

impl From<Diagnostic> for Failure {
    fn from(found: Diagnostic) -> Self {
        Self::Diagnostics(found.into())
    }
}

impl From<tonic::Status> for Failure {
    /// Keeps the engine's status whole: tonic has the message that it travelled in among its details.
    fn from(status: tonic::Status) -> Self {
        Self::Engine(match rpc::Status::decode(status.details()) {
            Ok(whole) if whole.code != 0 => whole,
            _ => rpc::Status {
                code: status.code().into(),
                message: status.message().to_owned(),
                details: Vec::new(),
            },
        })
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Request(error)
    }
}

impl Failure {
    /// The failure as the engine takes it. The code is `Unknown`, as in the engine's own frontends: every process that
    /// passes the error on would put the name of any other code before the message.
    pub(crate) fn into_status(self) -> rpc::Status {
        let (message, details) = match self {
            Self::Engine(mut status) => {
                if DENIED.iter().any(|denied| status.message.contains(denied)) {
                    status.message += "\n  hint: a source policy of this build denies it: use another source, or change the policy";
                }
                return status;
            }
            Self::Diagnostics(found) => {
                let places = found.iter().filter_map(|one| one.span.as_ref());
                // Each detail carries the whole file.
                let mut room = SOURCES_LIMIT;
                let fitting = places.take_while(|span| {
                    let fits = room > 0;
                    room = room.saturating_sub(span.document().text().len());
                    fits
                });
                (found.to_string(), fitting.map(source).collect())
            }
            Self::Request(error) => {
                let details = match &error {
                    Error::UnsupportedSubrequest(name) => {
                        vec![detail("errdefs.Subrequest+json", &json!({ "name": name }))]
                    }
                    _ => Vec::new(),
                };
                (error.without_span().to_string(), details)
            }
        };
        rpc::Status {
            code: Code::Unknown.into(),
            message,
            details,
        }
    }
}

/// The detail that makes the client print the lines of a file (`solver/errdefs/source.go`).
fn source(span: &Span) -> Any {
    let info = diagnostics::source(span.document());
    let ranges = [diagnostics::range(span)];
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denied_source_has_a_hint_in_either_language_of_policies() {
        let message = |message: &str| {
            let failure = Failure::Engine(rpc::Status {
                message: message.to_owned(),
                ..rpc::Status::default()
            });
            failure.into_status().message
        };
        for denied in [
            "source \"https://example.com/tool\" denied by policy: source denied by policy",
            "source \"https://example.com/tool\" not allowed by policy: action DENY",
        ] {
            let hint = "\n  hint: a source policy of this build denies it: use another source, or change the policy";
            assert_eq!(message(denied), format!("{denied}{hint}"));
        }
        assert_eq!(message("no such host"), "no such host");
    }
}
