//! Values of the wrong type, corrected where it is clear what is meant.

use std::collections::BTreeMap;

use toml::Value;
use toml::de::DeValue;

use super::tree::{Form, Shape, integer};

/// The keys that a plain value in place of their table most likely belongs to.
const MAIN_KEYS: [&str; 6] = ["version", "name", "uid", "cmd", "default", "groups"];
/// What makes a command one for a shell.
const SHELL_SYNTAX: [char; 12] = ['|', '&', ';', '<', '>', '(', ')', '$', '`', '\\', '"', '\''];

/// The kind of the value in words.
pub(super) fn described(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) if integer(value).is_none() => "a number that is too large",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) if is_list_of_tables(value) => "a list of tables",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

pub(super) fn is_list_of_tables(value: &DeValue<'_>) -> bool {
    let list = value.as_array();
    list.is_some_and(|list| !list.is_empty() && list.iter().all(|item| item.get_ref().is_table()))
}

/// What was meant by a value that does not fit.
pub(super) fn corrected(value: &DeValue<'_>, shape: &Shape) -> Option<Value> {
    shape.forms.iter().find_map(|form| in_form(value, form))
}

/// The key of a table that a value in place of the table belongs to, and its value there.
pub(super) fn in_main_key(
    value: &DeValue<'_>,
    keys: &BTreeMap<String, Shape>,
) -> Option<(&'static str, Value)> {
    let candidates = || {
        MAIN_KEYS
            .into_iter()
            .filter_map(|key| Some((key, keys.get(key)?)))
    };
    let exact = candidates().find(|(_, shape)| shape.forms.iter().any(|form| form.takes(value)));
    if exact.is_none() && value.is_bool() {
        return None;
    }
    let (key, shape) =
        exact.or_else(|| candidates().find(|(_, shape)| corrected(value, shape).is_some()))?;
    Some((key, corrected(value, shape)?))
}

fn in_form(value: &DeValue<'_>, form: &Form) -> Option<Value> {
    match (form, value) {
        (Form::List { command: true, .. }, DeValue::String(text)) => command(text),
        (Form::List { items, .. }, DeValue::String(text)) => {
            let words: Vec<_> = text.split_whitespace().collect();
            let words = words.into_iter().map(|word| of_text(word, &items.forms));
            list(words)
                .filter(|list| !list.is_empty())
                .map(Value::Array)
        }
        (Form::List { items, .. }, DeValue::Array(values)) => {
            list(values.iter().map(|value| corrected(value.get_ref(), items))).map(Value::Array)
        }
        (Form::List { items, .. }, _) if items.keys().is_none() => {
            Some(Value::Array(vec![corrected(value, items)?]))
        }
        (Form::Map(_), DeValue::Array(_) | DeValue::String(_)) => variables(value),
        (Form::Table(keys), _) if !value.is_table() => {
            let (key, value) = in_main_key(value, keys)?;
            Some(Value::Table(
                [(key.to_owned(), value)].into_iter().collect(),
            ))
        }
        (Form::String | Form::Integer | Form::Boolean, DeValue::Array(values)) => {
            let [only] = values.iter().collect::<Vec<_>>()[..] else {
                return None;
            };
            in_form(only.get_ref(), form)
        }
        (_, DeValue::String(text)) => of_text(text, std::slice::from_ref(form)),
        (Form::String, _) => plain(value).map(Value::String),
        (Form::Integer, _) => integer(value).map(Value::Integer),
        (Form::Boolean, _) => value.as_bool().map(Value::Boolean),
        _ => None,
    }
}

fn list(values: impl Iterator<Item = Option<Value>>) -> Option<Vec<Value>> {
    values.collect()
}

/// What a string means where another value is expected.
fn of_text(text: &str, forms: &[Form]) -> Option<Value> {
    forms.iter().find_map(|form| match form {
        Form::String | Form::Formatted => Some(Value::from(text)),
        Form::Constant(constant) => (constant == text).then(|| Value::from(text)),
        // Ports as a Dockerfile has them.
        Form::Integer => {
            let number = text.strip_suffix("/tcp").unwrap_or(text);
            number.trim().parse().ok().map(Value::Integer)
        }
        Form::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(Value::Boolean(true)),
            "false" | "no" | "off" | "0" => Some(Value::Boolean(false)),
            _ => None,
        },
        _ => None,
    })
}

/// A number, boolean or date as a string.
fn plain(value: &DeValue<'_>) -> Option<String> {
    Some(match value {
        // File modes have a leading zero where numbers have `0o`.
        DeValue::Integer(number) if number.radix() == 8 => format!("0{}", number.as_str()),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(value) => value.to_string(),
        _ => return None,
    })
}

/// A command in exec form; a shell only where the command needs one.
fn command(text: &str) -> Option<Value> {
    let words: Vec<&str> = if text.contains(SHELL_SYNTAX) {
        vec!["sh", "-c", text]
    } else {
        text.split_whitespace().collect()
    };
    (!words.is_empty()).then(|| Value::from(words))
}

/// A table of `NAME=VALUE`, or of a list of them.
fn variables(value: &DeValue<'_>) -> Option<Value> {
    let pair = |value: &DeValue<'_>| {
        let (name, value) = value.as_str()?.split_once('=')?;
        Some((name.trim().to_owned(), Value::from(value.trim())))
    };
    let pairs: Option<toml::Table> = match value {
        DeValue::Array(items) => items.iter().map(|item| pair(item.get_ref())).collect(),
        _ => Some([pair(value)?].into_iter().collect()),
    };
    pairs.filter(|pairs| !pairs.is_empty()).map(Value::Table)
}
