//! `poetry.toml`: Poetry's own settings for a project.

use std::fmt;

use super::input::toml_error;
use crate::diagnostics::{Diagnostics, Document};

/// The settings, which Poetry alone interprets. `Display` writes them without comments and in a fixed order.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings(toml::Table);

impl Settings {
    pub(super) fn parse(document: &Document) -> Result<Self, Diagnostics> {
        toml::from_str(document.text())
            .map(Self)
            .map_err(|error| toml_error(document, &error))
    }
}

impl Settings {
    /// `installer.re-resolve`: whether to resolve the dependencies again before they are installed.
    pub(crate) fn re_resolve(&self) -> Option<bool> {
        self.0.get("installer")?.get("re-resolve")?.as_bool()
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
