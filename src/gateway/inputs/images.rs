//! The one look-up of images: in registries, in the engine's store, and in OCI layouts of the client.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use buildkit_llb::ResolveMode;
use buildkit_proto::gateway::ResolveImageConfigResponse;
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::compile;
use crate::gateway::transport::{Engine, Error, Failure};
use crate::image::{ImageReference, Platform};

/// An image as the engine resolved it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PinnedImage {
    /// With the digest, if the engine knows it.
    pub(crate) reference: ImageReference,
    pub(crate) config: Value,
}

/// Images that are looked up once per reference and platform.
pub(crate) struct Images<'a> {
    engine: &'a Engine,
    mode: ResolveMode,
    known: RefCell<BTreeMap<Key, Rc<OnceCell<Found>>>>,
}

/// The store if it is an OCI layout, the reference, and the platform.
type Key = (Option<String>, String, Platform);

#[derive(Clone)]
struct Found {
    digest: String,
    config: Value,
    /// What a source policy of the client made of the reference; `None` without one.
    converted: Option<ImageReference>,
}

impl<'a> Images<'a> {
    pub(super) fn new(engine: &'a Engine, mode: ResolveMode) -> Self {
        Self {
            engine,
            mode,
            known: RefCell::default(),
        }
    }

    /// Resolves a reference to the image of a platform.
    pub(crate) async fn resolve(
        &self,
        reference: &ImageReference,
        platform: &Platform,
    ) -> Result<PinnedImage, Failure> {
        let key = (None, reference.to_string(), platform.clone());
        let request = self.engine.image_config(
            reference.to_string(),
            compile::platform(platform),
            self.mode,
        );
        let found = self.once(key, request).await?;
        let converted = found.converted.as_ref();
        let named = converted.filter(|converted| !converted.is_alias_of(reference));
        let named = named.unwrap_or(reference);
        let reference = if found.digest.is_empty() {
            named.clone()
        } else {
            named.pinned(&found.digest)
        };
        Ok(PinnedImage {
            reference,
            config: found.config,
        })
    }

    /// The config of the image `NAME@DIGEST` in an OCI layout that the client offers.
    pub(super) async fn layout_config(
        &self,
        reference: &str,
        platform: &Platform,
        session: &str,
        store: &str,
    ) -> Result<Value, Failure> {
        let key = (
            Some(store.to_owned()),
            reference.to_owned(),
            platform.clone(),
        );
        let request = self.engine.layout_config(
            reference.to_owned(),
            compile::platform(platform),
            session.to_owned(),
            store.to_owned(),
        );
        Ok(self.once(key, request).await?.config)
    }

    async fn once(
        &self,
        key: Key,
        request: impl Future<Output = Result<ResolveImageConfigResponse, Failure>>,
    ) -> Result<Found, Failure> {
        let reference = key.1.clone();
        let known = Rc::clone(self.known.borrow_mut().entry(key).or_default());
        let found = known.get_or_try_init(async || {
            let response = request.await?;
            let config = serde_json::from_slice(&response.config)
                .map_err(|error| Error::Internal(format!("config of {reference}: {error}")))?;
            Ok::<_, Failure>(Found {
                digest: response.digest,
                config,
                converted: ImageReference::parse(&response.r#ref),
            })
        });
        found.await.cloned()
    }
}
