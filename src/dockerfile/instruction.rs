//! The parts of a Dockerfile.

use super::variables::Expanded;
use crate::diagnostics::{Document, Span};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dockerfile {
    pub document: Document,
    /// `ARG` before the first stage: the names with their defaults.
    pub arguments: Vec<(String, Option<Expanded>, Span)>,
    /// At least one.
    pub stages: Vec<Stage>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// In lower case, as Docker compares names.
    pub name: Option<String>,
    /// An image, or the name of an earlier stage.
    pub base: Expanded,
    /// The `FROM` line.
    pub span: Span,
    pub instructions: Vec<Instruction>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    pub kind: Kind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Add(Copying),
    Arg(Vec<(String, Option<Expanded>)>),
    Cmd(Command),
    Copy(Copying),
    Entrypoint(Command),
    Env(Vec<(String, Expanded)>),
    Expose(Vec<Expanded>),
    Healthcheck(Health),
    Label(Vec<(String, Expanded)>),
    Maintainer(String),
    /// The instruction, as it is written.
    Onbuild(String),
    Run(Running),
    Shell(Vec<String>),
    StopSignal(Expanded),
    User(Expanded),
    Volume(Vec<Expanded>),
    Workdir(Expanded),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Exec(Vec<String>),
    /// A shell script. Lines are continued with `\`.
    Shell(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    pub command: Command,
    /// The options without `--`, such as `mount=type=cache,target=/root/.cache`.
    pub options: Vec<(String, String)>,
}

/// `COPY` and `ADD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copying {
    pub options: Vec<(String, Expanded)>,
    pub sources: Vec<CopiedSource>,
    pub dest: Expanded,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopiedSource {
    Path(Expanded),
    /// The text of a here-document.
    Text,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    None,
    Check {
        command: Command,
        options: Vec<(String, String)>,
    },
}

impl Copying {
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&Expanded> {
        let mut options = self.options.iter();
        options
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }
}

impl Dockerfile {
    /// The position of the stage that a name or number stands for, among those before `before`.
    #[must_use]
    pub fn stage(&self, name: &str, before: usize) -> Option<usize> {
        let earlier = self.stages.get(..before)?;
        let name = name.to_ascii_lowercase();
        let named = earlier
            .iter()
            .rposition(|stage| stage.name.as_ref() == Some(&name));
        named.or_else(|| name.parse().ok().filter(|&number| number < before))
    }
}
