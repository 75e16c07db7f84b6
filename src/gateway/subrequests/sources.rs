//! Places as answers have them: lines of texts that the answer brings along.

use base64::Engine as _;
use serde_json::{Value, json};

use crate::diagnostics::{Document, Place, Position};

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
        let position =
            |position: Position| json!({"line": position.line, "character": position.character});
        let ranges = json!([{"start": position(place.start()), "end": position(place.end())}]);
        // Zero is left out, as clients leave it out.
        if index == 0 {
            json!({"ranges": ranges})
        } else {
            json!({"sourceIndex": index, "ranges": ranges})
        }
    }

    pub(super) fn into_json(self) -> Value {
        let encode = |document: &Document| {
            base64::engine::general_purpose::STANDARD.encode(document.shown())
        };
        self.0.iter().map(encode).collect()
    }
}
