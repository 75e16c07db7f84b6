//! Decoding of files whose keys and types are right.

use serde::Deserialize;
use toml::de::DeTable;

use crate::diagnostics::{Diagnostics, Document};

use super::error::{Error, toml_error};
use super::schema;

/// Decodes a file whose keys and types are right.
pub(super) fn typed(document: &Document, root: DeTable<'_>) -> Result<schema::File, Diagnostics> {
    let root = toml::Spanned::new(0..document.text().len(), root);
    schema::File::deserialize(toml::de::Deserializer::from(root))
        .map_err(|error| toml_error(document, &error, Error::Unreadable).into())
}
