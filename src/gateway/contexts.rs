//! Named contexts: `--build-context NAME=..`, whatever it stands for (`frontend/dockerui/namedcontext.go`).
//!
//! One that is called like an image stands in for the image, wherever a plan begins with it.

use std::collections::BTreeMap;

use base64::Engine as _;
use buildkit_llb::{ImageSource, OciLayoutSource, Output};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::compile::{self, Context};
use crate::image::{ImageReference, Platform};

use super::engine::Engine;
use super::failure::{Error, Failure};
use super::files;
use super::git_address::GitAddress;
use super::images;
use super::main_context::{download, empty, graph};
use super::options::Options;

/// The image without any files.
const SCRATCH: &str = "scratch";

/// A named context as the build reads it.
#[derive(Clone)]
pub(super) struct NamedContext {
    pub(super) files: Context,
    /// The config, if it is an image's.
    pub(super) config: Option<Value>,
}

/// The contexts of a platform by their names, each with the key of its option: one for the platform comes first.
pub(super) fn keys(options: &Options, platform: &Platform) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    for key in options.named_contexts.keys() {
        match key.split_once("::") {
            None => {
                keys.entry(key.clone()).or_insert_with(|| key.clone());
            }
            Some((name, of)) if Platform::parse(of).as_ref() == Some(platform) => {
                keys.insert(name.to_owned(), key.clone());
            }
            Some(_) => {}
        }
    }
    keys
}

/// Gets the contexts called `names` ready, all at once.
pub(super) async fn load(
    engine: &Engine,
    options: &Options,
    platform: &Platform,
    names: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, NamedContext>, Failure> {
    let keys = keys(options, platform);
    let mut loading = JoinSet::new();
    for name in names {
        let Some(key) = keys.get(&name) else { continue };
        let address = options.named_contexts.get(key).cloned().unwrap_or_default();
        let loader = Loader {
            engine: engine.clone(),
            options: options.clone(),
            platform: platform.clone(),
            name: key.clone(),
            address,
        };
        loading.spawn(async move { Ok::<_, Failure>((name, loader.load().await?)) });
    }
    let mut loaded = BTreeMap::new();
    while let Some(done) = loading.join_next().await {
        let (name, context) = done.map_err(|error| Error::Internal(error.to_string()))??;
        loaded.insert(name, context);
    }
    Ok(loaded)
}

struct Loader {
    engine: Engine,
    options: Options,
    platform: Platform,
    name: String,
    address: String,
}

impl Loader {
    async fn load(&self) -> Result<NamedContext, Failure> {
        let address = &self.address;
        let (kind, rest) = address.split_once(':').unwrap_or((address, ""));
        let rest = rest.trim_start_matches("//");
        match kind {
            "local" => self.folder(rest).await,
            "docker-image" if rest == SCRATCH => Ok(NamedContext {
                files: Context::Tree(empty()),
                config: None,
            }),
            "docker-image" => self.image(rest).await,
            "oci-layout" => self.layout(rest).await,
            "input" => self.input(rest).await,
            _ => match GitAddress::parse(address) {
                Some(repository) => {
                    let repository = repository.map_err(|why| self.wrong(why))?;
                    let title = format!("{} {address}", self.label());
                    Ok(tree(repository.source().named(title).output()))
                }
                None if ["http", "https"].contains(&kind) => {
                    let title = format!("{} {address}", self.label());
                    let (files, _) = download(&self.engine, address, &title).await?;
                    Ok(tree(files))
                }
                None => Err(self
                    .wrong("which is no folder, image, repository, address or layout".to_owned())
                    .into()),
            },
        }
    }

    async fn folder(&self, name: &str) -> Result<NamedContext, Failure> {
        let mut folder = self.options.folder(name);
        let title = format!("{} load .dockerignore", self.label());
        folder.ignore = files::ignored(&self.engine, &folder, title).await?;
        Ok(NamedContext {
            files: Context::Folder(folder),
            config: None,
        })
    }

    async fn image(&self, text: &str) -> Result<NamedContext, Failure> {
        let reference = ImageReference::parse(text)
            .ok_or_else(|| self.wrong("which is no image reference".to_owned()))?;
        let mode = self.options.resolve_mode;
        let found = images::look_up(&self.engine, &reference, &self.platform, mode).await;
        let (pinned, config) = found.map_err(|failure| self.unreachable(failure))?;
        let source = ImageSource::new(pinned.to_string())
            .platform(compile::platform(&self.platform))
            .resolve_mode(mode)
            .named(format!("{} {}", self.label(), pinned.familiar()))
            .output();
        Ok(NamedContext {
            files: Context::Tree(source),
            config: Some(config),
        })
    }

    async fn layout(&self, text: &str) -> Result<NamedContext, Failure> {
        let no_digest = || self.wrong("which has no digest".to_owned());
        let (store, digest) = text.split_once('@').ok_or_else(no_digest)?;
        let store = store.split_once(':').map_or(store, |(store, _)| store);
        // The name is for people; what counts is the digest.
        let name = self.name.split("::").next().unwrap_or_default();
        let reference = ImageReference::parse(name)
            .or_else(|| ImageReference::parse("layout"))
            .map(|reference| reference.by_digest(digest))
            .ok_or_else(no_digest)?;
        let platform = compile::platform(&self.platform);
        let session = self.options.session.clone();
        let found = self
            .engine
            .layout_config(
                reference.clone(),
                platform.clone(),
                session.clone(),
                store.to_owned(),
            )
            .await
            .map_err(|failure| self.unreachable(failure))?;
        let source = OciLayoutSource::new(reference)
            .store(session, store)
            .platform(platform)
            .named(format!("{} OCI load from client", self.label()))
            .output();
        let config = serde_json::from_slice(&found.config)
            .map_err(|error| Error::Internal(format!("the config of {}: {error}", self.address)))?;
        Ok(NamedContext {
            files: Context::Tree(source),
            config: Some(config),
        })
    }

    async fn input(&self, name: &str) -> Result<NamedContext, Failure> {
        let inputs = self.engine.inputs().await?;
        let definition = inputs
            .get(name)
            .ok_or_else(|| self.wrong("which no other build made".to_owned()))?;
        Ok(NamedContext {
            files: Context::Tree(graph(definition, name)?),
            config: self.input_config(name)?,
        })
    }

    /// The config that another build gave to its result: JSON, in base64, in JSON.
    fn input_config(&self, name: &str) -> Result<Option<Value>, Error> {
        let Some(metadata) = self.options.input_metadata.get(name) else {
            return Ok(None);
        };
        let broken = || self.wrong("whose metadata cannot be read".to_owned());
        let metadata: BTreeMap<String, String> =
            serde_json::from_str(metadata).map_err(|_| broken())?;
        let Some(config) = metadata.get("containerimage.config") else {
            return Ok(None);
        };
        let config = base64::engine::general_purpose::STANDARD
            .decode(config)
            .map_err(|_| broken())?;
        serde_json::from_slice(&config).map_err(|_| broken())
    }

    /// What its steps begin with in the progress.
    fn label(&self) -> String {
        format!("[context {}]", self.name)
    }

    fn wrong(&self, why: String) -> Error {
        Error::Context {
            what: format!("named context `{}`", self.name),
            address: self.address.clone(),
            why,
        }
    }

    fn unreachable(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Engine(status) => self
                .wrong(format!("which cannot be had: {}", status.message()))
                .into(),
            other => other,
        }
    }
}

fn tree(output: Output) -> NamedContext {
    NamedContext {
        files: Context::Tree(output),
        config: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_for_the_platform_comes_before_one_for_all() {
        let given = [
            ("a", "local:a"),
            ("a::linux/arm64", "local:arm"),
            ("b::linux/arm64/v8", "local:b"),
            ("c::linux/amd64", "local:c"),
        ];
        let options = given.iter().enumerate().map(|(number, (name, value))| {
            let name = format!("context:{name}");
            (
                format!("BUILDKIT_FRONTEND_OPT_{number}"),
                format!("{name}={value}"),
            )
        });
        let options = Options::read(options).unwrap();
        let keys_of = |platform: &str| {
            let keys = keys(&options, &Platform::parse(platform).unwrap());
            keys.into_iter()
                .map(|(name, key)| format!("{name}={key}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            keys_of("linux/arm64"),
            ["a=a::linux/arm64", "b=b::linux/arm64/v8"]
        );
        assert_eq!(keys_of("linux/amd64"), ["a=a", "c=c::linux/amd64"]);
    }
}
