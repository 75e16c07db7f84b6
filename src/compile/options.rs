//! Settings of the build that are not part of a plan.

use std::collections::BTreeMap;
use std::net::IpAddr;

use buildkit_llb::{LinuxResources, NetMode, Output, ProxyEnv, ResolveMode};

use crate::plan::{Stage, StageName, Step};

use super::images::Images;

/// Settings of the build that apply to all steps.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How image references are resolved.
    pub resolve_mode: ResolveMode,
    /// The network of every command.
    pub network: NetMode,
    /// Extra entries in every command's `/etc/hosts`.
    pub extra_hosts: Vec<(String, IpAddr)>,
    /// The host name of every command.
    pub hostname: Option<String>,
    /// Proxy settings of every command with a network; not part of any cache key.
    pub proxy: Option<ProxyEnv>,
    pub resource_limits: ResourceLimits,
    /// The creation time in the image config, in seconds since 1970; `None` leaves it to the engine.
    pub epoch: Option<u64>,
    pub ignore_cache: IgnoreCache,
    /// Whether the engine can merge file systems: the capability `mergeop`. Otherwise independent layers are
    /// copied one after the other.
    pub merge: bool,
    /// The images of the engine's own platform, if steps run on it that is not the image's.
    pub engine_images: Images,
    /// Whether the names of steps show their platform.
    pub show_platforms: bool,
    /// The build context.
    pub context: Context,
    /// The named contexts, by name.
    pub named_contexts: BTreeMap<String, Context>,
}

impl Options {
    /// The steps of a stage in the order of their layers.
    pub(super) fn order<'a>(&self, stage: &'a Stage) -> Vec<&'a Step> {
        if self.merge {
            stage.with_layers_last()
        } else {
            stage.steps.iter().collect()
        }
    }
}

/// The resources that each command may use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceLimits {
    /// The size of `/dev/shm` in bytes.
    pub shared_memory: Option<u64>,
    /// In the order given by the client.
    pub ulimits: Vec<Ulimit>,
    /// The parent of the containers' control groups.
    pub cgroup_parent: Option<String>,
    /// Memory and CPUs; not part of any cache key.
    pub resources: Option<LinuxResources>,
}

/// A process limit; -1 means unlimited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ulimit {
    /// The name, such as `nofile`.
    pub name: String,
    pub soft: i64,
    pub hard: i64,
}

/// The build context, or a named context.
#[derive(Clone, Debug, PartialEq)]
pub enum Context {
    /// A directory on the client.
    Local(LocalDirectory),
    /// The output of an LLB graph: a Git repository, an archive, an image or another build.
    Output(Output),
}

impl Default for Context {
    fn default() -> Self {
        Self::Local(LocalDirectory::default())
    }
}

/// The stages whose steps run even if they are cached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IgnoreCache {
    #[default]
    Never,
    All,
    /// The names of the stages, case-insensitive.
    Stages(Vec<String>),
}

impl IgnoreCache {
    pub(super) fn covers(&self, stage: &StageName) -> bool {
        match self {
            Self::Never => false,
            Self::All => true,
            Self::Stages(names) => names
                .iter()
                .any(|name| name.eq_ignore_ascii_case(stage.as_str())),
        }
    }
}

/// A directory that the client sends to the engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocalDirectory {
    /// The name under which the client offers it, such as `context`.
    pub name: String,
    /// The client session to read it from.
    pub session: String,
    /// The patterns of its own ignore file, if it is a named context.
    pub ignore: Vec<String>,
}
