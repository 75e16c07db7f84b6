//! What can be wrong between the build file, the project and the request.

use crate::diagnostics::{Problem, closest, listed};
use crate::project::{PoetryVersion, PythonVersion};
use crate::rules::Rule;

/// A contradiction, or a question without a good default.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The release asked for is outside what the project allows.
    #[error("Python {version} is outside what {constraint} allows")]
    PythonNotAllowed {
        /// The release.
        version: PythonVersion,
        /// Where the constraint stands.
        constraint: String,
    },
    /// No known release fits.
    #[error("no Python release that this frontend knows satisfies the project and its lock")]
    NoPython,
    /// The Poetry asked for is outside what the project allows.
    #[error("Poetry {version} is outside what {constraint} allows")]
    PoetryNotAllowed {
        /// The release.
        version: PoetryVersion,
        /// Where the constraint stands.
        constraint: String,
    },
    /// A lock may hold what an older Poetry does not understand.
    #[error(
        "Poetry {version} is older than Poetry {writer}, which wrote the lock, and may misread it"
    )]
    OlderThanLock {
        /// The release asked for.
        version: PoetryVersion,
        /// The release that wrote the lock.
        writer: PoetryVersion,
    },
    /// A Poetry that does not run on the image's Python.
    #[error("Poetry {poetry} does not run on Python {python}: it needs {oldest} or newer")]
    PythonTooOld {
        /// The Poetry.
        poetry: PoetryVersion,
        /// The Python.
        python: PythonVersion,
        /// The oldest Python that this Poetry runs on.
        oldest: PythonVersion,
    },
    /// The project was changed after it was locked.
    #[error("the lock does not belong to this `pyproject.toml`, which was changed after it")]
    StaleLock(PoetryVersion),
    /// A group that the project does not have.
    #[error("the project has no dependency group `{name}`")]
    UnknownGroup {
        /// The name asked for.
        name: String,
        /// The groups of the project.
        known: Vec<String>,
    },
    /// An extra that the project does not have.
    #[error("the project has no extra `{name}`")]
    UnknownExtra {
        /// The name asked for.
        name: String,
        /// The extras of the project.
        known: Vec<String>,
    },
    /// Credentials of an index that the project does not name.
    #[error("the project has no `[[tool.poetry.source]]` called `{name}`")]
    UnknownIndex {
        /// The name asked for.
        name: String,
        /// The sources of the project.
        known: Vec<String>,
    },
    /// The client has no such secret.
    #[error("the build has no secret `{0}`")]
    NoSecret(String),
    /// The client forwards no such SSH agent.
    #[error("the build has no SSH agent `{0}`")]
    NoAgent(String),
    /// The client does not allow it.
    #[error("the build is not allowed the network of the engine")]
    NoHostNetwork,
    /// A Git host that anybody could pretend to be.
    #[error(
        "the Git dependency `{name}` comes over SSH from `{host}`, whose host key is not known"
    )]
    UnknownHost {
        /// The dependency.
        name: String,
        /// The host, with its port if the address has one.
        host: String,
    },
    /// An address with a user name or password in it; not shown.
    #[error(
        "the address of `{0}` holds a user name or password, which would be stored in the build's cache"
    )]
    CredentialsInAddress(String),
    /// Extras belong to the main group.
    #[error("`extras` without the group `main` install nothing")]
    ExtrasWithoutMain,
    /// A wheel of what is no package.
    #[error("the project sets `package-mode = false`, so it has no wheel")]
    NoWheel,
    /// Nothing says what the container runs.
    #[error("nothing says what the container runs: the project has no script")]
    NoEntrypoint,
    /// Nothing says which script the container runs.
    #[error("nothing says what the container runs: the project has the scripts {}", listed(.0))]
    ManyScripts(Vec<String>),
    /// Scripts exist only in an installed wheel.
    #[error(
        "nothing says what the container runs: scripts are installed only with `install = \"wheel\"`"
    )]
    NoScriptInstalled,
    /// An include that finds nothing.
    #[error("`{0}` matches nothing in the build context")]
    NothingIncluded(String),
    /// The package's code is not where Poetry looks for it.
    #[error("the package is not in the build context: looked for {}", listed(.0))]
    NoPackage(Vec<String>),
    /// A path dependency that is not where the lock says.
    #[error("the path dependency `{name}` is not at `{path}` in the build context")]
    NoPathDependency {
        /// The dependency.
        name: String,
        /// Its path.
        path: String,
    },
    /// A path dependency that no build of this context can see.
    #[error("the path dependency `{name}` is at `{path}`, outside the build context")]
    OutsideContext {
        /// The dependency.
        name: String,
        /// Its path.
        path: String,
        /// Whether it is a folder, which a named context can give.
        folder: bool,
    },
    /// Files to be copied that are not there.
    #[error("{}", match context {
        Some(context) => format!("`{path}` is not in the named context `{context}`"),
        None => format!("`{path}` is not in the build context"),
    })]
    NothingToCopy {
        /// The path or pattern.
        path: String,
        /// The named context; `None` is the build's own.
        context: Option<String>,
    },
    /// A named context that the build is not given.
    #[error("the build has no named context `{0}`")]
    UnknownContext(String),
    /// Targets that copy from each other.
    #[error("the target `{0}` is to have files of itself")]
    CopyCycle(String),
    /// A target that does not exist.
    #[error("there is no target `{name}`")]
    UnknownTarget {
        /// The name asked for.
        name: String,
        /// All that there are.
        known: Vec<String>,
    },
    /// A port that only root may be able to listen on.
    #[error("port {0} may be closed to a user that is not root")]
    ClosedPort(u16),
    /// Nothing could be planned.
    #[error("nothing can be built")]
    Nothing,
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
            Self::ClosedPort(_) => Rule::PrivilegedPort,
            _ => return None,
        })
    }

    fn hint(&self) -> String {
        match self {
            Self::PythonNotAllowed { .. } | Self::PoetryNotAllowed { .. } => {
                "use a release that it allows, or remove `version` to have one chosen".into()
            }
            Self::NoPython => {
                let known = crate::project::KNOWN_PYTHONS;
                format!(
                    "allow one of 3.{} to 3.{} here and run `poetry lock`",
                    known.start(),
                    known.end()
                )
            }
            Self::OlderThanLock { writer, .. } => {
                format!("use {writer} or newer, or remove `version` to have it chosen")
            }
            Self::PythonTooOld { oldest, .. } => {
                format!("use Python {oldest} or newer, or a Poetry older than 2.3 with its own lock")
            }
            // Poetry 1 would also update everything that is locked.
            Self::StaleLock(poetry) if *poetry < PoetryVersion::new(2, 0, 0) => {
                "run `poetry lock --no-update`".into()
            }
            Self::StaleLock(_) => "run `poetry lock`".into(),
            Self::UnknownGroup { name, known } => known_or_meant(name, known, "groups"),
            Self::UnknownExtra { name, known } => known_or_meant(name, known, "extras"),
            Self::UnknownIndex { name, known } => known_or_meant(name, known, "sources"),
            Self::NoSecret(id) => format!(
                "add `--secret id={id},env=VARIABLE` or `--secret id={id},src=FILE` to the command"
            ),
            Self::NoAgent(id) => format!("add `--ssh {id}` to the command, and the key to your agent: `ssh-add`"),
            Self::NoHostNetwork => {
                "add `--allow network.host` to the command, or remove `network`".into()
            }
            Self::UnknownHost { host, .. } => format!(
                "add `[git.\"{host}\"]` with `host-keys = [\"ssh-ed25519 ...\"]`, the keys that the host publishes"
            ),
            Self::CredentialsInAddress(_) => {
                "take them out of it and lock again; the build gets them from secrets, see `[indexes]` and `[git]`".into()
            }
            Self::ExtrasWithoutMain => "add `main` to `groups`, or remove `extras`".into(),
            Self::NoWheel => "use `install = \"copy\"`, or remove the line".into(),
            Self::NoEntrypoint => {
                "add `entrypoint = [\"python\", \"-m\", \"...\"]` under `[runtime]`".into()
            }
            Self::ManyScripts(scripts) => {
                let first = scripts.first().map_or("...", String::as_str);
                format!("name one under `[runtime]`, such as `entrypoint = [\"{first}\"]`")
            }
            Self::NoScriptInstalled => {
                "add `entrypoint = [\"python\", \"...\"]` under `[runtime]`".into()
            }
            Self::NothingIncluded(_) => {
                "check the spelling, and that the ignore file does not leave it out".into()
            }
            Self::NoPackage(_) => {
                "name the package's folder in `packages` of `[tool.poetry]`, or the files in `include` of `[source]`, and check that the ignore file does not leave it out".into()
            }
            Self::UnknownContext(name) => format!(
                "add `--build-context {name}=...` to the command: a folder, an image or a repository"
            ),
            Self::CopyCycle(_) => "copy from a target that does not copy from this one".into(),
            Self::NothingToCopy { context: Some(_), .. } => {
                "check the spelling, and what `--build-context` gives".into()
            }
            Self::NoPathDependency { .. } | Self::NothingToCopy { .. } => {
                "check that it is there, and that the ignore file does not leave it out".into()
            }
            Self::OutsideContext {
                name,
                path,
                folder: true,
            } => format!("add `--build-context {name}={path}` to the command"),
            Self::OutsideContext { .. } => "move it into the project's folder".into(),
            Self::UnknownTarget { name, known } => match closest(name, known.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the targets are {}", listed(known)),
            },
            Self::ClosedPort(port) => format!(
                "listen on a port from 1024 on, and map it: `docker run -p {port}:{}`",
                8000 + u32::from(*port)
            ),
            Self::Nothing => "report this as a bug of the frontend".into(),
        }
    }
}

fn known_or_meant(name: &str, known: &[String], what: &str) -> String {
    match closest(name, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("its {what} are {}", listed(known)),
    }
}
