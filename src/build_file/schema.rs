//! The keys of `poetry.build.toml`, version 1, and the types of their values. The JSON Schema is generated from these
//! types, and from it everything else that lists keys: the errors of [`super::shape`] and the tables of
//! `docs/build-file.md`. Users read the doc comments and examples there.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A value and its byte range.
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

/// Builds an image of a Poetry project. Every key has a default: an empty file builds a good image.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "poetry.build.toml")]
pub(super) struct File {
    /// The Python of the image.
    pub(super) python: PythonTable,
    /// The Poetry that installs the dependencies, and the indexes it uses.
    pub(super) poetry: PoetryTable,
    /// The dependencies to install.
    pub(super) dependencies: DependenciesTable,
    /// Build arguments. Any value of the file can refer to one as `${NAME}`.
    pub(super) args: BTreeMap<String, ArgTable>,
    /// The project's own code, and how it is installed.
    pub(super) source: SourceTable,
    /// Credentials for package indexes, by the names that they have in `[[tool.poetry.source]]`.
    pub(super) indexes: BTreeMap<String, At<IndexTable>>,
    /// Access to Git dependencies, by host (`HOST`, or `HOST:PORT` if the address has a port).
    pub(super) git: BTreeMap<String, At<GitTable>>,
    /// The builder: nothing of it is in the final image.
    pub(super) build: BuildTable,
    /// The final image.
    pub(super) runtime: RuntimeTable,
    /// Files from elsewhere to copy into the final image.
    pub(super) copy: Vec<At<CopyTable>>,
    /// Your own commands, run at fixed points of the build.
    pub(super) hook: Vec<At<HookTable>>,
    /// How Debian packages are installed.
    pub(super) apt: AptTable,
    /// Additional apt repositories, by a name of your choice. Every `packages` of the file can use them.
    pub(super) apt_sources: BTreeMap<String, At<AptSourceTable>>,
    /// More images, each built with `--target NAME`. A target inherits the whole file and lists what differs: tables
    /// are merged key by key, `[[copy]]` and `[[hook]]` are appended, and other values are replaced.
    pub(super) target: BTreeMap<String, At<TargetTable>>,
    /// The rules that the project is checked against.
    pub(super) check: CheckTable,
}

/// The Python of the image.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PythonTable {
    /// The Python release, such as `3.13` or `3.13.5`. Default: the newest one that the project allows and that all
    /// locked packages have wheels for.
    #[schemars(example = &"3.13")]
    pub(super) version: Option<At<String>>,
    /// The variant of the official image. Default: `slim-trixie`.
    #[schemars(example = &"slim-bookworm")]
    pub(super) variant: Option<At<String>>,
}

/// The Poetry that installs the dependencies, and the indexes it uses.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PoetryTable {
    /// The Poetry release. Default: the release that wrote the lock, or a newer one if `requires-poetry` needs it.
    #[schemars(example = &"2.1.4")]
    pub(super) version: Option<At<String>>,
    /// An image that contains this Poetry, made with `--target poetry`, in place of an installation from the index. Must
    /// name a digest.
    #[schemars(example = &"registry.example/poetry@sha256:1111111111111111111111111111111111111111111111111111111111111111")]
    pub(super) image: Option<At<String>>,
    /// Poetry plugins that the project needs, as requirements.
    #[schemars(example = ["poetry-plugin-export==1.9.0"])]
    pub(super) plugins: Vec<At<String>>,
    /// A simple index to use in place of the default one. Empty: no mirror.
    #[schemars(example = &"https://mirror.example/simple/")]
    pub(super) mirror: Option<At<String>>,
    /// CA certificates that downloads trust in addition to those of the image: a path in the builder's base, or `secret:ID`
    /// for an optional build secret. Empty: none.
    #[schemars(example = &"/etc/ssl/certs/ca-certificates.crt")]
    pub(super) ca_bundle: Option<At<String>>,
}

/// The dependencies to install.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct DependenciesTable {
    /// The dependency groups to install, and no others: Poetry's groups or those of `[dependency-groups]`. Default:
    /// `main`.
    #[schemars(example = ["main"])]
    pub(super) groups: Option<At<Vec<At<String>>>>,
    /// The groups to leave out of `groups`. Without `groups`: out of what `poetry install` installs, which is `main` and
    /// all groups that are not optional.
    #[schemars(example = ["dev"])]
    pub(super) without: Option<At<Vec<At<String>>>>,
    /// The extras to install, or `"all"`. Default: none.
    #[schemars(example = ["postgres"])]
    pub(super) extras: Option<At<Extras>>,
    /// What installs the dependencies: `auto` installs locked wheels with uv and everything else with Poetry, and `poetry`
    /// installs everything with Poetry. Default: `auto`.
    #[schemars(example = &"poetry")]
    pub(super) installer: Option<At<Installer>>,
    /// An image with `uv` in its root directory, such as the official one, in place of an installation from the index. Must
    /// name a digest.
    #[schemars(example = &"registry.example/uv@sha256:1111111111111111111111111111111111111111111111111111111111111111")]
    pub(super) uv_image: Option<At<String>>,
    /// What downloads the wheels that uv installs: `step`, the step that installs them, or `engine`, the engine itself, as
    /// sources with a checksum. Default: `step`.
    #[schemars(example = &"engine")]
    pub(super) fetch: Option<At<Fetch>>,
    /// How the wheels are divided into layers of the image.
    pub(super) layers: LayersTable,
    /// Whether to compile the dependencies and the project to bytecode. Containers start faster, but the image is
    /// larger. Default: `true`.
    #[schemars(example = false)]
    pub(super) compile: Option<Flag>,
}

/// What installs the dependencies.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Installer {
    /// Locked wheels with uv, everything else with Poetry.
    #[default]
    Auto,
    /// Everything with Poetry.
    Poetry,
}

/// What downloads wheels.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Fetch {
    /// The step that installs them.
    #[default]
    Step,
    /// The engine, as sources with a checksum.
    Engine,
}

/// How the wheels are divided into layers of the image.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LayersTable {
    /// Packages that get a layer of their own, in addition to well-known large ones.
    #[schemars(example = ["my-models"])]
    pub(super) own: Vec<At<String>>,
    /// The number of layers for all other packages of an index. Default: 1 for fewer than 16 packages, 4 for fewer than 64, 6
    /// for fewer than 128, otherwise 8; at most 4 on engines that cannot merge layers.
    #[schemars(example = 4)]
    pub(super) count: Option<At<Int>>,
}

/// A list of extras, or all of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Extras {
    All(All),
    Some(Vec<String>),
}

/// All extras.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum All {
    All,
}

/// A build argument.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ArgTable {
    /// What the argument is for. `docker buildx build --call outline` shows it.
    #[schemars(example = &"The port that the service listens on.")]
    pub(super) description: Option<String>,
    /// The value if `--build-arg` does not give one. An argument without a default is required.
    #[schemars(example = 8000)]
    pub(super) default: Option<Scalar>,
    /// The type of the argument, and of values that consist of `${NAME}` alone. Default: the type of `default`.
    #[schemars(example = &"integer")]
    #[serde(rename = "type")]
    pub(super) kind: Option<ArgType>,
    /// The allowed values. Default: any.
    #[schemars(example = ["debug", "info"])]
    pub(super) choices: Option<Vec<Scalar>>,
}

/// The type of a build argument.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum ArgType {
    /// Text.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// `true` or `false`.
    Boolean,
}

/// A string, a whole number or a boolean.
#[derive(Clone, Debug, JsonSchema, PartialEq, Eq)]
#[schemars(untagged, example = &"value")]
pub(super) enum Scalar {
    Boolean(bool),
    Integer(i64),
    String(String),
}

impl Scalar {
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
                f.write_str("a string, a whole number or a boolean")
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

/// For keys that are not strings: a value of this type, or a reference to a build argument of this type.
fn or_reference(kind: &str) -> Schema {
    schemars::json_schema!({
        "anyOf": [
            { "type": kind },
            { "type": "string", "pattern": "^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$" },
        ]
    })
}

/// A whole number, or a reference to a build argument that is one.
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

/// A boolean, or a reference to a build argument that is one.
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

/// A port as a number, or with its protocol.
#[derive(Clone, Debug)]
pub(super) struct PortText(pub(super) String);

impl<'de> Deserialize<'de> for PortText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Scalar::deserialize(deserializer).map(|port| Self(port.into_text()))
    }
}

impl JsonSchema for PortText {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PortText".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let reference = r"\$\{[A-Za-z_][A-Za-z0-9_]*\}";
        schemars::json_schema!({
            "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": 65535 },
                {
                    "type": "string",
                    "format": "port",
                    "pattern": format!("^([0-9]|{reference})+(/([A-Za-z]|{reference})+)?$"),
                },
            ]
        })
    }
}

/// The project's own code, and how it is installed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct SourceTable {
    /// How to install the project: as a wheel (never editable), as a copy of its files, or not at all (dependencies
    /// only). Default: `wheel`, or `copy` if the project sets `package-mode = false`.
    #[schemars(example = &"copy")]
    pub(super) install: Option<At<InstallMode>>,
    /// Files and directories of the build context, as patterns. Default: the files of the package.
    #[schemars(example = ["service", "templates/*.html"])]
    pub(super) include: Option<At<Vec<At<String>>>>,
    /// Patterns of files to leave out, as in an ignore file.
    #[schemars(example = ["**/tests"])]
    pub(super) exclude: Vec<At<String>>,
    /// Directories that the engine keeps between builds of this project's wheel, for a build script or a backend that
    /// compiles: absolute, or relative to the project.
    #[schemars(example = ["/root/.cargo/registry", "target"])]
    pub(super) cache: Vec<At<String>>,
    /// Environment variables for the step that builds this project's wheel, in addition to `env` of `[build]`. A change
    /// reinstalls no dependency.
    #[schemars(example = serde_json::json!({ "POETRY_DYNAMIC_VERSIONING_BYPASS": "${VERSION}" }))]
    pub(super) env: BTreeMap<String, At<Scalar>>,
}

/// How the project is installed.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum InstallMode {
    /// Build a wheel and install it.
    Wheel,
    /// Copy the files.
    Copy,
    /// Install the dependencies only.
    None,
}

/// Credentials for a package index. The secrets are required by the steps that use them.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[expect(clippy::struct_field_names, reason = "they are the keys of the table")]
pub(super) struct IndexTable {
    /// The id of the secret with the user name, as in `--secret id=...`. Default: `NAME-username`.
    #[schemars(example = &"index-user")]
    pub(super) username_secret: Option<At<String>>,
    /// The id of the secret with the password or token. Default: `NAME-password`.
    #[schemars(example = &"index-token")]
    pub(super) password_secret: Option<At<String>>,
    /// The id of a secret with the whole `Authorization` header, such as `Basic dXNlcjpwYXNz`. With it and `fetch = "engine"`, the
    /// engine downloads the wheels of this index.
    #[schemars(example = &"index-header")]
    pub(super) header_secret: Option<At<String>>,
}

/// A Git host.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct GitTable {
    /// The host's public SSH keys. Dependencies over SSH need at least one key, and your SSH agent (`--ssh default`).
    #[schemars(example = ["ssh-ed25519 AAAA..."])]
    pub(super) host_keys: Vec<At<String>>,
    /// The id of the secret with the token for HTTPS, which is then required. Default: `GIT_AUTH_TOKEN.HOST`, if the
    /// build has that secret.
    #[schemars(example = &"git-token")]
    pub(super) token_secret: Option<At<String>>,
    /// The user name to send with the token. Default: `x-access-token`, which most hosts accept.
    #[schemars(example = &"x-access-token")]
    pub(super) username: Option<At<String>>,
}

/// How Debian packages are installed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AptTable {
    /// Environment variables for the steps that install Debian packages. They are not in the image.
    #[schemars(example = serde_json::json!({ "ACCEPT_EULA": "Y" }))]
    pub(super) env: BTreeMap<String, At<Scalar>>,
}

/// An apt repository.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AptSourceTable {
    /// The address of the repository.
    #[schemars(example = &"https://apt.example.org/debian")]
    pub(super) uri: Option<At<String>>,
    /// The suites. One that ends in `/` is a path and has no components.
    #[schemars(example = ["trixie"])]
    pub(super) suites: Vec<At<String>>,
    /// The components. Default: `main`, or none for a suite that is a path.
    #[schemars(example = ["main"])]
    pub(super) components: Vec<At<String>>,
    /// The repository's public key: a file of the build context, or an address together with `key-checksum`. The name
    /// must end in `.asc` or `.gpg`.
    #[schemars(example = &"keys/example.asc")]
    pub(super) key: Option<At<String>>,
    /// The SHA-256 of a key that is downloaded.
    #[schemars(
        example = &"sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
    )]
    pub(super) key_checksum: Option<At<String>>,
}

/// The builder: nothing of it is in the final image.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct BuildTable {
    /// The builder's base image. It must have the same Python as the runtime's base, at the same path. Default: the
    /// runtime's base.
    #[schemars(example = &"python:3.13-bookworm")]
    pub(super) base: Option<At<String>>,
    /// Debian packages that are needed to build dependencies.
    #[schemars(example = ["gcc", "libpq-dev"])]
    pub(super) packages: Vec<At<String>>,
    /// Environment variables for the steps that install and build.
    #[schemars(example = serde_json::json!({ "CFLAGS": "-O2" }))]
    pub(super) env: BTreeMap<String, At<Scalar>>,
}

/// The final image.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RuntimeTable {
    /// The base image. Default: the official Python image that `[python]` selects.
    #[schemars(example = &"python:3.13-slim")]
    pub(super) base: Option<At<String>>,
    /// Debian packages that are needed at run time.
    #[schemars(example = ["libpq5"])]
    pub(super) packages: Vec<At<String>>,
    /// Whether to install security updates for the base's packages. Default: `false`.
    #[schemars(example = true)]
    pub(super) upgrade: Option<At<Flag>>,
    /// The user that the container runs as. Never root.
    pub(super) user: UserTable,
    /// The working directory. Default: `/app`.
    #[schemars(example = &"/srv")]
    pub(super) workdir: Option<At<String>>,
    /// The command, in exec form. Default: the project's script, if it has exactly one.
    #[schemars(example = ["gunicorn", "service:app"])]
    pub(super) entrypoint: Option<At<Exec>>,
    /// The default arguments of the entrypoint. Without `entrypoint`: the whole command, which arguments of `docker
    /// run` replace.
    #[schemars(example = ["--port", "8000"])]
    pub(super) cmd: Option<At<Exec>>,
    /// Environment variables of the image.
    #[schemars(example = serde_json::json!({ "PORT": "8000" }))]
    pub(super) env: BTreeMap<String, At<Scalar>>,
    /// The ports that the service listens on: numbers, or `"NUMBER/PROTOCOL"` with `tcp`, `udp` or `sctp`. Default: `tcp`.
    #[schemars(example = serde_json::json!([8000, "5353/udp"]))]
    pub(super) expose: Vec<At<PortText>>,
    /// Labels of the image. `--label` overrides them.
    #[schemars(example = serde_json::json!({ "org.opencontainers.image.vendor": "Example" }))]
    pub(super) labels: BTreeMap<String, At<Scalar>>,
    /// How the engine checks that the service is healthy.
    pub(super) healthcheck: Option<At<HealthcheckTable>>,
    /// The signal that stops the service. Default: the base's, or `SIGTERM`.
    #[schemars(example = &"SIGINT")]
    pub(super) stop_signal: Option<At<String>>,
    /// Whether to run `tini` as process 1, which forwards signals and reaps zombie processes. Default: `false`.
    #[schemars(example = true)]
    pub(super) init: Option<At<Flag>>,
    /// Directories that the user can write to. All other files belong to root.
    #[schemars(example = ["/app/data"])]
    pub(super) writable: Vec<At<String>>,
    /// Volumes, which the user can write to.
    #[schemars(example = ["/app/data"])]
    pub(super) volumes: Vec<At<String>>,
    /// A command to run in a container of the finished image. The build fails if it fails. Its changes are discarded.
    #[schemars(example = ["service", "--version"])]
    pub(super) smoke_test: Option<At<Exec>>,
    /// Whether the smoke test runs like `docker run --read-only --tmpfs /tmp`: it can write to `/tmp`, `writable` and
    /// `volumes` only. Default: `true`.
    #[schemars(example = false)]
    pub(super) read_only: Option<Flag>,
    /// Whether the image has a software bill of materials (SBOM), an SPDX document that the frontend writes. Default:
    /// `false`.
    #[schemars(example = true)]
    pub(super) sbom: Option<Flag>,
    /// An OpenVEX document of the build context, with statements about vulnerabilities that scanners find in the image. It
    /// becomes an attestation of the image.
    #[schemars(example = &"security/openvex.json")]
    pub(super) vex: Option<At<String>>,
    /// The maximum size of the image's files. The build fails above it.
    #[schemars(example = &"200MB")]
    pub(super) max_size: Option<At<String>>,
}

/// How the engine checks that the service is healthy, like `HEALTHCHECK` of a Dockerfile.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct HealthcheckTable {
    /// The command, in exec form. It exits with 0 if the service is healthy. Empty: no health check, not even the
    /// base's.
    #[schemars(example = ["python", "-m", "service.health"])]
    pub(super) cmd: Option<At<Exec>>,
    /// The time between two checks. Default: `30s`.
    #[schemars(example = &"30s")]
    pub(super) interval: Option<At<String>>,
    /// The time after which a check fails. Default: `30s`.
    #[schemars(example = &"3s")]
    pub(super) timeout: Option<At<String>>,
    /// The time after the start in which failures do not count. Default: none.
    #[schemars(example = &"10s")]
    pub(super) start_period: Option<At<String>>,
    /// The time between two checks during `start-period`. Default: `5s`.
    #[schemars(example = &"1s")]
    pub(super) start_interval: Option<At<String>>,
    /// The number of failures in a row after which the service is unhealthy. Default: 3.
    #[schemars(example = 3)]
    pub(super) retries: Option<At<Int>>,
}

/// The user that the container runs as.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct UserTable {
    /// The user name. Default: `app`.
    #[schemars(example = &"app")]
    pub(super) name: Option<At<String>>,
    /// The numeric user id. Default: 10001.
    #[schemars(example = 10001)]
    pub(super) uid: Option<At<Int>>,
    /// The numeric group id. With 0, as `OpenShift` needs it, the group can write to the same directories as the user.
    /// Default: the user id.
    #[schemars(example = 10001)]
    pub(super) gid: Option<At<Int>>,
}

/// Files from elsewhere.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CopyTable {
    /// Where to copy from: `context:NAME` (a named context), `image:REFERENCE` (an image), `target:NAME` (another
    /// target of this file) or an `https://` address (a download). Default: the build context.
    #[schemars(example = &"image:node:22-slim")]
    pub(super) from: Option<At<String>>,
    /// The file or directory to copy; `*` and `?` match as in a shell. The contents of a directory are copied, not
    /// the directory itself. Required, except for downloads.
    #[schemars(example = &"dist")]
    pub(super) src: Option<At<String>>,
    /// The absolute path in the image. A path that ends in `/` is a directory. Required.
    #[schemars(example = &"/app/static/")]
    pub(super) dest: Option<At<String>>,
    /// The mode of the files, in octal digits. Default: unchanged.
    #[schemars(example = &"0644")]
    pub(super) mode: Option<At<String>>,
    /// The owner of the files: `user` (the image's user), `UID` or `UID:GID`. Default: root, so that the service
    /// cannot change them.
    #[schemars(example = &"user")]
    pub(super) owner: Option<At<String>>,
    /// Patterns of files to leave out of a directory.
    #[schemars(example = ["**/*.map"])]
    pub(super) exclude: Vec<At<String>>,
    /// The SHA-256 of a download, which needs one.
    #[schemars(
        example = &"sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
    )]
    pub(super) checksum: Option<At<String>>,
}

/// Your own command.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct HookTable {
    /// When to run: `after-packages` (in the builder, once its packages are installed), `before-install` or
    /// `after-install` (before or after the dependencies are installed), `before-source` (on the project's files, before
    /// they are installed), `after-source` (with the project as well) or `final` (in the image itself). Required.
    #[schemars(example = &"after-source")]
    pub(super) at: Option<At<HookPoint>>,
    /// The command, in exec form, or a shell script that stops at the first failure. Required.
    #[schemars(example = ["python", "manage.py", "collectstatic", "--noinput"])]
    pub(super) run: Option<At<Command>>,
    /// Environment variables for this command only.
    #[schemars(example = serde_json::json!({ "NODE_ENV": "production" }))]
    pub(super) env: BTreeMap<String, At<Scalar>>,
    /// The ids of build secrets. Each is the file `/run/secrets/ID` while the command runs.
    #[schemars(example = ["npm-token"])]
    pub(super) secrets: Vec<At<String>>,
    /// Whether the command can use your SSH agent (`--ssh default`). Default: `false`.
    #[schemars(example = true)]
    pub(super) ssh: Option<At<Flag>>,
    /// Directories that the engine keeps between builds. They are never in the image.
    #[schemars(example = ["/root/.npm"])]
    pub(super) cache: Vec<At<String>>,
    /// The network of the command. Default: `default`.
    #[schemars(example = &"none")]
    pub(super) network: Option<At<HookNetwork>>,
    /// Files of the build context that the command needs, as patterns. They are in its working directory while it runs.
    /// Not for `final` hooks.
    #[schemars(example = ["package.json", "frontend/**"])]
    pub(super) inputs: Vec<At<String>>,
    /// Files and directories to copy into the image, at the same paths. Not for `final` hooks, which run in the
    /// image.
    #[schemars(example = ["/app/static"])]
    pub(super) outputs: Vec<At<String>>,
    /// The owner of the `outputs`: `user` (the image's user), `UID` or `UID:GID`. Default: root, so that the service
    /// cannot change them.
    #[schemars(example = &"user")]
    pub(super) owner: Option<At<String>>,
    /// The platforms to run the command for. Default: all.
    #[schemars(example = ["linux/arm64"])]
    pub(super) platforms: Vec<At<String>>,
}

/// A command in exec form: a program and its arguments. No shell is involved.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct Exec(pub(super) Vec<String>);

/// A command in exec form, or a shell script.
#[derive(Clone, Debug, JsonSchema, PartialEq, Eq)]
#[schemars(untagged)]
pub enum Command {
    /// A shell script that stops at the first failure.
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
                f.write_str("a string or a list of strings")
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
    /// In the builder, once its packages are installed.
    AfterPackages,
    /// Before the dependencies are installed.
    BeforeInstall,
    /// After the dependencies are installed.
    AfterInstall,
    /// On the project's files, before the project is installed.
    BeforeSource,
    /// Once the project is installed as well.
    AfterSource,
    /// In the image itself.
    Final,
}

/// The network of a hook.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum HookNetwork {
    /// The network of the build.
    #[default]
    Default,
    /// No network.
    None,
    /// The engine's own network, for builds with `--allow network.host`.
    Host,
}

/// Another image. It inherits every key that it does not set.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TargetTable {
    /// What the target is for. `docker buildx build --call targets` shows it.
    #[schemars(example = &"Runs the tests.")]
    pub(super) description: Option<String>,
    /// The target to inherit from, or `none` to inherit none of the tables that a target can have. Default: the main
    /// image.
    #[schemars(example = &"test")]
    pub(super) extends: Option<At<String>>,
    /// The tables not to inherit.
    #[schemars(example = ["copy", "hook"])]
    pub(super) without: Vec<Inherited>,
    /// A command to run in a container of the image, such as the tests, or a list of commands. The build fails if one of
    /// them fails. Their changes are discarded.
    #[schemars(example = ["pytest", "-q"])]
    pub(super) run: Option<At<Commands>>,
    /// Merged into `[dependencies]`.
    pub(super) dependencies: DependenciesTable,
    /// Merged into `[source]`.
    pub(super) source: SourceTable,
    /// Merged into `[build]`.
    pub(super) build: BuildTable,
    /// Merged into `[runtime]`.
    pub(super) runtime: RuntimeTable,
    /// Appended to `[[copy]]`.
    pub(super) copy: Vec<At<CopyTable>>,
    /// Appended to `[[hook]]`.
    pub(super) hook: Vec<At<HookTable>>,
}

/// The tables that a target inherits and can have itself.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Inherited {
    Dependencies,
    Source,
    Build,
    Runtime,
    Copy,
    Hook,
}

/// One command in exec form, or several.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub(super) enum Commands {
    One(Exec),
    Several(Vec<At<Exec>>),
}

impl<'de> Deserialize<'de> for Commands {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Commands;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of strings or of lists")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Commands, A::Error> {
                let mut words = Vec::new();
                let mut commands = Vec::new();
                while let Some(At { value, span }) = items.next_element::<At<Command>>()? {
                    match value {
                        Command::Script(word) => words.push(word),
                        Command::Exec(words) => commands.push(At {
                            value: Exec(words),
                            span,
                        }),
                    }
                }
                // The shape of the file is right, so it is not a mixture.
                Ok(if commands.is_empty() {
                    Commands::One(Exec(words))
                } else {
                    Commands::Several(commands)
                })
            }
        }
        deserializer.deserialize_seq(Reader)
    }
}

/// The rules that the project is checked against. Each rule has a page in `docs/rules`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CheckTable {
    /// The ids of rules to switch off, or `all`.
    #[schemars(example = ["LatestTag"])]
    pub(super) skip: Vec<At<String>>,
    /// The ids of rules to switch on that are off by default: `DevOnlyImport`.
    #[schemars(example = ["DevOnlyImport"])]
    pub(super) enable: Vec<At<String>>,
    /// Whether warnings fail the build. Default: `false`.
    #[schemars(example = true)]
    pub(super) error: Option<Flag>,
}

/// The JSON Schema of the file.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(File).to_value()
}
