//! What the user's command asks for, as the engine passes it on (`frontend/dockerui/config.go`).

use std::collections::BTreeMap;
use std::net::IpAddr;

use buildkit_llb::{NetMode, ProxyEnv, ResolveMode};
use buildkit_proto::gateway::CacheOptionsEntry;
use serde::Deserialize;

use crate::build_file::{DEFAULT_NAME, Date, RuleSwitches};
use crate::compile::{IgnoreCache, LocalDirectory, ResourceLimits};
use crate::image::Platform;
use crate::plan::BuildPlatform;
use crate::project::without_credentials;
use crate::resolve::{Addresses, Request};

use crate::gateway::transport::Error;

use super::scan::Scan;
use super::values::{flag, invalid};
use super::{named_contexts, resource_limits};

const OPTION_PREFIX: &str = "BUILDKIT_FRONTEND_OPT_";
const BUILD_ARG: &str = "build-arg:";
const LABEL: &str = "label:";
const CONTEXT: &str = "context:";
/// What `SOURCE_DATE_EPOCH` calls the build context.
pub(crate) const MAIN_CONTEXT: &str = "context";
/// The build argument that configures the lint rules of Dockerfiles; it configures ours as well.
const CHECKS: &str = "BUILDKIT_DOCKERFILE_CHECK";

/// The subrequest for [`Request::lists_licenses`].
pub(crate) const LICENSES_REQUEST: &str = "frontend.licenses";

/// The options of a build.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// The build file's path in its directory.
    pub(crate) filename: String,
    /// The client's directory with the build file.
    pub(crate) build_file_directory: LocalDirectory,
    /// Whether the build file is in that directory even if the build context is remote.
    pub(crate) own_build_file: bool,
    /// The build context, if it is a directory of the client.
    pub(crate) context: LocalDirectory,
    /// The URL of the build context, if it is remote.
    pub(crate) remote_context: Option<String>,
    /// The subdirectory of a remote build context.
    pub(crate) remote_directory: Option<String>,
    /// Whether a Git checkout keeps `.git`.
    pub(crate) keep_git_dir: bool,
    /// The addresses of named contexts, by `NAME` or `NAME::PLATFORM`.
    pub(crate) named_contexts: BTreeMap<String, String>,
    /// JSON metadata of the results of other builds, by name.
    pub(crate) input_metadata: BTreeMap<String, String>,
    /// The sessions of local directories, by name.
    sessions: BTreeMap<String, String>,
    pub(crate) session: String,
    /// The subrequest, unless this is a build.
    pub(crate) subrequest: Option<String>,
    pub(crate) target: Option<String>,
    /// The engine's own platform.
    pub(crate) native: Option<Platform>,
    /// At least one; no duplicates.
    pub(crate) platforms: Vec<Platform>,
    /// Whether the result is keyed by platform, even if there is only one.
    pub(crate) multi_platform: bool,
    pub(crate) build_args: BTreeMap<String, String>,
    pub(crate) labels: BTreeMap<String, String>,
    /// The URL of the repository that contains the build context, without credentials.
    pub(crate) source: Option<String>,
    /// The commit of the build context.
    pub(crate) revision: Option<String>,
    pub(crate) no_cache: IgnoreCache,
    pub(crate) resolve_mode: ResolveMode,
    pub(crate) cache_imports: Vec<CacheOptionsEntry>,
    pub(crate) cache_namespace: Option<String>,
    pub(crate) network: NetMode,
    pub(crate) extra_hosts: Vec<(String, IpAddr)>,
    pub(crate) hostname: Option<String>,
    pub(crate) proxy: Option<ProxyEnv>,
    pub(crate) resource_limits: ResourceLimits,
    /// What to scan for packages in addition to the image.
    pub(crate) scan: Option<Scan>,
    /// The creation time of the image, in seconds since 1970.
    pub(crate) epoch: Option<u64>,
    /// The context whose time that is, if it is not given in seconds.
    pub(crate) epoch_of: Option<String>,
    /// Lint settings that override those of the build file.
    pub(crate) rules: RuleSwitches,
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
    /// Reads the environment variables set by the engine.
    ///
    /// # Errors
    /// An option has an invalid or unsupported value.
    pub(crate) fn read(environment: impl Iterator<Item = (String, String)>) -> Result<Self, Error> {
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
        let directory = |key: &str, default: &str| {
            let name = given(key).map_or(default, |name| name.as_str());
            local_directory(name, &sessions, session)
        };
        let context = directory("contextkey", MAIN_CONTEXT);
        let build_args = prefixed(options, BUILD_ARG);
        let native = worker_platform.map(|worker| Platform {
            os: worker.os,
            architecture: worker.architecture,
            variant: worker.variant,
        });
        let platforms = platforms(given("platform"), native.as_ref())?;
        let named_contexts = prefixed(options, CONTEXT);
        let (epoch, epoch_of) = epoch(build_args.get("SOURCE_DATE_EPOCH"), &named_contexts)?;
        Ok(Self {
            filename: given("filename")
                .map_or(DEFAULT_NAME, |name| name)
                .to_owned(),
            build_file_directory: directory("dockerfilekey", "dockerfile"),
            own_build_file: given("dockerfilekey").is_some(),
            remote_context: given(&context.name).cloned(),
            context,
            remote_directory: given("contextsubdir").cloned(),
            keep_git_dir: build_args
                .get("BUILDKIT_CONTEXT_KEEP_GIT_DIR")
                .and_then(|value| flag(value))
                .unwrap_or(false),
            named_contexts,
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
                None => IgnoreCache::Never,
                Some("") => IgnoreCache::All,
                Some(stages) => IgnoreCache::Stages(stages.split(',').map(str::to_owned).collect()),
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
            resource_limits: resource_limits::read(options)?,
            scan: Scan::read(options),
            epoch,
            epoch_of,
            rules: rules(build_args.get(CHECKS))?,
            build_args,
        })
    }
}

impl Options {
    /// The client's directory of this name.
    pub(crate) fn directory(&self, name: &str) -> LocalDirectory {
        local_directory(name, &self.sessions, &self.session)
    }

    /// The named contexts of a platform, each with the key of its option.
    pub(crate) fn contexts(&self, platform: &Platform) -> BTreeMap<String, String> {
        named_contexts::keys(self.named_contexts.keys(), platform)
    }

    /// Where steps run that need no emulation, as far as the platforms decide.
    fn build_platform(&self, platform: &Platform) -> BuildPlatform {
        let native = self.native.as_ref();
        native.map_or(BuildPlatform::Image, |engine| {
            BuildPlatform::between(engine, platform)
        })
    }

    /// What the plan for this platform depends on in addition to the files; `ignore` has the patterns of the ignore file.
    pub(crate) fn plan_request(&self, platform: &Platform, ignore: &[String]) -> Request {
        Request {
            target: self.target.clone(),
            platform: platform.clone(),
            build_platform: self.build_platform(platform),
            labels: self.labels.clone(),
            source: self.source.clone(),
            revision: self.revision.clone(),
            cache_namespace: self.cache_namespace.clone(),
            contexts: self.contexts(platform).into_keys().collect(),
            ignore: ignore.to_vec(),
            rules: self.rules.clone(),
            repository: self.remote_context.clone().or_else(|| self.source.clone()),
            today: self.epoch.map(Date::of_seconds),
            merges: true,
            addresses: Addresses::default(),
            lists_licenses: self.subrequest.as_deref() == Some(LICENSES_REQUEST),
        }
    }
}

fn local_directory(
    name: &str,
    sessions: &BTreeMap<String, String>,
    default: &str,
) -> LocalDirectory {
    LocalDirectory {
        session: sessions
            .get(name)
            .map_or(default, String::as_str)
            .to_owned(),
        name: name.to_owned(),
        ignore: Vec::new(),
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
        None => Err(invalid(name, value, "`true` or `false`")),
        Some(false) if several => Err(invalid(
            name,
            value,
            "`true` when building for several platforms",
        )),
        Some(asked) => Ok(asked),
    }
}

fn prefixed(options: &BTreeMap<String, String>, prefix: &str) -> BTreeMap<String, String> {
    options
        .iter()
        .filter_map(|(key, value)| Some((key.strip_prefix(prefix)?.to_owned(), value.clone())))
        .collect()
}

fn platforms(asked: Option<&String>, native: Option<&Platform>) -> Result<Vec<Platform>, Error> {
    let Some(asked) = asked else {
        let default = || Platform {
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            variant: String::new(),
        };
        return Ok(vec![native.cloned().unwrap_or_else(default)]);
    };
    let mut platforms = Vec::new();
    for text in asked.split(',') {
        let platform = Platform::parse(text)
            .ok_or_else(|| invalid("platform", text, "a platform such as `linux/amd64`"))?;
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
        Some(other) => Err(invalid(
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
        Some(other) => Err(invalid("network", other, "`default`, `none` or `host`")),
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
                .ok_or_else(|| invalid("add-host", entry, "`NAME=ADDRESS`"))
        })
        .collect()
}

fn cache_imports(
    json: Option<&String>,
    registries: Option<&String>,
) -> Result<Vec<CacheOptionsEntry>, Error> {
    let imports: Vec<CacheImport> = match json {
        Some(json) => serde_json::from_str(json)
            .map_err(|_| invalid("cache-imports", json, "a JSON list of caches"))?,
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

fn rules(value: Option<&String>) -> Result<RuleSwitches, Error> {
    Ok(RuleSwitches::parse(value.map_or("", String::as_str))?)
}

/// The time in seconds, or the context that has it.
fn epoch(
    value: Option<&String>,
    contexts: &BTreeMap<String, String>,
) -> Result<(Option<u64>, Option<String>), Error> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Ok((None, None));
    };
    let mut names = contexts.keys().map(|key| key.split("::").next());
    match value.parse() {
        Ok(seconds) => Ok((Some(seconds), None)),
        Err(_) if value == MAIN_CONTEXT || names.any(|name| name == Some(value)) => {
            Ok((None, Some(value.clone())))
        }
        Err(_) => Err(invalid(
            "build-arg:SOURCE_DATE_EPOCH",
            value,
            "seconds since 1970, `context`, or the name of a named context",
        )),
    }
}

/// The proxy settings among the build arguments, in upper or lower case.
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
