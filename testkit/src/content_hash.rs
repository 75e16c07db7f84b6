//! The content hash of a lock.

use std::io::{self, Write};

use serde::Serialize as _;
use serde_json::ser::Formatter;
use serde_json::{Map, Serializer, Value, json};
use sha2::{Digest, Sha256};
use toml::Table;

/// The content hash that a release of Poetry computes of a `pyproject.toml`, as 64 hex digits.
///
/// It is written apart from the frontend's own, which tests compare with it.
/// Panics where Poetry cannot compute it either, since a hashed table has a date.
pub fn content_hash(pyproject: &Table, poetry: &str) -> String {
    let release = release(poetry);
    let table = |value: Option<&toml::Value>| value.and_then(toml::Value::as_table).cloned();
    let tool = table(pyproject.get("tool")).unwrap_or_default();
    let tool = table(tool.get("poetry")).unwrap_or_default();
    let project = table(pyproject.get("project")).unwrap_or_default();
    let groups = table(pyproject.get("dependency-groups")).unwrap_or_default();

    let present = |table: &Table, keys: &[&str]| -> Map<String, Value> {
        let keys = keys.iter().filter_map(|key| {
            let value = table.get(*key)?;
            Some(((*key).to_owned(), serde_json::to_value(value).unwrap()))
        });
        keys.collect()
    };
    let legacy = ["dependencies", "source", "extras", "dev-dependencies"];
    let mut hashed = present(&tool, &legacy);
    hashed.extend(present(&tool, &["group"]));
    let mut outer = Map::new();
    if release >= (2, 0) {
        let standard = ["requires-python", "dependencies", "optional-dependencies"];
        let standard = present(&project, &standard);
        if !standard.is_empty() {
            outer.insert("project".to_owned(), standard.into());
        }
    }
    if release >= (2, 3) && !groups.is_empty() {
        let groups = serde_json::to_value(groups).unwrap();
        outer.insert("dependency-groups".to_owned(), groups);
    }
    let hashed = if outer.is_empty() {
        for key in legacy {
            hashed.entry(key).or_insert(Value::Null);
        }
        Value::from(hashed)
    } else {
        outer.insert("tool".to_owned(), json!({ "poetry": hashed }));
        Value::from(outer)
    };

    // Maps of this library are sorted.
    let mut json = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut json, Python);
    hashed.serialize(&mut serializer).unwrap();
    hex(&Sha256::digest(json))
}

/// The first two numbers of a release.
fn release(poetry: &str) -> (u32, u32) {
    let mut numbers = poetry.split('.').map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap_or(0))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// JSON as Python's `json.dumps` writes it by default: spaces after colons and commas, and nothing but ASCII.
struct Python;

impl Formatter for Python {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        out.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for char in fragment.chars() {
            if matches!(char, ' '..='~') {
                write!(out, "{char}")?;
            } else {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// The hashes that real Poetry computed. No test project has floats, whose text differs in Python.
    #[test]
    fn every_release_of_poetry_computes_the_same() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/content_hash");
        let known = fs::read_to_string(directory.join("hashes.json")).unwrap();
        let known: BTreeMap<String, BTreeMap<String, String>> =
            serde_json::from_str(&known).unwrap();
        let mut compared = 0;
        for (poetry, hashes) in &known {
            for (case, hash) in hashes {
                if ["floats", "infinities"].contains(&case.as_str()) {
                    continue;
                }
                let path = directory.join("cases").join(case).with_extension("toml");
                let table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
                assert_eq!(
                    content_hash(&table, poetry),
                    *hash,
                    "{case}, Poetry {poetry}"
                );
                compared += 1;
            }
        }
        assert!(compared > 150, "{compared}");
    }
}
