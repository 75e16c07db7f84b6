//! A file of a web server (`HTTP` in BuildKit's `client/llb/source.go`).

use std::collections::BTreeMap;

use super::{insert, source};
use crate::{
    Output, caps,
    vertex::{Common, common_setters},
};

/// A file that the engine downloads: a tree with nothing else in it.
#[derive(Clone, Debug)]
#[must_use]
pub struct HttpSource {
    url: String,
    filename: String,
    checksum: String,
    common: Common,
}

impl HttpSource {
    /// The file at an `http://` or `https://` address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            filename: String::new(),
            checksum: String::new(),
            common: Common::default(),
        }
    }

    common_setters!();

    /// Sets the file's name in the tree. Without it the engine goes by the answer and the address.
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.filename = name.into();
        self
    }

    /// Sets the digest that the file must have, `sha256:` and 64 hex digits.
    pub fn checksum(mut self, digest: impl Into<String>) -> Self {
        self.checksum = digest.into();
        self
    }

    /// The tree.
    pub fn output(self) -> Output {
        let mut common = self.common;
        let caps = &mut common.metadata.caps;
        caps.insert(caps::SOURCE_HTTP.into());
        let mut attrs = BTreeMap::new();
        if insert(&mut attrs, "http.checksum", self.checksum) {
            caps.insert(caps::SOURCE_HTTP_CHECKSUM.into());
        }
        insert(&mut attrs, "http.filename", self.filename);
        source(self.url, attrs, None, common)
    }
}
