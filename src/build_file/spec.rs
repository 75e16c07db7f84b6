//! The validated build file.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::diagnostics::{Document, Located, Span};
use crate::image::{ImageReference, Platform};
use crate::project::{PoetryVersion, PythonVersion};

use super::args::Argument;
use super::port::Port;
use super::rule_switches::RuleSwitches;
use super::schema::{Command, Fetch, HookNetwork, HookPoint, InstallMode, Installer};
use super::standard::{Catalogue, Followed};

/// The name of the build file, unless `--file` gives another.
pub const DEFAULT_NAME: &str = "poetry.build.toml";

/// The built-in target for development, which a `[target.dev]` adjusts.
pub const DEV: &str = "dev";

/// The targets that exist without a `[target]` table.
pub const BUILT_IN_TARGETS: [&str; 5] = ["runtime", "deps", "builder", "poetry", DEV];

/// A checked build file: the main image, and the targets beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildFile {
    /// `[args]` with the values of this build, by name.
    pub arguments: BTreeMap<String, Argument>,
    /// The names of the build arguments that were given, and that neither `[args]` declares nor an engine defines.
    pub unknown_arguments: Vec<String>,
    /// `[check]`.
    pub rules: RuleSwitches,
    /// What the file says outside `[target]`.
    pub main: ImageSpec,
    /// The built-in target `dev`, with what `[target.dev]` says.
    pub dev: Target,
    /// `[target]`, by name, without `dev`.
    pub targets: BTreeMap<String, Target>,
    /// The standard that the file is merged over.
    pub standard: Option<Followed>,
}

/// `[target.NAME]`: a further image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Shown by `docker buildx build --call targets`.
    pub description: Option<String>,
    /// Commands that must succeed in a container of the image; none of them is empty.
    pub run: Vec<Located<Vec<String>>>,
    /// The target's own settings over those that it inherits.
    pub image: ImageSpec,
    /// The target's name in the file; `None` for `dev` if the file does not have it.
    pub span: Option<Span>,
}

/// Everything that the file says about one image. `None` means that the file does not set the key; `plan` has the
/// defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageSpec {
    /// The file that it was read from.
    pub document: Document,
    /// `[python]`.
    pub python: Python,
    /// `[poetry]`.
    pub poetry: Poetry,
    /// `[dependencies]`.
    pub dependencies: Dependencies,
    /// `[source]`.
    pub source: Source,
    /// `[indexes]`, by name.
    pub indexes: BTreeMap<String, Located<Index>>,
    /// `[git]`, by host in lower case.
    pub git: BTreeMap<String, GitHost>,
    /// `[build]`.
    pub build: Build,
    /// `[runtime]`.
    pub runtime: Runtime,
    /// `[[copy]]`, in the order of the file.
    pub copies: Vec<CopiedFiles>,
    /// `[[hook]]`, in the order of the file.
    pub hooks: Vec<Hook>,
    /// `env` of `[apt]`: variables for the steps that install Debian packages, by name.
    pub apt_env: BTreeMap<String, Located<String>>,
    /// `[apt-sources]`, by name.
    pub apt_sources: BTreeMap<String, AptSource>,
    /// The images that the standard pins.
    pub images: Catalogue,
}

/// `[python]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python {
    /// The Python release.
    pub version: Option<Located<PythonVersion>>,
    /// The variant of the official image, such as `slim-trixie`.
    pub variant: Option<Located<String>>,
}

/// `[poetry]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poetry {
    /// The Poetry release.
    pub version: Option<Located<PoetryVersion>>,
    /// An image that contains Poetry, with a digest.
    pub image: Option<Located<ImageReference>>,
    /// Plugins, as requirements for pip.
    pub plugins: Vec<Located<String>>,
    /// A simple index to use in place of the default one. Contains no credentials and ends in `/`.
    pub mirror: Option<Located<String>>,
    /// The CA certificates that downloads trust in addition to those of the image.
    pub ca_bundle: Option<Located<CaBundle>>,
}

/// Where the CA certificates are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaBundle {
    /// An absolute path in the builder.
    Path(String),
    /// The id of a secret.
    Secret(String),
}

/// `[dependencies]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependencies {
    /// At least one group.
    pub groups: Option<Vec<Located<String>>>,
    /// The groups to leave out.
    pub without: Option<Vec<Located<String>>>,
    /// The extras.
    pub extras: Option<Located<Extras>>,
    pub installer: Installer,
    /// The image that uv comes from, by digest; `None` is the index.
    pub uv_image: Option<Located<ImageReference>>,
    /// What downloads the wheels that uv installs.
    pub fetch: Option<Located<Fetch>>,
    pub layers: Layers,
    /// Whether to compile to bytecode.
    pub compile: bool,
}

/// `layers` of `[dependencies]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// Packages that get a layer of their own.
    pub own: Vec<Located<String>>,
    /// The number of layers for all other packages.
    pub count: Option<usize>,
}

/// The selected extras.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extras {
    /// All extras of the project.
    All,
    /// The extras with these names.
    Some(Vec<String>),
}

/// `[source]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// How the project is installed.
    pub install: Option<Located<InstallMode>>,
    /// Patterns relative to the build context, without leading or trailing `/`.
    pub include: Option<Vec<Located<String>>>,
    /// Like `include`.
    pub exclude: Vec<Located<String>>,
    /// Directories to keep between builds: absolute, or relative to the project.
    pub cache: Vec<Located<String>>,
    /// Environment variables for the step that builds the wheel, by name.
    pub env: BTreeMap<String, Located<String>>,
}

/// `[indexes.NAME]`: the ids of the secrets with the credentials for an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The secret with the user name.
    pub username_secret: Option<String>,
    /// The secret with the password or token.
    pub password_secret: Option<String>,
    /// The secret with the whole `Authorization` header, for downloads by the engine.
    pub header_secret: Option<String>,
}

/// `[git.HOST]`: access to the Git repositories of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitHost {
    /// The host's public SSH keys, each `TYPE BASE64`.
    pub host_keys: Vec<String>,
    /// The id of the secret with the token for HTTPS.
    pub token_secret: Option<Located<String>>,
    /// The user name to send with the token.
    pub username: Option<String>,
}

/// `[apt-sources.NAME]`: an apt repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AptSource {
    /// The address, without credentials.
    pub uri: String,
    /// At least one suite.
    pub suites: Vec<String>,
    /// The components; empty for suites that are paths.
    pub components: Vec<String>,
    /// The repository's public key.
    pub key: Located<AptKey>,
    /// The header of the table.
    pub span: Span,
}

/// The public key of an apt repository. Its name ends in `.asc` or `.gpg`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AptKey {
    /// A path in the build context.
    File(String),
    /// A download with its digest, `sha256:HEX`.
    Download {
        /// The address.
        url: String,
        /// The digest.
        checksum: String,
    },
}

/// `[build]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The base image.
    pub base: Option<Located<ImageReference>>,
    /// Debian packages.
    pub packages: Vec<Located<String>>,
    /// Environment variables for the steps that install and build, by name.
    pub env: BTreeMap<String, Located<String>>,
}

/// `[runtime]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
    /// The base image.
    pub base: Option<Located<ImageReference>>,
    /// Debian packages.
    pub packages: Vec<Located<String>>,
    /// Set if the base's packages are upgraded: the location of the key.
    pub upgrade: Option<Span>,
    /// The user that the container runs as.
    pub user: User,
    /// An absolute path.
    pub workdir: Option<Located<String>>,
    /// The command in exec form; empty if the user wrote `[]`.
    pub entrypoint: Option<Located<Vec<String>>>,
    /// The default arguments.
    pub cmd: Option<Located<Vec<String>>>,
    /// Environment variables, by name.
    pub env: BTreeMap<String, Located<String>>,
    /// The ports that the service listens on.
    pub expose: Vec<Located<Port>>,
    /// Labels, by name.
    pub labels: BTreeMap<String, Located<String>>,
    /// How the engine checks that the service is healthy.
    pub healthcheck: Option<Located<Healthcheck>>,
    /// The signal that stops the service: a name that starts with `SIG`, or a number.
    pub stop_signal: Option<String>,
    /// Set if `tini` is process 1: the location of the key.
    pub init: Option<Span>,
    /// Absolute paths of directories that the user can write to.
    pub writable: Vec<Located<String>>,
    /// Absolute paths of volumes.
    pub volumes: Vec<Located<String>>,
    /// A command that must succeed in a container of the image, without a network; not empty.
    pub smoke_test: Option<Located<Vec<String>>>,
    /// Whether the smoke test has a read-only file system.
    pub read_only: bool,
    /// Whether the image has a software bill of materials.
    pub sbom: bool,
    /// A path in the build context: statements about vulnerabilities.
    pub vex: Option<Located<String>>,
    /// The maximum size of the image's files, in bytes.
    pub max_size: Option<Located<u64>>,
}

/// `healthcheck` of `[runtime]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Healthcheck {
    /// The command in exec form; empty for no health check.
    pub cmd: Vec<String>,
    /// The time between two checks.
    pub interval: Option<Duration>,
    /// The time after which a check fails.
    pub timeout: Option<Duration>,
    /// The time after the start in which failures do not count.
    pub start_period: Option<Duration>,
    /// The time between two checks during `start_period`.
    pub start_interval: Option<Duration>,
    /// The number of failures in a row after which the service is unhealthy.
    pub retries: Option<u32>,
}

/// `[[copy]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedFiles {
    /// Where to copy from.
    pub from: CopySource,
    /// A file, a directory or a pattern, without a leading `/`; `.` for everything. Empty for a download.
    pub src: Located<String>,
    /// An absolute path in the image. A path that ends in `/` is a directory.
    pub dest: String,
    /// The mode of the files.
    pub mode: Option<u32>,
    /// The owner of the files.
    pub owner: Owner,
    /// Patterns of files to leave out.
    pub exclude: Vec<Located<String>>,
    /// The header of the table.
    pub span: Span,
}

/// Where to copy files from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopySource {
    /// The build context.
    Context,
    /// A named context.
    NamedContext(Located<String>),
    /// An image.
    Image(Located<ImageReference>),
    /// Another target.
    Target(Located<String>),
    /// A download with its digest, `sha256:HEX`.
    Download {
        /// The address.
        url: String,
        /// The digest.
        checksum: String,
    },
}

/// The owner of copied files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Owner {
    /// Root.
    #[default]
    Root,
    /// The image's user and group.
    User,
    /// A user id and a group id.
    Ids(u32, u32),
}

impl Owner {
    /// The user id and group id, given the image's user.
    #[must_use]
    pub fn ids(self, user: &User) -> (u32, u32) {
        match self {
            Self::Root => (0, 0),
            Self::User => (user.uid, user.gid),
            Self::Ids(uid, gid) => (uid, gid),
        }
    }
}

/// `[[hook]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// When it runs.
    pub at: HookPoint,
    /// The command or script; not empty.
    pub run: Command,
    /// Environment variables for this command only, by name.
    pub env: BTreeMap<String, Located<String>>,
    /// The ids of secrets.
    pub secrets: Vec<Located<String>>,
    /// Set if the command uses an SSH agent: the location of the key.
    pub ssh: Option<Span>,
    /// Absolute paths of directories that the engine keeps between builds.
    pub cache: Vec<Located<String>>,
    /// The network of the command.
    pub network: HookNetwork,
    /// Paths and patterns of files of the build context that it sees.
    pub inputs: Vec<Located<String>>,
    /// Absolute paths of files and directories to copy into the image.
    pub outputs: Vec<Located<String>>,
    /// The owner of the outputs.
    pub owner: Owner,
    /// The platforms to run the command for; empty for all.
    pub platforms: Vec<Platform>,
    /// The location of `run`.
    pub span: Span,
    /// The location of `at`.
    pub at_span: Span,
}

impl Hook {
    /// Whether nothing is installed on top of what it changes: only its outputs reach the image.
    #[must_use]
    pub fn runs_apart(&self) -> bool {
        self.at == HookPoint::AfterPackages && !self.outputs.is_empty()
    }
}

/// The user of the final image; the ids are never 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name in `/etc/passwd`.
    pub name: String,
    /// The user id.
    pub uid: u32,
    /// The group id.
    pub gid: u32,
    /// The location of `uid` or `name`, if the file has one.
    pub span: Option<Span>,
}

/// Variables or labels without their locations.
pub fn plain(named: &BTreeMap<String, Located<String>>) -> impl Iterator<Item = (String, String)> {
    let named = named.iter();
    named.map(|(name, value)| (name.clone(), value.value.clone()))
}

impl BuildFile {
    /// See [`ImageSpec::whole`].
    #[must_use]
    pub fn whole(&self) -> Span {
        self.main.whole()
    }
}

impl ImageSpec {
    /// The file's first line, where errors about missing keys point.
    #[must_use]
    pub fn whole(&self) -> Span {
        self.document.first_line()
    }

    /// Pins the images of the file that are in the catalogue.
    pub(super) fn pin(&mut self, images: &Catalogue) {
        let bases = [&mut self.build.base, &mut self.runtime.base];
        for base in bases.into_iter().flatten() {
            base.value = images.pin(&base.value);
        }
        for copy in &mut self.copies {
            if let CopySource::Image(image) = &mut copy.from {
                image.value = images.pin(&image.value);
            }
        }
        self.images = images.clone();
    }
}
