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

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::de::DeTable;

use crate::diagnostics::{Diagnostic, Diagnostics, Document, Place, Problem};
use crate::image::ImageReference;
use crate::project::{PoetryVersion, PythonVersion};

pub use error::Error;
pub use schema::InstallMode;
pub use switches::{Error as SwitchError, Switches};

/// The file's name when the engine is not told another.
pub const DEFAULT_NAME: &str = "poetry.build.toml";

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
    /// `[check]`.
    pub check: Switches,
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
    /// A simple index in place of the default one; never with credentials, always ending in `/`.
    pub mirror: Option<Located<String>>,
    /// The absolute path of a certificate bundle in the builder.
    pub ca_bundle: Option<Located<String>>,
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

/// `[build]`: the builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// Debian packages.
    pub packages: Vec<Located<String>>,
}

/// `[runtime]`: the final image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
    /// A whole image reference.
    pub base: Option<Located<ImageReference>>,
    /// Debian packages.
    pub packages: Vec<Located<String>>,
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
    pub expose: Vec<u16>,
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
        let Ok(text) = std::str::from_utf8(bytes) else {
            let shown = Document::new(name, "toml", String::from_utf8_lossy(bytes));
            return Err(Error::NotText.at(&shown.first_line()).into());
        };
        let document = Document::new(name, "toml", text);

        let mut root =
            DeTable::parse(text).map_err(|error| toml_error(&document, &error, Error::Syntax))?;
        Diagnostics::check(keys::unknown(&document, root.get_ref(), &json_schema()))?;

        let (values, mut found) = args::declared(&document, root.get_ref(), build_args);
        // An argument that is not given would be reported a second time where it is used.
        if found.is_empty() {
            found = args::interpolate(&document, root.get_mut(), &values);
        }
        Diagnostics::check(found)?;

        let file = schema::File::deserialize(toml::de::Deserializer::from(root))
            .map_err(|error| toml_error(&document, &error, Error::WrongType))?;
        check::file(&document, file)
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
