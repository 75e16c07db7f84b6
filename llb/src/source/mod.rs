//! Files from outside the graph (`client/llb/source.go` and `solver/pb/attr.go` in BuildKit).

use std::collections::BTreeMap;

use buildkit_proto::pb;

use crate::{
    Output, Platform, caps,
    vertex::{Common, Inputs, Vertex, common_setters},
};

mod git;
mod http;
mod oci_layout;

pub use git::GitSource;
pub use http::HttpSource;
pub use oci_layout::OciLayoutSource;

/// The file tree of an image.
#[derive(Clone, Debug)]
#[must_use]
pub struct ImageSource {
    reference: String,
    resolve_mode: ResolveMode,
    checksum: Option<String>,
    platform: Option<Platform>,
    common: Common,
}

/// Where an engine looks up an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResolveMode {
    /// As configured in the engine.
    #[default]
    Default,
    /// In the registry, even if the image is in the engine.
    ForcePull,
    /// In the engine, or in the registry if it is not there.
    PreferLocal,
}

impl ResolveMode {
    /// The mode in its wire form, also for `ResolveImageConfig` requests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::ForcePull => "pull",
            Self::PreferLocal => "local",
        }
    }
}

impl ImageSource {
    /// The image with this full reference, such as `docker.io/library/python:3.13@sha256:...`.
    ///
    /// The reference is used as it is: expand short names (`python`) first, or the engine refuses
    /// them.
    pub fn new(reference: impl Into<String>) -> Self {
        Self {
            reference: reference.into(),
            resolve_mode: ResolveMode::Default,
            checksum: None,
            platform: None,
            common: Common::default(),
        }
    }

    common_setters!();

    /// Sets where the engine looks up the image.
    pub fn resolve_mode(mut self, mode: ResolveMode) -> Self {
        self.resolve_mode = mode;
        self
    }

    /// Sets the digest that the image must have, `sha256:` and 64 hex digits.
    ///
    /// Requires a newer engine than a digest in the reference, which also pins the image.
    pub fn checksum(mut self, digest: impl Into<String>) -> Self {
        self.checksum = Some(digest.into());
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
        let caps = &mut common.metadata.caps;
        caps.insert(caps::SOURCE_IMAGE.into());
        let mut attrs = BTreeMap::new();
        if self.resolve_mode != ResolveMode::Default {
            insert(
                &mut attrs,
                "image.resolvemode",
                self.resolve_mode.as_str().to_owned(),
            );
        }
        if self.resolve_mode == ResolveMode::ForcePull {
            // An engine may ignore a preference for a local image, but not a forced pull.
            caps.insert(caps::SOURCE_IMAGE_RESOLVE_MODE.into());
        }
        if let Some(checksum) = self.checksum
            && insert(&mut attrs, "image.checksum", checksum)
        {
            caps.insert(caps::SOURCE_IMAGE_CHECKSUM.into());
        }
        source(
            format!("docker-image://{}", self.reference),
            attrs,
            self.platform,
            common,
        )
    }
}

/// A directory of the client, such as the build context.
#[derive(Clone, Debug)]
#[must_use]
pub struct LocalSource {
    name: String,
    session: String,
    include: Vec<String>,
    exclude: Vec<String>,
    follow: Vec<String>,
    shared_key_hint: String,
    differ: Option<Differ>,
    common: Common,
}

/// How an engine finds files that changed since the last transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differ {
    /// It does not: all files are sent.
    None,
    /// By metadata; the default.
    Metadata,
}

impl LocalSource {
    /// The directory that the client offers under this name, usually `context` or `dockerfile`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            session: String::new(),
            include: Vec::new(),
            exclude: Vec::new(),
            follow: Vec::new(),
            shared_key_hint: String::new(),
            differ: None,
            common: Common::default(),
        }
    }

    common_setters!();

    /// Sets the session of the client that has the directory. By default, the engine uses any
    /// session of the build that offers the name.
    pub fn session(mut self, id: impl Into<String>) -> Self {
        self.session = id.into();
        self
    }

    /// Adds include patterns in the syntax of `.dockerignore`: a path must match at least one.
    pub fn include<T: Into<String>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        self.include.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Adds exclude patterns in the syntax of `.dockerignore`: the last match decides.
    pub fn exclude<T: Into<String>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        self.exclude.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Adds paths to send, together with the targets of their symbolic links.
    pub fn follow<T: Into<String>>(mut self, paths: impl IntoIterator<Item = T>) -> Self {
        self.follow.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Sets a name for the engine's copy. Sources with the same name share a copy, so only changes
    /// are sent.
    pub fn shared_key_hint(mut self, hint: impl Into<String>) -> Self {
        self.shared_key_hint = hint.into();
        self
    }

    /// Sets how changed files are found. An engine that does not support it uses metadata.
    pub fn differ(mut self, differ: Differ) -> Self {
        self.differ = Some(differ);
        self
    }

    /// The file tree of the directory.
    pub fn output(self) -> Output {
        let mut common = self.common;
        let caps = &mut common.metadata.caps;
        caps.insert(caps::SOURCE_LOCAL.into());
        let mut attrs = BTreeMap::new();
        for (attr, value, cap) in [
            ("local.session", self.session, caps::SOURCE_LOCAL_SESSION),
            (
                "local.includepattern",
                json(self.include),
                caps::SOURCE_LOCAL_INCLUDE,
            ),
            (
                "local.followpaths",
                json(self.follow),
                caps::SOURCE_LOCAL_FOLLOW,
            ),
            (
                "local.excludepatterns",
                json(self.exclude),
                caps::SOURCE_LOCAL_EXCLUDE,
            ),
            (
                "local.sharedkeyhint",
                self.shared_key_hint,
                caps::SOURCE_LOCAL_SHARED_KEY,
            ),
        ] {
            if insert(&mut attrs, attr, value) {
                caps.insert(cap.into());
            }
        }
        if let Some(differ) = self.differ {
            let value = match differ {
                Differ::None => "none",
                Differ::Metadata => "metadata",
            };
            insert(&mut attrs, "local.differ", value.to_owned());
        }
        source(format!("local://{}", self.name), attrs, None, common)
    }
}

/// Sets an attribute unless its value is empty, and returns whether it did.
///
/// An empty value means the same as none, but in a map Go would encode it differently.
fn insert(attrs: &mut BTreeMap<String, String>, name: &str, value: String) -> bool {
    let set = !value.is_empty();
    if set {
        attrs.insert(name.to_owned(), value);
    }
    set
}

/// The strings as a JSON array with Go's escapes; empty for none.
fn json(strings: Vec<String>) -> String {
    if strings.is_empty() {
        return String::new();
    }
    // Go escapes characters in JSON that are unsafe in HTML and JavaScript. They occur only in
    // strings.
    (serde_json::Value::from(strings).to_string())
        .replace('<', r"\u003c")
        .replace('>', r"\u003e")
        .replace('&', r"\u0026")
        .replace('\u{2028}', r"\u2028")
        .replace('\u{2029}', r"\u2029")
}

fn source(
    identifier: String,
    attrs: BTreeMap<String, String>,
    platform: Option<Platform>,
    common: Common,
) -> Output {
    let op = pb::op::Op::Source(pb::SourceOp { identifier, attrs });
    Output::first(Vertex::new(
        op,
        Inputs::default(),
        Vec::new(),
        platform,
        common,
    ))
}

#[cfg(test)]
mod tests {
    use super::json;

    #[test]
    fn json_escapes_as_go_does() {
        assert_eq!(json(vec![]), "");
        assert_eq!(
            json(vec![
                "a&b".into(),
                "<\"\\>".into(),
                "\u{1}\n\u{2028}é".into()
            ]),
            r#"["a\u0026b","\u003c\"\\\u003e","\u0001\n\u2028é"]"#
        );
    }
}
