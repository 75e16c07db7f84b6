//! Content hashes equal those of every generation of Poetry. `hashes.json` is written by real Poetry
//! (`harness/content-hashes`).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use poetry_frontend::project::{PoetryVersion, content_hash};

#[test]
fn content_hashes_equal_those_of_every_poetry() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/content_hash");
    let kept = fs::read_to_string(directory.join("hashes.json")).unwrap();
    let kept: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(&kept).unwrap();
    let mut compared = 0;
    for (version, hashes) in &kept {
        let poetry = PoetryVersion::parse(version).unwrap();
        for entry in fs::read_dir(directory.join("cases")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            let table = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            assert_eq!(
                content_hash(&table, poetry).as_ref(),
                hashes.get(name),
                "{name} with Poetry {version}"
            );
            compared += 1;
        }
    }
    // Six generations and at least thirty projects.
    assert!(kept.len() >= 6 && compared >= 180, "{compared} compared");
}
