//! JSON values as YAML in block style.

use std::fmt::Write as _;

use serde_json::Value;

/// Words that YAML 1.1 or 1.2 takes for something other than text.
const WORDS: [&str; 10] = [
    "true", "false", "null", "yes", "no", "on", "off", "y", "n", "~",
];

/// A mapping, one entry per line, with an indentation of two spaces.
pub(super) fn yaml(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    text
}

fn block(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let _ = write!(text, "{indent}{}:", scalar(key));
                entry(value, depth, text);
            }
        }
        Value::Array(items) => {
            for item in items {
                let mut below = String::new();
                block(item, depth + 1, &mut below);
                // The first line of the item starts where its indentation ends.
                let _ = write!(text, "{indent}- {}", below.trim_start());
            }
        }
        value => {
            let _ = writeln!(text, "{indent}{}", plain(value));
        }
    }
}

fn entry(value: &Value, depth: usize, text: &mut String) {
    let is_block = match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => items.iter().any(|item| item.is_object() || item.is_array()),
        _ => false,
    };
    if is_block {
        text.push('\n');
        block(value, depth + 1, text);
    } else {
        let _ = writeln!(text, " {}", plain(value));
    }
}

/// A value on one line.
fn plain(value: &Value) -> String {
    match value {
        Value::String(string) => scalar(string),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// A text, in quotes unless it can only be read as text.
fn scalar(text: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "/._-".contains(char);
    let starts_well = |first: char| first.is_ascii_alphabetic() || "/._".contains(first);
    let is_number = text
        .trim_start_matches('.')
        .starts_with(|first: char| first.is_ascii_digit());
    let is_word = WORDS.contains(&text.to_ascii_lowercase().as_str());
    // YAML 1.1 has `.inf` and `.nan`.
    let is_float = [".inf", ".nan"].contains(&text.to_ascii_lowercase().as_str());
    if text.starts_with(starts_well)
        && text.chars().all(is_plain)
        && !is_number
        && !is_word
        && !is_float
    {
        text.to_owned()
    } else {
        // Every JSON string is a double-quoted scalar.
        Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_stay_texts() {
        for text in [
            "a",
            "./src",
            "/app/src",
            "poetry.lock",
            "_x",
            ".dockerignore",
        ] {
            assert_eq!(scalar(text), text);
        }
        for text in [
            "",
            "8000:8000",
            "1.5",
            ".5",
            "no",
            "Off",
            "null",
            "~",
            "- a",
            "a: b",
            "#a",
            "${A}",
            "a\nb",
            "é",
            "-",
            ".nan",
            "1e3",
        ] {
            assert_eq!(scalar(text), Value::from(text).to_string());
        }
    }

    #[test]
    fn lists_and_mappings_are_nested() {
        let value = json!({
            "a": { "b": ["c", 1, true], "empty": {} },
            "list": [{ "path": "x", "to": [{ "y": null }] }, "z"],
        });
        assert_eq!(
            yaml(&value),
            "a:\n  b: [c, 1, true]\n  empty: {}\nlist:\n  - path: x\n    to:\n      - \"y\": null\n  - z\n"
        );
    }
}
