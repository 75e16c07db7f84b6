//! A build file in the making: the values of its keys, and where each comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::diagnostics::Span;

/// A line of one of the user's files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    pub file: String,
    pub line: usize,
}

impl Origin {
    #[must_use]
    pub fn of(span: &Span) -> Self {
        Self {
            file: span.document().name().to_owned(),
            line: span.start().line,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A value with its origin. Texts are as the build file has them: `${NAME}` is a build argument, `$${` is `${`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken<T> {
    pub value: T,
    pub origin: Origin,
}

impl<T> Taken<T> {
    pub fn new(value: T, origin: &Origin) -> Self {
        Self {
            value,
            origin: origin.clone(),
        }
    }
}

/// Something that the build file cannot say, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    pub origin: Origin,
    pub what: String,
    pub advice: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n  hint: {}", self.origin, self.what, self.advice)
    }
}

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// `[args]`: the defaults.
    pub arguments: BTreeMap<String, Taken<String>>,
    pub python_version: Option<Taken<String>>,
    pub python_variant: Option<Taken<String>>,
    pub poetry_version: Option<Taken<String>>,
    pub poetry_plugins: Vec<Taken<String>>,
    pub main: Image,
    pub targets: BTreeMap<String, Target>,
    pub remarks: BTreeSet<Remark>,
    /// What is not in the build file because every image has it.
    pub defaults: BTreeSet<(Origin, String)>,
    /// The stages whose files are named contexts.
    pub contexts: BTreeMap<String, Origin>,
    /// A comment on the command.
    pub command_comment: Option<String>,
}

/// `[target.NAME]`, with everything that the image has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub image: Image,
    pub origin: Origin,
}

/// What the file says about one image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    pub groups: Option<Taken<Vec<String>>>,
    pub without: Option<Taken<Vec<String>>>,
    pub extras: Option<Taken<Extras>>,
    /// `wheel`, `copy` or `none`.
    pub install: Option<Taken<&'static str>>,
    pub include: Vec<Taken<String>>,
    /// Variables of the step that builds the wheel.
    pub source_env: BTreeMap<String, Taken<String>>,
    pub build_base: Option<Taken<String>>,
    pub build_packages: Vec<Taken<String>>,
    pub build_env: BTreeMap<String, Taken<String>>,
    pub base: Option<Taken<String>>,
    pub packages: Vec<Taken<String>>,
    pub upgrade: Option<Origin>,
    pub user: Option<Taken<User>>,
    pub workdir: Option<Taken<String>>,
    pub entrypoint: Option<Taken<Vec<String>>>,
    pub cmd: Option<Taken<Vec<String>>>,
    pub env: BTreeMap<String, Taken<String>>,
    pub expose: Vec<Taken<String>>,
    pub labels: BTreeMap<String, Taken<String>>,
    pub healthcheck: Option<Taken<Healthcheck>>,
    pub stop_signal: Option<Taken<String>>,
    pub init: Option<Origin>,
    pub writable: Vec<Taken<String>>,
    pub volumes: Vec<Taken<String>>,
    pub copies: Vec<Taken<Copy>>,
    pub hooks: Vec<Taken<Hook>>,
    /// Of a target: commands that must succeed.
    pub run: Vec<Taken<Vec<String>>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extras {
    All,
    Some(Vec<String>),
}

/// The ids are numbers, or references to build arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub uid: String,
    pub gid: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Healthcheck {
    /// Empty: no health check.
    pub cmd: Vec<String>,
    /// `interval` and other options, by name.
    pub times: BTreeMap<String, String>,
    pub retries: Option<u32>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copy {
    /// Empty for the build context.
    pub from: String,
    pub src: String,
    pub dest: String,
    pub checksum: Option<String>,
    pub exclude: Vec<String>,
    pub mode: Option<String>,
    pub owner: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    pub at: &'static str,
    pub run: Run,
    pub env: BTreeMap<String, String>,
    pub secrets: Vec<String>,
    pub ssh: bool,
    pub cache: Vec<String>,
    pub network: Option<String>,
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Run {
    Exec(Vec<String>),
    Script(String),
}

impl Draft {
    pub fn remark(&mut self, origin: &Origin, what: impl Into<String>, advice: impl Into<String>) {
        self.remarks.insert(Remark {
            origin: origin.clone(),
            what: what.into(),
            advice: advice.into(),
        });
    }

    pub fn leave_out(&mut self, origin: &Origin, what: impl Into<String>) {
        self.defaults.insert((origin.clone(), what.into()));
    }
}
