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

/// Where an engine looks for an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResolveMode {
    /// As the engine is set up.
    #[default]
    Default,
    /// In the registry, even if the engine has the image.
    ForcePull,
    /// In the engine, and in the registry only if it is not there.
    PreferLocal,
}

impl ResolveMode {
    /// The mode on the wire, also in `ResolveImageConfig` requests.
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
    /// The reference is taken as it is: short names (`python`) must have been expanded, or the
    /// engine refuses them.
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

    /// Sets where the engine looks for the image.
    pub fn resolve_mode(mut self, mode: ResolveMode) -> Self {
        self.resolve_mode = mode;
        self
    }

    /// Sets the digest that the image must have, `sha256:` and 64 hex digits.
    ///
    /// It needs a newer engine than a digest in the reference, which also pins the image.
    pub fn checksum(mut self, digest: impl Into<String>) -> Self {
        self.checksum = Some(digest.into());
        self
    }

    /// Sets which image of an index to take. Without it the engine takes its own platform.
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
            // Preferring a local image is a wish; only forcing must not be ignored.
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

/// How an engine finds the files that changed since the last transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differ {
    /// Not at all: all files are sent.
    None,
    /// By their metadata, the default.
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

    /// Sets the session of the client that has the directory. Without it the engine takes any
    /// session of the build that offers the name.
    pub fn session(mut self, id: impl Into<String>) -> Self {
        self.session = id.into();
        self
    }

    /// Adds patterns of which a path must match at least one, in the syntax of `.dockerignore`.
    pub fn include<T: Into<String>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        self.include.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Adds patterns in the syntax of `.dockerignore` of which the last match keeps a path out.
    pub fn exclude<T: Into<String>>(mut self, patterns: impl IntoIterator<Item = T>) -> Self {
        self.exclude.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Adds paths to send together with whatever their symbolic links lead to.
    pub fn follow<T: Into<String>>(mut self, paths: impl IntoIterator<Item = T>) -> Self {
        self.follow.extend(paths.into_iter().map(Into::into));
        self
    }

    /// Sets a name for the copy that the engine keeps. Sources with the same one update the same
    /// copy, and so send only what changed.
    pub fn shared_key_hint(mut self, hint: impl Into<String>) -> Self {
        self.shared_key_hint = hint.into();
        self
    }

    /// Sets how changed files are found. An engine that does not know it goes by metadata.
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

/// Sets an attribute unless its value is empty; says whether it did.
///
/// Besides meaning the same as none, an empty map value would be encoded differently than by Go.
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
    // Go makes its JSON safe for HTML and JavaScript. These characters occur in strings only.
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
