//! The documents that ops point into.

use std::sync::Arc;

use buildkit_llb::{self as bk, Location};

use crate::diagnostics::{Document, Position, Span};

/// The documents so far, each once.
#[derive(Default)]
pub(super) struct SourceFiles(Vec<(Document, Arc<bk::SourceFile>)>);

impl SourceFiles {
    pub(super) fn location(&mut self, span: &Span) -> Location {
        let position = |position: Position| bk::Position {
            line: count(position.line),
            character: count(position.character),
        };
        Location::new(
            self.file(span.document()),
            [bk::Range {
                start: position(span.start()),
                end: position(span.end()),
            }],
        )
    }

    fn file(&mut self, document: &Document) -> Arc<bk::SourceFile> {
        let mut known = self.0.iter();
        if let Some((_, file)) = known.find(|(known, _)| known == document) {
            return Arc::clone(file);
        }
        let file = Arc::new(bk::SourceFile {
            filename: document.name().to_owned(),
            language: document.language().to_owned(),
            data: document.masked().into_bytes(),
            definition: None,
        });
        self.0.push((document.clone(), Arc::clone(&file)));
        file
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
