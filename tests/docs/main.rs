//! The documents agree with the code. `UPDATE_DOCS=1 cargo test --test docs` updates what is generated.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod blocks;
mod commands;
#[path = "../support/documented.rs"]
mod documented;
#[path = "../support/generated.rs"]
mod generated;
mod links;
#[path = "../support/markdown.rs"]
mod markdown;
mod policies;
mod site;
mod troubleshooting;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use poetry_frontend::build_file::{
    json_schema, published_json_schema, published_standard_json_schema, standard_json_schema,
};
use poetry_frontend::rules::Rule;
use serde_json::Value;

const SCHEMA: &str = "schema/poetry.build.schema.json";
const SCHEMA_OF_STANDARD: &str = "schema/standard.schema.json";
const REFERENCE: &str = "docs/build-file.md";
const STANDARD: &str = "docs/standard.md";
const PRACTICES: &str = "docs/best-practices.md";
const BEGIN: &str = "<!-- generated from the schema: begin -->\n";
const END: &str = "<!-- generated from the schema: end -->\n";

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_default()
}

#[test]
fn the_schema_files_are_up_to_date() {
    for (path, schema) in [
        (SCHEMA, published_json_schema()),
        (SCHEMA_OF_STANDARD, published_standard_json_schema()),
    ] {
        let schema = serde_json::to_string_pretty(&schema).unwrap();
        generated::compare(path, &format!("{schema}\n"));
    }
}

/// The head and the tail of a page, around what is generated.
fn around(text: &str) -> (&str, &str) {
    let (head, rest) = text.split_once(BEGIN).expect("the table's first mark");
    let (_, tail) = rest.split_once(END).expect("the table's last mark");
    (head, tail)
}

#[test]
fn the_reference_of_the_standard_is_up_to_date() {
    let text = read(STANDARD);
    let (head, tail) = around(&text);
    let mut schema = standard_json_schema();
    // A build file has its own page.
    let keys = schema["properties"].as_object_mut().unwrap();
    keys.remove("defaults");
    let mut table =
        "\n| key | type | example | what it does |\n| --- | --- | --- | --- |\n".to_owned();
    rows(&schema, &schema, "", &mut table);
    generated::compare(STANDARD, &format!("{head}{BEGIN}{table}\n{END}{tail}"));
}

#[test]
fn the_reference_of_the_build_file_is_up_to_date() {
    let text = read(REFERENCE);
    let (head, tail) = around(&text);
    let schema = json_schema();
    let mut tables = String::new();
    for (name, table) in schema["properties"].as_object().unwrap() {
        let header = if table.get("items").is_some() {
            format!("[[{name}]]")
        } else {
            format!("[{name}]")
        };
        let mut keys = String::new();
        rows(&schema, table, "", &mut keys);
        assert!(!keys.is_empty(), "the table of `{header}` is empty");
        let what = table["description"].as_str().unwrap();
        write!(tables, "\n## `{header}`\n\n{what}\n").unwrap();
        tables.push_str("\n| key | type | example | what it does |\n| --- | --- | --- | --- |\n");
        tables.push_str(&keys);
    }
    generated::compare(REFERENCE, &format!("{head}{BEGIN}{tables}\n{END}{tail}"));
}

fn rows(schema: &Value, table: &Value, prefix: &str, out: &mut String) {
    let table = resolve(schema, table);
    if let Some(items) = table.get("items") {
        return rows(schema, items, prefix, out);
    }
    let values = table.get("additionalProperties");
    if let Some(values) = values.filter(|values| values.is_object()) {
        return rows(schema, values, &format!("{prefix}NAME."), out);
    }
    for (key, value) in table["properties"].as_object().into_iter().flatten() {
        let name = format!("{prefix}{key}");
        // A table of a target is described where it is at the top of the file.
        let is_described = !prefix.is_empty() && schema["properties"][key]["$ref"] == value["$ref"];
        if resolve(schema, value).get("properties").is_some() && !is_described {
            rows(schema, value, &format!("{name}."), out);
            continue;
        }
        let what = value["description"].as_str().unwrap().replace('\n', " ");
        let example = value
            .pointer("/examples/0")
            .map_or_else(String::new, |example| {
                format!("`{}`", toml::Value::try_from(example).unwrap())
            });
        let kind = kind(schema, value);
        writeln!(out, "| `{name}` | {kind} | {example} | {what} |").unwrap();
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

/// The type of a value in words, without references to build arguments, which every value can be.
fn kind(schema: &Value, value: &Value) -> String {
    let value = resolve(schema, value);
    let constants = value.get("enum").and_then(Value::as_array);
    if let Some(constants) = constants {
        let names: Vec<String> = constants.iter().map(|one| format!("`{one}`")).collect();
        return names.join(", ");
    }
    if let Some(constant) = value.get("const") {
        return format!("`{constant}`");
    }
    if let Some(options) = value.get("oneOf").and_then(Value::as_array) {
        let names: Vec<String> = options.iter().map(|one| kind(schema, one)).collect();
        return names.join(", ");
    }
    if let Some(options) = value.get("anyOf").and_then(Value::as_array) {
        let kinds: Vec<String> = options
            .iter()
            .filter(|option| option["type"] != "null" && !is_reference(option))
            .map(|option| kind(schema, option))
            .collect();
        return kinds.join(" or ");
    }
    let name = match &value["type"] {
        Value::Array(names) => names[0].as_str(),
        name => name.as_str(),
    };
    match name.unwrap() {
        "array" => {
            let items = kind(schema, &value["items"]);
            match items.strip_prefix("list of ") {
                Some(rest) => format!("list of lists of {rest}"),
                None if items.starts_with('`') => format!("list of {items}"),
                None => format!("list of {}s", items.replace(" or ", "s or ")),
            }
        }
        "object" => "table".to_owned(),
        name => name.to_owned(),
    }
}

/// Whether it is a reference to a build argument.
fn is_reference(option: &Value) -> bool {
    option.get("pattern").is_some() && option.get("format").is_none()
}

/// `cargo test` compiles the example.
#[test]
fn the_page_of_the_library_shows_its_example() {
    let page = read("docs/llb.md");
    let (head, rest) = page.split_once("```rust\n").unwrap();
    let (_, tail) = rest.split_once("```\n").unwrap();
    let example = read("llb/examples/greeting.rs");
    generated::compare(
        "docs/llb.md",
        &format!("{head}```rust\n{example}```\n{tail}"),
    );
}

#[test]
fn the_list_of_rules_is_up_to_date() {
    let mut page = "# Rules\n\n\
        What a build and `poetry-frontend check` look for. An error fails the build before any step runs, a warning fails it with\n\
        `error = true` in `[check]`, a note is shown by checks only, and a rule that is off needs `enable` in `[check]`.\n\
        `poetry-frontend explain RULE` shows the page of a rule.\n\n\
        | rule | severity | |\n| --- | --- | --- |\n"
        .to_owned();
    for rule in Rule::ALL {
        let (severity, what) = (rule.severity().as_str(), rule.description());
        writeln!(page, "| [{rule}](rules/{rule}.md) | {severity} | {what} |").unwrap();
    }
    generated::compare("docs/rules.md", &page);
}

/// Each practice names the tests that prove it: `file::name`, a unit test by its module.
#[test]
fn every_practice_names_an_existing_test() {
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
                    .map(|directory| fs::read_to_string(root.join(directory).join(file)))
            });
            let function = format!("fn {name}()");
            assert!(
                modules.any(|text| text.is_ok_and(|text| text.contains(&function))),
                "there is no test `{test}`: {row}"
            );
        }
    }
}
