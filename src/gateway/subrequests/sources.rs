//! Places as answers have them: lines of texts that the answer brings along.

use serde_json::{Value, json};

use crate::diagnostics::{Document, Place, range, source};

/// The texts of an answer, each once.
pub(super) struct Texts(Vec<Document>);

impl Texts {
    /// Those of an answer about a build file.
    pub(super) fn of(build_file: &Document) -> Self {
        Self(vec![build_file.clone()])
    }

    /// A place in one of the texts, in the form of `pb.Location`.
    pub(super) fn location(&mut self, place: &Place) -> Value {
        let document = place.document();
        let known = self.0.iter().position(|known| known == document);
        let index = known.unwrap_or_else(|| {
            self.0.push(document.clone());
            self.0.len() - 1
        });
        let ranges = json!([range(place)]);
        // Zero is left out, as clients leave it out.
        if index == 0 {
            json!({"ranges": ranges})
        } else {
            json!({"sourceIndex": index, "ranges": ranges})
        }
    }

    pub(super) fn into_json(self) -> Value {
        let encode = |document: &Document| source(document)["data"].take();
        self.0.iter().map(encode).collect()
    }
}
