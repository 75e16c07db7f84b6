//! The build file as it applies: over the defaults of its standard and with the values of arguments, each value with the file
//! and line that it comes from.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use toml::de::{DeArray, DeTable, DeValue};
use toml::{Spanned, Value};

use crate::diagnostics::{Diagnostics, Document};

use super::error::{Error, toml_error};
use super::spec::BuildFile;
use super::standard::{self, Standard};
use super::{args, read};

/// All references to them are replaced.
const ARGS: &str = "args";

/// A line of a build file that means the same without a standard and without arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveLine {
    pub text: String,
    /// The key with its tables, and the value, in TOML's syntax; `None` for empty lines and headers.
    pub set: Option<(String, String)>,
    /// The file and line that it comes from.
    pub origin: Option<(String, usize)>,
}

impl EffectiveLine {
    /// Whether it sets this key, or one below it.
    #[must_use]
    pub fn sets(&self, key: &str) -> bool {
        let own = self.set.as_ref().map(|(own, _)| own);
        let own = own.and_then(|own| own.strip_prefix(key));
        own.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// With its origin as a comment.
impl fmt::Display for EffectiveLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Some((file, line)) => write!(f, "{}  # {file}:{line}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// The lines of a build file that means the same as this one, without a standard and without arguments.
///
/// # Errors
/// As [`BuildFile::parse_over`].
pub fn effective(
    standard: Option<&Standard>,
    name: &str,
    bytes: &[u8],
    build_args: &BTreeMap<String, String>,
) -> Result<Vec<EffectiveLine>, Diagnostics> {
    let file = BuildFile::parse_over(standard, name, bytes, build_args)?;
    let own = read::document(name, bytes)?;
    let syntax = |error| toml_error(&own, &error, Error::Syntax);
    let root = DeTable::parse(own.text()).map_err(syntax)?.into_inner();
    let below = standard.map_or_else(String::new, |standard| standard.behind(&own));
    let (document, mut root) = match standard {
        Some(standard) => {
            let document = standard.below(&own);
            let root = standard::merged(&document, &below, &root)?;
            (document, root)
        }
        None => (own.clone(), root),
    };
    // No errors: the file has been parsed.
    args::interpolate(&document, &mut root, &file.arguments);
    root.remove(ARGS);
    let mut writer = Writer {
        document: &document,
        lines: Vec::new(),
    };
    writer.table(&root, &[]);
    let lines = writer.lines.into_iter();
    Ok(lines.skip_while(|line| line.text.is_empty()).collect())
}

struct Writer<'a> {
    document: &'a Document,
    lines: Vec<EffectiveLine>,
}

impl Writer<'_> {
    /// The keys of a table, then its tables.
    fn table(&mut self, table: &DeTable<'_>, path: &[String]) {
        for (key, value) in table {
            if !is_table(value.get_ref()) {
                let key = bare(key.get_ref());
                let shown = shown(&plain(value.get_ref()));
                self.text(format!("{key} = {shown}"));
                let path = [path, &[key]].concat().join(".");
                self.set_origin(value.span(), Some((path, shown)));
            }
        }
        for (key, value) in table {
            let path = [path, &[bare(key.get_ref())]].concat();
            match value.get_ref() {
                DeValue::Table(inner) => {
                    // Of a table with nothing but tables, only these are written.
                    let has_keys = inner.iter().any(|(_, value)| !is_table(value.get_ref()));
                    if has_keys || inner.is_empty() {
                        self.header(format!("[{}]", path.join(".")));
                    }
                    self.table(inner, &path);
                }
                DeValue::Array(items) if is_table(value.get_ref()) => {
                    for item in items {
                        if let DeValue::Table(inner) = item.get_ref() {
                            self.header(format!("[[{}]]", path.join(".")));
                            self.set_origin(item.span(), None);
                            self.table(inner, &path);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn header(&mut self, text: String) {
        self.text(String::new());
        self.text(text);
    }

    fn text(&mut self, text: String) {
        self.lines.push(EffectiveLine {
            text,
            set: None,
            origin: None,
        });
    }

    /// Of the last line.
    fn set_origin(&mut self, range: Range<usize>, set: Option<(String, String)>) {
        let span = self.document.span(range);
        if let Some(line) = self.lines.last_mut() {
            line.set = set;
            line.origin = Some((span.document().name().to_owned(), span.start().line));
        }
    }
}

/// Whether it has a header of its own.
fn is_table(value: &DeValue<'_>) -> bool {
    match value {
        DeValue::Table(_) => true,
        DeValue::Array(items) => is_list_of_tables(items),
        _ => false,
    }
}

fn is_list_of_tables(items: &DeArray<'_>) -> bool {
    !items.is_empty() && items.iter().all(|item| item.get_ref().is_table())
}

fn bare(key: &str) -> String {
    let is_bare = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    if !key.is_empty() && key.chars().all(is_bare) {
        key.to_owned()
    } else {
        shown(&Value::from(key))
    }
}

fn plain(value: &DeValue<'_>) -> Value {
    match value {
        // A reference that is left is none.
        DeValue::String(text) => Value::from(text.replace("${", "$${")),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::from(number.as_str()), Value::from),
        DeValue::Float(number) => number
            .as_str()
            .parse::<f64>()
            .map_or_else(|_| Value::from(number.as_str()), Value::from),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Datetime(date) => Value::Datetime(*date),
        DeValue::Array(items) => items
            .iter()
            .map(Spanned::get_ref)
            .map(plain)
            .collect::<Vec<_>>()
            .into(),
        DeValue::Table(table) => table
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), plain(value.get_ref())))
            .collect::<toml::Table>()
            .into(),
    }
}

/// On one line, unless the text has several.
fn shown(value: &Value) -> String {
    value.to_string()
}
