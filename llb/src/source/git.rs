//! A Git repository (`Git` in BuildKit's `client/llb/source.go`).

use std::collections::BTreeMap;

use super::{insert, source};
use crate::{
    Output, caps, path,
    vertex::{Common, common_setters},
};

/// The files of a commit.
#[derive(Clone, Debug)]
#[must_use]
pub struct GitSource {
    remote: String,
    reference: String,
    subdir: String,
    checksum: String,
    times: String,
    keep_git_dir: bool,
    skip_submodules: bool,
    fetch_by_commit: bool,
    common: Common,
}

impl GitSource {
    /// The default branch of the repository at a URL without query and fragment, such as
    /// `https://HOST/PATH.git` or `USER@HOST:PATH`. Without a scheme, HTTPS is used.
    pub fn new(remote: impl Into<String>) -> Self {
        Self {
            remote: remote.into(),
            reference: String::new(),
            subdir: String::new(),
            checksum: String::new(),
            times: String::new(),
            keep_git_dir: false,
            skip_submodules: false,
            fetch_by_commit: false,
            common: Common::default(),
        }
    }

    common_setters!();

    /// Sets the branch, tag or commit.
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = reference.into();
        self
    }

    /// Uses a directory of the repository instead of all of it.
    pub fn subdir(mut self, subdir: impl Into<String>) -> Self {
        self.subdir = subdir.into();
        self
    }

    /// Sets the commit that the reference must resolve to. Requires the capability
    /// `source.git.checksum`.
    pub fn checksum(mut self, commit: impl Into<String>) -> Self {
        self.checksum = commit.into();
        self
    }

    /// Sets the modification times of files: `checkout` or `commit`. Requires the capability
    /// `source.git.mtime`.
    pub fn times(mut self, policy: impl Into<String>) -> Self {
        self.times = policy.into();
        self
    }

    /// Sets whether the directory `.git` is kept.
    pub fn keep_git_dir(mut self, keep: bool) -> Self {
        self.keep_git_dir = keep;
        self
    }

    /// Sets whether submodules are skipped. Requires the capability `source.git.skipsubmodules`.
    pub fn skip_submodules(mut self, skip: bool) -> Self {
        self.skip_submodules = skip;
        self
    }

    /// Sets whether the commit of the checksum is fetched without resolving the reference. Requires
    /// the capability `source.git.fetchbycommit`.
    pub fn fetch_by_commit(mut self, fetch: bool) -> Self {
        self.fetch_by_commit = fetch;
        self
    }

    /// The file tree of the commit.
    pub fn output(self) -> Output {
        let mut common = self.common;
        let caps = &mut common.metadata.caps;
        let mut needs = |needed: bool, cap: &'static str| {
            if needed {
                caps.insert(cap.into());
            }
        };
        let remote = Remote::of(self.remote);
        let mut identifier = format!("git://{}{}", remote.host, remote.path);
        if !self.reference.is_empty() || !self.subdir.is_empty() {
            identifier += &format!("#{}", self.reference);
        }
        if !self.subdir.is_empty() {
            identifier += &format!(":{}", self.subdir);
        }

        let mut attrs = BTreeMap::new();
        // Names of secrets that the client may provide.
        insert(&mut attrs, "git.authheadersecret", "GIT_AUTH_HEADER".into());
        insert(&mut attrs, "git.authtokensecret", "GIT_AUTH_TOKEN".into());
        if remote.ssh {
            insert(&mut attrs, "git.mountsshsock", "default".into());
        }
        needs(remote.ssh, caps::SOURCE_GIT_KNOWN_HOSTS);
        needs(remote.ssh, caps::SOURCE_GIT_AGENT);
        needs(true, caps::SOURCE_GIT);
        for (attr, value, cap) in [
            ("git.fullurl", remote.url, caps::SOURCE_GIT_FULL_URL),
            ("git.checksum", self.checksum, caps::SOURCE_GIT_CHECKSUM),
            ("git.mtime", self.times, caps::SOURCE_GIT_TIMES),
        ] {
            needs(insert(&mut attrs, attr, value), cap);
        }
        for (attr, value, cap) in [
            (
                "git.keepgitdir",
                self.keep_git_dir,
                caps::SOURCE_GIT_KEEP_DIR,
            ),
            (
                "git.skipsubmodules",
                self.skip_submodules,
                caps::SOURCE_GIT_SKIP_SUBMODULES,
            ),
            (
                "git.fetchbycommit",
                self.fetch_by_commit,
                caps::SOURCE_GIT_FETCH_BY_COMMIT,
            ),
        ] {
            if value {
                insert(&mut attrs, attr, "true".into());
            }
            needs(value, cap);
        }
        source(identifier, attrs, None, common)
    }
}

/// A parsed URL (`util/gitutil/git_url.go`).
struct Remote {
    url: String,
    host: String,
    /// Absolute and normalized.
    path: String,
    ssh: bool,
}

impl Remote {
    fn of(url: String) -> Self {
        let scp = || {
            let (user_host, path) = url.split_once(':')?;
            let (_, host) = user_host.split_once('@')?;
            (!host.contains('/')).then(|| (host.to_owned(), path.to_owned()))
        };
        if let Some((scheme, rest)) = url.split_once("://") {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
            return Self {
                host: host.to_owned(),
                path: path::absolute(&format!("/{path}")),
                ssh: scheme == "ssh",
                url,
            };
        }
        if let Some((host, path)) = scp() {
            return Self {
                host,
                path: path::absolute(&format!("/{path}")),
                ssh: true,
                url,
            };
        }
        Self::of(format!("https://{url}"))
    }
}
