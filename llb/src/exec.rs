//! Processes in containers (`client/llb/exec.go` in BuildKit).

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    sync::Arc,
};

use buildkit_proto::pb;

use crate::{
    BindMount, CacheMount, ContentCache, LinuxResources, Mount, NetMode, Output, Platform,
    ProxyEnv, SecretMount, SecurityMode, SshMount, TmpfsMount, caps,
    mount::Access,
    path,
    vertex::{Common, Inputs, SKIP, Vertex, as_index, common_setters},
};

/// Index of the root among the mounts of a process.
const ROOT: &str = "/";

/// A process in a container.
///
/// By default, it runs in `/` as root, in the sandboxed network, on an empty writable root, and
/// without environment variables except `PATH`, which the engine adds if it is missing.
#[derive(Clone, Debug)]
#[must_use]
pub struct Exec {
    meta: pb::Meta,
    env: Vec<(String, String)>,
    network: NetMode,
    security: SecurityMode,
    secret_env: Vec<pb::SecretEnv>,
    root: BindMount,
    trees: BTreeMap<String, Tree>,
    secrets: Vec<SecretMount>,
    agents: Vec<SshMount>,
    platform: Option<Platform>,
    common: Common,
}

/// A directory mount. Secrets and SSH agents are files and come after these.
#[derive(Clone, Debug)]
enum Tree {
    Bind(BindMount),
    Cache(CacheMount),
    Tmpfs(TmpfsMount),
}

impl Exec {
    /// A process that runs `program`, a path or a name to look up in `PATH`.
    pub fn new(program: impl Into<String>) -> Self {
        Self {
            meta: pb::Meta {
                args: vec![program.into()],
                cwd: ROOT.to_owned(),
                remove_mount_stubs_recursive: true,
                ..pb::Meta::default()
            },
            env: Vec::new(),
            network: NetMode::Unset,
            security: SecurityMode::Sandbox,
            secret_env: Vec::new(),
            root: Mount::bind(None, ROOT),
            trees: BTreeMap::new(),
            secrets: Vec::new(),
            agents: Vec::new(),
            platform: None,
            common: Common::default(),
        }
    }

    common_setters!();

    /// Adds an argument.
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.meta.args.push(arg.into());
        self
    }

    /// Adds arguments.
    pub fn args<T: Into<String>>(mut self, args: impl IntoIterator<Item = T>) -> Self {
        self.meta.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets the working directory. A relative path starts at the current one.
    pub fn cwd(mut self, directory: impl Into<String>) -> Self {
        let directory = directory.into();
        self.meta.cwd = if directory.starts_with('/') {
            directory
        } else {
            path::absolute(&format!("{}/{directory}", self.meta.cwd))
        };
        self
    }

    /// Sets an environment variable. Setting it again moves it to the end.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.env.retain(|(known, _)| *known != name);
        self.env.push((name, value.into()));
        self
    }

    /// Sets the user, as in an image config: name or number, with an optional `:group`.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.meta.user = user.into();
        self
    }

    /// Sets the network. Host networking requires an entitlement.
    pub fn network(mut self, mode: NetMode) -> Self {
        self.network = mode;
        self
    }

    /// Sets the privileges. [`SecurityMode::Insecure`] requires an entitlement.
    pub fn security(mut self, mode: SecurityMode) -> Self {
        self.security = mode;
        self
    }

    /// Adds a line to `/etc/hosts`.
    pub fn extra_host(mut self, host: impl Into<String>, ip: IpAddr) -> Self {
        self.meta.extra_hosts.push(pb::HostIp {
            host: host.into(),
            // Go prints IPv4-mapped IPv6 addresses as plain IPv4.
            ip: ip.to_canonical().to_string(),
        });
        self
    }

    /// Sets the host name inside the container.
    pub fn hostname(mut self, name: impl Into<String>) -> Self {
        self.meta.hostname = name.into();
        self
    }

    /// Adds a ulimit by its name without prefix, such as `nofile`.
    ///
    /// Requires the capability `exec.meta.ulimit`.
    pub fn ulimit(mut self, name: impl Into<String>, soft: i64, hard: i64) -> Self {
        self.meta.ulimit.push(pb::Ulimit {
            name: name.into(),
            soft,
            hard,
        });
        self
    }

    /// Sets the parent cgroup of the container.
    ///
    /// Requires the capability `exec.meta.cgroup.parent`.
    pub fn cgroup_parent(mut self, path: impl Into<String>) -> Self {
        self.meta.cgroup_parent = path.into();
        self
    }

    /// Sets limits on memory and CPUs, which are not part of the cache key.
    ///
    /// Requires the capability `exec.meta.linux.resources`.
    pub fn resources(mut self, resources: LinuxResources) -> Self {
        self.common.metadata.resources = Some(resources);
        self
    }

    /// Sets the proxy variables, which are not part of the cache key.
    pub fn proxy(mut self, proxy: ProxyEnv) -> Self {
        self.meta.proxy_env = Some(proxy);
        self
    }

    /// Sets the environment variable `name` to the secret `id`. Unless it is `optional`, the step
    /// fails without the secret.
    pub fn secret_env(
        mut self,
        name: impl Into<String>,
        id: impl Into<String>,
        optional: bool,
    ) -> Self {
        self.secret_env.push(pb::SecretEnv {
            id: id.into(),
            name: name.into(),
            optional,
        });
        self
    }

    /// Adds a mount. A directory replaces an earlier one with the same target, and the
    /// [root](Self::root) replaces any at `/`.
    pub fn mount(mut self, mount: impl Into<Mount>) -> Self {
        match mount.into() {
            Mount::Bind(bind) => {
                self.trees.insert(bind.target.clone(), Tree::Bind(bind));
            }
            Mount::Cache(cache) => {
                self.trees.insert(cache.target.clone(), Tree::Cache(cache));
            }
            Mount::Tmpfs(tmpfs) => {
                self.trees.insert(tmpfs.target.clone(), Tree::Tmpfs(tmpfs));
            }
            Mount::Secret(secret) => self.secrets.push(secret),
            Mount::Ssh(agent) => self.agents.push(agent),
        }
        self
    }

    /// Sets the root to a writable copy of this tree, or to an empty tree for `None`.
    pub fn root(mut self, tree: impl Into<Option<Output>>) -> Self {
        self.root = Mount::bind(tree, ROOT);
        self
    }

    /// Sets the root to this tree, read-only.
    pub fn root_read_only(mut self, tree: Output) -> Self {
        self.root = Mount::bind(tree, ROOT).read_only();
        self
    }

    /// Sets the platform. Default: that of the root.
    pub fn platform(mut self, platform: Platform) -> Self {
        self.platform = Some(platform);
        self
    }

    /// Finishes the op.
    pub fn run(mut self) -> ExecOutputs {
        let root = self.root.clone();
        let platform = (self.platform.take())
            .or_else(|| root.source.as_ref().and_then(Output::platform).cloned());
        self.trees.insert(ROOT.to_owned(), Tree::Bind(root));
        if let Some(agent) = self.agents.first()
            && !self.env.iter().any(|(name, _)| name == "SSH_AUTH_SOCK")
        {
            let socket = agent.target.clone();
            self.env.push(("SSH_AUTH_SOCK".to_owned(), socket));
        }
        self.common.metadata.caps = self.caps().into_iter().map(Into::into).collect();

        let mut inputs = Inputs::default();
        let mut mounts = Vec::new();
        let mut kept = Vec::new();
        for tree in self.trees.values() {
            mounts.push(match tree {
                Tree::Bind(bind) => {
                    let input = inputs.add(bind.source.as_ref());
                    let output = if bind.access == Access::Kept {
                        kept.push(bind.target.clone());
                        as_index(kept.len() - 1)
                    } else {
                        SKIP
                    };
                    bind.to_pb(input, output)
                }
                Tree::Cache(cache) => cache.to_pb(inputs.add(cache.source.as_ref())),
                Tree::Tmpfs(tmpfs) => tmpfs.to_pb(),
            });
        }
        mounts.extend(self.secrets.iter().map(SecretMount::to_pb));
        mounts.extend(self.agents.iter().map(SshMount::to_pb));

        let mut meta = self.meta;
        meta.env = (self.env.into_iter())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let op = pb::op::Op::Exec(pb::ExecOp {
            meta: Some(meta),
            mounts,
            network: self.network.into(),
            security: self.security.into(),
            secretenv: self.secret_env,
        });
        let parents = (self.trees.values())
            .filter_map(|tree| tree.source().cloned())
            .collect();
        let vertex = Vertex::new(op, inputs, parents, platform, self.common);
        ExecOutputs::new(&vertex, &kept, self.trees)
    }

    fn caps(&self) -> BTreeSet<&'static str> {
        let meta = &self.meta;
        let secret_mounts = !self.secrets.is_empty();
        let secret_env = !self.secret_env.is_empty();
        let mut all = BTreeSet::from([caps::EXEC_BASE, caps::EXEC_DEFAULT_PATH]);
        for (used, cap) in [
            (!meta.cgroup_parent.is_empty(), caps::EXEC_CGROUP_PARENT),
            (!meta.ulimit.is_empty(), caps::EXEC_ULIMIT),
            (meta.proxy_env.is_some(), caps::EXEC_PROXY),
            (
                self.common.metadata.resources.is_some(),
                caps::EXEC_RESOURCES,
            ),
            (self.network != NetMode::Unset, caps::EXEC_NETWORK),
            (self.security != SecurityMode::Sandbox, caps::EXEC_SECURITY),
            (secret_env, caps::EXEC_SECRET_ENV),
            (secret_env || secret_mounts, caps::MOUNT_SECRET),
            (!self.agents.is_empty(), caps::MOUNT_SSH),
        ] {
            if used {
                all.insert(cap);
            }
        }
        for tree in self.trees.values() {
            all.extend(tree.caps());
        }
        all
    }
}

impl Tree {
    fn source(&self) -> Option<&Output> {
        match self {
            Self::Bind(bind) => bind.source.as_ref(),
            Self::Cache(cache) => cache.source.as_ref(),
            Self::Tmpfs(_) => None,
        }
    }

    fn caps(&self) -> impl Iterator<Item = &'static str> {
        let caps = match self {
            Self::Bind(bind) => [
                bind.source.as_ref().map(|_| caps::MOUNT_BIND),
                (!bind.selector.is_empty()).then_some(caps::MOUNT_SELECTOR),
                (bind.access == Access::Discarded).then_some(caps::MOUNT_BIND_DISCARD),
                (bind.content_cache != ContentCache::Default).then_some(caps::MOUNT_CONTENT_CACHE),
            ],
            Self::Cache(cache) => [
                Some(caps::MOUNT_CACHE),
                Some(caps::MOUNT_CACHE_SHARING),
                (!cache.selector.is_empty()).then_some(caps::MOUNT_SELECTOR),
                None,
            ],
            Self::Tmpfs(tmpfs) => [
                Some(caps::MOUNT_TMPFS),
                (tmpfs.size > 0).then_some(caps::MOUNT_TMPFS_SIZE),
                None,
                None,
            ],
        };
        caps.into_iter().flatten()
    }
}

/// The outputs of a process.
#[derive(Clone, Debug)]
#[must_use = "a process runs only if something reads one of its outputs"]
pub struct ExecOutputs {
    root: Output,
    mounts: BTreeMap<String, Output>,
}

impl ExecOutputs {
    /// `kept` lists the targets that have an output, in the order of their outputs.
    fn new(vertex: &Arc<Vertex>, kept: &[String], trees: BTreeMap<String, Tree>) -> Self {
        let unchanged = trees.into_iter().filter_map(|(target, tree)| match tree {
            Tree::Bind(bind) if bind.access == Access::Refused => Some((target, bind.source?)),
            _ => None,
        });
        let changed = kept.iter().enumerate().map(|(number, target)| {
            let vertex = Arc::clone(vertex);
            let index = as_index(number);
            (target.clone(), Output { vertex, index })
        });
        let mut mounts: BTreeMap<_, _> = unchanged.chain(changed).collect();
        Self {
            // There is always a root: it is either kept or read-only.
            root: (mounts.remove(ROOT)).unwrap_or_else(|| Output::first(Arc::clone(vertex))),
            mounts,
        }
    }

    /// The root after the process has run, or the tree itself if it was read-only.
    pub fn root(&self) -> Output {
        self.root.clone()
    }

    /// The directory at `target` after the process has run, or the tree itself if it was read-only.
    ///
    /// `None` for cache and tmpfs mounts, discarded writes, a read-only empty tree, and where
    /// nothing is mounted.
    #[must_use]
    pub fn mount(&self, target: &str) -> Option<Output> {
        if target == ROOT {
            return Some(self.root());
        }
        self.mounts.get(target).cloned()
    }
}
