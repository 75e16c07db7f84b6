//! The form of requests and their answers.

use std::collections::BTreeMap;

use buildkit_proto::gateway::Result as BuildResult;
use serde_json::Value;

use crate::diagnostics::printable_json;

/// A request, as clients see it described.
pub(super) struct Definition {
    pub(super) name: &'static str,
    /// The version of the answer's format.
    pub(super) version: &'static str,
    pub(super) description: &'static str,
    /// The options that it reads, with descriptions.
    pub(super) options: &'static [(&'static str, &'static str)],
    /// The keys of the answer's metadata.
    pub(super) parts: &'static [&'static str],
}

impl Definition {
    /// An answer in JSON and in text.
    pub(super) fn result(&self, json: &Value, text: String) -> BuildResult {
        let metadata = BTreeMap::from([
            ("result.json".to_owned(), printable_json(json).into_bytes()),
            ("result.txt".to_owned(), text.into_bytes()),
            ("version".to_owned(), self.version.into()),
        ]);
        BuildResult {
            metadata,
            ..BuildResult::default()
        }
    }
}
