//! The config of the image: the base image's config, overridden by the plan's settings.
//!
//! The format is defined by the OCI image specification (`config.md`). Other fields of the base image's config, such as
//! Docker's extensions, are kept.

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::build_file::Healthcheck;
use crate::plan::{Plan, Settings, Stage};

use super::images::{ImageFiles, ResolvedImage};
use super::options::Options;

/// Annotations of the OCI image specification (`annotations.md`).
const BASE_NAME: &str = "org.opencontainers.image.base.name";
const BASE_DIGEST: &str = "org.opencontainers.image.base.digest";

/// The environment variables in an image config, by name.
pub(super) fn environment(config: &Value) -> BTreeMap<String, String> {
    config
        .pointer("/config/Env")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.as_str()?.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// `base` is the image that the plan's image starts from.
pub(super) fn image(plan: &Plan, base: &ResolvedImage, options: &Options) -> Value {
    let mut env = environment(&base.config);
    let mut image = object(base.config.clone());
    // The base image's creation time does not apply to this image.
    image.remove("created");
    if let Some(time) = options.epoch.and_then(creation_time) {
        image.insert("created".to_owned(), json!(time));
    }
    let mut config = object(image.remove("config").unwrap_or_default());
    let settings = &plan.settings;

    extend_path(&mut env, &settings.path);
    env.extend(settings.env.clone());
    let env: Vec<String> = env
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    config.insert("Env".to_owned(), json!(env));
    command(&mut config, settings);
    if let Some(user) = &settings.user {
        config.insert("User".to_owned(), json!(user));
    }
    if let Some(workdir) = &settings.workdir {
        config.insert("WorkingDir".to_owned(), json!(workdir));
    }
    if let Some(signal) = &settings.stop_signal {
        config.insert("StopSignal".to_owned(), json!(signal));
    }
    if let Some(check) = &settings.healthcheck {
        config.insert("Healthcheck".to_owned(), healthcheck(check));
    }
    let volumes = settings
        .volumes
        .iter()
        .map(|path| (path.clone(), json!({})));
    merge(&mut config, "Volumes", volumes);
    let ports = settings
        .expose
        .iter()
        .map(|port| (port.to_string(), json!({})));
    merge(&mut config, "ExposedPorts", ports);
    if let Some(Value::Object(labels)) = config.get_mut("Labels") {
        // They name the base's own base.
        labels.retain(|name, _| ![BASE_NAME, BASE_DIGEST].contains(&name.as_str()));
    }
    let labels = settings
        .labels
        .iter()
        .map(|(name, value)| (name.clone(), json!(value)));
    merge(&mut config, "Labels", base_labels(base).chain(labels));
    image.insert("config".to_owned(), Value::Object(config));

    let mut history = match image.remove("history") {
        Some(Value::Array(history)) => history,
        _ => Vec::new(),
    };
    history.extend(plan.image_stages().flat_map(|stage| layers(stage, options)));
    image.insert("history".to_owned(), Value::Array(history));
    Value::Object(image)
}

/// The labels by which scanners find the base image; none if a named context replaces it.
fn base_labels(base: &ResolvedImage) -> impl Iterator<Item = (String, Value)> + use<> {
    let reference = match &base.files {
        ImageFiles::Image(reference) => Some(reference),
        ImageFiles::Output(_) => None,
    };
    let name = reference.map(|reference| {
        let by_tag = reference.unpinned();
        by_tag.unwrap_or_else(|| reference.clone()).to_string()
    });
    let digest = reference.and_then(|reference| reference.digest().map(str::to_owned));
    let labels = [(BASE_NAME, name), (BASE_DIGEST, digest)].into_iter();
    labels.filter_map(|(name, value)| Some((name.to_owned(), json!(value?))))
}

/// Docker's extension of the image config (`moby/docker-image-spec`, `specs-go/v1/image.go`); durations in nanoseconds.
fn healthcheck(check: &Healthcheck) -> Value {
    if check.cmd.is_empty() {
        return json!({ "Test": ["NONE"] });
    }
    let test: Vec<&str> = ["CMD"]
        .into_iter()
        .chain(check.cmd.iter().map(String::as_str))
        .collect();
    let mut described = Map::from_iter([("Test".to_owned(), json!(test))]);
    for (key, time) in [
        ("Interval", check.interval),
        ("Timeout", check.timeout),
        ("StartPeriod", check.start_period),
        ("StartInterval", check.start_interval),
    ] {
        let nanoseconds = time.and_then(|time| u64::try_from(time.as_nanos()).ok());
        described.extend(nanoseconds.map(|time| (key.to_owned(), json!(time))));
    }
    described.extend(
        check
            .retries
            .map(|count| ("Retries".to_owned(), json!(count))),
    );
    Value::Object(described)
}

/// A variable of an image config.
#[must_use]
pub fn variable(config: &Value, name: &str) -> Option<String> {
    environment(config).remove(name)
}

/// A time in seconds since 1970 in the format of RFC 3339; `None` if the format cannot represent it.
#[must_use]
pub fn creation_time(seconds: u64) -> Option<String> {
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
    // From the year 10000 on.
    (seconds < 253_402_300_800).then(|| humantime::format_rfc3339_seconds(time).to_string())
}

/// A new entrypoint also resets `Cmd`: the base image's arguments belong to its own entrypoint.
fn command(config: &mut Map<String, Value>, settings: &Settings) {
    let mut set = |key: &str, command: &[String]| {
        if command.is_empty() {
            config.remove(key);
        } else {
            config.insert(key.to_owned(), json!(command));
        }
    };
    if let Some(entrypoint) = &settings.entrypoint {
        set("Entrypoint", entrypoint);
        set("Cmd", &[]);
    }
    if let Some(cmd) = &settings.cmd {
        set("Cmd", cmd);
    }
}

/// Prepends directories to `PATH`.
pub(super) fn extend_path(env: &mut BTreeMap<String, String>, directories: &[String]) {
    if directories.is_empty() {
        return;
    }
    let base = env.remove("PATH");
    let path: Vec<&str> = directories
        .iter()
        .chain(&base)
        .map(String::as_str)
        .collect();
    env.insert("PATH".to_owned(), path.join(":"));
}

fn merge(
    config: &mut Map<String, Value>,
    key: &str,
    entries: impl Iterator<Item = (String, Value)>,
) {
    let mut map = object(config.remove(key).unwrap_or_default());
    map.extend(entries);
    if !map.is_empty() {
        config.insert(key.to_owned(), Value::Object(map));
    }
}

/// One history entry for each step, because each step creates one layer.
fn layers(stage: &Stage, options: &Options) -> impl Iterator<Item = Value> {
    options.order(stage).into_iter().map(|step| {
        let packages = step.action.copies().iter().flat_map(|copy| &copy.packages);
        let packages: Vec<&str> = packages.map(String::as_str).collect();
        let created_by = if packages.is_empty() {
            step.title.clone()
        } else {
            format!("copy {}", packages.join(", "))
        };
        json!({
            "created_by": created_by,
            "comment": "poetry-frontend",
        })
    })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
