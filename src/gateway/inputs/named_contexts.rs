//! Named contexts: `--build-context NAME=ADDRESS` (`frontend/dockerui/namedcontext.go`).
//!
//! A context with the name of an image replaces that image wherever a plan starts from it.

use std::collections::BTreeMap;

use base64::Engine as _;
use buildkit_llb::{ImageSource, OciLayoutSource, Output};
use serde_json::Value;

use crate::compile::{self, Context};
use crate::gateway::request::Address;
use crate::gateway::transport::{Error, Failure, all};
use crate::image::{ImageReference, Platform};

use super::files;
use super::found::Inputs;
use super::remote;

/// A named context as the build reads it.
pub(crate) struct NamedContext {
    pub(crate) files: Context,
    /// The image config, if the context is an image.
    pub(crate) config: Option<Value>,
}

/// Loads those of the contexts `names` that the command gives, side by side.
pub(crate) async fn load(
    inputs: &Inputs<'_>,
    platform: &Platform,
    names: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, NamedContext>, Failure> {
    let keys = inputs.options.contexts(platform);
    let given = names.into_iter().filter_map(|name| {
        let key = keys.get(&name)?;
        let loader = Loader {
            inputs,
            platform,
            name: key,
            address: inputs.options.named_contexts.get(key)?,
        };
        Some((name, loader))
    });
    let loaded = all(given.map(async |(name, loader)| {
        let context = loader.load().await?;
        Ok::<_, Failure>((name, context))
    }));
    Ok(loaded.await?.into_iter().collect())
}

struct Loader<'a> {
    inputs: &'a Inputs<'a>,
    platform: &'a Platform,
    /// With the platform, if it has one.
    name: &'a str,
    address: &'a str,
}

impl Loader<'_> {
    async fn load(&self) -> Result<NamedContext, Failure> {
        match Address::parse(self.address).map_err(|why| self.unusable(why))? {
            Address::Local(name) => self.directory(&name).await,
            Address::Empty => Ok(without_config(remote::empty())),
            Address::Image(reference) => self.image(&reference).await,
            Address::OciLayout { store, digest } => self.layout(&store, &digest).await,
            Address::Input(name) => self.input(&name).await,
            Address::Git(repository) => {
                let source = repository.source().named(self.title(self.address));
                Ok(without_config(source.output()))
            }
            Address::Http(url) => {
                let title = self.title(&url);
                let (files, _) = remote::download(self.inputs.engine, &url, &title).await?;
                Ok(without_config(files))
            }
        }
    }

    async fn directory(&self, name: &str) -> Result<NamedContext, Failure> {
        let mut directory = self.inputs.options.directory(name);
        let title = self.title("load .dockerignore");
        directory.ignore = files::ignore_patterns_of(self.inputs.engine, &directory, title).await?;
        Ok(NamedContext {
            files: Context::Local(directory),
            config: None,
        })
    }

    async fn image(&self, reference: &ImageReference) -> Result<NamedContext, Failure> {
        let found = self.inputs.images.resolve(reference, self.platform).await;
        let image = found.map_err(|failure| self.unreachable(failure))?;
        let source = ImageSource::new(image.reference.to_string())
            .platform(compile::platform(self.platform))
            .resolve_mode(self.inputs.options.resolve_mode)
            .named(self.title(&image.reference.familiar()))
            .output();
        Ok(NamedContext {
            files: Context::Output(source),
            config: Some(image.config),
        })
    }

    async fn layout(&self, store: &str, digest: &str) -> Result<NamedContext, Failure> {
        // Only the digest identifies the image; the name is shown to the user.
        let name = self.name.split("::").next().unwrap_or_default();
        let reference = ImageReference::parse(name)
            .or_else(|| ImageReference::parse("layout"))
            .map(|reference| reference.by_digest(digest))
            .ok_or_else(|| Error::Internal("`layout` is not an image reference".to_owned()))?;
        let session = &self.inputs.options.session;
        let config = self
            .inputs
            .images
            .layout_config(&reference, self.platform, session, store)
            .await
            .map_err(|failure| self.unreachable(failure))?;
        let source = OciLayoutSource::new(reference)
            .store(session, store)
            .platform(compile::platform(self.platform))
            .named(self.title("load OCI layout from client"))
            .output();
        Ok(NamedContext {
            files: Context::Output(source),
            config: Some(config),
        })
    }

    async fn input(&self, name: &str) -> Result<NamedContext, Failure> {
        let inputs = self.inputs.engine.inputs().await?;
        let definition = inputs
            .get(name)
            .ok_or_else(|| self.unusable("the client passed no such input".to_owned()))?;
        Ok(NamedContext {
            files: Context::Output(remote::input(definition, name)?),
            config: self.input_config(name)?,
        })
    }

    /// The image config of another build's result: JSON, in base64, in JSON.
    fn input_config(&self, name: &str) -> Result<Option<Value>, Error> {
        let Some(metadata) = self.inputs.options.input_metadata.get(name) else {
            return Ok(None);
        };
        let invalid = || self.unusable("its metadata is invalid".to_owned());
        let metadata: BTreeMap<String, String> =
            serde_json::from_str(metadata).map_err(|_| invalid())?;
        let Some(config) = metadata.get("containerimage.config") else {
            return Ok(None);
        };
        let config = base64::engine::general_purpose::STANDARD
            .decode(config)
            .map_err(|_| invalid())?;
        serde_json::from_slice(&config).map_err(|_| invalid())
    }

    /// The name of a step in the progress.
    fn title(&self, action: &str) -> String {
        format!("[context {}] {action}", self.name)
    }

    fn unusable(&self, why: String) -> Error {
        Error::Context {
            role: format!("named context `{}`", self.name),
            address: self.address.to_owned(),
            why,
        }
    }

    fn unreachable(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Engine(status) => self.unusable(status.message).into(),
            other => other,
        }
    }
}

fn without_config(files: Output) -> NamedContext {
    NamedContext {
        files: Context::Output(files),
        config: None,
    }
}
