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

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
