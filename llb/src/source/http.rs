//! A file on a web server (`HTTP` in BuildKit's `client/llb/source.go`).

use std::collections::BTreeMap;

use buildkit_proto::pb;
use prost::Message;

use super::{insert, source};
use crate::{
    Output, caps,
    vertex::{Common, Vertex, common_setters},
};

/// A file that the engine downloads, the only file of its tree.
#[derive(Clone, Debug)]
#[must_use]
pub struct HttpSource {
    url: String,
    filename: String,
    checksum: String,
    auth_header_secret: String,
    in_field_order: bool,
    common: Common,
}

impl HttpSource {
    /// The file at an `http://` or `https://` URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            filename: String::new(),
            checksum: String::new(),
            auth_header_secret: String::new(),
            in_field_order: false,
            common: Common::default(),
        }
    }

    common_setters!();

    /// Sets the file's name in the tree. By default, the engine derives it from the response and
    /// the URL.
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.filename = name.into();
        self
    }

    /// Sets the digest that the file must have, `sha256:` and 64 hex digits.
    pub fn checksum(mut self, digest: impl Into<String>) -> Self {
        self.checksum = digest.into();
        self
    }

    /// Names the secret of the client with the whole `Authorization` header that the engine sends. It
    /// sends none to another host that the server redirects to. Requires `source.http.auth`, which
    /// engines have since BuildKit 0.21.
    pub fn auth_header_secret(mut self, id: impl Into<String>) -> Self {
        self.auth_header_secret = id.into();
        self
    }

    /// Whether to encode the op like clients before BuildKit 0.17, which wrote its fields in the
    /// order of their numbers. An engine shares a download only between ops with the same bytes.
    pub fn in_field_order(mut self, old: bool) -> Self {
        self.in_field_order = old;
        self
    }

    /// The file tree.
    pub fn output(self) -> Output {
        let mut common = self.common;
        let caps = &mut common.metadata.caps;
        caps.insert(caps::SOURCE_HTTP.into());
        let mut attrs = BTreeMap::new();
        if insert(&mut attrs, "http.checksum", self.checksum) {
            caps.insert(caps::SOURCE_HTTP_CHECKSUM.into());
        }
        insert(&mut attrs, "http.filename", self.filename);
        if insert(&mut attrs, "http.authheadersecret", self.auth_header_secret) {
            caps.insert(caps::SOURCE_HTTP_AUTH.into());
        }
        if self.in_field_order {
            let op = pb::Op {
                op: Some(pb::op::Op::Source(pb::SourceOp {
                    identifier: self.url,
                    attrs,
                })),
                constraints: Some(pb::WorkerConstraints::default()),
                ..pb::Op::default()
            };
            let bytes = op.encode_to_vec();
            return Output::first(Vertex::of_bytes(bytes, Vec::new(), None, common));
        }
        source(self.url, attrs, None, common)
    }
}
