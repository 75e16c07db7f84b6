//! Stages and steps: the vocabulary of a plan, which is that of any image build.

use std::collections::BTreeMap;
use std::fmt;

use crate::diagnostics::Place;
use crate::image::ImageReference;

/// A chain of steps on a base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The name.
    pub name: StageName,
    /// What the steps start from.
    pub from: Base,
    /// Where the user says what the stage starts from.
    pub place: Place,
    /// The steps.
    pub steps: Vec<Step>,
}

/// The stages that a plan can have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StageName {
    /// Poetry in an environment of its own.
    Poetry,
    /// The base with the packages that building needs.
    Builder,
    /// The dependencies.
    Deps,
    /// The wheel of a path dependency, by its name.
    Path(String),
    /// The project's own wheel.
    Source,
    /// The image.
    Runtime,
}

impl StageName {
    /// The stages that a user can ask for with `--target`.
    pub const TARGETS: [Self; 3] = [Self::Runtime, Self::Deps, Self::Builder];

    /// The name as users read and write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Poetry => "poetry",
            Self::Builder => "builder",
            Self::Deps => "deps",
            Self::Path(name) => name,
            Self::Source => "source",
            Self::Runtime => "runtime",
        }
    }
}

impl fmt::Display for StageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a stage starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// An image of a registry.
    Image(ImageReference),
    /// An earlier stage.
    Stage(StageName),
}

/// One step; what the user reads is `[STAGE N/M] TITLE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it does, in the words of a user.
    pub title: String,
    /// The part of the build file that asks for it.
    pub place: Place,
    /// What it does.
    pub action: Action,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Runs a command.
    Run(Run),
    /// Copies files.
    Copy(Copy),
    /// Writes files whose content is known beforehand.
    Write(Vec<NewFile>),
}

/// A command; it runs as root and sees the base image's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The command in exec form.
    pub command: Vec<String>,
    /// The working directory.
    pub cwd: String,
    /// Variables for this step alone, by name.
    pub env: BTreeMap<String, String>,
    /// Variables whose values are secrets of the client.
    pub secrets: Vec<SecretVariable>,
    /// What it sees besides its stage; nothing of this stays in the stage.
    pub mounts: Vec<Mount>,
    /// A folder, empty before, which becomes the stage's tree in place of what the command saw. Engines look through a tree
    /// before they copy from it, and through a small one in no time.
    pub result: Option<String>,
    /// Whether it has a network. Making one takes a tenth of a second.
    pub network: bool,
}

/// A variable whose value is a secret of the client; the engine puts it into the command's environment and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretVariable {
    /// The variable's name.
    pub variable: String,
    /// The secret's id.
    pub id: String,
    /// Who needs it. `None`: it is left out when the client has no such secret.
    pub required_at: Option<Place>,
}

impl Run {
    /// A shell script that stops at the first error; `args` are its `"$@"`, so that no value needs quoting.
    pub(super) fn script(script: &str, args: impl IntoIterator<Item = String>) -> Self {
        let mut run = Self::command(["sh", "-euc", script, "sh"]);
        run.command.extend(args);
        run
    }

    /// A command in exec form.
    pub(super) fn command<'a>(command: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            command: command.into_iter().map(str::to_owned).collect(),
            cwd: "/".to_owned(),
            env: BTreeMap::new(),
            secrets: Vec::new(),
            mounts: Vec::new(),
            result: None,
            network: true,
        }
    }

    pub(super) fn env(mut self, env: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.env.extend(
            env.into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );
        self
    }

    /// The same with a folder for what it makes.
    pub(super) fn into(mut self, folder: &str) -> Self {
        self.result = Some(folder.to_owned());
        self
    }

    /// The same without a network.
    pub(super) fn offline(mut self) -> Self {
        self.network = false;
        self
    }

    pub(super) fn cwd(mut self, cwd: &str) -> Self {
        cwd.clone_into(&mut self.cwd);
        self
    }

    pub(super) fn mount(mut self, mount: Mount) -> Self {
        self.mounts.push(mount);
        self
    }
}

/// Something that a command sees while it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mount {
    /// A folder of an earlier stage, read-only, at the same path.
    Stage {
        /// The stage.
        from: StageName,
        /// The folder.
        path: String,
    },
    /// A folder that outlives the build on this engine.
    Cache {
        /// Which one: the same id is the same folder.
        id: String,
        /// Where it is seen.
        target: String,
        /// What happens when two steps want it at once.
        sharing: CacheSharing,
    },
    /// An SSH agent of the client's; the command finds it as any agent.
    Agent {
        /// Which one, as in `--ssh ID`.
        id: String,
        /// Who needs it.
        required_at: Place,
    },
}

/// What happens when two steps want a cache at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheSharing {
    /// Both write to it.
    Shared,
    /// The second one waits.
    Locked,
}

/// A copy of files; what is copied belongs to root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Where from.
    pub from: Origin,
    /// The folder whose content is copied.
    pub src: String,
    /// The folder it is copied into, made if need be.
    pub dest: String,
}

/// Where files are copied from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An earlier stage.
    Stage(StageName),
    /// The build context.
    Context(ContextFiles),
}

/// A part of a build context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextFiles {
    /// The named context; `None` is the build's own.
    pub context: Option<String>,
    /// Patterns of what is taken; empty takes all.
    pub include: Vec<String>,
    /// Patterns of what is left out all the same, in the order and with the `!` of an ignore file.
    pub exclude: Vec<String>,
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// The absolute path.
    pub path: String,
    /// The content.
    pub content: String,
}

/// Keeps the stages that `target` needs, and ends with it.
pub(super) fn needed_for(target: StageName, stages: Vec<Stage>) -> Vec<Stage> {
    let mut needed = vec![target];
    let mut kept: Vec<Stage> = stages
        .into_iter()
        .rev()
        .filter(|stage| {
            let keep = needed.contains(&stage.name);
            if keep {
                needed.extend(stage.needs());
            }
            keep
        })
        .collect();
    kept.reverse();
    kept
}

impl Stage {
    /// The stages that it starts from, copies from or mounts.
    fn needs(&self) -> Vec<StageName> {
        let mut needs = Vec::new();
        if let Base::Stage(name) = &self.from {
            needs.push(name.clone());
        }
        for step in &self.steps {
            match &step.action {
                Action::Run(run) => {
                    needs.extend(run.mounts.iter().filter_map(|mount| match mount {
                        Mount::Stage { from, .. } => Some(from.clone()),
                        Mount::Cache { .. } | Mount::Agent { .. } => None,
                    }));
                }
                Action::Copy(Copy {
                    from: Origin::Stage(name),
                    ..
                }) => needs.push(name.clone()),
                Action::Copy(_) | Action::Write(_) => {}
            }
        }
        needs
    }
}
