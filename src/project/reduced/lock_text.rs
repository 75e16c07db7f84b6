//! A lock as text, with one spelling for each value.
//!
//! Written by hand: a lock of a thousand packages is the largest file that a build writes, and serialising it through a TOML
//! document would take most of the frontend's time.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use toml::{Table, Value};
use toml_writer::TomlWrite;

/// The entries of a package: borrowed from the lock unless changed.
pub(super) type Package<'a> = BTreeMap<&'a str, Cow<'a, Value>>;

pub(super) struct LockText<'a> {
    /// The comment on the first line.
    pub(super) head: &'a str,
    pub(super) packages: &'a [Package<'a>],
    pub(super) extras: &'a Table,
    pub(super) metadata: &'a Table,
}

impl Display for LockText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.head)?;
        if self.packages.is_empty() {
            f.write_str("package = []\n")?;
        }
        for package in self.packages {
            f.write_str("[[package]]\n")?;
            let entries = package.iter().map(|(key, value)| (*key, &**value));
            body(f, &mut vec!["package"], entries)?;
            f.newline()?;
        }
        for (name, table) in [("extras", self.extras), ("metadata", self.metadata)] {
            if !table.is_empty() {
                section(f, &mut vec![name], table)?;
            }
        }
        Ok(())
    }
}

fn section<'a>(f: &mut Formatter<'_>, path: &mut Vec<&'a str>, table: &'a Table) -> fmt::Result {
    f.open_table_header()?;
    for (number, key) in path.iter().enumerate() {
        if number > 0 {
            f.key_sep()?;
        }
        f.key(*key)?;
    }
    f.close_table_header()?;
    f.newline()?;
    let entries = table.iter().map(|(key, value)| (key.as_str(), value));
    body(f, path, entries)
}

/// The values, then each subtable in its own section.
fn body<'a>(
    f: &mut Formatter<'_>,
    path: &mut Vec<&'a str>,
    entries: impl Iterator<Item = (&'a str, &'a Value)>,
) -> fmt::Result {
    let mut tables = Vec::new();
    for (key, entry) in entries {
        if let Value::Table(table) = entry {
            tables.push((key, table));
            continue;
        }
        f.key(key)?;
        f.write_str(" = ")?;
        value(f, entry)?;
        f.newline()?;
    }
    for (key, table) in tables {
        f.newline()?;
        path.push(key);
        section(f, path, table)?;
        path.pop();
    }
    Ok(())
}

fn value(f: &mut Formatter<'_>, of: &Value) -> fmt::Result {
    match of {
        Value::String(text) => f.value(text.as_str()),
        Value::Integer(number) => f.value(*number),
        Value::Float(number) => f.value(*number),
        Value::Boolean(whether) => f.value(*whether),
        Value::Datetime(time) => write!(f, "{time}"),
        Value::Array(items) => {
            f.open_array()?;
            for (number, item) in items.iter().enumerate() {
                if number > 0 {
                    f.write_str(", ")?;
                }
                value(f, item)?;
            }
            f.close_array()
        }
        Value::Table(table) => {
            f.open_inline_table()?;
            for (number, (key, entry)) in table.iter().enumerate() {
                f.write_str(if number > 0 { ", " } else { " " })?;
                f.key(key.as_str())?;
                f.write_str(" = ")?;
                value(f, entry)?;
            }
            f.write_str(" ")?;
            f.close_inline_table()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_parses_to_the_same_values() {
        let text = r#"
            [[package]]
            name = "a\"b'\\\u0001é"
            optional = false
            number = -7
            ratio = 1.5
            time = 1979-05-27T07:32:00Z
            files = [{ file = "a.whl", hash = "sha256:0" }, {}]
            empty = []
            lines = "one\ntwo\n"
            [package.dependencies]
            "b.c" = { version = ">=1", markers = "python_version < \"3\"", list = [[1], ["x"]] }
            [package.dependencies.d]
            version = "*"
            [package.source]
            [[package]]
            name = "z"
            [extras]
            all = ["a (>=1)"]
            "a b" = []
            [metadata]
            lock-version = "2.1"
        "#;
        let table: Table = toml::from_str(text).unwrap();
        let packages: Vec<Package<'_>> = table["package"]
            .as_array()
            .unwrap()
            .iter()
            .map(|package| {
                let package = package.as_table().unwrap().iter();
                package
                    .map(|(key, value)| (key.as_str(), Cow::Borrowed(value)))
                    .collect()
            })
            .collect();
        let lock = LockText {
            head: "# head\n",
            packages: &packages,
            extras: table["extras"].as_table().unwrap(),
            metadata: table["metadata"].as_table().unwrap(),
        };
        let written = lock.to_string();
        assert!(written.starts_with("# head\n[[package]]\n"), "{written}");
        assert_eq!(
            toml::from_str::<Table>(&written).unwrap(),
            table,
            "{written}"
        );
    }
}
