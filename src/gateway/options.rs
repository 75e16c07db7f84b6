//! What the user's command asks for, as the engine passes it on (`frontend/dockerui/config.go`).

use std::collections::BTreeMap;
use std::net::IpAddr;

use buildkit_llb::{NetMode, ProxyEnv, ResolveMode};
use buildkit_proto::gateway::CacheOptionsEntry;
use serde::Deserialize;

use crate::build_file::{DEFAULT_NAME, Switches};
use crate::compile::{Limits, LocalFolder, NoCache};
use crate::image::Platform;

use super::failure::Error;
use super::limits;
use super::sbom::Scan;

const OPTION_PREFIX: &str = "BUILDKIT_FRONTEND_OPT_";
const BUILD_ARG: &str = "build-arg:";
const LABEL: &str = "label:";
const CONTEXT: &str = "context:";
/// The build argument of engines' own checks of Dockerfiles.
const CHECKS: &str = "BUILDKIT_DOCKERFILE_CHECK";

/// A build as it was asked for.
#[derive(Clone, Debug)]
pub(super) struct Options {
    /// The build file's path in its folder.
    pub(super) filename: String,
    /// The client's folder with the build file.
    pub(super) build_file_folder: LocalFolder,
    /// Whether the build file is in that folder wherever the project is.
    pub(super) own_build_file: bool,
    /// The client's folder with the project.
    pub(super) context: LocalFolder,
    /// The address of the project, if it is in no folder of the client's.
    pub(super) remote_context: Option<String>,
    /// The folder of a remote project that counts.
    pub(super) remote_folder: Option<String>,
    /// Whether a repository keeps its folder `.git`.
    pub(super) keep_git_dir: bool,
    /// What stands for further contexts, by `NAME` or `NAME::PLATFORM`.
    pub(super) named_contexts: BTreeMap<String, String>,
    /// What another build says of its results, in JSON, by their names.
    pub(super) input_metadata: BTreeMap<String, String>,
    /// The sessions of folders, by their names.
    sessions: BTreeMap<String, String>,
    /// The client's session.
    pub(super) session: String,
    /// The subrequest, if this is no build.
    pub(super) subrequest: Option<String>,
    pub(super) target: Option<String>,
    /// What the engine itself runs on.
    pub(super) native: Option<Platform>,
    /// At least one, each once.
    pub(super) platforms: Vec<Platform>,
    /// Whether the result is one by platform, even of a single one.
    pub(super) multi_platform: bool,
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
    pub(super) limits: Limits,
    /// What is scanned for packages besides the image, if anything is.
    pub(super) scan: Option<Scan>,
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
        let sessions = prefixed(options, "local-sessionid:");
        let folder = |key: &str, default: &str| {
            let name = given(key).map_or(default, |name| name.as_str());
            local_folder(name, &sessions, session)
        };
        let context = folder("contextkey", "context");
        let build_args = prefixed(options, BUILD_ARG);
        let native = worker_platform.map(|worker| Platform {
            os: worker.os,
            architecture: worker.architecture,
            variant: worker.variant,
        });
        let platforms = platforms(given("platform"), native.as_ref())?;
        Ok(Self {
            filename: given("filename")
                .map_or(DEFAULT_NAME, |name| name)
                .to_owned(),
            build_file_folder: folder("dockerfilekey", "dockerfile"),
            own_build_file: given("dockerfilekey").is_some(),
            remote_context: given(&context.name).cloned(),
            context,
            remote_folder: given("contextsubdir").cloned(),
            keep_git_dir: build_args
                .get("BUILDKIT_CONTEXT_KEEP_GIT_DIR")
                .and_then(|value| flag(value))
                .unwrap_or(false),
            named_contexts: prefixed(options, CONTEXT),
            input_metadata: prefixed(options, "input-metadata:"),
            session: session.to_owned(),
            sessions: sessions.clone(),
            subrequest: given("requestid").cloned(),
            target: given("target").cloned(),
            multi_platform: multi_platform(options, platforms.len() > 1)?,
            native,
            platforms,
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
            limits: limits::read(options)?,
            scan: Scan::read(options),
            epoch: epoch(build_args.get("SOURCE_DATE_EPOCH"))?,
            checks: checks(build_args.get(CHECKS))?,
            build_args,
        })
    }
}

impl Options {
    /// The client's folder of this name.
    pub(super) fn folder(&self, name: &str) -> LocalFolder {
        local_folder(name, &self.sessions, &self.session)
    }
}

fn local_folder(name: &str, sessions: &BTreeMap<String, String>, default: &str) -> LocalFolder {
    LocalFolder {
        session: sessions
            .get(name)
            .map_or(default, String::as_str)
            .to_owned(),
        name: name.to_owned(),
        ignore: Vec::new(),
    }
}

/// A truth value as Go reads one.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

fn multi_platform(options: &BTreeMap<String, String>, several: bool) -> Result<bool, Error> {
    let given = |name: &str| options.get(name).filter(|value| !value.is_empty());
    let name = "BUILDKIT_MULTI_PLATFORM";
    let asked = given(&format!("{BUILD_ARG}{name}")).or(given("multi-platform"));
    let Some(value) = asked else {
        return Ok(several);
    };
    match flag(value) {
        None => Err(wrong(name, value, "`true` or `false`")),
        Some(false) if several => Err(wrong(name, value, "for a build of several platforms")),
        Some(asked) => Ok(asked),
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

pub(super) fn wrong(option: &str, value: &str, expected: &'static str) -> Error {
    Error::Option {
        option: option.to_owned(),
        value: value.to_owned(),
        expected,
    }
}

fn platforms(asked: Option<&String>, native: Option<&Platform>) -> Result<Vec<Platform>, Error> {
    let Some(asked) = asked else {
        let usual = || Platform {
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            variant: String::new(),
        };
        return Ok(vec![native.cloned().unwrap_or_else(usual)]);
    };
    let mut platforms = Vec::new();
    for text in asked.split(',') {
        let platform = Platform::parse(text)
            .ok_or_else(|| wrong("platform", text, "a platform such as `linux/amd64`"))?;
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    Ok(platforms)
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
