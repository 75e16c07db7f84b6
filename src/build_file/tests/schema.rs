//! The JSON Schema describes what is read.

use serde_json::Value;

use super::{json_schema, parse_with};

/// A key with the header of its table.
struct Key {
    header: String,
    name: String,
    node: Value,
}

fn keys() -> Vec<Key> {
    fn collect(schema: &Value, node: &Value, path: &str, list: bool, found: &mut Vec<Key>) {
        let reference = node.get("$ref").or_else(|| node.pointer("/anyOf/0/$ref"));
        let node = reference
            .and_then(|reference| schema.pointer(reference.as_str()?.trim_start_matches('#')))
            .unwrap_or(node);
        let join = |key: &str| match path {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        };
        if let Some(items) = node.get("items") {
            collect(schema, items, path, true, found);
        }
        let values = node.get("additionalProperties");
        if let Some(values) = values.filter(|values| values.is_object()) {
            collect(schema, values, &join("A"), false, found);
        }
        for (key, value) in node["properties"].as_object().into_iter().flatten() {
            found.push(Key {
                header: match path {
                    "" => String::new(),
                    path if list => format!("[[{path}]]\n"),
                    path => format!("[{path}]\n"),
                },
                name: key.clone(),
                node: value.clone(),
            });
            collect(schema, value, &join(key), false, found);
        }
    }
    let schema = json_schema();
    let mut found = Vec::new();
    collect(&schema, &schema, "", false, &mut found);
    assert!(found.len() > 100, "only {} keys", found.len());
    found
}

/// What is wrong with `key = value`.
fn errors(key: &Key, value: &str) -> String {
    let text = format!("{}{} = {value}\n", key.header, key.name);
    parse_with(&text, &[]).map_or_else(|all| all.to_string(), |_| String::new())
}

#[test]
fn every_key_has_a_description() {
    for Key { header, name, node } in keys() {
        assert!(node["description"].is_string(), "{header}{name}");
    }
    assert_eq!(json_schema()["additionalProperties"], false);
}

#[test]
fn every_key_with_a_value_has_an_example_of_the_right_type() {
    let mut count = 0;
    for key in keys() {
        // Tables have keys in place of an example.
        let Some(example) = key.node.pointer("/examples/0") else {
            let wrong = errors(&key, "2020-01-01");
            let is_table = wrong.contains("must be a table") || wrong.contains("a list of tables");
            assert!(is_table, "{}{}: {wrong}", key.header, key.name);
            continue;
        };
        let example = toml::Value::try_from(example).unwrap().to_string();
        let wrong = errors(&key, &example);
        let of_type = !wrong.contains("must be") && !wrong.contains("is not a valid value for");
        assert!(of_type, "{}{} = {example}: {wrong}", key.header, key.name);
        count += 1;
    }
    assert!(count > 80, "only {count} examples");
}

/// Whatever its type, a value is either accepted by both the schema and the types that read it, or by neither.
#[test]
fn a_value_that_the_schema_allows_can_be_read() {
    let values = [
        "''",
        "'a'",
        "'${A}'",
        "'$${A}'",
        "1",
        "-9223372036854775808",
        "9223372036854775808",
        "0x10",
        "1.5",
        "nan",
        "true",
        "2020-01-01",
        "[]",
        "['a']",
        "[1]",
        "[1.5]",
        "[[]]",
        "[['a']]",
        "[{}]",
        "{}",
        "{ A = 1 }",
        "{ A = [] }",
        "{ A = {} }",
    ];
    for key in keys() {
        for value in values {
            let wrong = errors(&key, value);
            assert!(
                !wrong.contains("cannot read this value"),
                "{}{} = {value}: {wrong}",
                key.header,
                key.name
            );
        }
    }
}
