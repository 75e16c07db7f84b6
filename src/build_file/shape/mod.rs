//! Compares the file with the JSON Schema: unknown keys and values of the wrong type, all of them in one run.
//!
//! [`tree`] reads the schema, this module walks through the file and the schema side by side, [`keys`] finds the key that
//! an unknown one stands for, and [`values`] corrects values of the wrong type.

mod aliases;
mod keys;
mod path;
mod tree;
mod values;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::error::Error;
use super::schema::json_schema;
use super::standard::schema::standard_json_schema;
use crate::diagnostics::{Diagnostic, Document, Problem, closest};

use keys::Keys;
use path::Path;
use tree::Form;

pub(super) use tree::Shape;

const LONGEST_CORRECTION: usize = 200;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::of(&json_schema()));
static STANDARD: LazyLock<Schema> = LazyLock::new(|| Schema::of(&standard_json_schema()));
/// The key of a standard whose table is a build file.
const DEFAULTS: &str = "defaults";

struct Schema {
    shape: Shape,
    keys: Keys,
}

impl Schema {
    fn of(schema: &serde_json::Value) -> Self {
        let shape = Shape::of_schema(schema);
        Self {
            keys: Keys::of(&shape),
            shape,
        }
    }
}

/// Whether the build arguments are in their places.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Arguments {
    /// A string with a reference can become a value of any type.
    Pending,
    Replaced,
}

/// Everything in the file that does not fit the schema.
pub(super) fn errors(
    document: &Document,
    root: &DeTable<'_>,
    arguments: Arguments,
) -> Vec<Diagnostic> {
    all_errors(&SCHEMA, document, root, arguments)
}

/// Everything in a standard that does not fit its schema.
pub(super) fn errors_of_standard(document: &Document, root: &DeTable<'_>) -> Vec<Diagnostic> {
    let is_build_file =
        |key: &str, value: &DeValue<'_>| key == DEFAULTS && matches!(value, DeValue::Table(_));
    let (defaults, root): (DeTable<'_>, DeTable<'_>) = root
        .iter()
        .map(|(key, value)| (key.clone(), value.clone()))
        .partition(|(key, value)| is_build_file(key.get_ref(), value.get_ref()));
    // Of the file that it is, so that hints are the same as in a build file.
    let tables = defaults
        .iter()
        .filter_map(|(_, value)| value.get_ref().as_table());
    let mut found: Vec<Diagnostic> = tables
        .flat_map(|table| errors(document, table, Arguments::Pending))
        .collect();
    // No value refers to an argument.
    found.extend(all_errors(&STANDARD, document, &root, Arguments::Replaced));
    found
}

fn all_errors(
    schema: &'static Schema,
    document: &Document,
    root: &DeTable<'_>,
    arguments: Arguments,
) -> Vec<Diagnostic> {
    let mut walk = Walk {
        schema,
        document,
        arguments,
        found: Vec::new(),
    };
    if let Some(keys) = schema.shape.keys() {
        walk.table(root, keys, &Path::default());
    }
    walk.found
}

/// The schema's example for the key at this path of the schema.
pub(super) fn example(key: &str) -> Option<String> {
    SCHEMA.shape.at(key)?.toml_example()
}

/// Looks a key of the build file up.
///
/// # Errors
/// There is none; the hint says what is meant.
pub(super) fn find(parts: &[String]) -> Result<&'static Shape, String> {
    let mut shape = &SCHEMA.shape;
    let mut path = Path::default();
    for part in parts {
        let table = shape.items().unwrap_or(shape);
        if let Some(keys) = table.keys() {
            let Some(next) = keys.get(part) else {
                return Err(SCHEMA.keys.hint(&path, keys, part));
            };
            (shape, path) = (next, path.child(part));
        } else if let Some(values) = table.values() {
            (shape, path) = (values, path.named(part));
        } else {
            return Err(format!("`{}` has no keys", path.key()));
        }
    }
    Ok(shape)
}

struct Walk<'a> {
    schema: &'static Schema,
    document: &'a Document,
    arguments: Arguments,
    found: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn table(&mut self, table: &DeTable<'_>, keys: &BTreeMap<String, Shape>, path: &Path) {
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if let Some(shape) = keys.get(name) {
                self.value(value, shape, &path.child(name));
                continue;
            }
            let error = Error::UnknownKey {
                key: name.to_owned(),
                table: path.header(),
                hint: self.schema.keys.hint(path, keys, name),
            };
            self.found.push(error.at(&self.document.span(key.span())));
        }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, shape: &Shape, path: &Path) {
        let reference = |text: &str| text.contains("${");
        if self.arguments == Arguments::Pending && value.get_ref().as_str().is_some_and(reference) {
            return;
        }
        let Some(form) = shape.form_of(value.get_ref()) else {
            self.wrong(value, shape, path);
            return;
        };
        match (form, value.get_ref()) {
            (Form::Table(keys), DeValue::Table(table)) => self.table(table, keys, path),
            (Form::Map(values), DeValue::Table(table)) => {
                for (name, value) in table {
                    self.value(value, values, &path.named(name.get_ref()));
                }
            }
            (Form::List { items, .. }, DeValue::Array(list)) => {
                self.list(value, list, shape, items, path);
            }
            _ => {}
        }
    }

    fn list(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        list: &DeArray<'_>,
        shape: &Shape,
        items: &Shape,
        path: &Path,
    ) {
        let before = self.found.len();
        for item in list {
            self.value(item, items, &path.item());
        }
        // One error with the whole list corrected, rather than one for each item.
        if self.found.len() > before
            && let Some(corrected) = corrected(value.get_ref(), shape)
        {
            let hint = self.shown(&format!("write `{} = {corrected}`", path.key()));
            self.found.truncate(before + 1);
            if let Some(first) = self.found.last_mut() {
                first.hint = hint;
            }
        }
    }

    fn wrong(&mut self, value: &Spanned<DeValue<'_>>, shape: &Shape, path: &Path) {
        let key = path.key().to_owned();
        let error = match (shape.constants(), value.get_ref()) {
            (Some(known), DeValue::String(text)) => Error::UnknownValue {
                key,
                value: text.to_string(),
                meant: closest(text, known.iter().copied()).map(str::to_owned),
                known: known.into_iter().map(str::to_owned).collect(),
            },
            (_, found) => {
                let (example, hint) = correction(self.schema, found, shape, path);
                Error::WrongType {
                    subject: path.subject(),
                    expected: shape.expected(),
                    example,
                    found: values::described(found),
                    hint: self.shown(&hint),
                }
            }
        };
        // Of a table, its header.
        let span = value.span();
        let text = self.document.text().get(span.clone()).unwrap_or_default();
        let line = text.find('\n').filter(|_| value.get_ref().is_table());
        let span = self
            .document
            .span(span.start..line.map_or(span.end, |line| span.start + line));
        self.found.push(error.at(&span));

        if let (Some(keys), DeValue::Table(table)) =
            (shape.items().and_then(Shape::keys), value.get_ref())
        {
            self.table(table, keys, &path.item());
        }
    }

    /// A text with values of the file, as it may be shown.
    fn shown(&self, text: &str) -> String {
        Document::new(self.document.name(), self.document.language(), text).masked()
    }
}

/// An example of a value that fits, and how to correct this one. Where that is not clear, the hint is the example.
fn correction(
    schema: &Schema,
    found: &DeValue<'_>,
    shape: &Shape,
    path: &Path,
) -> (Option<String>, String) {
    let is_list_of_tables = shape.items().is_some_and(|items| items.keys().is_some());
    if is_list_of_tables && found.is_table() {
        let header = path.item().header();
        return (None, format!("write `{header}`, with double brackets"));
    }
    let is_table = shape.keys().is_some() || shape.values().is_some();
    if is_table && values::is_list_of_tables(found) {
        let header = path.header();
        return (None, format!("write `{header}`, with single brackets"));
    }
    let key = path.key();
    let example = example_of(schema, shape, path);
    if let Some(keys) = shape.keys()
        && path.is_top_level()
    {
        let header = path.header();
        let hint = match values::in_main_key(found, keys).map(|(key, value)| (key, short(&value))) {
            Some((key, Some(value))) => format!("write `{header} {key} = {value}`"),
            _ => SCHEMA
                .keys
                .guessed(key)
                .unwrap_or_else(|| format!("put its keys below a line `{header}`")),
        };
        return (None, hint);
    }
    match (corrected(found, shape), example) {
        (Some(value), example) if path.is_item() => (example, format!("write `{value}`")),
        (Some(value), example) => (example, format!("write `{key} = {value}`")),
        (None, Some(example)) if path.is_item() => {
            (None, format!("write a value such as `{example}`"))
        }
        (None, Some(example)) => (None, format!("write, for example, `{key} = {example}`")),
        (None, None) => (
            None,
            format!("put its keys below a line `{}`", path.header()),
        ),
    }
}

fn corrected(found: &DeValue<'_>, shape: &Shape) -> Option<String> {
    short(&values::corrected(found, shape)?)
}

/// The value as TOML, unless it is too long for a hint.
fn short(value: &toml::Value) -> Option<String> {
    Some(value.to_string()).filter(|text| text.len() <= LONGEST_CORRECTION)
}

/// The schema's example for this value; for an item of a list, the first item of the list's example.
fn example_of(schema: &Schema, shape: &Shape, path: &Path) -> Option<String> {
    let list = || schema.shape.at(path.schema()).filter(|_| path.is_item());
    let item = || {
        let example = list()?.example.as_ref()?;
        // Of a list of lists, the example may be one item.
        Some(if shape.items().is_some() {
            example
        } else {
            example.get(0)?
        })
    };
    let example = shape.example.as_ref().or_else(item)?;
    Some(toml::Value::try_from(example).ok()?.to_string())
}
