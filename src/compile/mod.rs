//! From a [`Plan`] to what an engine takes: an LLB definition and an image config. Pure: the same plan, images and
//! options give the same bytes.

mod config;
mod dockerfile;
mod llb;

use std::collections::BTreeMap;
use std::net::IpAddr;

use buildkit_llb::{Definition, LinuxResources, NetMode, Output, ProxyEnv, ResolveMode};
use serde_json::Value;

use crate::image::{ImageReference, Platform};
use crate::plan::{ContextFiles, Need, Plan, StageName};

pub use dockerfile::{Found, dockerfile, ignore_file};

/// What the engine says of an image that a plan begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedImage {
    /// Where its files are.
    pub files: ImageFiles,
    /// The image's config as the OCI image specification has it, with whatever else an engine put into it.
    pub config: Value,
}

/// The files of an image that a plan begins with.
#[derive(Clone, Debug, PartialEq)]
pub enum ImageFiles {
    /// Those of the image, fixed to its digest where the engine gave one.
    Image(ImageReference),
    /// Those of a named context that stands in for the image.
    Tree(Output),
}

/// The images of a plan.
pub type Images = BTreeMap<ImageReference, ResolvedImage>;

/// What a build asks of its steps in general, whatever they do.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How image references are resolved.
    pub resolve_mode: ResolveMode,
    /// The network of every command.
    pub network: NetMode,
    /// Further lines of every command's `/etc/hosts`.
    pub extra_hosts: Vec<(String, IpAddr)>,
    /// The host name of every command.
    pub hostname: Option<String>,
    /// Proxy settings of every command with a network; not part of any cache key.
    pub proxy: Option<ProxyEnv>,
    /// What every command may use.
    pub limits: Limits,
    /// The time that the image says it was made at, in seconds since 1970; `None` leaves it to the engine.
    pub epoch: Option<u64>,
    /// Which stages are built anew.
    pub no_cache: NoCache,
    /// The build context.
    pub context: Context,
    /// The named contexts, by name.
    pub named_contexts: BTreeMap<String, Context>,
}

/// What a command may use of the machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// The size of `/dev/shm` in bytes.
    pub shared_memory: Option<u64>,
    /// Limits of the process, in the order of the command.
    pub ulimits: Vec<Ulimit>,
    /// The control group above those of the containers.
    pub cgroup_parent: Option<String>,
    /// Memory and CPUs; not part of any cache key.
    pub resources: Option<LinuxResources>,
}

/// A limit of a process; -1 is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ulimit {
    /// The name, such as `nofile`.
    pub name: String,
    /// What counts.
    pub soft: i64,
    /// What the process may raise it to.
    pub hard: i64,
}

/// A file tree that a build reads.
#[derive(Clone, Debug, PartialEq)]
pub enum Context {
    /// A folder of the client's.
    Folder(LocalFolder),
    /// The result of a graph: a repository, an archive, an image, another build.
    Tree(Output),
}

impl Default for Context {
    fn default() -> Self {
        Self::Folder(LocalFolder::default())
    }
}

impl Options {
    /// The part of a context that `files` describes, as a build reads it.
    ///
    /// # Errors
    /// There is no such context.
    pub fn files(&self, files: &ContextFiles) -> Result<Output, Error> {
        let context = match &files.context {
            None => &self.context,
            Some(name) => self
                .named_contexts
                .get(name)
                .ok_or_else(|| Error::NoContext(name.clone()))?,
        };
        Ok(match context {
            Context::Folder(folder) => llb::folder_files(folder, files),
            Context::Tree(tree) => llb::tree_files(tree.clone(), files),
        })
    }
}

/// Which stages are built anew even if they are in the cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NoCache {
    /// None.
    #[default]
    Never,
    /// All of them.
    All,
    /// These, by name in any case.
    Stages(Vec<String>),
}

impl NoCache {
    fn covers(&self, stage: &StageName) -> bool {
        match self {
            Self::Never => false,
            Self::All => true,
            Self::Stages(names) => names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(stage.as_str())),
        }
    }
}

/// A folder of the client's that the engine can read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalFolder {
    /// The name that the client gave it.
    pub name: String,
    /// The session that it is read through.
    pub session: String,
    /// The patterns of its own ignore file, if it is a named context.
    pub ignore: Vec<String>,
}

/// What an engine builds.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The graph.
    pub definition: Definition,
    /// What must be built as well, though nothing of it is in the image.
    pub checks: Vec<Output>,
    /// The tree of each stage, by name.
    pub trees: BTreeMap<String, Output>,
    /// The tree of the image.
    pub image: Output,
    /// What can be built only if the client has what the plan needs of it.
    pub client_checks: Option<ClientChecks>,
    /// The config of the image.
    pub config: Value,
    /// The config of the image that it is based on.
    pub base_config: Value,
}

/// Commands that do nothing but need something of the client's.
#[derive(Clone, Debug)]
pub struct ClientChecks {
    /// Needs all of it. The engine remembers a success until something else is to be installed.
    pub all: Output,
    /// Each needs one thing, and is always run.
    pub each: BTreeMap<Need, Output>,
}

/// Compiles a plan.
///
/// # Errors
/// `images` lacks an image of the plan, or a stage refers to one that does not come before it.
pub fn compile(
    plan: &Plan,
    platform: &Platform,
    images: &Images,
    options: &Options,
) -> Result<Compiled, Error> {
    let built = llb::stages(plan, platform, images, options)?;
    let base_config = built.image.base.config.clone();
    Ok(Compiled {
        definition: Definition::new(&built.image.output),
        checks: built.checks,
        trees: built.trees,
        image: built.image.output,
        client_checks: built.client_checks,
        config: config::image(plan, base_config.clone(), options.epoch),
        base_config,
    })
}

/// A folder of the client's as an op.
pub fn folder(folder: &LocalFolder, files: &ContextFiles) -> Output {
    llb::folder_files(folder, files)
}

/// A platform as LLB has it.
#[must_use]
pub fn platform(platform: &Platform) -> buildkit_llb::Platform {
    llb::to_pb(platform)
}

/// A plan that cannot be compiled. No plan of [`Plan::new`]'s is such a one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An image was not resolved.
    #[error("the image {0} was not resolved")]
    NoImage(String),
    /// A named context was not given.
    #[error("the named context {0} was not given")]
    NoContext(String),
    /// A step that a Dockerfile cannot have.
    #[error("no Dockerfile can say what this step does: {0}")]
    NoDockerfile(String),
    /// A stage is missing or comes too late.
    #[error("the stage {0} is needed before it is planned")]
    NoStage(StageName),
}

#[cfg(test)]
mod tests;
