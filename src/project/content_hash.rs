//! The content hash, by which Poetry decides whether a lock is up to date (`src/poetry/packages/locker.py`).
//!
//! It is the SHA-256 of some tables of `pyproject.toml`, serialised as by Python's `json.dumps(..., sort_keys=True)`. The
//! set of tables changed in Poetry 2.0 and 2.3.

use toml::{Table, Value};

use crate::digest::sha256;

use super::version::PoetryVersion;

/// The keys of `[tool.poetry]` that Poetry 1 hashes, with `null` for a missing one; `group` was added in 1.2.
const LEGACY: [&str; 4] = ["dependencies", "source", "extras", "dev-dependencies"];
const GROUP: &str = "group";
/// The keys of `[project]` that Poetry 2 hashes.
const PROJECT: [&str; 3] = ["requires-python", "dependencies", "optional-dependencies"];
/// `[dependency-groups]` (PEP 735), hashed since Poetry 2.3.
const GROUPS: &str = "dependency-groups";

const POETRY_2_0: PoetryVersion = PoetryVersion::new(2, 0, 0);
const POETRY_2_3: PoetryVersion = PoetryVersion::new(2, 3, 0);

/// The content hash that `poetry` computes for `pyproject`, as 64 hex digits. `None` if the hashed tables contain values that
/// JSON cannot represent, such as dates: Poetry cannot hash these either.
#[must_use]
pub fn content_hash(pyproject: &Table, poetry: PoetryVersion) -> Option<String> {
    let empty = Table::new();
    let table = |from: &Table, key: &str| match from.get(key) {
        Some(Value::Table(table)) => Some(table.clone()),
        _ => None,
    };
    let tool = table(pyproject, "tool").and_then(|tool| table(&tool, "poetry"));
    let tool = tool.as_ref().unwrap_or(&empty);

    let mut project = Object::new();
    if poetry >= POETRY_2_0 {
        let of = table(pyproject, "project").unwrap_or_default();
        project.extend(
            PROJECT
                .map(|key| (key, of.get(key).cloned()))
                .into_iter()
                .filter(present),
        );
    }
    let groups = (poetry >= POETRY_2_3)
        .then(|| table(pyproject, GROUPS))
        .flatten()
        .filter(|groups| !groups.is_empty());

    let standard = !project.is_empty() || groups.is_some();
    let legacy = LEGACY.map(|key| (key, tool.get(key).cloned())).into_iter();
    let mut hashed: Object = legacy.filter(|entry| !standard || present(entry)).collect();
    hashed.extend(
        [(GROUP, tool.get(GROUP).cloned())]
            .into_iter()
            .filter(present),
    );

    let mut json = String::new();
    if standard {
        let mut outer: Vec<(&str, String)> = Vec::new();
        if let Some(groups) = groups {
            outer.push((GROUPS, dump(&Value::Table(groups))?));
        }
        if !project.is_empty() {
            outer.push(("project", dump_object(&project)?));
        }
        outer.push(("tool", format!("{{\"poetry\": {}}}", dump_object(&hashed)?)));
        let members: Vec<String> = outer
            .into_iter()
            .map(|(key, value)| format!("\"{key}\": {value}"))
            .collect();
        json.push_str(&format!("{{{}}}", members.join(", ")));
    } else {
        json = dump_object(&hashed)?;
    }
    Some(sha256(json.as_bytes()))
}

type Object = std::collections::BTreeMap<&'static str, Option<Value>>;

fn present(entry: &(&'static str, Option<Value>)) -> bool {
    entry.1.is_some()
}

fn dump_object(object: &Object) -> Option<String> {
    let mut members = Vec::new();
    for (key, value) in object {
        let value = match value {
            Some(value) => dump(value)?,
            None => "null".to_owned(),
        };
        members.push(format!("\"{key}\": {value}"));
    }
    Some(format!("{{{}}}", members.join(", ")))
}

/// A value as Python's `json.dumps` serialises it, with the default separators.
fn dump(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => quote(text),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => float(*number),
        Value::Boolean(true) => "true".to_owned(),
        Value::Boolean(false) => "false".to_owned(),
        Value::Datetime(_) => return None,
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(dump).collect::<Option<_>>()?;
            format!("[{}]", items.join(", "))
        }
        Value::Table(table) => {
            // Python sorts by code point, which is also the byte order of UTF-8.
            let mut entries: Vec<(&String, &Value)> = table.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries: Vec<String> = entries
                .into_iter()
                .map(|(key, value)| Some(format!("{}: {}", quote(key), dump(value)?)))
                .collect::<Option<_>>()?;
            format!("{{{}}}", entries.join(", "))
        }
    })
}

/// In ASCII: everything else becomes UTF-16 escapes.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(char),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out.push('"');
    out
}

/// Python's `repr`: the shortest digits that parse to the same number, in exponent notation below 1e-4 and from 1e16.
fn float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if number != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let plain = number.to_string();
    if plain.contains('.') {
        plain
    } else {
        format!("{plain}.0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_formatted_as_in_python() {
        for (number, expected) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (123_456_789_012_345.6, "123456789012345.6"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (f64::INFINITY, "Infinity"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(float(number), expected);
        }
    }

    #[test]
    fn strings_are_escaped_to_ascii() {
        assert_eq!(
            quote("a\"\\\n\u{7f}é😀"),
            "\"a\\\"\\\\\\n\\u007f\\u00e9\\ud83d\\ude00\""
        );
    }
}
