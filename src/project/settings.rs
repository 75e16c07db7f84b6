//! `poetry.toml`: Poetry's own settings for a project.

use std::fmt;

use serde::Deserialize;
use toml::de::{DeTable, Deserializer};

use super::error::Error;
use super::input::toml_error;
use super::remote::has_credentials;
use crate::diagnostics::{Diagnostics, Document, Problem};

/// The settings, which Poetry alone interprets. `Display` writes them without comments and in a fixed order.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings(toml::Table);

impl Settings {
    /// Refuses credentials: the settings are part of the build, and of an image with `install = "copy"`.
    pub(super) fn parse(document: &Document) -> Result<Self, Diagnostics> {
        let wrong = |error| toml_error(document, &error);
        let root = DeTable::parse(document.text()).map_err(wrong)?;
        let credentials = credentials(root.get_ref())
            .map(|(key, span)| Error::CredentialsInSettings(key).at(&document.span(span)));
        Diagnostics::fail_if_any(credentials.collect())?;
        let table = toml::Table::deserialize(Deserializer::from(root)).map_err(wrong)?;
        Ok(Self(table))
    }
}

/// Settings that hold credentials.
const CREDENTIALS: [&str; 2] = ["http-basic", "pypi-token"];

/// The settings with credentials, and their places.
fn credentials<'a>(
    root: &'a DeTable<'_>,
) -> impl Iterator<Item = (String, std::ops::Range<usize>)> + 'a {
    let named = root.iter().filter(|(name, _)| {
        let name = name.get_ref();
        CREDENTIALS.iter().any(|one| name == one)
    });
    let named = named.map(|(name, _)| (name.get_ref().to_string(), name.span()));
    let repositories = root
        .get("repositories")
        .and_then(|all| all.get_ref().as_table());
    let addresses = repositories
        .into_iter()
        .flatten()
        .filter_map(|(name, table)| {
            let url = table.get_ref().get("url")?;
            let found = has_credentials(url.get_ref().as_str()?);
            found.then(|| (format!("repositories.{}.url", name.get_ref()), url.span()))
        });
    named.chain(addresses)
}

impl Settings {
    /// `installer.re-resolve`: whether to resolve the dependencies again before they are installed.
    pub(crate) fn re_resolve(&self) -> Option<bool> {
        self.0.get("installer")?.get("re-resolve")?.as_bool()
    }

    /// `virtualenvs.options.system-site-packages`: whether the environment has the packages of the image's own Python.
    pub(crate) fn system_site_packages(&self) -> bool {
        let value = self
            .0
            .get("virtualenvs")
            .and_then(|table| table.get("options")?.get("system-site-packages")?.as_bool());
        value == Some(true)
    }

    /// The keys that are set, such as `installer.no-binary`, in a fixed order.
    pub(crate) fn keys(&self) -> Vec<String> {
        fn collect(table: &toml::Table, start: &str, keys: &mut Vec<String>) {
            for (name, value) in table {
                let key = format!("{start}{name}");
                match value {
                    toml::Value::Table(table) => collect(table, &format!("{key}."), keys),
                    _ => keys.push(key),
                }
            }
        }
        let mut keys = Vec::new();
        collect(&self.0, "", &mut keys);
        keys
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
