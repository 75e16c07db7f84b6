//! Where the wheels are that the engine downloads. A lock does not say so: an index is asked before the image is built.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::image::is_digest;
use crate::project::has_credentials;

/// What is known of the addresses of locked wheels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Addresses {
    /// Nothing: the plan has the steps that ask the indexes.
    #[default]
    Unknown,
    /// The answers of the indexes, by `sha256:HEX`.
    Known(BTreeMap<String, WheelAddress>),
    /// Nothing, and no index can be asked: the steps that install wheels download them.
    Unavailable,
}

/// A wheel on an index.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct WheelAddress {
    /// The name of the file.
    pub(crate) name: String,
    pub(crate) url: String,
}

#[derive(Deserialize)]
struct Entry {
    hash: String,
    #[serde(flatten)]
    address: WheelAddress,
}

/// A list of addresses that no step writes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidList {
    #[error("the list of addresses is no JSON: {0}")]
    Syntax(String),
    #[error("the list of addresses has an invalid entry for `{0}`")]
    Entry(String),
}

impl Addresses {
    /// Reads the lists that the steps wrote. The first address of a file counts.
    ///
    /// # Errors
    /// A list has something else than wheels with an `http` address and without credentials.
    pub fn read<'a>(lists: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, InvalidList> {
        let mut known = BTreeMap::new();
        for list in lists {
            let entries: Vec<Entry> = serde_json::from_slice(list)
                .map_err(|error| InvalidList::Syntax(error.to_string()))?;
            for Entry { hash, address } in entries {
                if !is_digest(&hash) || !address.is_valid() {
                    return Err(InvalidList::Entry(address.name));
                }
                known.entry(hash).or_insert(address);
            }
        }
        Ok(Self::Known(known))
    }
}

impl WheelAddress {
    fn is_valid(&self) -> bool {
        let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+!".contains(&byte);
        let is_http = ["http://", "https://"]
            .iter()
            .any(|scheme| self.url.starts_with(scheme));
        let stem = self.name.strip_suffix(".whl");
        stem.is_some_and(|stem| !stem.is_empty())
            && self.name.bytes().all(in_name)
            && is_http
            && self.url.bytes().all(|byte| byte.is_ascii_graphic())
            && !has_credentials(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(hash: &str, name: &str, url: &str) -> String {
        format!(r#"[{{"hash": "{hash}", "name": "{name}", "url": "{url}"}}]"#)
    }

    fn read(lists: &[String]) -> Result<Addresses, InvalidList> {
        Addresses::read(lists.iter().map(String::as_bytes))
    }

    const NAME: &str = "a-1-py3-none-any.whl";

    #[test]
    fn the_first_address_of_a_file_counts() {
        let hash = format!("sha256:{}", "a".repeat(64));
        let lists =
            ["https://one.example/a", "http://two.example/a"].map(|url| list(&hash, NAME, url));
        let Ok(Addresses::Known(known)) = read(&lists) else {
            panic!("no addresses");
        };
        assert_eq!(known.len(), 1);
        assert_eq!(known[&hash].url, "https://one.example/a");
    }

    #[test]
    fn only_wheels_on_web_servers_are_accepted() {
        let hash = format!("sha256:{}", "a".repeat(64));
        let url = "https://index.example/a";
        assert!(read(&[list(&hash, NAME, url)]).is_ok());
        for (hash, name, url) in [
            ("sha256:aa", NAME, url),
            ("md5:aa", NAME, url),
            (&hash, "a-1.tar.gz", url),
            (&hash, "../a-1-py3-none-any.whl", url),
            (&hash, NAME, "file:///etc/passwd"),
            (&hash, NAME, "docker-image://a"),
            (&hash, NAME, "https://me:secret@index.example/a"),
            (&hash, NAME, "https://index.example/a b"),
        ] {
            let error = InvalidList::Entry(name.to_owned());
            assert_eq!(read(&[list(hash, name, url)]), Err(error), "{hash} {url}");
        }
        assert!(matches!(
            read(&["<html>".to_owned()]),
            Err(InvalidList::Syntax(_))
        ));
    }
}
