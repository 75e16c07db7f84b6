//! What the user's command asks for, as the engine passes it on (`frontend/dockerui/config.go`).

use std::collections::BTreeMap;
use std::net::IpAddr;

use buildkit_llb::{NetMode, ProxyEnv, ResolveMode};
use buildkit_proto::gateway::CacheOptionsEntry;
use serde::Deserialize;

use crate::build_file::{DEFAULT_NAME, Switches};
use crate::compile::{LocalFolder, NoCache};
use crate::image::Platform;

use super::failure::Error;

const OPTION_PREFIX: &str = "BUILDKIT_FRONTEND_OPT_";
const BUILD_ARG: &str = "build-arg:";
const LABEL: &str = "label:";
const CONTEXT: &str = "context:";
/// The build argument of engines' own checks of Dockerfiles.
const CHECKS: &str = "BUILDKIT_DOCKERFILE_CHECK";

/// Options that change what a command does to the image, and that are not honoured: better refused than ignored.
const UNSUPPORTED: [(&str, &str); 13] = [
    ("context", "a remote build context"),
    ("contextsubdir", "a remote build context"),
    ("shm-size", "`--shm-size`"),
    ("ulimit", "`--ulimit`"),
    ("cgroup-parent", "`--cgroup-parent`"),
    ("memory", "`--memory`"),
    ("memswap", "`--memory-swap`"),
    ("cpushares", "`--cpu-shares`"),
    ("cpuperiod", "`--cpu-period`"),
    ("cpuquota", "`--cpu-quota`"),
    ("cpusetcpus", "`--cpuset-cpus`"),
    ("cpusetmems", "`--cpuset-mems`"),
    (
        "build-arg:BUILDKIT_MULTI_PLATFORM",
        "`BUILDKIT_MULTI_PLATFORM`",
    ),
];

/// A build as it was asked for.
#[derive(Clone, Debug)]
pub(super) struct Options {
    /// The build file's path in its folder.
    pub(super) filename: String,
    /// The folder with the build file.
    pub(super) build_file_folder: LocalFolder,
    /// The folder with the project.
    pub(super) context: LocalFolder,
    /// Further folders, by the names that the command gives them.
    pub(super) named_contexts: BTreeMap<String, LocalFolder>,
    /// The subrequest, if this is no build.
    pub(super) subrequest: Option<String>,
    pub(super) target: Option<String>,
    pub(super) platform: Platform,
    pub(super) build_args: BTreeMap<String, String>,
    pub(super) labels: BTreeMap<String, String>,
    /// The address of the repository with the build context, without credentials.
    pub(super) source: Option<String>,
    /// The commit of the build context.
    pub(super) revision: Option<String>,
    pub(super) no_cache: NoCache,
    pub(super) resolve_mode: ResolveMode,
    pub(super) cache_imports: Vec<CacheOptionsEntry>,
    pub(super) cache_namespace: Option<String>,
    pub(super) network: NetMode,
    pub(super) extra_hosts: Vec<(String, IpAddr)>,
    pub(super) hostname: Option<String>,
    pub(super) proxy: Option<ProxyEnv>,
    /// The time that the image says it was made at, in seconds since 1970.
    pub(super) epoch: Option<u64>,
    /// Which rules are looked at, besides what the build file says.
    pub(super) checks: Switches,
}

#[derive(Deserialize)]
struct Worker {
    #[serde(default, alias = "Platforms")]
    platforms: Vec<WorkerPlatform>,
}

#[derive(Deserialize)]
struct WorkerPlatform {
    os: String,
    architecture: String,
    #[serde(default)]
    variant: String,
}

#[derive(Deserialize)]
struct CacheImport {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "Attrs", default)]
    attrs: Option<BTreeMap<String, String>>,
}

impl Options {
    /// Reads the environment that the engine gave.
    ///
    /// # Errors
    /// An option has a value that makes no sense, or asks for what is not supported.
    pub(super) fn read(environment: impl Iterator<Item = (String, String)>) -> Result<Self, Error> {
        let mut options = BTreeMap::new();
        let mut variables = BTreeMap::new();
        for (name, value) in environment {
            if name.starts_with(OPTION_PREFIX) {
                let (key, value) = value.split_once('=').unwrap_or((&value, ""));
                options.insert(key.to_owned(), value.to_owned());
            } else {
                variables.insert(name, value);
            }
        }
        let session = variables.remove("BUILDKIT_SESSION_ID").unwrap_or_default();
        let worker_platform = variables
            .get("BUILDKIT_WORKERS")
            .and_then(|json| serde_json::from_str::<Vec<Worker>>(json).ok())
            .and_then(|workers| workers.into_iter().next()?.platforms.into_iter().next());
        Self::from_options(&options, &session, worker_platform)
    }

    fn from_options(
        options: &BTreeMap<String, String>,
        session: &str,
        worker_platform: Option<WorkerPlatform>,
    ) -> Result<Self, Error> {
        let given = |name: &str| options.get(name).filter(|value| !value.is_empty());
        for (name, what) in UNSUPPORTED {
            if given(name).is_some() {
                return Err(Error::Unsupported(what.to_owned()));
            }
        }
        let local = |name: &str| LocalFolder {
            session: given(&format!("local-sessionid:{name}"))
                .map_or(session, |id| id.as_str())
                .to_owned(),
            name: name.to_owned(),
        };
        let folder =
            |key: &str, default: &str| local(given(key).map_or(default, |name| name.as_str()));
        let named_contexts = prefixed(options, CONTEXT)
            .into_iter()
            .map(|(name, value)| match value.strip_prefix("local:") {
                Some(folder) => Ok((name, local(folder))),
                None => Err(Error::Unsupported(format!(
                    "the named context `{name}`, which is no folder,"
                ))),
            })
            .collect::<Result<_, _>>()?;
        let build_args = prefixed(options, BUILD_ARG);
        Ok(Self {
            filename: given("filename")
                .map_or(DEFAULT_NAME, |name| name)
                .to_owned(),
            build_file_folder: folder("dockerfilekey", "dockerfile"),
            context: folder("contextkey", "context"),
            named_contexts,
            subrequest: given("requestid").cloned(),
            target: given("target").cloned(),
            platform: platform(given("platform"), worker_platform)?,
            labels: prefixed(options, LABEL),
            source: given("vcs:source").map(|address| without_credentials(address)),
            revision: given("vcs:revision").cloned(),
            no_cache: match options.get("no-cache").map(String::as_str) {
                None => NoCache::Never,
                Some("") => NoCache::All,
                Some(stages) => NoCache::Stages(stages.split(',').map(str::to_owned).collect()),
            },
            resolve_mode: resolve_mode(given("image-resolve-mode"))?,
            cache_imports: cache_imports(given("cache-imports"), given("cache-from"))?,
            cache_namespace: build_args.get("BUILDKIT_CACHE_MOUNT_NS").cloned(),
            network: network(given("force-network-mode"))?,
            extra_hosts: extra_hosts(given("add-hosts"))?,
            hostname: build_args
                .get("BUILDKIT_SANDBOX_HOSTNAME")
                .or(given("hostname"))
                .cloned(),
            proxy: proxy(&build_args),
            epoch: epoch(build_args.get("SOURCE_DATE_EPOCH"))?,
            checks: checks(build_args.get(CHECKS))?,
            build_args,
        })
    }
}

fn prefixed(options: &BTreeMap<String, String>, prefix: &str) -> BTreeMap<String, String> {
    options
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix(prefix)?.to_owned(), value.clone())))
        .collect()
}

/// An address as anybody may see it: a user name that is no secret is how SSH addresses are written.
fn without_credentials(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

fn wrong(option: &str, value: &str, expected: &'static str) -> Error {
    Error::Option {
        option: option.to_owned(),
        value: value.to_owned(),
        expected,
    }
}

fn platform(asked: Option<&String>, worker: Option<WorkerPlatform>) -> Result<Platform, Error> {
    let Some(asked) = asked else {
        let worker = worker.unwrap_or(WorkerPlatform {
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            variant: String::new(),
        });
        return Ok(Platform {
            os: worker.os,
            architecture: worker.architecture,
            variant: worker.variant,
        });
    };
    if asked.contains(',') {
        return Err(Error::Unsupported(
            "building for several platforms at once".to_owned(),
        ));
    }
    Platform::parse(asked)
        .ok_or_else(|| wrong("platform", asked, "a platform such as `linux/amd64`"))
}

fn resolve_mode(value: Option<&String>) -> Result<ResolveMode, Error> {
    match value.map(String::as_str) {
        None | Some("default") => Ok(ResolveMode::Default),
        Some("pull") => Ok(ResolveMode::ForcePull),
        Some("local") => Ok(ResolveMode::PreferLocal),
        Some(other) => Err(wrong(
            "image-resolve-mode",
            other,
            "`default`, `pull` or `local`",
        )),
    }
}

fn network(value: Option<&String>) -> Result<NetMode, Error> {
    match value.map(String::as_str) {
        None | Some("sandbox" | "default") => Ok(NetMode::Unset),
        Some("none") => Ok(NetMode::None),
        Some("host") => Ok(NetMode::Host),
        Some(other) => Err(wrong("network", other, "`default`, `none` or `host`")),
    }
}

/// `NAME=IP,NAME=IP`.
fn extra_hosts(value: Option<&String>) -> Result<Vec<(String, IpAddr)>, Error> {
    value
        .into_iter()
        .flat_map(|list| list.split(','))
        .map(|entry| {
            entry
                .split_once('=')
                .and_then(|(host, ip)| {
                    let ip = ip.trim_matches(['[', ']']).parse().ok()?;
                    Some((host.to_owned(), ip))
                })
                .ok_or_else(|| wrong("add-host", entry, "of the form `NAME=ADDRESS`"))
        })
        .collect()
}

fn cache_imports(
    json: Option<&String>,
    registries: Option<&String>,
) -> Result<Vec<CacheOptionsEntry>, Error> {
    let imports: Vec<CacheImport> = match json {
        Some(json) => serde_json::from_str(json)
            .map_err(|_| wrong("cache-imports", json, "a list of caches in JSON"))?,
        None => Vec::new(),
    };
    let imports = imports.into_iter().map(|import| CacheOptionsEntry {
        r#type: import.kind,
        attrs: import.attrs.unwrap_or_default(),
    });
    let registries = registries.into_iter().flat_map(|list| list.split(','));
    Ok(imports
        .chain(registries.map(|reference| CacheOptionsEntry {
            r#type: "registry".to_owned(),
            attrs: BTreeMap::from([("ref".to_owned(), reference.to_owned())]),
        }))
        .collect())
}

fn checks(value: Option<&String>) -> Result<Switches, Error> {
    Ok(Switches::parse(value.map_or("", String::as_str))?)
}

fn epoch(value: Option<&String>) -> Result<Option<u64>, Error> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    match value.parse() {
        Ok(seconds) => Ok(Some(seconds)),
        Err(_) => Err(wrong(
            "build-arg:SOURCE_DATE_EPOCH",
            value,
            "a number of seconds since 1970",
        )),
    }
}

/// The proxy settings among the build args, in either case of letters.
fn proxy(build_args: &BTreeMap<String, String>) -> Option<ProxyEnv> {
    let arg = |name: &str| {
        build_args
            .get(name)
            .or_else(|| build_args.get(&name.to_ascii_lowercase()))
            .cloned()
            .unwrap_or_default()
    };
    let proxy = ProxyEnv {
        http_proxy: arg("HTTP_PROXY"),
        https_proxy: arg("HTTPS_PROXY"),
        ftp_proxy: arg("FTP_PROXY"),
        no_proxy: arg("NO_PROXY"),
        all_proxy: arg("ALL_PROXY"),
    };
    (proxy != ProxyEnv::default()).then_some(proxy)
}

#[cfg(test)]
mod tests;
