//! What can be wrong in a build file.

use crate::diagnostics::{Problem, TooMuch, listed};

use super::switches;

/// A mistake in `poetry.build.toml`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not UTF-8.
    #[error("the build file is not UTF-8 text")]
    NotText,
    /// More than any build file has.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// More than any build file has.
    #[error("the build file has more than {most} of {what}")]
    TooMany {
        /// What they are, as the user writes them.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// More than any build file says, once its arguments are in their places.
    #[error(
        "the values of the build file are larger than {0} KiB with the build arguments in them"
    )]
    TooLargeFilled(usize),
    /// Not TOML.
    #[error("this is not valid TOML: {0}")]
    Syntax(String),
    /// A key that the schema has no place for.
    #[error("unknown key `{key}` {}", whereabouts(.table))]
    UnknownKey {
        /// The key as written.
        key: String,
        /// The dotted path of its table; empty at the top.
        table: String,
        /// The known key that was probably meant.
        meant: Option<String>,
        /// All known keys of the table.
        known: Vec<String>,
    },
    /// A value of the wrong type.
    #[error("this value has the wrong type: {0}")]
    WrongType(String),
    /// A name in `[args]` that `--build-arg` could not give.
    #[error("`{0}` cannot name a build argument")]
    ArgName(String),
    /// An argument without default that was not given.
    #[error("the build argument `{0}` has no default and was not given")]
    ArgMissing(String),
    /// `${...}` that is no reference.
    #[error("`{0}` has a `${{` that does not begin a reference of the form `${{NAME}}`")]
    ArgReference(String),
    /// `${NAME}` of a name that is not declared.
    #[error("`${{{name}}}` refers to a build argument that `[args]` does not declare")]
    UnknownArg {
        /// The name in the reference.
        name: String,
        /// The declared name that was probably meant.
        meant: Option<String>,
    },
    /// A Python release that does not exist, or not yet.
    #[error("`{0}` is not a Python release that this frontend knows")]
    UnknownPython(String),
    /// A Poetry release that is not written as a version.
    #[error("`{0}` is not a Poetry release")]
    PoetryVersion(String),
    /// Poetry before the oldest that is supported.
    #[error("Poetry {0} is older than the oldest that this frontend can drive, {oldest}", oldest = crate::project::OLDEST_POETRY)]
    PoetryTooOld(String),
    /// A mirror that is not an HTTP address.
    #[error("`mirror` is not an `http://` or `https://` address")]
    MirrorAddress,
    /// A mirror with a user name or password in it.
    #[error("`mirror` holds a user name or password, which would be stored in the build's cache")]
    MirrorCredentials,
    /// A path that must start with `/` and stay what it says.
    #[error("`{0}` is not an absolute path in the image")]
    NotAbsolute(String),
    /// An include that leaves the build context.
    #[error("`{0}` is not a path inside the build context")]
    OutsideContext(String),
    /// Something that cannot be the id of a secret; not shown, for it may be the secret.
    #[error("this is not the id of a secret")]
    SecretId,
    /// A table of `[git]` whose name is no host.
    #[error("`{0}` is not the name of a host")]
    GitHost(String),
    /// A user name that no host could have.
    #[error("`{0}` is not a user name")]
    GitUser(String),
    /// Something that is no public key of a host; not shown, for it may be a private one.
    #[error("this is not the public key of a host")]
    HostKey,
    /// An empty list of groups.
    #[error("`groups` is empty, so nothing would be installed")]
    NoGroup,
    /// An empty list of includes.
    #[error("`include` is empty, so nothing of the project would be in the image")]
    NothingIncluded,
    /// A name that apt would not take for a package.
    #[error("`{0}` is not the name of a Debian package")]
    PackageName(String),
    /// An image reference that no registry could resolve.
    #[error("`{0}` is not an image reference")]
    ImageReference(String),
    /// A tag suffix that no registry could have.
    #[error("`{0}` is not a variant of the official image")]
    Variant(String),
    /// The image would run as root.
    #[error("the image would run as root: {0}")]
    Root(&'static str),
    /// A user or group id out of range.
    #[error("`{1}` is not a numeric id: `{0}` is a number from 1 to 2147483647")]
    Id(&'static str, i64),
    /// A user name that `/etc/passwd` cannot hold.
    #[error("`{0}` is not a user name")]
    UserName(String),
    /// A port out of range.
    #[error("`{0}` is not a port")]
    Port(i64),
    /// An environment variable's name that a shell could not set.
    #[error("`{0}` is not the name of an environment variable")]
    EnvName(String),
    /// An argument whose value is of another type.
    #[error("the build argument `{name}` is not {expected}")]
    ArgValue {
        /// Its name.
        name: String,
        /// What it should be.
        expected: &'static str,
    },
    /// An argument with a value that its choices do not have.
    #[error("the build argument `{name}` has a value that is not one of its choices")]
    ArgChoice {
        /// Its name.
        name: String,
        /// The choices.
        choices: Vec<String>,
    },
    /// A key that a table cannot do without.
    #[error("`{0}` is missing here")]
    Missing(&'static str),
    /// A command without a program.
    #[error("`{0}` is empty, so nothing would run")]
    EmptyCommand(&'static str),
    /// A value that no process could be given.
    #[error("this value holds a NUL character")]
    Nul,
    /// A plugin that pip would not take for a requirement.
    #[error("`{0}` is not a requirement of a plugin")]
    Plugin(String),
    /// A folder that belongs to the system.
    #[error("`{0}` is a folder of the system")]
    SystemFolder(String),
    /// No signal.
    #[error("`{0}` is not a signal")]
    Signal(String),
    /// No time that an engine takes.
    #[error("`{0}` is not a duration")]
    Duration(String),
    /// A number of retries out of range.
    #[error("`{0}` is not a number of retries")]
    Retries(i64),
    /// No size.
    #[error("`{0}` is not a size")]
    Size(String),
    /// No file mode.
    #[error("`{0}` is not a file mode")]
    Mode(String),
    /// No owner.
    #[error("`{0}` is not an owner")]
    Owner(String),
    /// No digest.
    #[error("`{0}` is not a checksum")]
    Checksum(String),
    /// A download without checksum.
    #[error("a download needs its `{0}`, or it could change without notice")]
    NoChecksum(&'static str),
    /// A checksum of what is no download.
    #[error("`checksum` is for downloads alone")]
    NeedlessChecksum,
    /// A path in a download.
    #[error("a download is one file and has no `src`")]
    NeedlessSrc,
    /// No HTTP address.
    #[error("`{0}` is not an `http://` or `https://` address")]
    Address(String),
    /// An address with credentials; not shown.
    #[error(
        "this address holds a user name or password, which would be stored in the build's cache"
    )]
    AddressCredentials,
    /// A table of `[apt-sources]` whose name no file can have.
    #[error("`{0}` cannot name a source of packages")]
    AptSourceName(String),
    /// A suite or component that apt would not take.
    #[error("`{0}` is not the name of a suite or component")]
    AptWord(String),
    /// A key whose form its name does not tell.
    #[error("the key `{0}` ends neither in `.asc` nor in `.gpg`")]
    AptKeyName(String),
    /// A `from` of a copy that names nothing.
    #[error("`{0}` is no place to copy from")]
    CopySource(String),
    /// A whole file system as the output of a hook.
    #[error("the whole file system cannot be an output")]
    WholeTree,
    /// Outputs of a hook that runs in the image.
    #[error("a `final` hook has no outputs: all that it changes is in the image")]
    FinalOutputs,
    /// No platform.
    #[error("`{0}` is not a platform")]
    Platform(String),
    /// A name that `--target` could not give.
    #[error("`{0}` cannot name a target")]
    TargetName(String),
    /// A target called like one that every file has.
    #[error("`{0}` is a built-in target")]
    BuiltInTarget(String),
    /// A target that extends what is not there.
    #[error("there is no target `{name}`")]
    UnknownTarget {
        /// The name.
        name: String,
        /// The target that was probably meant.
        meant: Option<String>,
        /// All targets of the file.
        known: Vec<String>,
    },
    /// A target that extends itself.
    #[error("the target `{0}` extends itself")]
    TargetCycle(String),
    /// `[python] variant` and `[runtime] base` both name the image.
    #[error("`base` and `variant` both say which image to use")]
    TwoBases,
    /// A rule that does not exist, or that no build can do without.
    #[error(transparent)]
    Rule(#[from] switches::Error),
}

fn whereabouts(table: &str) -> String {
    if table.is_empty() {
        "at the top of the file".to_owned()
    } else {
        format!("in `[{table}]`")
    }
}

impl Problem for Error {
    #[expect(clippy::too_many_lines, reason = "a line or two for each mistake")]
    fn hint(&self) -> String {
        match self {
            Self::NotText => "save the file as UTF-8".into(),
            Self::TooMuch(_) => "check that it is the right file".into(),
            Self::TooMany { .. } => "use fewer, or divide the project".into(),
            Self::TooLargeFilled(_) => "refer to long arguments in fewer places".into(),
            Self::Syntax(_) => "mend the TOML at this line".into(),
            Self::UnknownKey {
                meant: Some(meant), ..
            }
            | Self::UnknownTarget {
                meant: Some(meant), ..
            } => format!("did you mean `{meant}`?"),
            Self::UnknownKey { known, .. } => format!("known here: {}", listed(known)),
            Self::WrongType(_) => {
                "write a value of the type that the schema gives for this key".into()
            }
            Self::ArgName(_) | Self::EnvName(_) => "use letters, digits and `_`, and no digit first".into(),
            Self::ArgMissing(name) => format!(
                "add `--build-arg {name}=...` to the command, or `{name} = {{ default = \"...\" }}` under `[args]`"
            ),
            Self::ArgReference(_) => {
                "write `$${` where a literal `${` is meant, such as a shell's own variable".into()
            }
            Self::UnknownArg {
                meant: Some(meant), ..
            } => format!("did you mean `${{{meant}}}`?"),
            Self::UnknownArg { name, meant: None } => {
                format!("add `{name} = {{ default = \"\" }}` under `[args]`")
            }
            Self::UnknownPython(_) => {
                let known = crate::project::KNOWN_PYTHONS;
                format!(
                    "use 3.{} to 3.{}, or name a whole image with `base` in `[runtime]`",
                    known.start(),
                    known.end()
                )
            }
            Self::PoetryVersion(_) => "write a release such as `2.1.4`".into(),
            Self::PoetryTooOld(_) => {
                "remove `version`, and renew the lock with a newer Poetry: `poetry lock`".into()
            }
            Self::MirrorAddress => {
                "give the address of a simple index, such as `https://pypi.example/simple/`".into()
            }
            Self::MirrorCredentials => "give the address without them".into(),
            Self::NotAbsolute(_) => "begin it with `/` and leave out `.` and `..`".into(),
            Self::OutsideContext(_) => {
                "name it relative to the project's folder, without a leading `/` and without `..`"
                    .into()
            }
            Self::SecretId => {
                "give the id that `--secret id=...` has, of letters, digits, `-`, `_` and `.`; the secret itself belongs in no file".into()
            }
            Self::GitHost(_) => {
                "write `[git.\"HOST\"]`, or `[git.\"HOST:PORT\"]`, as in the repository's address".into()
            }
            Self::GitUser(_) => "leave out `:`, or remove the line: most hosts take any name with a token".into(),
            Self::HostKey => {
                "write the key as `ssh-keyscan HOST` prints it, without the host: `ssh-ed25519 AAAA...`".into()
            }
            Self::NoGroup => "name a group, or remove the line: the default is `main`".into(),
            Self::NothingIncluded => {
                "name what to include, or set `install = \"none\"` for an image of the dependencies alone"
                    .into()
            }
            Self::PackageName(_) => {
                "use lower-case letters, digits, `+`, `-` and `.`, and `=VERSION` for a certain version"
                    .into()
            }
            Self::ImageReference(_) => {
                "write it as `NAME`, `NAME:TAG` or `NAME@sha256:DIGEST`".into()
            }
            Self::Variant(_) => "use one such as `slim-trixie`, `slim-bookworm` or `slim`".into(),
            Self::Root(_) | Self::Id(..) => {
                "use an id above 0, or remove the line: the default is 10001".into()
            }
            Self::UserName(_) => {
                "use up to 32 lower-case letters, digits, `-` and `_`, a letter first".into()
            }
            Self::Port(_) => "use a number from 1 to 65535".into(),
            Self::ArgValue { name, .. } => format!("correct `--build-arg {name}=...`, or its `default`"),
            Self::ArgChoice { choices, .. } => format!("use one of {}", listed(choices)),
            Self::Missing(key) => format!("add `{key} = ...`"),
            Self::EmptyCommand(_) => "name a program, and its arguments after it".into(),
            Self::Nul => "leave it out".into(),
            Self::Plugin(_) => "write it as pip takes it, such as `poetry-plugin-export==1.9.0`".into(),
            Self::SystemFolder(_) => "use a folder of your own, such as `/app/data`".into(),
            Self::Signal(_) => "use a name such as `SIGTERM`, or a number from 1 to 64".into(),
            Self::Duration(_) => "write a number with its unit, such as `500ms`, `30s` or `1m30s`".into(),
            Self::Retries(_) => "use a number from 1 to 1000".into(),
            Self::Size(_) => "write a number with its unit, such as `200MB` or `1.5GiB`".into(),
            Self::Mode(_) => "write three or four octal digits, such as `\"0644\"`".into(),
            Self::Owner(_) => "use `user`, `UID` or `UID:GID`".into(),
            Self::Checksum(_) => "write `sha256:` and the 64 digits that `sha256sum` prints".into(),
            Self::NoChecksum(key) => format!("add `{key} = \"sha256:...\"`, with what `sha256sum` prints of the file"),
            Self::NeedlessChecksum | Self::NeedlessSrc => "remove it".into(),
            Self::Address(_) => "give the whole address, such as `https://host.example/file`".into(),
            Self::AddressCredentials => "take them out of it".into(),
            Self::AptSourceName(_) => "use lower-case letters, digits, `-` and `_`".into(),
            Self::AptWord(_) => "use a name such as `trixie` or `main`".into(),
            Self::AptKeyName(_) => "call it `.asc` if it is text, `.gpg` if it is not".into(),
            Self::CopySource(_) => {
                "use `context:NAME`, `image:REFERENCE`, `target:NAME` or an `https://` address, or remove the line for the build context".into()
            }
            Self::WholeTree => "name the folders that it makes".into(),
            Self::FinalOutputs => "remove `outputs`, or run the hook at another point".into(),
            Self::Platform(_) => "write it as `linux/amd64`".into(),
            Self::TargetName(_) => "use lower-case letters, digits, `-`, `_` and `.`, a letter first".into(),
            Self::BuiltInTarget(_) => {
                "choose another name; what the file itself says is the target `runtime`".into()
            }
            Self::UnknownTarget { known, .. } => format!("the file's targets are {}", listed(known)),
            Self::TargetCycle(_) => "let one of them extend the main image: remove its `extends`".into(),
            Self::TwoBases => "remove one of the two".into(),
            Self::Rule(error) => error.hint(),
        }
    }
}
