//! The shape of `poetry.build.toml`, version 1: what may stand where. The JSON Schema comes from these types, and so
//! does the list of known keys; meaning is given in [`super::BuildFile`].

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{SeqAccess, Visitor};
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
    /// Files from elsewhere that go into the final image.
    pub(super) copy: Vec<At<CopyTable>>,
    /// Commands of your own at certain points of the build.
    pub(super) hook: Vec<At<HookTable>>,
    /// Where apt finds packages that the base's own sources do not have, by a name of your choice.
    pub(super) apt_sources: BTreeMap<String, At<AptSourceTable>>,
    /// Further images, each built with `--target NAME`. A target has all that the file says, and says what differs:
    /// tables are merged key by key, other values replaced, `copy` and `hook` added to.
    pub(super) target: BTreeMap<String, At<TargetTable>>,
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
    /// Plugins that Poetry needs for this project, such as `poetry-plugin-export==1.9.0`.
    pub(super) plugins: Vec<At<String>>,
    /// A simple index that stands in for the default one. Empty: none.
    pub(super) mirror: Option<At<String>>,
    /// The certificate bundle that Poetry and pip trust: a path in the builder, or `secret:ID` for one that the build
    /// is given. Empty: their own.
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
    pub(super) compile: Option<Flag>,
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
    /// What it is for; `docker buildx build --call outline` shows it.
    pub(super) description: Option<String>,
    /// The value when `--build-arg` gives none. Without a default the argument must be given.
    pub(super) default: Option<Scalar>,
    /// What it is. A value that is nothing but `${NAME}` is then of this type. Default: the type of `default`.
    #[serde(rename = "type")]
    pub(super) kind: Option<ArgType>,
    /// The only values that it may have.
    pub(super) choices: Option<Vec<Scalar>>,
}

/// The type of a build argument.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum ArgType {
    /// Any text.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
}

/// A text, a whole number or a truth value.
#[derive(Clone, Debug, JsonSchema, PartialEq, Eq)]
#[schemars(untagged)]
pub(super) enum Scalar {
    /// A truth value.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    String(String),
}

impl Scalar {
    /// As a text that says the same.
    pub(super) fn into_text(self) -> String {
        match self {
            Self::Boolean(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::String(text) => text,
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Scalar;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, an integer or a boolean")
            }
            fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar::Boolean(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar::Integer(value))
            }
            fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
                Ok(Scalar::String(value.to_owned()))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// The schema of a value that may also be a reference to a build argument.
fn or_reference(kind: &str) -> Schema {
    schemars::json_schema!({
        "anyOf": [
            { "type": kind },
            { "type": "string", "pattern": "^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$" },
        ]
    })
}

/// A whole number, or a build argument that is one.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Int(pub(super) i64);

impl JsonSchema for Int {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Int".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        or_reference("integer")
    }
}

/// A truth value, or a build argument that is one.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Flag(pub(super) bool);

impl JsonSchema for Flag {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Flag".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        or_reference("boolean")
    }
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
    /// Patterns of what is left out all the same, as in an ignore file.
    pub(super) exclude: Vec<At<String>>,
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

/// A source of system packages, which every `packages` of the file may come from.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AptSourceTable {
    /// The address of the archive.
    pub(super) uri: Option<At<String>>,
    /// The suites, such as `trixie`; one that ends in `/` is a path and has no components.
    pub(super) suites: Vec<At<String>>,
    /// The components. Default: `main`, or none for a suite that is a path.
    pub(super) components: Vec<At<String>>,
    /// The public key that signs the archive, ending in `.asc` or `.gpg`: a file of the build context, or an address,
    /// with its `key-checksum`.
    pub(super) key: Option<At<String>>,
    /// The SHA-256 of the key, `sha256:` and 64 hex digits. A key at an address needs it.
    pub(super) key_checksum: Option<At<String>>,
}

/// The builder, which never reaches the final image.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct BuildTable {
    /// The whole image reference. Default: the runtime's base. It must have the same Python at the same path.
    pub(super) base: Option<At<String>>,
    /// System packages that are needed to build dependencies.
    pub(super) packages: Vec<At<String>>,
    /// Environment variables of the steps that install and build, such as `CFLAGS`.
    pub(super) env: BTreeMap<String, At<Scalar>>,
}

/// The final image.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RuntimeTable {
    /// The whole image reference, in place of `[python]`'s.
    pub(super) base: Option<At<String>>,
    /// System packages that are needed at run time.
    pub(super) packages: Vec<At<String>>,
    /// Whether the base's system packages get their security updates. Default: `false`.
    pub(super) upgrade: Option<At<Flag>>,
    /// Who the process runs as. Never root.
    pub(super) user: UserTable,
    /// The working directory. Default: `/app`.
    pub(super) workdir: Option<At<String>>,
    /// The command, in exec form. Default: the only script of the project.
    pub(super) entrypoint: Option<At<Vec<String>>>,
    /// The command's default arguments; without `entrypoint`, the whole command, which `docker run` replaces.
    pub(super) cmd: Option<At<Vec<String>>>,
    /// Environment variables of the image.
    pub(super) env: BTreeMap<String, At<Scalar>>,
    /// Ports that the service listens on.
    pub(super) expose: Vec<At<Int>>,
    /// Labels of the image. Those of the command, `--label`, go before them.
    pub(super) labels: BTreeMap<String, At<Scalar>>,
    /// How an engine sees that the service is well.
    pub(super) healthcheck: Option<At<HealthcheckTable>>,
    /// The signal that ends the service, such as `SIGINT`. Default: the base's, else `SIGTERM`.
    pub(super) stop_signal: Option<At<String>>,
    /// Whether a small init is process 1: it passes signals on and reaps what the service leaves. Default: `false`.
    pub(super) init: Option<At<Flag>>,
    /// Folders that the user may write to. All else belongs to root.
    pub(super) writable: Vec<At<String>>,
    /// Folders that outlive the container; the user may write to them.
    pub(super) volumes: Vec<At<String>>,
    /// A command that runs in a container of the finished image, and fails the build if it fails. It leaves nothing
    /// behind.
    pub(super) smoke_test: Option<At<Vec<String>>>,
    /// The most that the image's files may take, such as `200MB`; the build fails above it.
    pub(super) max_size: Option<At<String>>,
}

/// How an engine sees that the service is well (`HEALTHCHECK` of a Dockerfile).
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct HealthcheckTable {
    /// The command, in exec form; it ends with 0 when all is well. Empty: no check, not even the base's.
    pub(super) cmd: Option<At<Vec<String>>>,
    /// The time between two checks. Default: `30s`.
    pub(super) interval: Option<At<String>>,
    /// How long a check may take. Default: `30s`.
    pub(super) timeout: Option<At<String>>,
    /// How long failures do not count after the start. Default: none.
    pub(super) start_period: Option<At<String>>,
    /// The time between two checks during that. Default: `5s`.
    pub(super) start_interval: Option<At<String>>,
    /// After how many failures the service is unwell. Default: 3.
    pub(super) retries: Option<At<Int>>,
}

/// Who the process runs as.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct UserTable {
    /// The name. Default: `app`.
    pub(super) name: Option<At<String>>,
    /// The numeric user id. Default: 10001.
    pub(super) uid: Option<At<Int>>,
    /// The numeric group id. Default: the user id.
    pub(super) gid: Option<At<Int>>,
}

/// Files from elsewhere.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CopyTable {
    /// Where from: `context:NAME` is a named context, `image:REFERENCE` an image, `target:NAME` another target of this
    /// file, and an `https://` address a download. Default: the build context.
    pub(super) from: Option<At<String>>,
    /// The file or folder there; `*` and `?` match as in a shell. Of a folder, the content is copied. A download needs
    /// none.
    pub(super) src: Option<At<String>>,
    /// The absolute path in the image. One that ends in `/` is a folder.
    pub(super) dest: Option<At<String>>,
    /// The mode of the files in octal digits, such as `"0644"`. Default: as they are.
    pub(super) mode: Option<At<String>>,
    /// Who they belong to: `user` for the image's user, or `UID` or `UID:GID`. Default: root, so that the service
    /// cannot change them.
    pub(super) owner: Option<At<String>>,
    /// Patterns of what is left out of a folder.
    pub(super) exclude: Vec<At<String>>,
    /// The SHA-256 of a download, `sha256:` and 64 hex digits, which it needs.
    pub(super) checksum: Option<At<String>>,
}

/// A command of your own.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct HookTable {
    /// When: `after-packages`, in the builder after its packages; `before-install` and `after-install`, around the
    /// dependencies, whose environment goes into the image; `after-source`, with the project beside them, where only
    /// `outputs` go into the image; `final`, in the image itself.
    pub(super) at: Option<At<HookPoint>>,
    /// What: a command in exec form, or a shell script that stops at the first failure.
    pub(super) run: Option<At<Command>>,
    /// Variables for this command alone.
    pub(super) env: BTreeMap<String, At<Scalar>>,
    /// The ids of secrets; each is a file `/run/secrets/ID` while the command runs.
    pub(super) secrets: Vec<At<String>>,
    /// Whether the command has the client's SSH agent, `--ssh default`. Default: `false`.
    pub(super) ssh: Option<At<Flag>>,
    /// Folders that are kept from build to build on the engine, and never in the image.
    pub(super) cache: Vec<At<String>>,
    /// `default`, `none` or `host`. Default: `default`.
    pub(super) network: Option<At<HookNetwork>>,
    /// Files and folders that go into the image, at the same paths. Not for `final`, which is in the image.
    pub(super) outputs: Vec<At<String>>,
    /// The platforms that it is for, such as `linux/arm64`. Default: all.
    pub(super) platforms: Vec<At<String>>,
}

/// A command in exec form, or a shell script.
#[derive(Clone, Debug, JsonSchema, PartialEq, Eq)]
#[schemars(untagged)]
pub enum Command {
    /// A shell script, which stops at the first failure.
    Script(String),
    /// A program and its arguments.
    Exec(Vec<String>),
}

impl<'de> Deserialize<'de> for Command {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Command;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of strings or a script")
            }
            fn visit_str<E>(self, script: &str) -> Result<Command, E> {
                Ok(Command::Script(script.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut words: A) -> Result<Command, A::Error> {
                let mut command = Vec::new();
                while let Some(word) = words.next_element()? {
                    command.push(word);
                }
                Ok(Command::Exec(command))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// When a hook runs.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub enum HookPoint {
    /// In the builder, after its packages.
    AfterPackages,
    /// Before the dependencies are installed.
    BeforeInstall,
    /// After the dependencies are installed.
    AfterInstall,
    /// With the dependencies and the project.
    AfterSource,
    /// In the image.
    Final,
}

/// The network of a hook.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum HookNetwork {
    /// That of the build.
    #[default]
    Default,
    /// None.
    None,
    /// The engine's own; the build must be allowed it.
    Host,
}

/// Another image. What it does not say is as in the file.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TargetTable {
    /// What it is for; `docker buildx build --call targets` shows it.
    pub(super) description: Option<String>,
    /// The target that it differs from. Default: the main image.
    pub(super) extends: Option<At<String>>,
    /// A command that runs in a container of the image, and fails the build if it fails: tests, say. It leaves nothing
    /// behind.
    pub(super) run: Option<At<Vec<String>>>,
    /// As in the file.
    pub(super) dependencies: DependenciesTable,
    /// As in the file.
    pub(super) source: SourceTable,
    /// As in the file.
    pub(super) build: BuildTable,
    /// As in the file.
    pub(super) runtime: RuntimeTable,
    /// Added to those of the file.
    pub(super) copy: Vec<At<CopyTable>>,
    /// Added to those of the file.
    pub(super) hook: Vec<At<HookTable>>,
}

/// Which rules the files are checked by. Each has a page in `docs/rules`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CheckTable {
    /// Rules that are not looked at, by their ids, or `all`.
    pub(super) skip: Vec<At<String>>,
    /// Rules that are looked at only if they are named here: `DevOnlyImport`.
    pub(super) enable: Vec<At<String>>,
    /// Whether a warning fails the build. Default: `false`.
    pub(super) error: Option<bool>,
}
