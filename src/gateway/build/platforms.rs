//! One plan per platform, with the contexts it reads.

use std::collections::{BTreeMap, BTreeSet};

use crate::compile;
use crate::diagnostics::{Diagnostics, Warning};
use crate::gateway::inputs::{self, Inputs, NamedContext, Parts};
use crate::gateway::transport::{Engine, Failure, all};
use crate::image::Platform;
use crate::lint::find_missing;
use crate::plan::{BuildPlatform, Plan};
use crate::resolve::{Addresses, Request};

use super::engine_base;

/// The build of one platform.
pub(crate) struct Build {
    pub(crate) platform: Platform,
    pub(crate) plan: Plan,
    /// The named contexts that the plan reads.
    pub(super) contexts: BTreeMap<String, NamedContext>,
    /// What applies to all steps.
    pub(crate) steps: compile::Options,
}

/// Plans the build of each platform.
pub(crate) async fn plan_each(inputs: &Inputs<'_>) -> Result<Vec<Build>, Failure> {
    let options = &inputs.options;
    let parsed = inputs.files.sources.parse(&options.build_args)?;
    let mut builds = Vec::new();
    for platform in &options.platforms {
        let mut request = request(inputs, platform, &parsed.ignore);
        let mut plan = crate::analysis::plan(&parsed.file, &parsed.project, &request)?;
        let engine_images = match Box::pin(engine_base::find(inputs, platform, &plan)).await? {
            Ok(images) => images,
            Err(reason) => {
                request.build_platform = request.build_platform.emulated(reason);
                plan = crate::analysis::plan(&parsed.file, &parsed.project, &request)?;
                compile::Images::new()
            }
        };
        let mut build = with_contexts(inputs, platform, plan).await?;
        build.steps.engine_images = engine_images;
        builds.push(build);
    }
    Ok(builds)
}

fn request(inputs: &Inputs<'_>, platform: &Platform, ignore: &[String]) -> Request {
    Request {
        merges: merges(inputs),
        ..inputs.options.plan_request(platform, ignore)
    }
}

/// Whether the engine can merge file systems.
fn merges(inputs: &Inputs<'_>) -> bool {
    inputs.engine.has("mergeop")
}

/// Plans the same builds with the addresses of the wheels, in the order of the platforms.
pub(super) fn plan_again(
    inputs: &Inputs<'_>,
    builds: Vec<Build>,
    addresses: Vec<Addresses>,
) -> Result<Vec<Build>, Diagnostics> {
    let options = &inputs.options;
    let parsed = inputs.files.sources.parse(&options.build_args)?;
    let builds = builds.into_iter().zip(addresses);
    let planned = builds.map(|(build, addresses)| {
        let request = Request {
            addresses,
            ..request(inputs, &build.platform, &parsed.ignore)
        };
        let plan = crate::analysis::plan(&parsed.file, &parsed.project, &request)?;
        Ok(Build { plan, ..build })
    });
    planned.collect()
}

/// Loads the named contexts that a plan reads, and those that replace its images.
pub(crate) async fn with_contexts(
    inputs: &Inputs<'_>,
    platform: &Platform,
    plan: Plan,
) -> Result<Build, Failure> {
    let read = plan.contexts().into_iter().map(str::to_owned);
    let replaced = plan.images().map(|(reference, _)| reference.context_name());
    let names: BTreeSet<String> = read.chain(replaced).collect();
    let contexts = inputs::load(inputs, platform, names).await?;
    Ok(Build {
        platform: platform.clone(),
        steps: steps(inputs, &plan, &contexts),
        plan,
        contexts,
    })
}

fn steps(
    inputs: &Inputs<'_>,
    plan: &Plan,
    contexts: &BTreeMap<String, NamedContext>,
) -> compile::Options {
    let options = &inputs.options;
    compile::Options {
        resolve_mode: options.resolve_mode,
        network: options.network,
        extra_hosts: options.extra_hosts.clone(),
        hostname: options.hostname.clone(),
        proxy: options.proxy.clone(),
        resource_limits: options.resource_limits.clone(),
        epoch: options.epoch,
        merge: merges(inputs),
        ignore_cache: options.no_cache.clone(),
        engine_images: compile::Images::new(),
        show_platforms: options.platforms.len() > 1 || plan.build_platform != BuildPlatform::Image,
        context: inputs.main.context.clone(),
        named_contexts: contexts
            .iter()
            .map(|(name, context)| (name.clone(), context.files.clone()))
            .collect(),
    }
}

/// Looks up what the plans expect in the contexts, and returns warnings for what they suspect to be missing. What several
/// plans expect is looked up once.
pub(super) async fn absent(engine: &Engine, builds: &[Build]) -> Result<Vec<Warning>, Failure> {
    let mut known = Vec::new();
    let mut lookups = Vec::new();
    for build in builds {
        let expected = build.plan.expected.iter();
        let new: Vec<_> = expected.filter(|one| !known.contains(one)).collect();
        known.extend(&new);
        lookups.push(async move {
            let parts = Parts {
                engine,
                steps: &build.steps,
            };
            find_missing(&parts, &new, &build.plan.warn_if_missing).await
        });
    }
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    for absent in all(lookups).await? {
        errors.extend(absent.errors);
        warnings.extend(absent.warnings);
    }
    Diagnostics::fail_if_any(errors)?;
    Ok(warnings)
}
