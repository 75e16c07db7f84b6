//! Values as TOML.

use std::fmt::Write as _;

/// The longest list and inline table in one line.
const WIDEST: usize = 100;

pub(super) fn string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for char in text.chars() {
        match char {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            char if char.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(char));
            }
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

/// A script on lines of its own.
pub(super) fn script(text: &str) -> String {
    let is_plain = !text.contains("'''")
        && !text
            .chars()
            .any(|char| char.is_control() && char != '\n' && char != '\t');
    if text.contains('\n') && is_plain {
        format!("'''\n{}\n'''", text.trim_end())
    } else {
        string(text)
    }
}

pub(super) fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    array(
        items
            .into_iter()
            .map(|item| string(item.as_ref()))
            .collect(),
    )
}

/// A list of values that are TOML already.
pub(super) fn array(items: Vec<String>) -> String {
    let line = format!("[{}]", items.join(", "));
    if line.len() <= WIDEST {
        return line;
    }
    let mut lines = String::from("[\n");
    for item in items {
        let _ = writeln!(lines, "    {item},");
    }
    lines.push(']');
    lines
}

pub(super) fn key(name: &str) -> String {
    let bare = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        string(name)
    }
}

/// `NAME = { A = "b" }`, or a line for each entry if that is too wide.
pub(super) fn table<'a>(
    name: &str,
    entries: impl IntoIterator<Item = (&'a str, String)>,
) -> Vec<String> {
    let entries: Vec<(String, String)> = entries
        .into_iter()
        .map(|(name, value)| (key(name), value))
        .collect();
    if entries.is_empty() {
        return Vec::new();
    }
    let inline = entries
        .iter()
        .map(|(name, value)| format!("{name} = {value}"));
    let inline = inline.collect::<Vec<_>>().join(", ");
    if name.len() + inline.len() + 7 <= WIDEST {
        return vec![format!("{name} = {{ {inline} }}")];
    }
    entries
        .into_iter()
        .map(|(key, value)| format!("{name}.{key} = {value}"))
        .collect()
}

/// A number, a reference or a text.
pub(super) fn scalar(text: &str) -> String {
    let is_number = text
        .parse::<i64>()
        .is_ok_and(|number| number.to_string() == text);
    if is_number {
        text.to_owned()
    } else {
        string(text)
    }
}
