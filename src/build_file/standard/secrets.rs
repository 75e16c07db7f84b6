//! Secrets in a standard. A build file with one gets a warning, but a standard is in an image that everyone can read.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Error;
use crate::diagnostics::{Diagnostic, Document, Problem};
use crate::rules::{has_secret, is_free_text, is_secret_name};

/// The tables of variables.
const VARIABLES: &str = "env";
const ARGUMENTS: &str = "args";

/// The secrets in a standard.
pub(super) fn find(document: &Document, root: &DeTable<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    in_table(document, root, "", &mut found);
    found
}

fn in_table(document: &Document, table: &DeTable<'_>, name: &str, found: &mut Vec<Diagnostic>) {
    for (key, value) in table {
        let key_text = key.get_ref().as_ref();
        let is_named = is_secret_name(key_text);
        let text = value.get_ref().as_str();
        let is_variable = name == VARIABLES && text.is_some_and(is_free_text);
        if is_named && (is_variable || name == ARGUMENTS) {
            found.push(Error::Secret.at(&document.span(key.span())));
        } else {
            in_value(document, value, key_text, found);
        }
    }
}

fn in_value(
    document: &Document,
    value: &Spanned<DeValue<'_>>,
    name: &str,
    found: &mut Vec<Diagnostic>,
) {
    match value.get_ref() {
        DeValue::String(text) if has_secret(text) => {
            found.push(Error::Secret.at(&document.span(value.span())));
        }
        DeValue::Array(items) => {
            for item in items {
                in_value(document, item, name, found);
            }
        }
        DeValue::Table(table) => in_table(document, table, name, found),
        _ => {}
    }
}
