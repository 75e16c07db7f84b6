//! The elements of a document (SPDX 2.3, `chapters/package-information.md`).

use serde_json::{Map, Value, json};

const UNKNOWN: &str = "NOASSERTION";

/// A package without files of its own. An empty version is left out.
pub(super) fn entry(id: &str, name: &str, version: &str, purl: Option<&str>) -> Value {
    let mut described = Map::new();
    let mut set = |key: &str, value: Value| described.insert(key.to_owned(), value);
    set("SPDXID", json!(id));
    set("name", json!(name));
    if !version.is_empty() {
        set("versionInfo", json!(version));
    }
    for key in [
        "downloadLocation",
        "licenseConcluded",
        "licenseDeclared",
        "copyrightText",
    ] {
        set(key, json!(UNKNOWN));
    }
    set("filesAnalyzed", json!(false));
    if let Some(purl) = purl {
        let reference = json!({
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": purl,
        });
        set("externalRefs", json!([reference]));
    }
    Value::Object(described)
}

/// What one element has to do with another.
pub(super) fn relationship(from: &str, kind: &str, to: &str) -> Value {
    json!({
        "spdxElementId": from,
        "relationshipType": kind,
        "relatedSpdxElement": to,
    })
}

/// Identifiers have letters, digits, `.` and `-`.
pub(super) fn id(text: &str) -> String {
    let plain = |char: char| {
        if char.is_ascii_alphanumeric() || char == '.' {
            char
        } else {
            '-'
        }
    };
    format!("SPDXRef-{}", text.chars().map(plain).collect::<String>())
}
