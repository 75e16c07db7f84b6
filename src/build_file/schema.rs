//! The shape of `poetry.build.toml`, version 1: what may stand where. The JSON Schema comes from these types, and so
//! does the list of known keys; meaning is given in [`super::BuildFile`].

use std::collections::BTreeMap;
use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

/// A value and the byte range it was written in.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for At<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = toml::Spanned::<T>::deserialize(deserializer)?;
        Ok(Self {
            span: spanned.span(),
            value: spanned.into_inner(),
        })
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// How a Poetry project becomes an image. Every key has a default: an empty file builds a good image.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "poetry.build.toml")]
pub(super) struct File {
    /// Which Python the image has.
    pub(super) python: PythonTable,
    /// Which Poetry installs, and from where.
    pub(super) poetry: PoetryTable,
    /// Which dependencies are installed.
    pub(super) dependencies: DependenciesTable,
    /// Build arguments, usable as `${NAME}` in every value of the file.
    pub(super) args: BTreeMap<String, ArgTable>,
    /// What of the project goes into the image, and how.
    pub(super) source: SourceTable,
    /// Credentials of the package indexes that the project names in `[[tool.poetry.source]]`, by these names.
    pub(super) indexes: BTreeMap<String, At<IndexTable>>,
    /// How Git dependencies are reached, by the host that has them, with its port if the address has one.
    pub(super) git: BTreeMap<String, At<GitTable>>,
    /// The builder, which never reaches the final image.
    pub(super) build: BuildTable,
    /// The final image.
    pub(super) runtime: RuntimeTable,
    /// Which rules the files are checked by.
    pub(super) check: CheckTable,
}

/// Which Python the image has.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PythonTable {
    /// The Python release, such as `3.13` or `3.13.5`. Default: the newest that the project allows and that the
    /// locked packages have wheels for.
    pub(super) version: Option<At<String>>,
    /// The variant of the official image. Default: `slim-trixie`.
    pub(super) variant: Option<At<String>>,
}

/// Which Poetry installs, and from where.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PoetryTable {
    /// The Poetry release. Default: the one that wrote the lock, raised to what `requires-poetry` asks for.
    pub(super) version: Option<At<String>>,
    /// A simple index that stands in for the default one. Empty: none.
    pub(super) mirror: Option<At<String>>,
    /// The certificate bundle in the builder that Poetry and pip trust. Empty: their own.
    pub(super) ca_bundle: Option<At<String>>,
}

/// Which dependencies are installed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct DependenciesTable {
    /// The dependency groups, exactly these: Poetry's own and those of `[dependency-groups]` alike. Default: `main`.
    pub(super) groups: Option<At<Vec<At<String>>>>,
    /// The extras of the project, or `"all"`. Default: none.
    pub(super) extras: Option<At<Extras>>,
    /// Whether the dependencies and the project are byte-compiled: containers start faster, and the image is larger. Default: `true`.
    pub(super) compile: Option<bool>,
}

/// Some extras, or all of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Extras {
    /// `"all"`.
    All(All),
    /// These.
    Some(Vec<String>),
}

/// The word for all.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum All {
    /// All there are.
    All,
}

/// A build argument.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ArgTable {
    /// The value when `--build-arg` gives none. Without a default the argument must be given.
    pub(super) default: Option<String>,
}

/// What of the project goes into the image, and how.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct SourceTable {
    /// `wheel`: built and installed, not editable; `copy`: the files alone; `none`: dependencies only. Default:
    /// `wheel`, or `copy` when the project sets `package-mode = false`.
    pub(super) install: Option<At<InstallMode>>,
    /// Files and folders of the build context. Default: what the package is made of.
    pub(super) include: Option<At<Vec<At<String>>>>,
}

/// How the project is installed.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum InstallMode {
    /// Built as a wheel and installed, not editable.
    Wheel,
    /// Files only.
    Copy,
    /// Dependencies only.
    None,
}

/// Credentials of a package index. A build with such a table needs both secrets.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct IndexTable {
    /// The id of the secret with the user name, as in `--secret id=...`. Default: `NAME-username`.
    pub(super) username_secret: Option<At<String>>,
    /// The id of the secret with the password or token. Default: `NAME-password`.
    pub(super) password_secret: Option<At<String>>,
}

/// A host of Git repositories.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct GitTable {
    /// The keys that the host shows over SSH, as in `ssh-ed25519 AAAA...`. Dependencies over SSH need one, and the
    /// client's agent: `--ssh default`.
    pub(super) host_keys: Vec<At<String>>,
    /// The id of the secret with the token for HTTPS. Naming it makes it required. Default: `GIT_AUTH_TOKEN.HOST`, if
    /// the build has it.
    pub(super) token_secret: Option<At<String>>,
    /// The user name that goes with the token. Default: `x-access-token`, which most hosts take.
    pub(super) username: Option<At<String>>,
}

/// The builder, which never reaches the final image.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct BuildTable {
    /// System packages that are needed to build dependencies.
    pub(super) packages: Vec<At<String>>,
}

/// The final image.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RuntimeTable {
    /// The whole image reference, in place of `[python]`'s.
    pub(super) base: Option<At<String>>,
    /// System packages that are needed at run time.
    pub(super) packages: Vec<At<String>>,
    /// Who the process runs as. Never root.
    pub(super) user: UserTable,
    /// The working directory. Default: `/app`.
    pub(super) workdir: Option<At<String>>,
    /// The command, in exec form. Default: the only script of the project.
    pub(super) entrypoint: Option<At<Vec<String>>>,
    /// The command's default arguments.
    pub(super) cmd: Option<At<Vec<String>>>,
    /// Environment variables of the image.
    pub(super) env: BTreeMap<String, At<String>>,
    /// Ports that the service listens on.
    pub(super) expose: Vec<At<i64>>,
}

/// Who the process runs as.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct UserTable {
    /// The name. Default: `app`.
    pub(super) name: Option<At<String>>,
    /// The numeric user id. Default: 10001.
    pub(super) uid: Option<At<i64>>,
    /// The numeric group id. Default: the user id.
    pub(super) gid: Option<At<i64>>,
}

/// Which rules the files are checked by. Each has a page in `docs/rules`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CheckTable {
    /// Rules that are not looked at, by their ids, or `all` that a build can do without.
    pub(super) skip: Vec<At<String>>,
    /// Rules that are looked at only if they are named here: `DevOnlyImport`.
    pub(super) enable: Vec<At<String>>,
    /// Whether a warning fails the build. Default: `false`.
    pub(super) error: Option<bool>,
}
