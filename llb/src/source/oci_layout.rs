//! An image that the client has (`OCILayout` in BuildKit's `client/llb/source.go`).

use std::collections::BTreeMap;

use super::{insert, source};
use crate::{
    Output, Platform, caps,
    vertex::{Common, common_setters},
};

/// The file tree of an image in an OCI layout that the client offers.
#[derive(Clone, Debug)]
#[must_use]
pub struct OciLayoutSource {
    reference: String,
    session: String,
    store: String,
    platform: Option<Platform>,
    common: Common,
}

impl OciLayoutSource {
    /// The image with the digest of `reference`, `NAME@DIGEST`; the name is only informative.
    pub fn new(reference: impl Into<String>) -> Self {
        Self {
            reference: reference.into(),
            session: String::new(),
            store: String::new(),
            platform: None,
            common: Common::default(),
        }
    }

    common_setters!();

    /// Sets the client's session, and the name by which the client offers the layout.
    pub fn store(mut self, session: impl Into<String>, name: impl Into<String>) -> Self {
        self.session = session.into();
        self.store = name.into();
        self
    }

    /// Selects an image from an index by platform. Default: the engine's platform.
    pub fn platform(mut self, platform: Platform) -> Self {
        self.platform = Some(platform);
        self
    }

    /// The file tree of the image.
    pub fn output(self) -> Output {
        let mut common = self.common;
        common.metadata.caps.insert(caps::SOURCE_OCI_LAYOUT.into());
        let mut attrs = BTreeMap::new();
        insert(&mut attrs, "oci.session", self.session);
        insert(&mut attrs, "oci.store", self.store);
        let identifier = format!("oci-layout://{}", self.reference);
        source(identifier, attrs, self.platform, common)
    }
}
