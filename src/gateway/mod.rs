//! The engine's side: the only part of the frontend that talks to anyone.
//!
//! A build is one conversation: greet, read the files, plan, look up the base images and what the plan expects of the
//! context, solve, return.

mod engine;
mod failure;
mod files;
mod options;
mod wire;

use std::collections::BTreeMap;
use std::io;

use buildkit_llb::Output;
use buildkit_proto::gateway::{Result as BuildResult, result};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::build_file::BuildFile;
use crate::compile::{self, Compiled, Images, ResolvedImage};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::image::ImageReference;
use crate::plan::{Need, Plan, Request};
use crate::project::{Project, ignore_patterns};

use engine::{Engine, Tree};
use files::Files;
use options::Options;

pub use failure::{Error, Failure};

/// Whether an engine started this process.
#[must_use]
pub fn called() -> bool {
    std::env::var_os("BUILDKIT_SESSION_ID").is_some()
}

/// Builds what the engine asks for, and tells it the outcome.
///
/// # Errors
/// The connection failed, so that nobody could be told. A build that failed is no error here.
pub fn serve() -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?
        .block_on(async {
            let client = wire::connect().await?;
            let options = Options::read(std::env::vars());
            let cache_imports = match &options {
                Ok(options) => options.cache_imports.clone(),
                Err(_) => Vec::new(),
            };
            let engine = Engine::greet(client, cache_imports)
                .await
                .map_err(|failure| io::Error::other(failure.to_status().message))?;
            let outcome = match options {
                Ok(options) => build(&engine, &options).await,
                Err(error) => Err(error.into()),
            };
            engine
                .finish(outcome.map_err(|failure| failure.to_status()))
                .await
                .map_err(io::Error::other)
        })
}

async fn build(engine: &Engine, options: &Options) -> Result<BuildResult, Failure> {
    if let Some(name) = &options.subrequest {
        return Err(Error::UnsupportedSubrequest(name.clone()).into());
    }
    let files = files::read(engine, options).await?;
    let plan = plan(&files, options)?;
    let steps = steps(options);
    let (images, ()) = tokio::try_join!(
        resolve(engine, &plan, options),
        files::check(engine, &steps, &plan.expected),
    )?;
    let compiled = compile::compile(&plan, &options.platform, &images, &steps)
        .map_err(|error| Error::Internal(error.to_string()))?;
    look_for_needs(engine, &plan, &compiled).await?;
    let metadata = metadata(&compiled, options);
    let image = engine.solve(compiled.definition).await?;
    all_succeed(engine, &compiled.checks).await?;
    Ok(BuildResult {
        result: Some(result::Result::Ref(image.into_ref())),
        metadata,
    })
}

/// The pure middle: bytes in, plan out.
fn plan(files: &Files, options: &Options) -> Result<Plan, Failure> {
    let file = BuildFile::parse(&options.filename, &files.build_file, &options.build_args)?;
    let project = Project::parse(
        files.pyproject.as_deref(),
        files.lock.as_deref(),
        &file.whole(),
    )?
    .with_settings(files.settings.as_deref())?;
    let request = Request {
        target: options.target.clone(),
        platform: options.platform.clone(),
        labels: options.labels.clone(),
        cache_namespace: options.cache_namespace.clone(),
        contexts: options.named_contexts.keys().cloned().collect(),
        ignore: files
            .ignore
            .as_deref()
            .map(ignore_patterns)
            .unwrap_or_default(),
        checks: options.checks.clone(),
    };
    Ok(Plan::new(&file, &project, &request)?)
}

fn steps(options: &Options) -> compile::Options {
    compile::Options {
        resolve_mode: options.resolve_mode,
        network: options.network,
        extra_hosts: options.extra_hosts.clone(),
        hostname: options.hostname.clone(),
        proxy: options.proxy.clone(),
        epoch: options.epoch,
        no_cache: options.no_cache.clone(),
        context: options.context.clone(),
        named_contexts: options.named_contexts.clone(),
    }
}

/// Looks up all base images at once.
async fn resolve(engine: &Engine, plan: &Plan, options: &Options) -> Result<Images, Failure> {
    let mut looking = JoinSet::new();
    for (reference, place) in plan.images() {
        let (engine, reference, place) = (engine.clone(), reference.clone(), place.clone());
        let platform = compile::platform(&options.platform);
        let mode = options.resolve_mode;
        looking.spawn(async move {
            let found = engine
                .image_config(reference.to_string(), platform, mode)
                .await
                .map_err(|failure| no_image(&reference, &place, failure))?;
            let config: Value = serde_json::from_slice(&found.config)
                .map_err(|error| Error::Internal(format!("the config of {reference}: {error}")))?;
            let pinned = if found.digest.is_empty() {
                reference.clone()
            } else {
                reference.pinned(&found.digest)
            };
            Ok::<_, Failure>((
                reference,
                ResolvedImage {
                    reference: pinned,
                    config,
                },
            ))
        });
    }
    let mut images = Images::new();
    while let Some(done) = looking.join_next().await {
        let (reference, image) = done.map_err(|error| Error::Internal(error.to_string()))??;
        images.insert(reference, image);
    }
    Ok(images)
}

/// Asks the client for what the plan needs of it, so that all that is missing is told at once, before anything is
/// installed.
async fn look_for_needs(engine: &Engine, plan: &Plan, compiled: &Compiled) -> Result<(), Failure> {
    let Some(checks) = &compiled.client_checks else {
        return Ok(());
    };
    match can_run(engine, &checks.all).await {
        Err(Failure::Engine(status))
            if checks.each.keys().any(|need| says_missing(&status, need)) => {}
        other => return other,
    }
    let mut looking = JoinSet::new();
    for (need, check) in &checks.each {
        let (engine, need, check) = (engine.clone(), need.clone(), check.clone());
        looking.spawn(async move {
            match can_run(&engine, &check).await {
                Ok(()) => Ok(None),
                Err(Failure::Engine(status)) if says_missing(&status, &need) => Ok(Some(need)),
                Err(other) => Err(other),
            }
        });
    }
    let mut missing = Vec::new();
    while let Some(done) = looking.join_next().await {
        let need = done.map_err(|error| Error::Internal(error.to_string()))??;
        missing.extend(need.and_then(|need| plan.needs.get(&need).cloned()));
    }
    Ok(Diagnostics::check(missing)?)
}

/// Builds what must be built besides the image, side by side.
async fn all_succeed(engine: &Engine, checks: &[Output]) -> Result<(), Failure> {
    let mut running = JoinSet::new();
    for check in checks {
        let (engine, check) = (engine.clone(), check.clone());
        running.spawn(async move { can_run(&engine, &check).await });
    }
    while let Some(done) = running.join_next().await {
        done.map_err(|error| Error::Internal(error.to_string()))??;
    }
    Ok(())
}

/// Runs a check: reading its tree makes the engine build it.
async fn can_run(engine: &Engine, check: &Output) -> Result<(), Failure> {
    Tree::of(engine, check).await?.list("", "bin").await?;
    Ok(())
}

/// The engine has no codes of its own for what the client does not have (`session/secrets/secrets.go`,
/// `solver/llbsolver/mounts/mount.go`, `session/sshforward/sshprovider/agentprovider.go`).
fn says_missing(status: &tonic::Status, need: &Need) -> bool {
    let said = status.message();
    match need {
        Need::Secret(id) => said.contains(&format!("secret {id}: not found")),
        Need::Agent(id) => {
            said.contains(&format!("no SSH key \"{id}\" forwarded from the client"))
                || said.contains(&format!("unset ssh forward key {id}"))
        }
    }
}

/// An image that cannot be had is the mistake of the line that names it.
fn no_image(reference: &ImageReference, place: &Place, failure: Failure) -> Failure {
    match failure {
        Failure::Engine(status) => Diagnostic {
            place: Some(place.clone()),
            what: format!(
                "the base image `{}` cannot be had: {}",
                reference.familiar(),
                status.message()
            ),
            hint: "check the image's name and tag, and that the engine can reach its registry"
                .to_owned(),
            rule: None,
        }
        .into(),
        other => other,
    }
}

/// What the exporter needs besides the files (`exporter/containerimage/exptypes/types.go`, `exporter/exptypes/`).
fn metadata(compiled: &Compiled, options: &Options) -> BTreeMap<String, Vec<u8>> {
    let platform = &options.platform;
    let mut described = json!({ "architecture": platform.architecture, "os": platform.os });
    if !platform.variant.is_empty() {
        described["variant"] = json!(platform.variant);
    }
    let platforms = json!({ "Platforms": [{ "ID": platform.to_string(), "Platform": described }] });
    let mut metadata: BTreeMap<String, Vec<u8>> = [
        ("containerimage.config", &compiled.config),
        ("containerimage.base.config", &compiled.base_config),
        ("refs.platforms", &platforms),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_string().into_bytes()))
    .into();
    if let Some(epoch) = options.epoch {
        metadata.insert(
            "source.date.epoch".to_owned(),
            epoch.to_string().into_bytes(),
        );
    }
    metadata
}
