//! Locations in answers: they point into texts that the answer carries.

use serde_json::{Value, json};

use crate::diagnostics::{Document, Span, range, source};

/// The texts of an answer, each once.
pub(super) struct Texts(Vec<Document>);

impl Texts {
    /// The build file comes first.
    pub(super) fn of(build_file: &Document) -> Self {
        Self(vec![build_file.clone()])
    }

    /// A location in one of the texts, in the form of `pb.Location`.
    pub(super) fn location(&mut self, span: &Span) -> Value {
        let document = span.document();
        let known = self.0.iter().position(|known| known == document);
        let index = known.unwrap_or_else(|| {
            self.0.push(document.clone());
            self.0.len() - 1
        });
        let ranges = json!([range(span)]);
        // Clients omit zero, too.
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
