//! Image references and platforms, normalised as engines compare them.

use std::fmt;

/// A normalised image reference, such as `docker.io/library/python:3.13-slim`.
///
/// Short forms are completed as Docker does (`normalize.go` in `distribution/reference`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageReference {
    /// Registry and repository.
    name: String,
    /// `:TAG`, `@DIGEST`, or both.
    suffix: String,
}

impl ImageReference {
    /// A Docker official image; `tag` must be valid.
    #[must_use]
    pub(crate) fn official(name: &str, tag: &str) -> Self {
        Self {
            name: format!("docker.io/library/{name}"),
            suffix: format!(":{tag}"),
        }
    }

    /// Parses `NAME`, `NAME:TAG`, `NAME@DIGEST` or `NAME:TAG@DIGEST`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        if !digest.is_none_or(is_digest) {
            return None;
        }
        let last = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest[last..].split_once(':') {
            Some((base, tag)) => (&rest[..last + base.len()], Some(tag)),
            None => (rest, None),
        };
        if !tag.is_none_or(is_tag) {
            return None;
        }
        let name = full_name(name)?;
        let suffix = match (tag, digest) {
            (None, None) => ":latest".to_owned(),
            (tag, digest) => {
                let tag = tag.map(|tag| format!(":{tag}")).unwrap_or_default();
                let digest = digest
                    .map(|digest| format!("@{digest}"))
                    .unwrap_or_default();
                tag + &digest
            }
        };
        Some(Self { name, suffix })
    }

    /// The image pinned to `digest`, with its tag kept.
    #[must_use]
    pub fn pinned(&self, digest: &str) -> Self {
        let tag = self.suffix.split('@').next().unwrap_or_default();
        Self {
            name: self.name.clone(),
            suffix: format!("{tag}@{digest}"),
        }
    }

    /// The image by its tag alone, if it has one.
    #[must_use]
    pub fn unpinned(&self) -> Option<Self> {
        let tag = self.tag().filter(|tag| !tag.is_empty())?;
        Some(Self {
            name: self.name.clone(),
            suffix: format!(":{tag}"),
        })
    }

    /// `NAME@DIGEST`, without the tag.
    #[must_use]
    pub fn by_digest(&self, digest: &str) -> String {
        format!("{}@{digest}", self.name)
    }

    /// The name of the named context that replaces the image: the short form, without the tag `latest`.
    #[must_use]
    pub fn context_name(&self) -> String {
        let name = self.familiar();
        name.strip_suffix(":latest")
            .map(str::to_owned)
            .unwrap_or(name)
    }

    /// Whether it has a digest.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        self.digest().is_some()
    }

    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.suffix.split_once('@').map(|(_, digest)| digest)
    }

    /// Whether both name the same image of a repository, or could: one may have a tag or a digest that the other one lacks.
    #[must_use]
    pub fn is_alias_of(&self, other: &Self) -> bool {
        let tags = [self, other].map(|one| one.tag().filter(|tag| !tag.is_empty()));
        let is_same_tag = match tags {
            [Some(one), Some(other)] => one == other,
            _ => true,
        };
        self.name == other.name && is_same_tag
    }

    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        let tag = self.suffix.strip_prefix(':')?;
        tag.split('@').next()
    }

    /// The short form, as users write it.
    #[must_use]
    pub fn familiar(&self) -> String {
        let name = self.name.strip_prefix("docker.io/").unwrap_or(&self.name);
        let name = name.strip_prefix("library/").unwrap_or(name);
        format!("{name}{}", self.suffix)
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name, self.suffix)
    }
}

fn full_name(name: &str) -> Option<String> {
    let is_registry = |part: &str| part.contains(['.', ':']) || part == "localhost";
    let (registry, path) = match name.split_once('/') {
        Some((first, path)) if is_registry(first) => (first, path.to_owned()),
        Some(_) => ("docker.io", name.to_owned()),
        None => ("docker.io", format!("library/{name}")),
    };
    let is_part = |part: &str| {
        let char =
            |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "._-".contains(char);
        part.chars().all(char)
            && part.starts_with(|char: char| char.is_ascii_alphanumeric())
            && part.ends_with(|char: char| char.is_ascii_alphanumeric())
    };
    (is_host(registry) && path.split('/').all(is_part)).then(|| format!("{registry}/{path}"))
}

/// A registry: `HOST` or `HOST:PORT`.
fn is_host(registry: &str) -> bool {
    let (host, port) = match registry.rsplit_once(':') {
        Some((host, port)) if !registry.ends_with(']') => (host, port),
        _ => (registry, "0"),
    };
    let address = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let is_named = match address {
        Some(address) => address
            .chars()
            .all(|char| char.is_ascii_hexdigit() || char == ':'),
        None => host
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || ".-".contains(char)),
    };
    !host.is_empty()
        && is_named
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_tag(tag: &str) -> bool {
    let char = |char: char| char.is_ascii_alphanumeric() || "._-".contains(char);
    !tag.is_empty() && tag.len() <= 128 && tag.chars().all(char) && !tag.starts_with(['.', '-'])
}

/// Whether it is a SHA-256 as image references, locks and `checksum` write it: `sha256:HEX`, in lower case.
pub(crate) fn is_digest(digest: &str) -> bool {
    digest.strip_prefix("sha256:").is_some_and(|hex| {
        hex.len() == 64
            && hex
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// Such as `linux`.
    pub os: String,
    /// Such as `amd64`.
    pub architecture: String,
    /// Such as `v7`; empty if there is none.
    pub variant: String,
}

impl Platform {
    /// Parses `OS/ARCH`, `OS/ARCH/VARIANT` or an architecture alone.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let first = parts.next().filter(|part| !part.is_empty())?;
        let (os, architecture) = match parts.next() {
            Some(architecture) => (first, architecture),
            None => ("linux", first),
        };
        let variant = parts.next().unwrap_or_default();
        if architecture.is_empty() || parts.next().is_some() {
            return None;
        }
        let is_plain = |char: char| char.is_ascii_alphanumeric() || "._-".contains(char);
        if ![os, architecture, variant]
            .iter()
            .all(|part| part.chars().all(is_plain))
        {
            return None;
        }
        let (architecture, variant) = match (architecture, variant) {
            ("x86_64" | "x86-64", variant) => ("amd64", variant),
            ("aarch64", variant) => ("arm64", variant),
            other => other,
        };
        // Engines omit `v8`, the default variant of arm64.
        let variant = if (architecture, variant) == ("arm64", "v8") {
            ""
        } else {
            variant
        };
        Some(Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.to_owned(),
        })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        if !self.variant.is_empty() {
            write!(f, "/{}", self.variant)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_references_are_completed() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (short, full) in [
            ("python", "docker.io/library/python:latest".to_owned()),
            (
                "python:3.13-slim",
                "docker.io/library/python:3.13-slim".to_owned(),
            ),
            ("org/base:1", "docker.io/org/base:1".to_owned()),
            ("localhost/base", "localhost/base:latest".to_owned()),
            ("127.0.0.1:5000/a/b:c", "127.0.0.1:5000/a/b:c".to_owned()),
            (
                &format!("python:3@{digest}"),
                format!("docker.io/library/python:3@{digest}"),
            ),
        ] {
            assert_eq!(ImageReference::parse(short).unwrap().to_string(), full);
        }
        for wrong in [
            "",
            "Python",
            "a b",
            "python:",
            "python:-x",
            "a//b",
            "python@sha256:1",
            "/a",
        ] {
            assert_eq!(ImageReference::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn pinning_keeps_the_tag_and_replaces_a_digest() {
        let reference = ImageReference::parse("python:3").unwrap();
        let pinned = reference.pinned("sha256:1");
        assert_eq!(pinned.to_string(), "docker.io/library/python:3@sha256:1");
        assert_eq!(pinned.pinned("sha256:2").familiar(), "python:3@sha256:2");
    }

    #[test]
    fn references_with_one_tag_or_without_one_are_aliases() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let parsed = |text: &str| ImageReference::parse(text).unwrap();
        let python = parsed("python:3");
        for alias in [
            "docker.io/library/python:3",
            &format!("python@{digest}"),
            &format!("python:3@{digest}"),
        ] {
            assert!(parsed(alias).is_alias_of(&python), "{alias}");
        }
        for other in ["python:4", "mirror.example/python:3"] {
            assert!(!parsed(other).is_alias_of(&python), "{other}");
        }
    }

    #[test]
    fn platforms_are_normalised() {
        for (text, expected) in [
            ("linux/amd64", "linux/amd64"),
            ("linux/x86_64", "linux/amd64"),
            ("linux/arm64/v8", "linux/arm64"),
            ("arm64", "linux/arm64"),
            ("linux/arm/v7", "linux/arm/v7"),
        ] {
            assert_eq!(Platform::parse(text).unwrap().to_string(), expected);
        }
        for wrong in ["", "linux/", "a/b/c/d"] {
            assert_eq!(Platform::parse(wrong), None, "{wrong}");
        }
    }
}
