//! Errors in a build file.

use crate::diagnostics::{Diagnostic, Document, Problem, either, listed};

use super::rule_switches;

/// How the TOML parser's messages about a string without quotes start.
const UNQUOTED: [&str; 3] = [
    "string values must be quoted",
    "invalid float",
    "unexpected leading zero",
];

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    #[error("the build file has more than {most} {what}")]
    TooMany {
        /// What they are, as the user writes them.
        what: &'static str,
        most: usize,
    },
    #[error("after substituting build arguments, the values of the build file exceed {0} KiB")]
    TooLargeFilled(usize),
    #[error("invalid TOML: {0}")]
    Syntax(String),
    #[error("unknown key `{key}` {}", whereabouts(.table))]
    UnknownKey {
        key: String,
        /// The header of its table.
        table: String,
        hint: String,
    },
    #[error("{subject} must be {expected}{}; found {found}", such_as(.example.as_ref()))]
    WrongType {
        /// The key, or the items of its list.
        subject: String,
        expected: String,
        example: Option<String>,
        found: &'static str,
        hint: String,
    },
    #[error("`{value}` is not a valid value for `{key}`")]
    UnknownValue {
        key: String,
        value: String,
        meant: Option<String>,
        known: Vec<String>,
    },
    /// A value of the right type that cannot be read. No file is known to cause it.
    #[error("cannot read this value: {0}")]
    Unreadable(String),
    #[error("`{0}` is not a valid name for a build argument")]
    ArgName(String),
    #[error("the build argument `{0}` has no default and was not set")]
    ArgMissing(String),
    #[error("`{0}` contains an invalid reference: expected `${{NAME}}`")]
    ArgReference(String),
    #[error("`${{{name}}}` refers to a build argument that `[args]` does not declare")]
    UnknownArg { name: String, meant: Option<String> },
    #[error("unknown Python release `{0}`")]
    UnknownPython(String),
    #[error("`{0}` is not a Poetry release")]
    PoetryVersion(String),
    #[error("Poetry {0} is too old: the oldest supported release is {oldest}", oldest = crate::project::OLDEST_POETRY)]
    PoetryTooOld(String),
    #[error("`mirror` is not an `http://` or `https://` address")]
    MirrorAddress,
    #[error("`mirror` contains a user name or password, which would be stored in the build cache")]
    MirrorCredentials,
    #[error("`{0}` is not an absolute path in the image")]
    NotAbsolute(String),
    #[error("a path cannot contain a line break or another control character")]
    ControlInPath,
    #[error(
        "the working directory `{0}` contains a `:`, which the user's home directory cannot have"
    )]
    ColonInHome(String),
    #[error("`{0}` is not the name of a context")]
    ContextName(String),
    #[error("`{0}` is not a path inside the build context")]
    OutsideContext(String),
    #[error("`{0}` is not a valid pattern")]
    MalformedPattern(String),
    /// Without the value, which may be the secret itself.
    #[error("this is not a valid secret id")]
    SecretId,
    #[error("`{0}` is not a host name")]
    GitHost(String),
    #[error("`{0}` is not a user name")]
    GitUser(String),
    /// Without the value, which may be a private key.
    #[error("this is not an SSH host key")]
    HostKey,
    #[error("`groups` is empty, so nothing would be installed")]
    NoGroup,
    #[error("`include` is empty, so the image would contain no files of the project")]
    NothingIncluded,
    #[error("`{0}` is not the name of a Debian package")]
    PackageName(String),
    #[error("`{0}` is not an image reference")]
    ImageReference(String),
    #[error("`{0}` is not a variant of the official Python image")]
    Variant(String),
    #[error("the image would run as root: {0}")]
    Root(&'static str),
    #[error("`{1}` is not a valid `{0}`")]
    Id(&'static str, i64),
    #[error("`{0}` is not a user name")]
    UserName(String),
    #[error("`{0}` is not a port")]
    Port(String),
    #[error("`{0}` has an unknown protocol")]
    PortProtocol(String),
    #[error("`{0}` is a range of ports")]
    PortRange(String),
    /// The second field is the container's own port.
    #[error("`{0}` also has a port of the host")]
    PublishedPort(String, String),
    #[error("`{0}` is not a valid name for an environment variable")]
    EnvName(String),
    #[error("the value of the build argument `{name}` is not {expected}")]
    ArgValue {
        name: String,
        expected: &'static str,
    },
    #[error("the value of the build argument `{name}` is not one of its choices")]
    ArgChoice { name: String, choices: Vec<String> },
    #[error("`{key}` is missing")]
    Missing { key: String, example: String },
    #[error("this is not a text of one line")]
    NotALine,
    #[error("`{0}` is empty: there is no command to run")]
    EmptyCommand(&'static str),
    #[error("this value contains a NUL character")]
    Nul,
    #[error("`{0}` is not a requirement for a plugin")]
    Plugin(String),
    #[error("`{0}` names no digest, so it could change without notice")]
    NotPinned(String),
    #[error("`{0}` is not a valid number of layers")]
    LayerCount(i64),
    #[error("`{0}` would keep all files of the build")]
    WholeCache(String),
    #[error("`{0}` is a system directory")]
    SystemDirectory(String),
    #[error("`{0}` is not a signal")]
    Signal(String),
    #[error("`{0}` is not a duration")]
    Duration(String),
    #[error("`{0}` is not a valid number of retries")]
    Retries(i64),
    #[error("`{0}` is not a size")]
    Size(String),
    #[error("`{0}` is not a file mode")]
    Mode(String),
    #[error("`{0}` is not an owner")]
    Owner(String),
    #[error("`{0}` is not a SHA-256 checksum")]
    Checksum(String),
    #[error("a download needs a `{0}`: its content could change without notice")]
    NoChecksum(&'static str),
    #[error("`checksum` is only for downloads")]
    NeedlessChecksum,
    #[error("a download is a single file and takes no `src`")]
    NeedlessSrc,
    #[error("`{0}` is not an `http://` or `https://` address")]
    Address(String),
    /// Without the value.
    #[error(
        "this address contains a user name or password, which would be stored in the build cache"
    )]
    AddressCredentials,
    #[error("`{0}` is not a valid name for an apt repository")]
    AptSourceName(String),
    #[error("`{0}` is not a suite or component")]
    AptWord(String),
    #[error("the name of the key `{0}` ends in neither `.asc` nor `.gpg`")]
    AptKeyName(String),
    #[error("`{0}` is not a valid origin for a copy")]
    CopySource(String),
    #[error("the whole file system cannot be an output")]
    RootOutput,
    #[error("a `final` hook has no `inputs`: it runs in the image")]
    FinalInputs,
    #[error("`owner` is the owner of `outputs`, and this hook has none")]
    NeedlessOwner,
    #[error("a `final` hook has no `outputs`: it runs in the image, and all its changes stay")]
    FinalOutputs,
    #[error("`{0}` is not a platform")]
    Platform(String),
    #[error("`{0}` is not a valid name for a target")]
    TargetName(String),
    #[error("`{0}` is a built-in target")]
    BuiltInTarget(String),
    #[error("a target cannot be called `none`, which stands for no target in `extends`")]
    TargetNone,
    #[error("a target cannot extend `dev`, the development image")]
    ExtendsDevelopment,
    #[error("`{key}` has no effect in the target `dev`")]
    WithoutEffectInDevelopment { key: String, hint: &'static str },
    #[error("there is no target `{name}`")]
    UnknownTarget {
        name: String,
        meant: Option<String>,
        known: Vec<String>,
    },
    #[error("the target `{0}` extends itself")]
    TargetCycle(String),
    #[error("`[runtime] base` and `[python] variant` both select the base image")]
    TwoBases,
    #[error(transparent)]
    Rule(#[from] rule_switches::Error),
}

fn whereabouts(table: &str) -> String {
    match table {
        "[]" => "at the top level".to_owned(),
        header => format!("in `{header}`"),
    }
}

fn such_as(example: Option<&String>) -> String {
    example.map_or_else(String::new, |example| format!(", such as `{example}`"))
}

/// An error of the TOML parser or of serde, at its span.
pub(super) fn toml_error(
    document: &Document,
    error: &toml::de::Error,
    kind: impl FnOnce(String) -> Error,
) -> Diagnostic {
    let span = document.span(error.span().unwrap_or(0..0));
    let message = error.message().trim_end().replace('\n', ", ");
    let message = match message.split_once(", expected ") {
        // Names of the parser's rules, rather than signs that are missing.
        Some((what, expected)) if !expected.contains('`') => what.to_owned(),
        _ => message,
    };
    kind(message).at(&span)
}

impl Problem for Error {
    #[expect(clippy::too_many_lines, reason = "a line or two for each error")]
    fn hint(&self) -> String {
        match self {
            Self::TooMany { .. } => "use fewer, or split the project".into(),
            Self::TooLargeFilled(_) => "refer to long arguments fewer times".into(),
            Self::Syntax(message) if UNQUOTED.iter().any(|start| message.starts_with(start)) => {
                "put strings in quotes, such as `\"3.13.5\"`".into()
            }
            Self::Syntax(_) => "fix the TOML syntax on this line".into(),
            Self::UnknownKey { hint, .. } | Self::WrongType { hint, .. } => hint.clone(),
            Self::UnknownValue {
                meant: Some(meant), ..
            }
            | Self::UnknownTarget {
                meant: Some(meant), ..
            } => format!("did you mean `{meant}`?"),
            Self::UnknownValue { known, .. } => format!("use {}", either(known)),
            Self::Unreadable(_) => "compare the value with docs/build-file.md".into(),
            Self::ArgName(_) | Self::EnvName(_) => {
                "use letters, digits and `_`, and do not start with a digit".into()
            }
            Self::ArgMissing(name) => format!(
                "add `--build-arg {name}=...` to the command, or `{name} = {{ default = \"...\" }}` to `[args]`"
            ),
            Self::ArgReference(_) => {
                "write `$${` for a literal `${`, as in a shell variable".into()
            }
            Self::UnknownArg {
                meant: Some(meant), ..
            } => format!("did you mean `${{{meant}}}`?"),
            Self::UnknownArg { name, meant: None } => {
                format!("add `{name} = {{ default = \"\" }}` to `[args]`")
            }
            Self::UnknownPython(_) => {
                let known = crate::project::KNOWN_PYTHONS;
                format!(
                    "use 3.{} to 3.{}, or set `base` in `[runtime]` to an image with another Python",
                    known.start(),
                    known.end()
                )
            }
            Self::PoetryVersion(_) => "write a release such as `2.1.4`".into(),
            Self::PoetryTooOld(_) => {
                "remove `version`, and update the lock with a newer Poetry: `poetry lock`".into()
            }
            Self::MirrorAddress => {
                "use the address of a simple index, such as `https://mirror.example/simple/`".into()
            }
            Self::MirrorCredentials | Self::AddressCredentials => {
                "remove the credentials from the address".into()
            }
            Self::MalformedPattern(_) => {
                "close each `[` with `]`, and write `\\[` for the character itself".into()
            }
            Self::ControlInPath | Self::ColonInHome(_) => "remove the character".into(),
            Self::ContextName(_) => {
                "use the name in `--build-context NAME=...`: lower-case letters, digits, `-`, `_` and `.`".into()
            }
            Self::NotAbsolute(_) => "start the path with `/`, without `.` and `..`".into(),
            Self::OutsideContext(_) => {
                "use a path relative to the project's directory, without a leading `/` and without `..`".into()
            }
            Self::SecretId => {
                "use the id in `--secret id=...`, made of letters, digits, `-`, `_` and `.`; never put the secret itself in a file".into()
            }
            Self::GitHost(_) => {
                "write `[git.\"HOST\"]` or `[git.\"HOST:PORT\"]`, as in the repository's address".into()
            }
            Self::GitUser(_) => {
                "remove the `:`, or the whole line: most hosts accept any user name with a token".into()
            }
            Self::HostKey => {
                "copy the key from the output of `ssh-keyscan HOST`, without the host name: `ssh-ed25519 AAAA...`".into()
            }
            Self::NoGroup => "add a group, or remove the line to install `main`".into(),
            Self::NothingIncluded => {
                "add the files to include, or set `install = \"none\"` for an image with only the dependencies".into()
            }
            Self::PackageName(_) => {
                "use lower-case letters, digits, `+`, `-` and `.`; add `=VERSION` to select a version".into()
            }
            Self::ImageReference(_) => "write `NAME`, `NAME:TAG` or `NAME@sha256:DIGEST`, with `NAME` in lower case".into(),
            Self::Variant(_) => "use a variant such as `slim-trixie`, `slim-bookworm` or `slim`".into(),
            Self::Root(_) => "use another user, or remove the line to use the default, `app` (10001)".into(),
            Self::Id("gid", _) => "use a number from 0 to 2147483647".into(),
            Self::Id(..) => "use a number from 1 to 2147483647".into(),
            Self::UserName(_) => {
                "use up to 32 lower-case letters, digits, `-` and `_`, and start with a letter".into()
            }
            Self::Port(_) => "use a number from 1 to 65535".into(),
            Self::PortProtocol(_) => "use `tcp`, `udp` or `sctp`, as in `\"53/udp\"`".into(),
            Self::PortRange(_) => "list each port, such as `[8000, 8001]`".into(),
            Self::PublishedPort(_, port) => {
                format!("write `{port}`, and choose the host's port when the container runs: `docker run -p`")
            }
            Self::ArgValue { name, .. } => {
                format!("correct `--build-arg {name}=...` or the argument's `default`")
            }
            Self::ArgChoice { choices, .. } => format!("use {}", either(choices)),
            Self::Missing { key, example } => format!("add it, for example `{key} = {example}`"),
            Self::EmptyCommand(_) => "add a program, followed by its arguments".into(),
            Self::Nul => "remove it".into(),
            Self::Plugin(_) => {
                "write a requirement as for pip, such as `poetry-plugin-export==1.9.0`".into()
            }
            Self::NotPinned(image) => format!(
                "write `{image}@sha256:DIGEST`, with the digest that `docker buildx imagetools inspect` prints"
            ),
            Self::LayerCount(_) => "use a number from 1 to 8".into(),
            Self::WholeCache(_) => {
                "name a directory, such as `target` or `/root/.cargo/registry`".into()
            }
            Self::SystemDirectory(_) => "use a directory of your own, such as `/app/data`".into(),
            Self::Signal(_) => "use a name such as `SIGTERM`, or a number from 1 to 64".into(),
            Self::Duration(_) => {
                "write a number with a unit, such as `500ms`, `30s` or `1m30s`".into()
            }
            Self::Retries(_) => "use a number from 1 to 1000".into(),
            Self::Size(_) => "write a number with a unit, such as `200MB` or `1.5GiB`".into(),
            Self::Mode(_) => "write three or four octal digits, such as `\"0644\"`".into(),
            Self::Owner(_) => "use `user`, `UID` or `UID:GID`".into(),
            Self::Checksum(_) => {
                "write `sha256:` followed by the 64 digits that `sha256sum` prints".into()
            }
            Self::NoChecksum(key) => {
                format!("add `{key} = \"sha256:...\"`, with the digits that `sha256sum` prints for the file")
            }
            Self::NotALine => "write at least one character, and no line breaks".into(),
            Self::NeedlessChecksum | Self::NeedlessSrc => "remove the line".into(),
            Self::Address(_) => "write the whole address, such as `https://host.example/file`".into(),
            Self::AptSourceName(_) => "use lower-case letters, digits, `-` and `_`".into(),
            Self::AptWord(_) => "use a name such as `trixie` or `main`".into(),
            Self::AptKeyName(_) => {
                "use `.asc` for a text (armored) key, and `.gpg` for a binary one".into()
            }
            Self::CopySource(_) => {
                "use `context:NAME`, `image:REFERENCE`, `target:NAME` or an `https://` address, or remove the line to copy from the build context".into()
            }
            Self::RootOutput => "list the directories that the hook creates".into(),
            Self::FinalInputs => "add the files with `[[copy]]`, or run the hook at another point".into(),
            Self::NeedlessOwner => "add `outputs`, or remove the line".into(),
            Self::FinalOutputs => "remove `outputs`, or run the hook at another point".into(),
            Self::Platform(_) => "write a platform such as `linux/amd64`".into(),
            Self::TargetName(_) => {
                "use lower-case letters, digits, `-`, `_` and `.`, and start with a letter".into()
            }
            Self::BuiltInTarget(_) => {
                "choose another name; the keys outside `[target]` describe the target `runtime`".into()
            }
            Self::TargetNone => "choose another name".into(),
            Self::ExtendsDevelopment => {
                "extend a target that both can inherit from, or repeat its keys".into()
            }
            Self::WithoutEffectInDevelopment { hint, .. } => (*hint).to_owned(),
            Self::UnknownTarget { known, .. } => format!("use one of these targets: {}", listed(known)),
            Self::TargetCycle(_) => "remove one `extends`, so that its target extends the main image".into(),
            Self::TwoBases => "remove one of the two".into(),
            Self::Rule(error) => error.hint(),
        }
    }
}
