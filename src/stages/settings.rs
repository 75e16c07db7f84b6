//! The config of the runtime image.

use std::collections::BTreeMap;

use crate::build_file::{ImageSpec, Located, plain};
use crate::diagnostics::{Diagnostic, Span};
use crate::plan::Settings;
use crate::project::Project;
use crate::resolve::environment::{INIT, env, path, workdir};
use crate::resolve::{Request, entrypoint, ok_or_push};

/// What the names of OCI's labels start with.
const LABELS: &str = "org.opencontainers.image.";

/// `None`, with an error, if the entrypoint cannot be determined.
pub(super) fn settings(
    file: &ImageSpec,
    project: &Project,
    request: &Request,
    errors: &mut Vec<Diagnostic>,
) -> Option<Settings> {
    let runtime = &file.runtime;
    let cmd = runtime.cmd.as_ref().map(|cmd| cmd.value.clone());
    let entrypoint = ok_or_push(entrypoint::choose(file, project), errors)?;
    Some(Settings {
        user: Some(format!("{}:{}", runtime.user.uid, runtime.user.gid)),
        workdir: Some(workdir(file)),
        path: path(),
        env: env(file),
        entrypoint: with_init(file, entrypoint),
        cmd,
        labels: labels(file, project, request),
        ..of_container(file)
    })
}

/// What the engine does with a container.
pub(super) fn of_container(file: &ImageSpec) -> Settings {
    let runtime = &file.runtime;
    let healthcheck = runtime.healthcheck.as_ref();
    let volumes = runtime.volumes.iter();
    Settings {
        expose: runtime.expose.iter().map(|port| port.value).collect(),
        healthcheck: healthcheck.map(|check| check.value.clone()),
        stop_signal: runtime.stop_signal.clone(),
        volumes: volumes.map(|path| path.value.clone()).collect(),
        ..Settings::default()
    }
}

/// The entrypoint, started by `tini` if the file says so.
pub(super) fn with_init(file: &ImageSpec, entrypoint: Option<Vec<String>>) -> Option<Vec<String>> {
    if file.runtime.init.is_none() {
        return entrypoint;
    }
    let init = [INIT, "--"].map(str::to_owned).into_iter();
    Some(init.chain(entrypoint.into_iter().flatten()).collect())
}

/// Where the user sets variables and labels.
pub(super) fn spans(file: &ImageSpec, project: &Project) -> BTreeMap<String, Span> {
    let pyproject = &project.pyproject;
    let metadata = [
        ("description", &pyproject.description),
        ("licenses", &pyproject.license),
    ];
    let metadata = metadata.into_iter().filter_map(|(name, value)| {
        let span = value.as_ref()?.span.clone();
        Some((format!("labels.{LABELS}{name}"), span))
    });
    let runtime = &file.runtime;
    let named = [("env", &runtime.env), ("labels", &runtime.labels)];
    let named = named.into_iter().flat_map(|(key, values)| {
        let values = values.iter();
        values.map(move |(name, value)| (format!("{key}.{name}"), value.span.clone()))
    });
    metadata.chain(named).collect()
}

/// The configured labels, and those derived from the project's metadata and from the request (OCI image specification,
/// `annotations.md`). No step depends on them.
pub(super) fn labels(
    file: &ImageSpec,
    project: &Project,
    request: &Request,
) -> BTreeMap<String, String> {
    let pyproject = &project.pyproject;
    let text = |value: &Option<Located<String>>| Some(value.as_ref()?.value.clone());
    let metadata = [
        ("title", pyproject.title.clone()),
        ("version", pyproject.version.clone()),
        ("description", text(&pyproject.description)),
        ("licenses", text(&pyproject.license)),
        ("source", request.source.clone()),
        ("revision", request.revision.clone()),
    ];
    let metadata = metadata.into_iter();
    let metadata = metadata.filter_map(|(name, value)| Some((format!("{LABELS}{name}"), value?)));
    let requested = request.labels.clone();
    metadata
        .chain(plain(&file.runtime.labels))
        .chain(requested)
        .collect()
}
