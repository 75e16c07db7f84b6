//! What the documents say is what the code does. `UPDATE_DOCS=1 cargo test --test docs` writes anew what is generated.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use poetry_frontend::build_file::{BuildFile, DEFAULT_NAME, json_schema};
use serde_json::Value;

const SCHEMA: &str = "schema/poetry.build.schema.json";
const REFERENCE: &str = "docs/build-file.md";
const PRACTICES: &str = "docs/best-practices.md";
const BEGIN: &str = "<!-- generated from the schema: begin -->\n";
const END: &str = "<!-- generated from the schema: end -->\n";

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_default()
}

/// Compares a file with what it should be, or writes it.
fn compare(path: &str, expected: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, expected).unwrap();
    }
    assert_eq!(
        read(path),
        expected,
        "{path} is out of date: run `UPDATE_DOCS=1 cargo test --test docs`"
    );
}

#[test]
fn the_schema_file_is_the_schema() {
    let schema = serde_json::to_string_pretty(&json_schema()).unwrap();
    compare(SCHEMA, &format!("{schema}\n"));
}

#[test]
fn the_reference_has_every_key() {
    let text = read(REFERENCE);
    let (head, rest) = text.split_once(BEGIN).expect("the table's first mark");
    let (_, tail) = rest.split_once(END).expect("the table's last mark");
    let schema = json_schema();
    let mut tables = String::new();
    for (name, table) in schema["properties"].as_object().unwrap() {
        write!(
            tables,
            "\n## `[{name}]`\n\n{}\n",
            table["description"].as_str().unwrap()
        )
        .unwrap();
        tables.push_str("\n| key | type | what it does |\n| --- | --- | --- |\n");
        rows(&schema, table, "", &mut tables);
    }
    compare(REFERENCE, &format!("{head}{BEGIN}{tables}\n{END}{tail}"));
}

fn rows(schema: &Value, table: &Value, prefix: &str, out: &mut String) {
    let table = resolve(schema, table);
    if let Some(values) = table
        .get("additionalProperties")
        .filter(|values| values.is_object())
    {
        return rows(schema, values, &format!("{prefix}NAME."), out);
    }
    for (key, value) in table["properties"].as_object().into_iter().flatten() {
        let name = format!("{prefix}{key}");
        let what = value["description"]
            .as_str()
            .unwrap_or_default()
            .replace('\n', " ");
        if resolve(schema, value).get("properties").is_some() {
            rows(schema, value, &format!("{name}."), out);
        } else {
            writeln!(out, "| `{name}` | {} | {what} |", kind(schema, value)).unwrap();
        }
    }
}

fn resolve<'a>(schema: &'a Value, node: &'a Value) -> &'a Value {
    let reference = node
        .get("$ref")
        .or_else(|| node.pointer("/anyOf/0/$ref"))
        .and_then(Value::as_str);
    reference.map_or(node, |reference| {
        schema.pointer(reference.trim_start_matches('#')).unwrap()
    })
}

fn kind(schema: &Value, value: &Value) -> String {
    let value = resolve(schema, value);
    if let Some(options) = value.get("oneOf").and_then(Value::as_array) {
        let names: Vec<String> = options
            .iter()
            .map(|one| format!("`{}`", one["const"]))
            .collect();
        return names.join(", ");
    }
    if let Some(options) = value.get("anyOf").and_then(Value::as_array) {
        let kinds: Vec<String> = options
            .iter()
            .filter(|option| option["type"] != "null")
            .map(|option| kind(schema, option))
            .collect();
        return kinds.join(" or ");
    }
    let name = match &value["type"] {
        Value::Array(names) => names[0].as_str(),
        name => name.as_str(),
    };
    match name.unwrap() {
        "array" => format!("list of {}s", kind(schema, &value["items"])),
        "object" => "table".to_owned(),
        name => name.to_owned(),
    }
}

/// The build files below a folder.
fn build_files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
    let named = files
        .into_iter()
        .filter(|path| path.ends_with(DEFAULT_NAME));
    named
        .chain(folders.iter().flat_map(|folder| build_files(folder)))
        .collect()
}

#[test]
fn every_build_file_that_is_shown_can_be_read() {
    let mut count = 0;
    for path in ["README.md", REFERENCE] {
        for block in read(path).split("```toml\n").skip(1) {
            let text = block.split("```").next().unwrap();
            BuildFile::parse(DEFAULT_NAME, text.as_bytes(), &BTreeMap::new())
                .unwrap_or_else(|mistakes| panic!("{path}: {mistakes}\n{text}"));
            count += 1;
        }
    }
    for path in build_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")) {
        BuildFile::parse(DEFAULT_NAME, &fs::read(&path).unwrap(), &BTreeMap::new())
            .unwrap_or_else(|mistakes| panic!("{}: {mistakes}", path.display()));
        count += 1;
    }
    assert!(count >= 9, "only {count} build files were found");
}

/// Each practice names the tests that prove it: `file::name`, a unit test by its module.
#[test]
fn every_practice_names_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = read(PRACTICES);
    let rows: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(2)
        .collect();
    assert!(rows.len() >= 40, "only {} practices", rows.len());
    for row in rows {
        let proof = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let tests: Vec<&str> = proof.split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "no test: {row}");
        for test in tests {
            let (module, name) = test
                .rsplit_once("::")
                .unwrap_or_else(|| panic!("{test}: {row}"));
            let path = module.replace("::", "/");
            let files = ["", "/mod", "/tests"].map(|end| format!("{path}{end}.rs"));
            let mut modules = files.iter().flat_map(|file| {
                ["tests/e2e", "tests", "src"]
                    .map(|folder| fs::read_to_string(root.join(folder).join(file)))
            });
            let function = format!("fn {name}()");
            assert!(
                modules.any(|text| text.is_ok_and(|text| text.contains(&function))),
                "there is no test `{test}`: {row}"
            );
        }
    }
}
