//! The JSON Schemas for editors and for `SchemaStore`, whose tools read draft 7 and know no formats but those of the draft.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::schema::File;
use super::standard::schema::StandardFile;

/// That of the build file.
#[must_use]
pub fn published_json_schema() -> Value {
    published::<File>("poetry-build")
}

/// That of `standard.toml`.
#[must_use]
pub fn published_standard_json_schema() -> Value {
    published::<StandardFile>("poetry-build-standard")
}

/// `name` is that of the schema in `SchemaStore`.
fn published<T: JsonSchema>(name: &str) -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    remove_formats(&mut schema);
    schema["$id"] = format!("https://json.schemastore.org/{name}.json").into();
    schema
}

fn remove_formats(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if map.get("format").is_some_and(Value::is_string) {
                map.remove("format");
            }
            map.values_mut().for_each(remove_formats);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_formats),
        _ => {}
    }
}
