//! Stages and steps: the vocabulary of a plan, which is that of any image build.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::diagnostics::{Diagnostic, Place, Problem};
use crate::image::ImageReference;

use super::Need;

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
    /// What the builder starts from.
    Base,
    /// Where apt finds packages besides the base's own sources.
    AptSources,
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
    /// The dependencies with the project beside them, for hooks.
    Project,
    /// The image.
    Runtime,
    /// Files on their way into the image, by the number of their copy.
    Copied(usize),
    /// The image of a target of the file.
    Target(String),
    /// A command that must succeed on an image, by its name.
    Check(String),
    /// A stage of another target, by the target's name.
    Of(String, Box<StageName>),
}

impl StageName {
    /// The name as users write it, of another target's stage as well.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Base => "base",
            Self::AptSources => "apt-sources",
            Self::Poetry => "poetry",
            Self::Builder => "builder",
            Self::Deps => "deps",
            Self::Path(name) | Self::Target(name) | Self::Check(name) => name,
            Self::Source => "source",
            Self::Project => "project",
            Self::Copied(_) => "copy",
            Self::Runtime => "runtime",
            Self::Of(_, stage) => stage.as_str(),
        }
    }
}

impl fmt::Display for StageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Of(target, stage) = self
            && stage.as_str() != target
        {
            write!(f, "{target}:")?;
        }
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

impl Step {
    /// What it needs of the client, and what the user is told when it is not there.
    #[must_use]
    pub fn needs(&self) -> BTreeMap<Need, Diagnostic> {
        let Action::Run(run) = &self.action else {
            return BTreeMap::new();
        };
        let network = (run.network == Network::Host).then(|| {
            let told = super::Error::NoHostNetwork.at(&self.place);
            (Need::HostNetwork, told)
        });
        super::credentials::needs(run).chain(network).collect()
    }
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Runs a command.
    Run(Run),
    /// Copies files.
    Copy(Copy),
    /// Copies files from several places, in one layer.
    CopyAll(Vec<Copy>),
    /// Writes files whose content is known beforehand.
    Write(Vec<NewFile>),
}

/// A command; it sees the base image's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The command in exec form.
    pub command: Vec<String>,
    /// The working directory.
    pub cwd: String,
    /// Who runs it, `UID:GID`; `None` is root.
    pub user: Option<String>,
    /// Directories put before the base's `PATH`.
    pub path: Vec<String>,
    /// Variables for this step alone, by name.
    pub env: BTreeMap<String, String>,
    /// Variables whose values are secrets of the client.
    pub secrets: Vec<SecretVariable>,
    /// What it sees besides its stage; nothing of this stays in the stage.
    pub mounts: Vec<Mount>,
    /// A folder, empty before, which becomes the stage's tree in place of what the command saw. Engines look through a tree
    /// before they copy from it, and through a small one in no time.
    pub result: Option<String>,
    /// Its network. Making one takes a tenth of a second.
    pub network: Network,
    /// The stage whose tree the command runs in, with its own stage's tree at [`Run::OUTSIDE`], where it may change it: a
    /// tree without a shell can be worked on from outside.
    pub from_outside: Option<StageName>,
}

/// The network of a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Network {
    /// What the build says.
    #[default]
    Build,
    /// None.
    None,
    /// The engine's own.
    Host,
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
    /// Where a command from outside finds its stage's tree.
    pub const OUTSIDE: &str = "/stage";

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
            user: None,
            path: Vec::new(),
            env: BTreeMap::new(),
            secrets: Vec::new(),
            mounts: Vec::new(),
            result: None,
            network: Network::Build,
            from_outside: None,
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
        self.network = Network::None;
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
    /// A folder of an earlier stage, read-only.
    Stage {
        /// The stage.
        from: StageName,
        /// The folder there.
        path: String,
        /// Where it is seen.
        target: String,
    },
    /// Files whose content is known beforehand, read-only in a folder of their own.
    Files {
        /// The folder.
        target: String,
        /// The files, with paths in that folder.
        files: Vec<NewFile>,
    },
    /// A file whose content is known beforehand, read-only.
    File {
        /// Where it is seen.
        target: String,
        /// The content.
        content: String,
        /// Whether it can be run.
        executable: bool,
    },
    /// A file with a secret of the client's.
    Secret {
        /// The secret's id.
        id: String,
        /// Where it is seen.
        target: String,
        /// Who needs it.
        required_at: Place,
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

impl CacheSharing {
    /// The word that Dockerfiles have for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Locked => "locked",
        }
    }
}

/// A copy of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Where from.
    pub from: Origin,
    /// What is copied: of a folder the content. Where `wildcard` is set, `*` and `?` match as in a shell.
    pub src: String,
    /// Whether `src` is a pattern.
    pub wildcard: bool,
    /// Whether what a link leads to is copied, if `src` is one.
    pub follow: bool,
    /// Where it is copied to, made if need be.
    pub dest: String,
    /// The mode of what is copied; `None`: as it is.
    pub mode: Option<u32>,
    /// The user and the group that it belongs to.
    pub owner: (u32, u32),
    /// Patterns of what is left out.
    pub exclude: Vec<String>,
}

impl Copy {
    /// The content of the folder `src` into the folder `dest`, which belongs to root.
    pub(super) fn tree(from: Origin, src: &str, dest: &str) -> Self {
        Self {
            from,
            src: src.to_owned(),
            wildcard: false,
            follow: false,
            dest: dest.to_owned(),
            mode: None,
            owner: (0, 0),
            exclude: Vec::new(),
        }
    }
}

/// Where files are copied from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An earlier stage.
    Stage(StageName),
    /// The build context.
    Context(ContextFiles),
    /// An image, and who asks for it.
    Image(ImageReference, Place),
    /// A file at an address, with its digest.
    Download {
        /// The address.
        url: String,
        /// `sha256:HEX`.
        checksum: String,
    },
}

/// The name that a downloaded file has: the last part of its address's path.
#[must_use]
pub fn download_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest);
    let name = path
        .trim_end_matches('/')
        .split_once('/')
        .map_or("", |(_, path)| path);
    match name.rsplit('/').next().unwrap_or_default() {
        "" => "download",
        name => name,
    }
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
    /// Whether what is taken is also what the links lead to that `include` names.
    pub follow: bool,
}

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// The absolute path.
    pub path: String,
    /// The content.
    pub content: String,
}

/// The names of those stages that the stages of `wanted` need, and of these themselves.
pub(super) fn needed_for(wanted: Vec<StageName>, stages: &[Stage]) -> BTreeSet<StageName> {
    let mut needed: BTreeSet<StageName> = wanted.into_iter().collect();
    // Each needs only earlier ones.
    for stage in stages.iter().rev() {
        if needed.contains(&stage.name) {
            needed.extend(stage.needs().cloned());
        }
    }
    needed
}

impl Stage {
    /// The images that it begins with or copies from, and who asks for each.
    pub(super) fn images(&self) -> impl Iterator<Item = (&ImageReference, &Place)> {
        let base = match &self.from {
            Base::Image(reference) => Some((reference, &self.place)),
            Base::Stage(_) => None,
        };
        let copies = self.steps.iter().flat_map(|step| step.action.copies());
        let images = copies.filter_map(|copy| match &copy.from {
            Origin::Image(reference, place) => Some((reference, place)),
            _ => None,
        });
        base.into_iter().chain(images)
    }

    /// The stages that it starts from, copies from or mounts.
    pub(super) fn needs(&self) -> impl Iterator<Item = &StageName> {
        let base = match &self.from {
            Base::Stage(name) => Some(name),
            Base::Image(_) => None,
        };
        let steps = self.steps.iter();
        base.into_iter()
            .chain(steps.flat_map(|step| step.action.needs()))
    }

    /// The same stage with other names for itself and for those that it needs.
    pub(super) fn renamed(mut self, rename: impl Fn(&StageName) -> StageName) -> Self {
        for name in self.needs_mut() {
            *name = rename(name);
        }
        self.name = rename(&self.name);
        self
    }

    fn needs_mut(&mut self) -> impl Iterator<Item = &mut StageName> {
        let base = match &mut self.from {
            Base::Stage(name) => Some(name),
            Base::Image(_) => None,
        };
        let steps = self.steps.iter_mut();
        base.into_iter()
            .chain(steps.flat_map(|step| step.action.needs_mut()))
    }
}

impl Origin {
    fn stage(&self) -> Option<&StageName> {
        match self {
            Self::Stage(name) => Some(name),
            _ => None,
        }
    }
}

impl Mount {
    fn stage(&self) -> Option<&StageName> {
        match self {
            Self::Stage { from, .. } => Some(from),
            _ => None,
        }
    }
}

impl Action {
    /// Its copies.
    #[must_use]
    pub fn copies(&self) -> &[Copy] {
        match self {
            Self::Copy(copy) => std::slice::from_ref(copy),
            Self::CopyAll(copies) => copies,
            Self::Run(_) | Self::Write(_) => &[],
        }
    }

    fn needs(&self) -> Vec<&StageName> {
        let Self::Run(run) = self else {
            let origins = self.copies().iter().map(|copy| &copy.from);
            return origins.filter_map(Origin::stage).collect();
        };
        let mounted = run.mounts.iter().filter_map(Mount::stage);
        run.from_outside.iter().chain(mounted).collect()
    }

    fn needs_mut(&mut self) -> Vec<&mut StageName> {
        let copies = match self {
            Self::Run(run) => {
                let mounted = run.mounts.iter_mut().filter_map(|mount| match mount {
                    Mount::Stage { from, .. } => Some(from),
                    _ => None,
                });
                return run.from_outside.iter_mut().chain(mounted).collect();
            }
            Self::Copy(copy) => std::slice::from_mut(copy),
            Self::CopyAll(copies) => copies.as_mut_slice(),
            Self::Write(_) => return Vec::new(),
        };
        let origins = copies.iter_mut().filter_map(|copy| match &mut copy.from {
            Origin::Stage(name) => Some(name),
            _ => None,
        });
        origins.collect()
    }
}
