//! One image for each platform, side by side (`frontend/dockerui/build.go`).

use std::collections::{BTreeMap, BTreeSet};

use buildkit_proto::gateway::{Ref, RefMap, Result as BuildResult, result};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::compile::{self, Compiled};
use crate::diagnostics::{Diagnostics, Warning};
use crate::image::Platform;
use crate::plan::Plan;

use super::checks;
use super::contexts::{self, NamedContext};
use super::engine::Engine;
use super::failure::{Error, Failure};
use super::files::{self, Files};
use super::images;
use super::main_context::Sources;
use super::options::Options;
use super::sbom;
use super::warnings;

/// The build of one platform.
pub(super) struct Build {
    pub(super) platform: Platform,
    pub(super) plan: Plan,
    contexts: BTreeMap<String, NamedContext>,
    pub(super) steps: compile::Options,
}

/// Builds what the options ask for.
pub(super) async fn build(
    engine: &Engine,
    options: &Options,
    sources: &Sources,
    files: &Files,
) -> Result<BuildResult, Failure> {
    let builds = prepare(engine, options, sources, files).await?;
    let (compiled, suspected) =
        tokio::try_join!(compile(engine, options, &builds), look(engine, &builds))?;
    warnings::tell(engine, files, &builds, suspected).await?;
    look_for_needs(engine, &builds, &compiled).await?;

    let mut result = BuildResult {
        metadata: metadata(options, &compiled),
        ..BuildResult::default()
    };
    let mut trees = solve(engine, &builds, &compiled).await?;
    checks::all_succeed(engine, compiled.iter().flat_map(|one| &one.checks)).await?;
    if let Some(scan) = &options.scan {
        for (build, compiled) in builds.iter().zip(&compiled) {
            let found = sbom::scan(engine, options, scan, build, compiled).await?;
            result
                .attestations
                .insert(build.platform.to_string(), found);
        }
    }
    result.result = if options.multi_platform {
        Some(result::Result::Refs(RefMap { refs: trees }))
    } else {
        trees.pop_first().map(|(_, tree)| result::Result::Ref(tree))
    };
    Ok(result)
}

/// Plans for each platform, with the named contexts that the plan reads.
pub(super) async fn prepare(
    engine: &Engine,
    options: &Options,
    sources: &Sources,
    files: &Files,
) -> Result<Vec<Build>, Failure> {
    let parsed = files.sources.parse(&options.build_args)?;
    let mut builds = Vec::new();
    for platform in &options.platforms {
        let request = super::request(options, platform, &parsed.ignore);
        let plan = Plan::new(&parsed.file, &parsed.project, &request)?;
        builds.push(with_contexts(engine, options, sources, platform, plan).await?);
    }
    Ok(builds)
}

/// A plan with the named contexts that it reads.
pub(super) async fn with_contexts(
    engine: &Engine,
    options: &Options,
    sources: &Sources,
    platform: &Platform,
    plan: Plan,
) -> Result<Build, Failure> {
    let read = plan.contexts().into_iter().map(str::to_owned);
    let replaced = plan.images().map(|(reference, _)| reference.context_name());
    let names: BTreeSet<String> = read.chain(replaced).collect();
    let contexts = contexts::load(engine, options, platform, names).await?;
    Ok(Build {
        platform: platform.clone(),
        steps: steps(options, sources, &contexts),
        plan,
        contexts,
    })
}

fn steps(
    options: &Options,
    sources: &Sources,
    contexts: &BTreeMap<String, NamedContext>,
) -> compile::Options {
    compile::Options {
        resolve_mode: options.resolve_mode,
        network: options.network,
        extra_hosts: options.extra_hosts.clone(),
        hostname: options.hostname.clone(),
        proxy: options.proxy.clone(),
        limits: options.limits.clone(),
        epoch: options.epoch,
        no_cache: options.no_cache.clone(),
        context: sources.context.clone(),
        named_contexts: contexts
            .iter()
            .map(|(name, context)| (name.clone(), context.files.clone()))
            .collect(),
    }
}

/// The graphs, on images that are looked up all at once.
pub(super) async fn compile(
    engine: &Engine,
    options: &Options,
    builds: &[Build],
) -> Result<Vec<Compiled>, Failure> {
    let wanted = builds.iter().flat_map(|build| {
        let images = build.plan.images();
        let missing =
            images.filter(|(reference, _)| !build.contexts.contains_key(&reference.context_name()));
        missing.map(|(reference, place)| (build.platform.clone(), reference.clone(), place.clone()))
    });
    let resolved = images::resolve(engine, options, wanted).await?;
    builds
        .iter()
        .map(|build| {
            let references = build.plan.images().map(|(reference, _)| reference);
            let images =
                images::of_platform(&build.platform, references, &build.contexts, &resolved);
            compile::compile(&build.plan, &build.platform, &images, &build.steps)
                .map_err(|error| Error::Internal(error.to_string()).into())
        })
        .collect()
}

/// Looks for what the plans expect of the contexts, what several of them expect, once; what they suspect is returned.
async fn look(engine: &Engine, builds: &[Build]) -> Result<Vec<Warning>, Failure> {
    let mut known = Vec::new();
    let mut warnings = Vec::new();
    for build in builds {
        let expected = build.plan.expected.iter();
        let new: Vec<_> = expected.filter(|one| !known.contains(one)).collect();
        let absent = files::look(engine, &build.steps, &new, &build.plan.suspected).await?;
        Diagnostics::check(absent.mistakes)?;
        warnings.extend(absent.warnings);
        known.extend(new);
    }
    Ok(warnings)
}

async fn look_for_needs(
    engine: &Engine,
    builds: &[Build],
    compiled: &[Compiled],
) -> Result<(), Failure> {
    let mut known = BTreeSet::new();
    for (build, compiled) in builds.iter().zip(compiled) {
        let Some(checks) = &compiled.client_checks else {
            continue;
        };
        if !build.plan.needs.keys().all(|need| known.contains(need)) {
            checks::look(engine, &build.plan, checks).await?;
            known.extend(build.plan.needs.keys());
        }
    }
    Ok(())
}

/// Has the engine build the graphs at once.
async fn solve(
    engine: &Engine,
    builds: &[Build],
    compiled: &[Compiled],
) -> Result<BTreeMap<String, Ref>, Failure> {
    let mut solving = JoinSet::new();
    for (build, compiled) in builds.iter().zip(compiled) {
        let (engine, definition) = (engine.clone(), compiled.definition.clone());
        let id = build.platform.to_string();
        solving.spawn(async move {
            let tree = engine.solve(definition).await?;
            Ok::<_, Failure>((id, tree.into_ref()))
        });
    }
    let mut trees = BTreeMap::new();
    while let Some(done) = solving.join_next().await {
        let (id, tree) = done.map_err(|error| Error::Internal(error.to_string()))??;
        trees.insert(id, tree);
    }
    Ok(trees)
}

/// What the exporter needs besides the files (`exporter/containerimage/exptypes/types.go`, `exporter/exptypes/`).
fn metadata(options: &Options, compiled: &[Compiled]) -> BTreeMap<String, Vec<u8>> {
    let mut metadata = BTreeMap::new();
    let mut add = |key: String, value: String| metadata.insert(key, value.into_bytes());
    let mut platforms = Vec::new();
    for (platform, compiled) in options.platforms.iter().zip(compiled) {
        let suffix = if options.multi_platform {
            format!("/{platform}")
        } else {
            String::new()
        };
        add(
            format!("containerimage.config{suffix}"),
            compiled.config.to_string(),
        );
        add(
            format!("containerimage.base.config{suffix}"),
            compiled.base_config.to_string(),
        );
        if let Some(epoch) = options.epoch {
            add(format!("source.date.epoch{suffix}"), epoch.to_string());
        }
        platforms.push(json!({ "ID": platform.to_string(), "Platform": described(platform) }));
    }
    add(
        "refs.platforms".to_owned(),
        json!({ "Platforms": platforms }).to_string(),
    );
    metadata
}

/// A platform in the words of image configs.
pub(super) fn described(platform: &Platform) -> Value {
    let mut described = json!({ "architecture": platform.architecture, "os": platform.os });
    if !platform.variant.is_empty() {
        described["variant"] = json!(platform.variant);
    }
    described
}
