//! Names of the capabilities that ops require (`solver/pb/caps.go` in BuildKit).
//!
//! An engine refuses a graph that requires a capability it does not have.

pub(crate) const CONSTRAINTS: &str = "constraints";
pub(crate) const PLATFORM: &str = "platform";
pub(crate) const META_DESCRIPTION: &str = "meta.description";
pub(crate) const META_IGNORE_CACHE: &str = "meta.ignorecache";

pub(crate) const SOURCE_GIT: &str = "source.git";
pub(crate) const SOURCE_GIT_AGENT: &str = "source.git.mountsshsock";
pub(crate) const SOURCE_GIT_CHECKSUM: &str = "source.git.checksum";
pub(crate) const SOURCE_GIT_FETCH_BY_COMMIT: &str = "source.git.fetchbycommit";
pub(crate) const SOURCE_GIT_FULL_URL: &str = "source.git.fullurl";
pub(crate) const SOURCE_GIT_KEEP_DIR: &str = "source.git.keepgitdir";
pub(crate) const SOURCE_GIT_KNOWN_HOSTS: &str = "source.git.knownsshhosts";
pub(crate) const SOURCE_GIT_SKIP_SUBMODULES: &str = "source.git.skipsubmodules";
pub(crate) const SOURCE_GIT_TIMES: &str = "source.git.mtime";
pub(crate) const SOURCE_HTTP: &str = "source.http";
pub(crate) const SOURCE_HTTP_AUTH: &str = "source.http.auth";
pub(crate) const SOURCE_HTTP_CHECKSUM: &str = "source.http.checksum";
pub(crate) const SOURCE_IMAGE: &str = "source.image";
pub(crate) const SOURCE_IMAGE_CHECKSUM: &str = "source.image.checksum";
pub(crate) const SOURCE_IMAGE_RESOLVE_MODE: &str = "source.image.resolvemode";
pub(crate) const SOURCE_LOCAL: &str = "source.local";
pub(crate) const SOURCE_LOCAL_EXCLUDE: &str = "source.local.excludepatterns";
pub(crate) const SOURCE_LOCAL_FOLLOW: &str = "source.local.followpaths";
pub(crate) const SOURCE_LOCAL_INCLUDE: &str = "source.local.includepatterns";
pub(crate) const SOURCE_LOCAL_SESSION: &str = "source.local.sessionid";
pub(crate) const SOURCE_LOCAL_SHARED_KEY: &str = "source.local.sharedkeyhint";
pub(crate) const SOURCE_OCI_LAYOUT: &str = "source.ocilayout";

pub(crate) const EXEC_BASE: &str = "exec.meta.base";
pub(crate) const EXEC_CGROUP_PARENT: &str = "exec.meta.cgroup.parent";
pub(crate) const EXEC_DEFAULT_PATH: &str = "exec.meta.setsdefaultpath";
pub(crate) const EXEC_NETWORK: &str = "exec.meta.network";
pub(crate) const EXEC_PROXY: &str = "exec.meta.proxyenv";
pub(crate) const EXEC_RESOURCES: &str = "exec.meta.linux.resources";
pub(crate) const EXEC_SECRET_ENV: &str = "exec.secretenv";
pub(crate) const EXEC_SECURITY: &str = "exec.meta.security";
pub(crate) const EXEC_ULIMIT: &str = "exec.meta.ulimit";

pub(crate) const MOUNT_BIND: &str = "exec.mount.bind";
pub(crate) const MOUNT_BIND_DISCARD: &str = "exec.mount.bind.readwrite-nooutput";
pub(crate) const MOUNT_CACHE: &str = "exec.mount.cache";
pub(crate) const MOUNT_CACHE_SHARING: &str = "exec.mount.cache.sharing";
pub(crate) const MOUNT_CONTENT_CACHE: &str = "exec.mount.cache.content";
pub(crate) const MOUNT_SECRET: &str = "exec.mount.secret";
pub(crate) const MOUNT_SELECTOR: &str = "exec.mount.selector";
pub(crate) const MOUNT_SSH: &str = "exec.mount.ssh";
pub(crate) const MOUNT_TMPFS: &str = "exec.mount.tmpfs";
pub(crate) const MOUNT_TMPFS_SIZE: &str = "exec.mount.tmpfs.size";

pub(crate) const FILE_BASE: &str = "file.base";
pub(crate) const FILE_COPY_PATTERNS: &str = "file.copy.includeexcludepatterns";
pub(crate) const FILE_COPY_REPLACE: &str = "file.copy.alwaysreplaceexistingdestpaths";
pub(crate) const FILE_REMOVE_WILDCARD: &str = "file.rm.wildcard";
pub(crate) const FILE_SYMLINK: &str = "file.symlink.create";

pub(crate) const MERGE: &str = "mergeop";
pub(crate) const DIFF: &str = "diffop";
