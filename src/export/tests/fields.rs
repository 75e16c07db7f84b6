//! The strings of TOML documents, and of the JSON Schema.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use crate::build_file::json_schema;

/// A string of a document: a value, or a name that the user chooses.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// The key in the schema, with `NAME` for names of the user's choice.
    pub(super) key: String,
    pub(super) value: String,
    /// With its quotes, if it has them.
    range: Range<usize>,
    line: usize,
}

/// Every key of the schema whose value can be a string.
pub(super) fn keys_of_schema() -> BTreeSet<String> {
    fn collect(schema: &Value, node: &Value, path: &str, found: &mut BTreeSet<String>) {
        if let Some(reference) = node["$ref"].as_str() {
            let target = schema.pointer(reference.trim_start_matches('#')).unwrap();
            return collect(schema, target, path, found);
        }
        for options in ["anyOf", "oneOf"] {
            let options = node[options].as_array().into_iter().flatten();
            options.for_each(|option| collect(schema, option, path, found));
        }
        let is_type = |name: &str| match &node["type"] {
            Value::Array(types) => types.iter().any(|one| one == name),
            one => one == name,
        };
        // A pattern without a format is that of references to build arguments.
        let is_reference = node.get("pattern").is_some() && node.get("format").is_none();
        if is_type("string") && !is_reference {
            found.insert(path.to_owned());
        }
        let join = |key: &str| match path {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        };
        if node.get("items").is_some() {
            collect(schema, &node["items"], path, found);
        }
        for (key, value) in node["properties"].as_object().into_iter().flatten() {
            collect(schema, value, &join(key), found);
        }
        if node["additionalProperties"].is_object() {
            found.insert(join("NAME") + " itself");
            collect(schema, &node["additionalProperties"], &join("NAME"), found);
        }
    }
    let schema = json_schema();
    let mut found = BTreeSet::new();
    collect(&schema, &schema, "", &mut found);
    found
}

/// The strings of a document. `names` are the keys of tables whose names the user chooses.
pub(super) fn fields(text: &str, names: &BTreeSet<String>) -> Vec<Field> {
    struct Walk<'a> {
        text: &'a str,
        names: &'a BTreeSet<String>,
        found: Vec<Field>,
    }
    impl Walk<'_> {
        fn add(&mut self, key: &str, value: &str, range: Range<usize>) {
            let line = self.text[..range.start].matches('\n').count() + 1;
            self.found.push(Field {
                key: key.to_owned(),
                value: value.to_owned(),
                range,
                line,
            });
        }
        fn value(&mut self, path: &str, value: &toml::Spanned<DeValue<'_>>) {
            match value.get_ref() {
                DeValue::String(text) => self.add(path, text, value.span()),
                DeValue::Array(items) => items.iter().for_each(|item| self.value(path, item)),
                DeValue::Table(table) => self.table(path, table),
                _ => {}
            }
        }
        fn table(&mut self, path: &str, table: &DeTable<'_>) {
            let join = |key: &str| match path {
                "" => key.to_owned(),
                path => format!("{path}.{key}"),
            };
            for (key, value) in table {
                let name = key.get_ref();
                if self.names.contains(&(join("NAME") + " itself")) {
                    self.add(&(join("NAME") + " itself"), name, key.span());
                    self.value(&join("NAME"), value);
                } else {
                    self.value(&join(name), value);
                }
            }
        }
    }
    let root = DeTable::parse(text).unwrap();
    let mut walk = Walk {
        text,
        names,
        found: Vec::new(),
    };
    walk.table("", root.get_ref());
    walk.found
}

/// A string of TOML on one line.
fn quoted(text: &str, is_literal: bool) -> String {
    let text = if is_literal {
        text.to_owned()
    } else {
        text.replace("${", "$${")
    };
    let mut quoted = String::from('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            // Some are allowed as they are, which is what an attacker would write.
            '\u{9b}' | '\u{202e}' | '\u{2028}' => quoted.push(char),
            char if char.is_control() => quoted += &format!("\\u{:04X}", u32::from(char)),
            char => quoted.push(char),
        }
    }
    quoted + "\""
}

/// The text with another value in place of a field's.
pub(super) fn with(text: &str, field: &Field, value: &str) -> String {
    // References to build arguments are replaced in values outside `[args]`.
    let is_literal = field.key.starts_with("args.") || field.key.ends_with(" itself");
    let value = quoted(value, is_literal);
    let Range { start, end } = field.range;
    format!("{}{value}{}", &text[..start], &text[end..])
}

/// The lines at which an error about a field may be: its own, for build arguments also that of the argument's name, and those
/// that refer to it.
pub(super) fn lines_of(text: &str, field: &Field) -> Vec<usize> {
    let mut lines = vec![field.line];
    if field.key.starts_with("args.") {
        let all = text.lines().enumerate();
        let all: Vec<(usize, &str)> = all.map(|(index, line)| (index + 1, line)).collect();
        let above = all.iter().rev().filter(|(number, _)| *number <= field.line);
        lines.extend(
            above
                .filter(|(_, line)| line.starts_with('['))
                .map(|(number, _)| number)
                .take(1),
        );
        lines.extend(
            all.iter()
                .filter(|(_, line)| line.contains("${"))
                .map(|(number, _)| number),
        );
    }
    lines
}
