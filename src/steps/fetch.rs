//! Wheels that the engine downloads: a step asks the index for their addresses, and the steps that install them have no
//! network.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::build_file::Fetch;
use crate::diagnostics::Span;
use crate::image::is_digest;
use crate::plan::{ADDRESSES, Action, Base, Mount, Run, SecretVariable, Stage, StageName, Step};
use crate::project::{Environment, Remote, best_of};
use crate::resolve::{Addresses, Layer, Resolved};
use crate::scripts;

use super::{certificates, credentials, files, hints};

/// Where the wheels are mounted.
pub(crate) const WHEELS: &str = "/run/wheels";
/// The lines of a list of requirements that make it complete without an index.
pub(crate) const NO_INDEX: &str = "--no-index\n--find-links /run/wheels\n";
/// Where the list of addresses is mounted while they are unknown.
const LIST: &str = "/run/addresses";
const OUTPUT: &str = "/out";
const WANTED: &str = "wanted.json";

/// A package whose wheels are on an index.
#[derive(Serialize)]
pub(crate) struct Wanted<'a> {
    pub(crate) package: &'a str,
    pub(crate) version: &'a str,
    /// The names of the files that fit the image, by hash; empty if only the index knows them.
    pub(crate) files: BTreeMap<&'a str, &'a str>,
}

/// Where the user wants the engine to download wheels.
pub(crate) fn asked_at(resolved: &Resolved<'_>) -> Option<Span> {
    let fetch = resolved.file.dependencies.fetch.as_ref()?;
    (fetch.value == Fetch::Engine).then(|| fetch.span.clone())
}

/// Whether the engine downloads wheels.
pub(crate) fn is_by_engine(resolved: &Resolved<'_>) -> bool {
    asked_at(resolved).is_some()
        && resolved.request.addresses != Addresses::Unavailable
        // What fits is chosen without running the Python of the image.
        && resolved.environment.python.is_some()
}

/// Whether the engine can download the wheels of a layer. An index in `[indexes]` asks for credentials, and the engine can
/// send a whole header, but no user name and password.
pub(crate) fn can_download(resolved: &Resolved<'_>, layer: &Layer<'_>) -> bool {
    let table = layer
        .index
        .and_then(|(name, _)| resolved.file.indexes.get(name));
    let is_open = table.is_none_or(|table| table.value.header_secret.is_some());
    let mut files = layer.wheels.iter().flat_map(|wheel| &wheel.files);
    is_by_engine(resolved) && is_open && files.all(|(_, hash)| is_digest(hash))
}

/// The wheels of a layer.
pub(crate) fn of_layer<'a>(layer: &'a Layer<'_>) -> Vec<Wanted<'a>> {
    let wheels = layer.wheels.iter();
    wheels
        .map(|wheel| Wanted {
            package: &wheel.package.name,
            version: wheel.package.version(),
            files: wheel
                .files
                .iter()
                .map(|(name, hash)| (*hash, *name))
                .collect(),
        })
        .collect()
}

/// The wheels of pinned tools.
pub(crate) fn of_pins(pins: &'static str) -> Vec<Wanted<'static>> {
    let mut wanted: Vec<Wanted<'_>> = Vec::new();
    for line in pins.lines() {
        let words = line.trim_end_matches('\\').trim();
        if let Some(hash) = words.strip_prefix("--hash=") {
            if let Some(last) = wanted.last_mut() {
                last.files.insert(hash, "");
            }
        } else if let Some((package, version)) = words.split_once("==") {
            wanted.push(Wanted {
                package,
                version,
                files: BTreeMap::new(),
            });
        }
    }
    wanted
}

/// The stage that asks the index for the addresses of the wheels that `stage` installs.
pub(crate) fn ask(
    resolved: &Resolved<'_>,
    stage: StageName,
    index: Option<(&str, &str)>,
    wanted: &[Wanted<'_>],
    what: &str,
    span: Span,
) -> Stage {
    let mirror = resolved.file.poetry.mirror.as_ref();
    let address = index.map(|(_, address)| address);
    let address = address.or_else(|| mirror.map(|mirror| mirror.value.as_str()));
    let script = files::path_of(scripts::FIND_WHEELS);
    let output = format!("{OUTPUT}/{ADDRESSES}");
    let asked = files::path(WANTED);
    let words = ["python3", "-I", "-S", &script, &output, &asked];
    let run = Run::exec(words.into_iter().chain(address))
        .into_directory(OUTPUT)
        // Many steps ask at once: see `install-wheels.sh`.
        .env([("RES_OPTIONS", "timeout:1 attempts:5".to_owned())])
        .mount(files::script(scripts::FIND_WHEELS))
        .mount(files::file(WANTED, json(wanted)));
    let authorization = index.and_then(|(name, _)| credentials::authorization(resolved, name));
    let run = hints::addresses(run, index.map(|(name, _)| name), authorization.as_ref());
    let mut run = certificates::trusted(run, resolved);
    if let Some(authorization) = authorization {
        run.secrets.push(SecretVariable {
            variable: "INDEX_AUTHORIZATION".to_owned(),
            id: authorization.secret,
            required_at: Some(authorization.required_at),
        });
        run = credentials::kept_for_project(run, resolved);
    }
    Stage {
        name: StageName::Addresses(Box::new(stage)),
        from: Base::Stage(resolved.portable_base()),
        span: resolved.base_span.clone(),
        steps: vec![Step {
            title: format!("ask the index for {what}"),
            span,
            action: Action::Run(run),
        }],
    }
}

/// One package a line.
fn json(wanted: &[Wanted<'_>]) -> String {
    let lines = wanted.iter().map(|one| serde_json::json!(one).to_string());
    format!("[\n{}\n]\n", lines.collect::<Vec<_>>().join(",\n"))
}

/// What the step of `stage` installs from: of each package the wheel that fits best, or the list of addresses while these are
/// unknown.
pub(crate) fn mounts(
    resolved: &Resolved<'_>,
    stage: StageName,
    index: Option<(&str, &str)>,
    wanted: &[Wanted<'_>],
    environment: &Environment,
) -> Vec<Mount> {
    let wheels = wanted
        .iter()
        .map(|one| wheel(resolved, index, one, environment));
    let wheels: Option<Vec<Mount>> = wheels.collect();
    wheels.unwrap_or_else(|| {
        vec![Mount::Stage {
            from: StageName::Addresses(Box::new(stage)),
            path: "/".to_owned(),
            target: LIST.to_owned(),
        }]
    })
}

/// The best wheel whose address is known.
fn wheel(
    resolved: &Resolved<'_>,
    index: Option<(&str, &str)>,
    wanted: &Wanted<'_>,
    environment: &Environment,
) -> Option<Mount> {
    let Addresses::Known(known) = &resolved.request.addresses else {
        return None;
    };
    let found = wanted.files.iter().filter_map(|(hash, name)| {
        let address = known.get(*hash)?;
        // The lock names its files itself.
        let name = if name.is_empty() {
            &address.name
        } else {
            *name
        };
        Some((name, (hash, address)))
    });
    let found: BTreeMap<&str, _> = found.collect();
    let name = best_of(found.keys().copied(), environment)?;
    let (hash, address) = found.get(name)?;
    Some(Mount::Download {
        url: address.url.clone(),
        checksum: (**hash).to_owned(),
        name: name.to_owned(),
        target: format!("{WHEELS}/{name}"),
        authorization: index
            .filter(|(_, of_index)| origin(of_index) == origin(&address.url))
            .and_then(|(name, _)| credentials::authorization(resolved, name)),
    })
}

/// The scheme, host and port of an address. Credentials are for the index's own alone, like those of pip and uv.
fn origin(address: &str) -> Option<(&'static str, String)> {
    let Remote::Http { scheme, host } = Remote::parse(address) else {
        return None;
    };
    let default = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(default).unwrap_or(&host).to_owned();
    Some((scheme, host))
}
