//! The images that plans start from.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::compile::{self, Context, ImageFiles, ResolvedImage};
use crate::diagnostics::{Diagnostic, Span};
use crate::gateway::inputs::{Images, NamedContext};
use crate::gateway::transport::{Failure, all};
use crate::image::{ImageReference, Platform};
use crate::plan::ContextFiles;

/// How an engine says that a source policy denies something (`sourcepolicy/engine.go`).
const BY_POLICY: &str = "by policy";

/// An image that a plan needs.
pub(super) struct BaseImage<'a> {
    pub(super) platform: &'a Platform,
    pub(super) reference: &'a ImageReference,
    /// Where a file names it.
    pub(super) span: &'a Span,
}

/// Images by platform and reference.
pub(super) type Resolved = BTreeMap<(Platform, ImageReference), ResolvedImage>;

/// Looks images up, side by side.
pub(super) async fn resolve<'a>(
    images: &Images<'_>,
    needed: impl IntoIterator<Item = BaseImage<'a>>,
) -> Result<Resolved, Failure> {
    let resolved = all(needed.into_iter().map(async |needed| {
        let found = images.resolve(needed.reference, needed.platform).await;
        let found = found.map_err(|failure| unresolved(&needed, failure))?;
        let image = ResolvedImage {
            files: ImageFiles::Image(found.reference),
            config: found.config,
        };
        Ok::<_, Failure>(((needed.platform.clone(), needed.reference.clone()), image))
    }));
    Ok(resolved.await?.into_iter().collect())
}

/// The images of a platform; a named context with the name of an image replaces it.
pub(super) fn of_platform<'a>(
    platform: &Platform,
    references: impl IntoIterator<Item = &'a ImageReference>,
    contexts: &BTreeMap<String, NamedContext>,
    resolved: &Resolved,
) -> compile::Images {
    references
        .into_iter()
        .filter_map(|reference| {
            let image = match contexts.get(&reference.context_name()) {
                Some(context) => replacement(context, platform),
                None => resolved
                    .get(&(platform.clone(), reference.clone()))?
                    .clone(),
            };
            Some((reference.clone(), image))
        })
        .collect()
}

fn replacement(context: &NamedContext, platform: &Platform) -> ResolvedImage {
    let files = match &context.files {
        Context::Output(tree) => tree.clone(),
        Context::Local(directory) => compile::local_files(directory, &ContextFiles::default()),
    };
    ResolvedImage {
        files: ImageFiles::Output(files),
        config: context
            .config
            .clone()
            .unwrap_or_else(|| minimal_config(platform)),
    }
}

/// The config for a context that is not an image: the `PATH` that engines set by default.
fn minimal_config(platform: &Platform) -> Value {
    let mut config = describe(platform);
    config["config"] =
        json!({ "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] });
    config
}

/// A platform as image configs have it.
pub(super) fn describe(platform: &Platform) -> Value {
    let mut described = json!({ "architecture": platform.architecture, "os": platform.os });
    if !platform.variant.is_empty() {
        described["variant"] = json!(platform.variant);
    }
    described
}

/// The error is reported on the line that names the image.
fn unresolved(image: &BaseImage<'_>, failure: Failure) -> Failure {
    match failure {
        Failure::Engine(status) => Diagnostic {
            hint: if status.message.contains(BY_POLICY) {
                "the source policy of this build denies it: use another image, or change the policy"
            } else {
                "check the image's name and tag, and that the engine can reach its registry"
            }
            .to_owned(),
            span: Some(image.span.clone()),
            message: format!(
                "cannot resolve base image `{}`: {}",
                image.reference.familiar(),
                status.message
            ),
            rule: None,
        }
        .into(),
        other => other,
    }
}
