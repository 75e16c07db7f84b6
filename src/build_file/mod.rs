//! `poetry.build.toml`: bytes in, a checked [`BuildFile`] out. Opens no file and asks nobody.
//!
//! The way through: TOML, then unknown keys, then `[args]` and `${NAME}`, then types, then values. Each stage
//! reports everything that it finds before the next one runs.

mod args;
mod check;
mod error;
mod keys;
mod schema;
mod switches;
mod targets;
mod values;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use toml::de::DeTable;

use crate::diagnostics::{Diagnostic, Diagnostics, Document, Limits, Place, Problem};
use crate::image::{ImageReference, Platform};
use crate::project::{PoetryVersion, PythonVersion};

pub use args::Argument;
pub use error::Error;
pub use schema::{ArgType, Command, HookNetwork, HookPoint, InstallMode};
pub use switches::{Error as SwitchError, Switches};

/// The file's name when the engine is not told another.
pub const DEFAULT_NAME: &str = "poetry.build.toml";

/// The targets that every file has.
pub const BUILT_IN_TARGETS: [&str; 4] = ["runtime", "deps", "builder", "dev"];

/// More than any build file that a person wrote has.
const LIMITS: Limits = Limits {
    size: 256,
    words: 25_000,
};

/// A value and the place where the user wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

/// A checked build file. `None` is what the file does not say; `plan` gives it its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildFile {
    /// The text, for the places of what is missing from it.
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
    /// `[apt-sources]`, by name.
    pub apt_sources: BTreeMap<String, AptSource>,
    /// `[args]` with the values of this build, by name.
    pub arguments: BTreeMap<String, Argument>,
    /// `[target]`, by name. A target's own file has none.
    pub targets: BTreeMap<String, Target>,
    /// `[check]`.
    pub check: Switches,
}

/// `[target.NAME]`: another image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What it is for.
    pub description: Option<String>,
    /// A command that must succeed in a container of the image; not empty.
    pub run: Option<Located<Vec<String>>>,
    /// The file as it is for this target: what the target says, and of the rest what it inherits.
    pub file: BuildFile,
    /// Where the target is named.
    pub place: Place,
}

/// `[python]`: which Python the image has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python {
    /// The release asked for.
    pub version: Option<Located<PythonVersion>>,
    /// The variant of the official image, such as `slim-trixie`.
    pub variant: Option<Located<String>>,
}

/// `[poetry]`: which Poetry installs, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poetry {
    /// The release asked for.
    pub version: Option<Located<PoetryVersion>>,
    /// Requirements of plugins, as pip takes them.
    pub plugins: Vec<Located<String>>,
    /// A simple index in place of the default one; never with credentials, always ending in `/`.
    pub mirror: Option<Located<String>>,
    /// What Poetry and pip trust.
    pub ca_bundle: Option<Located<CaBundle>>,
}

/// Where a certificate bundle is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaBundle {
    /// An absolute path in the builder.
    Path(String),
    /// The id of a secret.
    Secret(String),
}

/// `[dependencies]`: which dependencies are installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependencies {
    /// The groups, at least one.
    pub groups: Option<Vec<Located<String>>>,
    /// The extras.
    pub extras: Option<Located<Extras>>,
    /// Whether they are byte-compiled.
    pub compile: bool,
}

/// Some extras of a project, or all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extras {
    /// All there are.
    All,
    /// These.
    Some(Vec<String>),
}

/// `[source]`: what of the project goes into the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// How the project is installed.
    pub install: Option<Located<InstallMode>>,
    /// Patterns relative to the context, without leading or trailing `/`.
    pub include: Option<Vec<Located<String>>>,
    /// Patterns of the same form.
    pub exclude: Vec<Located<String>>,
}

/// `[indexes.NAME]`: the ids of the secrets with an index's credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The user name.
    pub username_secret: Option<String>,
    /// The password or token.
    pub password_secret: Option<String>,
}

/// `[git.HOST]`: how the Git repositories of a host are reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitHost {
    /// The keys that the host shows over SSH, each `TYPE BASE64`.
    pub host_keys: Vec<String>,
    /// The id of the secret with the token.
    pub token_secret: Option<Located<String>>,
    /// The user name that goes with the token.
    pub username: Option<String>,
}

/// `[apt-sources.NAME]`: an archive of Debian packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AptSource {
    /// The archive's address, without credentials.
    pub uri: String,
    /// The suites, at least one.
    pub suites: Vec<String>,
    /// The components; none for suites that are paths.
    pub components: Vec<String>,
    /// The key that signs it.
    pub key: Located<AptKey>,
    /// Where the source is named.
    pub place: Place,
}

/// The public key of an archive; either ends in `.asc` or `.gpg`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AptKey {
    /// A path in the build context.
    File(String),
    /// A download and its digest, `sha256:HEX`.
    Download {
        /// The address.
        url: String,
        /// The digest.
        checksum: String,
    },
}

/// `[build]`: the builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// A whole image reference.
    pub base: Option<Located<ImageReference>>,
    /// Debian packages.
    pub packages: Vec<Located<String>>,
    /// Environment variables of the steps that install and build, by name.
    pub env: BTreeMap<String, Located<String>>,
}

/// `[runtime]`: the final image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
    /// A whole image reference.
    pub base: Option<Located<ImageReference>>,
    /// Debian packages.
    pub packages: Vec<Located<String>>,
    /// Whether the base's packages are upgraded, and who says so.
    pub upgrade: Option<Place>,
    /// Who the process runs as.
    pub user: User,
    /// An absolute path.
    pub workdir: Option<Located<String>>,
    /// The command in exec form; may be empty when the user wrote `[]`.
    pub entrypoint: Option<Located<Vec<String>>>,
    /// The default arguments.
    pub cmd: Option<Located<Vec<String>>>,
    /// Environment variables, by name.
    pub env: BTreeMap<String, Located<String>>,
    /// TCP ports.
    pub expose: Vec<Located<u16>>,
    /// Labels, by name.
    pub labels: BTreeMap<String, Located<String>>,
    /// How an engine sees that the service is well.
    pub healthcheck: Option<Located<Healthcheck>>,
    /// The signal that ends the service: a name that begins with `SIG`, or a number.
    pub stop_signal: Option<String>,
    /// Whether an init is process 1, and who says so.
    pub init: Option<Place>,
    /// Absolute paths of folders that the user may write to.
    pub writable: Vec<Located<String>>,
    /// Absolute paths of volumes.
    pub volumes: Vec<Located<String>>,
    /// A command that must succeed in a container of the image; not empty.
    pub smoke_test: Option<Located<Vec<String>>>,
    /// The most bytes that the image's files may have.
    pub max_size: Option<Located<u64>>,
}

/// `healthcheck` of `[runtime]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Healthcheck {
    /// The command in exec form; empty: no check.
    pub cmd: Vec<String>,
    /// The time between two checks.
    pub interval: Option<Duration>,
    /// How long one may take.
    pub timeout: Option<Duration>,
    /// How long failures do not count after the start.
    pub start_period: Option<Duration>,
    /// The time between two checks during that.
    pub start_interval: Option<Duration>,
    /// After how many failures the service is unwell.
    pub retries: Option<u32>,
}

/// `[[copy]]`: files from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopiedFiles {
    /// Where from.
    pub from: CopySource,
    /// The file or folder there, or a pattern of them, without a leading `/`; `.` is all. Empty for a download.
    pub src: Located<String>,
    /// An absolute path in the image; one that ends in `/` is a folder.
    pub dest: String,
    /// The mode of the files.
    pub mode: Option<u32>,
    /// Who they belong to.
    pub owner: Owner,
    /// Patterns of what is left out.
    pub exclude: Vec<String>,
    /// Where the copy is asked for.
    pub place: Place,
}

/// Where copied files come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopySource {
    /// The build context.
    Context,
    /// A named context.
    NamedContext(Located<String>),
    /// An image.
    Image(Located<ImageReference>),
    /// Another target of the file, or a built-in one.
    Target(Located<String>),
    /// A download and its digest, `sha256:HEX`.
    Download {
        /// The address.
        url: String,
        /// The digest.
        checksum: String,
    },
}

/// Who copied files belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Owner {
    /// Root.
    #[default]
    Root,
    /// The image's user and group.
    User,
    /// These ids.
    Ids(u32, u32),
}

/// `[[hook]]`: a command of the user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// When it runs.
    pub at: HookPoint,
    /// What runs; neither an empty command nor an empty script.
    pub run: Command,
    /// Variables for it alone, by name.
    pub env: BTreeMap<String, String>,
    /// The ids of secrets.
    pub secrets: Vec<Located<String>>,
    /// Who asks for an SSH agent.
    pub ssh: Option<Place>,
    /// Absolute paths of folders that are kept on the engine.
    pub cache: Vec<String>,
    /// Its network.
    pub network: HookNetwork,
    /// Absolute paths of what goes into the image.
    pub outputs: Vec<Located<String>>,
    /// The platforms that it is for; empty is all.
    pub platforms: Vec<Platform>,
    /// Where the command stands.
    pub place: Place,
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
    /// Where the file says so, if it does.
    pub place: Option<Place>,
}

impl BuildFile {
    /// Reads the file called `name`; `build_args` are what `--build-arg` gave.
    ///
    /// # Errors
    /// Everything wrong that the first failing stage finds, each with its line.
    pub fn parse(
        name: &str,
        bytes: &[u8],
        build_args: &BTreeMap<String, String>,
    ) -> Result<Self, Diagnostics> {
        let too_much = |error| {
            let place = Document::new(name, "toml", "").first_line();
            Diagnostics::from(Error::TooMuch(error).at(&place))
        };
        LIMITS.allow_size(bytes).map_err(too_much)?;
        let Ok(text) = std::str::from_utf8(bytes) else {
            let shown = Document::new(name, "toml", String::from_utf8_lossy(bytes));
            return Err(Error::NotText.at(&shown.first_line()).into());
        };
        LIMITS.allow_text(text).map_err(too_much)?;
        let document = Document::new(name, "toml", text);

        let root =
            DeTable::parse(text).map_err(|error| toml_error(&document, &error, Error::Syntax))?;
        Diagnostics::check(keys::unknown(&document, root.get_ref(), &json_schema()))?;

        let (arguments, mut found) = args::declared(&document, root.get_ref(), build_args);
        let mut root = root.into_inner();
        // An argument that is not given would be reported a second time where it is used.
        if found.is_empty() {
            found = args::interpolate(&document, &mut root, &arguments);
        }
        Diagnostics::check(found)?;

        let whole = |root: DeTable<'_>| Self::read(&document, root, &arguments);
        let mut file = whole(root.clone())?;
        file.targets = targets::read(&document, &root, whole)?;
        Ok(file)
    }

    /// From the right keys to the right values, without the targets.
    fn read(
        document: &Document,
        root: DeTable<'_>,
        arguments: &BTreeMap<String, Argument>,
    ) -> Result<Self, Diagnostics> {
        let root = toml::Spanned::new(0..document.text().len(), root);
        let file = schema::File::deserialize(toml::de::Deserializer::from(root))
            .map_err(|error| toml_error(document, &error, Error::WrongType))?;
        check::file(document, file, arguments)
    }

    /// The place of what the file does not say: its first line.
    #[must_use]
    pub fn whole(&self) -> Place {
        self.document.first_line()
    }
}

/// The JSON Schema of the file, made from the types that read it.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(schema::File).to_value()
}

fn toml_error(
    document: &Document,
    error: &toml::de::Error,
    kind: impl FnOnce(String) -> Error,
) -> Diagnostic {
    let place = document.place(error.span().unwrap_or(0..0));
    kind(error.message().trim_end().replace('\n', ", ")).at(&place)
}

#[cfg(test)]
mod tests;
