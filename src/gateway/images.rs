//! The images that plans begin with: looked up at once, each reference once for each platform.

use std::collections::BTreeMap;

use buildkit_llb::ResolveMode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::compile::{self, Context, ImageFiles, Images, ResolvedImage};
use crate::diagnostics::{Diagnostic, Place};
use crate::image::{ImageReference, Platform};
use crate::plan::ContextFiles;

use super::contexts::NamedContext;
use super::engine::Engine;
use super::failure::{Error, Failure};
use super::options::Options;
use super::platforms;

/// An image, the platform that it is for, and who asks for it.
pub(super) type Wanted = (Platform, ImageReference, Place);

/// Looks an image up in its registry: the reference with the digest that it has there, and the config.
pub(super) async fn look_up(
    engine: &Engine,
    reference: &ImageReference,
    platform: &Platform,
    mode: ResolveMode,
) -> Result<(ImageReference, Value), Failure> {
    let found = engine
        .image_config(reference.to_string(), compile::platform(platform), mode)
        .await?;
    let config = serde_json::from_slice(&found.config)
        .map_err(|error| Error::Internal(format!("the config of {reference}: {error}")))?;
    let pinned = if found.digest.is_empty() {
        reference.clone()
    } else {
        reference.pinned(&found.digest)
    };
    Ok((pinned, config))
}

/// Looks them up in registries.
pub(super) async fn resolve(
    engine: &Engine,
    options: &Options,
    wanted: impl IntoIterator<Item = Wanted>,
) -> Result<BTreeMap<(Platform, ImageReference), ResolvedImage>, Failure> {
    let mut looking = JoinSet::new();
    for (platform, reference, place) in wanted {
        let (engine, mode) = (engine.clone(), options.resolve_mode);
        looking.spawn(async move {
            let found = look_up(&engine, &reference, &platform, mode).await;
            let (pinned, config) =
                found.map_err(|failure| no_image(&reference, &place, failure))?;
            let image = ResolvedImage {
                files: ImageFiles::Image(pinned),
                config,
            };
            Ok::<_, Failure>(((platform, reference), image))
        });
    }
    let mut images = BTreeMap::new();
    while let Some(done) = looking.join_next().await {
        let (key, image) = done.map_err(|error| Error::Internal(error.to_string()))??;
        images.insert(key, image);
    }
    Ok(images)
}

/// The images of a platform, with named contexts in the place of those that are called like them.
pub(super) fn of_platform<'a>(
    platform: &Platform,
    references: impl IntoIterator<Item = &'a ImageReference>,
    contexts: &BTreeMap<String, NamedContext>,
    resolved: &BTreeMap<(Platform, ImageReference), ResolvedImage>,
) -> Images {
    references
        .into_iter()
        .filter_map(|reference| {
            let image = match contexts.get(&reference.context_name()) {
                Some(context) => stand_in(context, platform),
                None => resolved
                    .get(&(platform.clone(), reference.clone()))?
                    .clone(),
            };
            Some((reference.clone(), image))
        })
        .collect()
}

fn stand_in(context: &NamedContext, platform: &Platform) -> ResolvedImage {
    let files = match &context.files {
        Context::Tree(tree) => tree.clone(),
        Context::Folder(folder) => compile::folder(folder, &ContextFiles::default()),
    };
    ResolvedImage {
        files: ImageFiles::Tree(files),
        config: context
            .config
            .clone()
            .unwrap_or_else(|| bare_config(platform)),
    }
}

/// The config of an image that is no more than files: where programs are, which an engine would say as well.
fn bare_config(platform: &Platform) -> Value {
    let mut config = platforms::described(platform);
    config["config"] =
        json!({ "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] });
    config
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
