//! Commands and their environment.

use std::collections::BTreeMap;

use crate::diagnostics::Span;

use super::known_failure::KnownFailure;
use super::mount::Mount;
use super::placement::Placement;
use super::stage_name::StageName;

/// What a `RUN` executes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A program and its arguments: the exec form.
    Exec(Vec<String>),
    /// A shell script that is part of the frontend.
    Script(Script),
}

/// A shell script that stops at the first error. It is mounted as a file, so that a failed step shows its name and arguments
/// instead of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The name, such as `install-packages`.
    pub name: &'static str,
    pub text: &'static str,
    /// Passed as arguments, so that values never need quoting.
    pub args: Vec<String>,
}

/// A command with its environment: a `RUN` of a Dockerfile. It inherits the environment of the base image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub command: Command,
    pub cwd: String,
    /// `UID:GID`; `None` is root.
    pub user: Option<String>,
    /// Directories that are prepended to the base's `PATH`.
    pub path: Vec<String>,
    /// Variables for this command only.
    pub env: BTreeMap<String, String>,
    /// Variables with secret values: `--mount=type=secret,env=`.
    pub secrets: Vec<SecretVariable>,
    pub mounts: Vec<Mount>,
    /// An initially empty directory that becomes the stage's file system, in place of the one that the command ran in. Copying
    /// from a small file system is faster, because BuildKit first walks all of it.
    pub output: Option<String>,
    /// `--network`. Setting one up takes a tenth of a second.
    pub network: Network,
    /// Another stage to run in, with the file system of the command's own stage mounted read-write at [`Run::OUTSIDE`]. This
    /// modifies a file system that has no shell.
    pub from_outside: Option<StageName>,
    /// Set if the root file system is read-only, as with `docker run --read-only --tmpfs /tmp`. Nothing that the command writes
    /// is kept.
    pub read_only: Option<ReadOnlyRoot>,
    pub placement: Placement,
    /// A script that runs the command, which it gets as its last arguments.
    pub runner: Option<Script>,
    /// What the user can do about known failures. A command without hints is not watched for them.
    pub hints: BTreeMap<KnownFailure, String>,
}

/// A read-only root file system, with an empty `/tmp`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOnlyRoot {
    /// The directories that stay writable.
    pub writable: Vec<String>,
    /// The Python of the stage, which watches the command for refused writes.
    pub python: String,
}

/// The network of a command: `RUN --network`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// The default of the build.
    #[default]
    Build,
    None,
    /// The network of the host that the engine runs on.
    Host,
}

/// An environment variable with a secret of the client as its value. It is not stored in the image or in the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretVariable {
    pub variable: String,
    pub id: String,
    /// The line that needs it; `None` if the secret is optional.
    pub required_at: Option<Span>,
}

impl Run {
    /// The path of a command's own stage when it runs in another one.
    pub const OUTSIDE: &str = "/stage";

    pub(crate) fn script(
        (name, text): (&'static str, &'static str),
        args: impl IntoIterator<Item = String>,
    ) -> Self {
        let args = args.into_iter().collect();
        Self::new(Command::Script(Script { name, text, args }))
    }

    pub(crate) fn exec<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(Command::Exec(
            words.into_iter().map(str::to_owned).collect(),
        ))
    }

    fn new(command: Command) -> Self {
        Self {
            command,
            cwd: "/".to_owned(),
            user: None,
            path: Vec::new(),
            env: BTreeMap::new(),
            secrets: Vec::new(),
            mounts: Vec::new(),
            output: None,
            network: Network::Build,
            from_outside: None,
            read_only: None,
            placement: Placement::OnTop,
            runner: None,
            hints: BTreeMap::new(),
        }
    }

    pub(crate) fn env(mut self, env: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let env = env.into_iter();
        self.env
            .extend(env.map(|(name, value)| (name.to_owned(), value)));
        self
    }

    /// Runs the command through a script that gets these arguments before it.
    pub(crate) fn through(
        mut self,
        (name, text): (&'static str, &'static str),
        args: impl IntoIterator<Item = String>,
    ) -> Self {
        let args = args.into_iter().collect();
        self.runner = Some(Script { name, text, args });
        self
    }

    pub(crate) fn hint(mut self, failure: KnownFailure, hint: impl Into<String>) -> Self {
        self.hints.insert(failure, hint.into());
        self
    }

    pub(crate) fn into_directory(mut self, output: &str) -> Self {
        self.output = Some(output.to_owned());
        self
    }

    pub(crate) fn offline(mut self) -> Self {
        self.network = Network::None;
        self
    }

    pub(crate) fn cwd(mut self, cwd: &str) -> Self {
        cwd.clone_into(&mut self.cwd);
        self
    }

    pub(crate) fn mount(mut self, mount: Mount) -> Self {
        self.mounts.push(mount);
        self
    }
}
