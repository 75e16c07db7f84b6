//! Finds keys that the schema does not know, all at once and before anything else is read.

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::error::Error;
use crate::diagnostics::{Diagnostic, Document, Problem, closest};

/// Reports every key of `table` that the JSON Schema `schema` has no place for.
pub(super) fn unknown(document: &Document, table: &DeTable<'_>, schema: &Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    Walk {
        document,
        schema,
        found: &mut found,
    }
    .table(table, schema, "");
    found
}

struct Walk<'a> {
    document: &'a Document,
    schema: &'a Value,
    found: &'a mut Vec<Diagnostic>,
}

impl Walk<'_> {
    fn table(&mut self, table: &DeTable<'_>, node: &Value, path: &str) {
        let node = self.resolve(node).clone();
        let Some(properties) = node.get("properties").and_then(Value::as_object) else {
            // A map with free keys, such as `[args]`: only its values have a shape.
            if let Some(values) = node.get("additionalProperties") {
                for (key, value) in table {
                    self.value(value.get_ref(), values, &join(path, key.get_ref()));
                }
            }
            return;
        };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            if let Some(child) = properties.get(name) {
                self.value(value.get_ref(), child, &join(path, name));
            } else {
                let known = || properties.keys().map(String::as_str);
                let error = Error::UnknownKey {
                    key: name.to_owned(),
                    table: path.to_owned(),
                    meant: self
                        .below(properties, name)
                        .or_else(|| closest(name, known()).map(str::to_owned)),
                    known: known().map(str::to_owned).collect(),
                };
                self.found.push(error.at(&self.document.place(key.span())));
            }
        }
    }

    fn value(&mut self, value: &DeValue<'_>, node: &Value, path: &str) {
        match value {
            DeValue::Table(table) => self.table(table, node, path),
            DeValue::Array(items) => {
                if let Some(node) = self.resolve(node).get("items").cloned() {
                    for item in items {
                        self.value(item.get_ref(), &node, path);
                    }
                }
            }
            _ => {}
        }
    }

    /// `TABLE.KEY` for a key that a table within this one has, where users leave out the table.
    fn below(&self, properties: &serde_json::Map<String, Value>, name: &str) -> Option<String> {
        properties.iter().find_map(|(table, node)| {
            let keys = self.resolve(node).get("properties")?.as_object()?;
            keys.contains_key(name).then(|| format!("{table}.{name}"))
        })
    }

    fn resolve<'v>(&'v self, node: &'v Value) -> &'v Value {
        // An optional table is one of two: the table, or nothing.
        let node = node.pointer("/anyOf/0").unwrap_or(node);
        node.get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| self.schema.pointer(reference.trim_start_matches('#')))
            .unwrap_or(node)
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}
