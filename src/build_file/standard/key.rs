//! A key of a build file, as `runtime.base`, and the values that it has in a file.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The tables of which a file has any number. Their keys are in each of them.
const LISTS: [&str; 2] = ["copy", "hook"];

/// A key with its tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    text: String,
    parts: Vec<String>,
}

/// What a file has at a key.
#[derive(Default)]
pub(super) struct Found<'t, 'i> {
    pub(super) values: Vec<&'t Spanned<DeValue<'i>>>,
    /// The tables of lists that lack it.
    pub(super) lacking: Vec<&'t Spanned<DeValue<'i>>>,
}

impl Key {
    /// Parses a key in TOML's syntax.
    pub(in crate::build_file) fn parse(text: &str) -> Option<Self> {
        if text.contains(['\n', '=', '#']) {
            return None;
        }
        let line = format!("{text} = 0");
        let root = DeTable::parse(&line).ok()?.into_inner();
        let mut parts = Vec::new();
        let mut table = &root;
        loop {
            let (key, value) = table.iter().next().filter(|_| table.len() == 1)?;
            parts.push(key.get_ref().to_string());
            match value.get_ref() {
                DeValue::Table(inner) => table = inner,
                _ => break,
            }
        }
        Some(Self {
            text: text.trim().to_owned(),
            parts,
        })
    }

    pub(in crate::build_file) fn parts(&self) -> &[String] {
        &self.parts
    }

    /// As the standard writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is this key.
    #[must_use]
    pub fn is(&self, parts: &[&str]) -> bool {
        self.parts == parts
    }

    /// The last part, if the rest is this table.
    #[must_use]
    pub fn name_in(&self, table: &[&str]) -> Option<&str> {
        let (name, rest) = self.parts.split_last()?;
        (rest == table).then_some(name.as_str())
    }

    pub(super) fn is_in_list(&self) -> bool {
        self.parts.len() > 1 && LISTS.contains(&self.parts[0].as_str())
    }

    pub(super) fn find<'t, 'i>(&self, root: &'t DeTable<'i>) -> Found<'t, 'i> {
        let mut found = Found::default();
        descend(root, &self.parts, &mut found);
        found
    }
}

/// Whether the table has the key; adds its values.
fn descend<'t, 'i>(table: &'t DeTable<'i>, parts: &[String], found: &mut Found<'t, 'i>) -> bool {
    let Some((part, rest)) = parts.split_first() else {
        return false;
    };
    let Some(value) = table.get(part.as_str()) else {
        return false;
    };
    if rest.is_empty() {
        found.values.push(value);
        return true;
    }
    match value.get_ref() {
        DeValue::Table(inner) => descend(inner, rest, found),
        DeValue::Array(items) => {
            for item in items {
                if let DeValue::Table(inner) = item.get_ref()
                    && !descend(inner, rest, found)
                {
                    found.lacking.push(item);
                }
            }
            true
        }
        _ => false,
    }
}
