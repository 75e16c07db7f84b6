//! Named contexts in a command: `--build-context NAME=ADDRESS` (`frontend/dockerui/namedcontext.go`).

use std::collections::BTreeMap;

use crate::image::{ImageReference, Platform};

use super::git_address::GitAddress;

/// The image without any files.
const SCRATCH: &str = "scratch";

/// What a named context is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// A directory of the client, by name.
    Local(String),
    /// No files.
    Empty,
    Image(ImageReference),
    OciLayout {
        store: String,
        digest: String,
    },
    /// The result of another build, by name.
    Input(String),
    Git(GitAddress),
    Http(String),
}

impl Address {
    /// # Errors
    /// Why the address cannot be used, as the end of a sentence.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        let rest = rest.trim_start_matches("//");
        match kind {
            "local" => Ok(Self::Local(rest.to_owned())),
            "docker-image" if rest == SCRATCH => Ok(Self::Empty),
            "docker-image" => ImageReference::parse(rest)
                .map(Self::Image)
                .ok_or_else(|| "not a valid image reference".to_owned()),
            "oci-layout" => {
                let (store, digest) = rest.split_once('@').ok_or("the digest is missing")?;
                Ok(Self::OciLayout {
                    store: store
                        .split_once(':')
                        .map_or(store, |(store, _)| store)
                        .to_owned(),
                    digest: digest.to_owned(),
                })
            }
            "input" => Ok(Self::Input(rest.to_owned())),
            _ => match GitAddress::parse(text) {
                Some(repository) => Ok(Self::Git(repository?)),
                None if ["http", "https"].contains(&kind) => Ok(Self::Http(text.to_owned())),
                None => {
                    Err("not a directory, image, Git repository, HTTP URL or OCI layout".to_owned())
                }
            },
        }
    }
}

/// The contexts of a platform by name, each with the key of its option. `NAME::PLATFORM` takes precedence over `NAME`.
pub(super) fn keys<'a>(
    options: impl IntoIterator<Item = &'a String>,
    platform: &Platform,
) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    for key in options {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_for_the_platform_takes_precedence() {
        let given = ["a", "a::linux/arm64", "b::linux/arm64/v8", "c::linux/amd64"];
        let given = given.map(str::to_owned);
        let keys_of = |platform: &str| {
            let keys = keys(&given, &Platform::parse(platform).unwrap());
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

    #[test]
    fn every_kind_of_address() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let layout = Address::OciLayout {
            store: "store".to_owned(),
            digest: digest.clone(),
        };
        for (text, expected) in [
            ("local:shared-1", Address::Local("shared-1".to_owned())),
            ("docker-image://scratch", Address::Empty),
            (
                "docker-image://python:3.13",
                Address::Image(ImageReference::parse("python:3.13").unwrap()),
            ),
            (&format!("oci-layout://store@{digest}"), layout.clone()),
            (&format!("oci-layout://store:tag@{digest}"), layout),
            ("input:base", Address::Input("base".to_owned())),
            (
                "https://files.example/a.tar",
                Address::Http("https://files.example/a.tar".to_owned()),
            ),
        ] {
            assert_eq!(Address::parse(text), Ok(expected), "{text}");
        }
        let repository = Address::parse("https://git.example/app.git#main");
        assert!(matches!(repository, Ok(Address::Git(_))), "{repository:?}");
    }

    #[test]
    fn addresses_that_cannot_be_used() {
        for (text, why) in [
            ("docker-image://A B", "not a valid image reference"),
            ("oci-layout://store:tag", "the digest is missing"),
            (
                "https://git.example/app.git?x=1",
                "unknown query parameter `x`",
            ),
            (
                "ftp://files.example/a.tar",
                "not a directory, image, Git repository, HTTP URL or OCI layout",
            ),
        ] {
            assert_eq!(Address::parse(text), Err(why.to_owned()), "{text}");
        }
    }
}
