//! Contradictions between the build file, the project and the request.

use crate::build_file::Port;
use crate::diagnostics::{Problem, Span, closest, listed};
use crate::project::{PoetryVersion, PythonVersion};
use crate::rules::Rule;

/// A contradiction, or a missing setting that has no good default.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("{constraint} does not allow Python {version}")]
    PythonNotAllowed {
        version: PythonVersion,
        /// The location of the constraint, `FILE:LINE`.
        constraint: String,
    },
    #[error("no supported Python release satisfies both the project and its lock")]
    NoPython,
    #[error("{constraint} does not allow Poetry {version}")]
    PoetryNotAllowed {
        version: PoetryVersion,
        /// The location of the constraint, `FILE:LINE`.
        constraint: String,
    },
    #[error("Poetry {version} may misread the lock, which was written by Poetry {writer}")]
    OlderThanLock {
        version: PoetryVersion,
        /// The release that wrote the lock.
        writer: PoetryVersion,
    },
    #[error("Poetry {poetry} does not run on Python {python}: it requires {oldest} or newer")]
    PythonTooOld {
        poetry: PoetryVersion,
        python: PythonVersion,
        /// The oldest Python that this Poetry runs on.
        oldest: PythonVersion,
    },
    #[error("`poetry.lock` is out of date: `pyproject.toml` has changed since it was locked")]
    StaleLock(PoetryVersion),
    #[error("the project has no dependency group `{name}`")]
    UnknownGroup { name: String, known: Vec<String> },
    #[error("`without` leaves no group, so nothing would be installed")]
    NoGroupLeft,
    #[error("the project has no extra `{name}`")]
    UnknownExtra { name: String, known: Vec<String> },
    #[error("the project has no `[[tool.poetry.source]]` named `{name}`")]
    UnknownIndex { name: String, known: Vec<String> },
    #[error("the secret `{0}` was not provided")]
    NoSecret(String),
    #[error("the SSH agent `{0}` was not provided")]
    NoAgent(String),
    #[error("the build is not allowed to use the host network")]
    NoHostNetwork,
    #[error(
        "the Git dependency `{name}` is fetched over SSH from `{host}`, whose host key is unknown"
    )]
    UnknownHost {
        name: String,
        /// With its port, if the address has one.
        host: String,
    },
    #[error(
        "the address of `{0}` contains a user name or password, which would be stored in the build cache"
    )]
    CredentialsInAddress(String),
    /// Extras belong to the main group.
    #[error("`extras` has no effect without the group `main`")]
    ExtrasWithoutMain,
    #[error("the project cannot be installed as a wheel: it sets `package-mode = false`")]
    NoWheel,
    #[error("the script `{name}` runs `{target}`, which is not a function of a module")]
    ScriptTarget { name: String, target: String },
    #[error("the image has no entrypoint, and the project has no scripts")]
    NoEntrypoint,
    #[error("the image has no entrypoint, and the project has several scripts: {}", listed(.0))]
    ManyScripts(Vec<String>),
    #[error(
        "the image has no entrypoint, and scripts are installed only with `install = \"wheel\"`"
    )]
    NoScriptInstalled,
    #[error("`{0}` matches no files in the build context")]
    NothingIncluded(String),
    #[error("the build context has no `.git`")]
    NoRepository {
        /// Whether the ignore file excludes it.
        ignored: bool,
    },
    #[error("cannot find the package in the build context: looked for {}", listed(.0))]
    NoPackage(Vec<String>),
    #[error("the path dependency `{name}` does not exist at `{path}` in the build context")]
    NoPathDependency { name: String, path: String },
    #[error("the path dependency `{name}` is at `{path}`, outside the build context")]
    OutsideContext {
        name: String,
        path: String,
        /// A directory can be provided as a named context; an archive cannot.
        is_directory: bool,
    },
    #[error("{}", match context {
        Some(context) => format!("`{path}` is not in the named context `{context}`"),
        None => format!("`{path}` is not in the build context"),
    })]
    NothingToCopy {
        path: String,
        /// `None` is the build context.
        context: Option<String>,
    },
    #[error("a `before-source` hook has no files to run on: the project is not installed")]
    HookWithoutSource,
    #[error("the build has no named context `{0}`")]
    UnknownContext(String),
    #[error("target `{0}` copies from itself")]
    CopyCycle(String),
    #[error("there is no target `{name}`")]
    UnknownTarget { name: String, known: Vec<String> },
    #[error("a non-root user may be unable to listen on port {}{}", .0.number, .0.suffix())]
    PrivilegedPort(Port),
    /// Planning failed without an error: a bug.
    #[error("internal error: planning failed without an error")]
    NothingPlanned,
}

impl Problem for Error {
    fn rule(&self) -> Option<Rule> {
        Some(match self {
            Self::StaleLock(_) => Rule::StaleLock,
            Self::OlderThanLock { .. } => Rule::LockNewerThanPoetry,
            Self::PythonNotAllowed { .. } | Self::NoPython => Rule::PythonNotAllowed,
            Self::UnknownGroup { .. } => Rule::UnknownGroup,
            Self::UnknownExtra { .. } => Rule::UnknownExtra,
            Self::OutsideContext { .. } => Rule::PathOutsideContext,
            Self::NoSecret(_) => Rule::MissingSecret,
            Self::PrivilegedPort(_) => Rule::PrivilegedPort,
            _ => return None,
        })
    }

    #[expect(clippy::too_many_lines, reason = "a line or two for each error")]
    fn hint(&self) -> String {
        match self {
            Self::PythonNotAllowed { .. } | Self::PoetryNotAllowed { .. } => {
                "use a release that it allows, or remove `version` to choose one automatically".into()
            }
            Self::NoPython => {
                let known = crate::project::KNOWN_PYTHONS;
                format!(
                    "allow a release from 3.{} to 3.{} here, and run `poetry lock`",
                    known.start(),
                    known.end()
                )
            }
            Self::OlderThanLock { writer, .. } => {
                format!("use Poetry {writer} or newer, or remove `version` to choose one automatically")
            }
            Self::PythonTooOld { oldest, .. } => {
                format!("use Python {oldest} or newer, or lock with a Poetry older than 2.3")
            }
            // Without `--no-update`, Poetry 1 would also update all locked packages.
            Self::StaleLock(poetry) if *poetry < PoetryVersion::new(2, 0, 0) => {
                "run `poetry lock --no-update`".into()
            }
            Self::StaleLock(_) => "run `poetry lock`".into(),
            Self::UnknownGroup { name, known } => suggest(name, known, "groups"),
            Self::NoGroupLeft => {
                "leave out fewer groups, or add one to `groups`, such as `main`".into()
            }
            Self::UnknownExtra { name, known } => suggest(name, known, "extras"),
            Self::UnknownIndex { name, known } if known.is_empty() => {
                format!("run `poetry source add {name} URL`, or remove the table")
            }
            Self::UnknownIndex { name, known } => suggest(name, known, "indexes"),
            Self::NoSecret(id) => format!(
                "add `--secret id={id},env=VARIABLE` or `--secret id={id},src=FILE` to the command"
            ),
            Self::NoAgent(id) => format!("add `--ssh {id}` to the command, and add the key to your agent with `ssh-add`"),
            Self::NoHostNetwork => {
                "add `--allow network.host` to the command, or remove `network`".into()
            }
            Self::UnknownHost { host, .. } => format!(
                "add `[git.\"{host}\"]` with the keys that the host publishes: `host-keys = [\"ssh-ed25519 ...\"]`"
            ),
            Self::CredentialsInAddress(_) => {
                "remove the credentials from the address, run `poetry lock`, and provide them as secrets with `[indexes]` or `[git]`".into()
            }
            Self::ExtrasWithoutMain => "add `main` to `groups`, or remove `extras`".into(),
            Self::NoWheel => "use `install = \"copy\"`, or remove the line".into(),
            Self::ScriptTarget { name, .. } => format!(
                "write `{name} = \"MODULE:FUNCTION\"`, or run a command with `entrypoint` in `[runtime]`"
            ),
            Self::NoEntrypoint => {
                "add `entrypoint = [\"python\", \"-m\", \"...\"]` to `[runtime]`".into()
            }
            Self::ManyScripts(scripts) => {
                let first = scripts.first().map_or("...", String::as_str);
                format!("choose one in `[runtime]`, such as `entrypoint = [\"{first}\"]`")
            }
            Self::NoScriptInstalled => {
                "add `entrypoint = [\"python\", \"...\"]` to `[runtime]`".into()
            }
            Self::NoRepository { ignored: true } => {
                "the ignore file excludes it: remove the pattern, or add the line `!.git`".into()
            }
            Self::NoRepository { ignored: false } => {
                "build from the root of the repository; for a Git URL, add `--build-arg BUILDKIT_CONTEXT_KEEP_GIT_DIR=1`".into()
            }
            Self::NothingIncluded(_) => {
                "check the spelling, and that the ignore file does not exclude it".into()
            }
            Self::NoPackage(_) => {
                "set the package's directory in `packages` of `[tool.poetry]`, or its files in `include` of `[source]`, and check that the ignore file does not exclude it".into()
            }
            Self::HookWithoutSource => {
                "run the hook at `after-install`, or set `install` in `[source]` to `wheel` or `copy`".into()
            }
            Self::UnknownContext(name) => format!(
                "add `--build-context {name}=...` to the command, with a directory, an image or a Git repository"
            ),
            Self::CopyCycle(_) => "copy from a target that does not copy from this one".into(),
            Self::NothingToCopy { context: Some(_), .. } => {
                "check the spelling, and the value of `--build-context`".into()
            }
            Self::NoPathDependency { .. } | Self::NothingToCopy { .. } => {
                "check that it exists, and that the ignore file does not exclude it".into()
            }
            Self::OutsideContext {
                name,
                path,
                is_directory: true,
            } => format!("add `--build-context {name}={path}` to the command"),
            Self::OutsideContext { .. } => "move it into the project's directory".into(),
            Self::UnknownTarget { name, known } => match closest(name, known.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("use one of these targets: {}", listed(known)),
            },
            Self::PrivilegedPort(port) => format!(
                "listen on port 1024 or higher, and publish it: `docker run -p {}:{}{}`",
                port.number,
                8000 + u32::from(port.number),
                port.suffix()
            ),
            Self::NothingPlanned => "report this bug".into(),
        }
    }
}

fn suggest(name: &str, known: &[String], what: &str) -> String {
    match closest(name, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if known.is_empty() => format!("remove it: the project has no {what}"),
        None => format!("use one of the project's {what}: {}", listed(known)),
    }
}

/// `FILE:LINE`, for a message about one location that refers to another.
pub(crate) fn file_and_line(span: &Span) -> String {
    format!("{}:{}", span.document().name(), span.start().line)
}
