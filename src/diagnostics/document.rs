//! The user's files, and spans in them.

use std::ops::Range;
use std::sync::Arc;

use super::printable::{printable, replaced};
use crate::rules::mask;

/// The text of one of the user's files, and its name. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document(Arc<Text>);

#[derive(Debug)]
struct Text {
    name: String,
    language: &'static str,
    content: String,
    /// A document that some ranges are in.
    below: Option<Document>,
}

/// The same file is equal to itself, whatever is below it.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.language, &self.content) == (&other.name, other.language, &other.content)
    }
}

impl Eq for Text {}

impl Document {
    /// `language` is a language identifier of editors, such as `toml`.
    pub fn new(name: impl Into<String>, language: &'static str, text: impl Into<String>) -> Self {
        Self(Arc::new(Text {
            name: printable(&name.into()),
            language,
            content: text.into(),
            below: None,
        }))
    }

    /// This document with another one below it. A range that starts at least [`Self::distance_below`] after the start of this
    /// one is in the other one.
    pub(crate) fn above(&self, below: Self) -> Self {
        Self(Arc::new(Text {
            name: self.0.name.clone(),
            language: self.0.language,
            content: self.0.content.clone(),
            below: Some(below),
        }))
    }

    /// Where the ranges of a document below this one start.
    pub(crate) fn distance_below(&self) -> usize {
        self.text().len() + 1
    }

    /// The file's name, relative to the directory it was read from.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    #[must_use]
    pub fn language(&self) -> &'static str {
        self.0.language
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.content
    }

    /// The text with user names and passwords in URLs, and values that look like secrets, replaced by `*`, and without
    /// characters that a terminal acts on. Only this form may be shown or stored.
    #[must_use]
    pub fn masked(&self) -> String {
        let mut masked = String::with_capacity(self.text().len());
        let mut in_url = false;
        for part in self.text().split_inclusive("://") {
            let ends = |char: char| char.is_whitespace() || "/?#\"'".contains(char);
            let authority = part.split(ends).next().unwrap_or_default();
            let secret = authority.rfind('@').filter(|_| in_url).unwrap_or(0);
            masked.extend(part[..secret].chars().map(|_| '*'));
            masked.push_str(&part[secret..]);
            in_url = part.ends_with("http://") || part.ends_with("https://");
        }
        replaced(mask(&masked))
    }

    /// The span of a byte range, which is cut at the end of the text.
    #[must_use]
    pub fn span(&self, range: Range<usize>) -> Span {
        let distance = self.distance_below();
        if let Some(below) = self.0.below.as_ref().filter(|_| range.start >= distance) {
            return below.span(range.start - distance..range.end.saturating_sub(distance));
        }
        let end = range.end.min(self.text().len());
        Span {
            document: self.clone(),
            range: range.start.min(end)..end,
        }
    }

    /// The first line: the span for errors about the whole file.
    #[must_use]
    pub fn first_line(&self) -> Span {
        let end = self.text().find('\n').unwrap_or(self.text().len());
        self.span(0..end)
    }

    fn position(&self, offset: usize) -> Position {
        let before = self.text().get(..offset).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        Position {
            line: before.split('\n').count(),
            character: line.chars().count(),
        }
    }
}

/// A byte range of a [`Document`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    document: Document,
    range: Range<usize>,
}

impl Span {
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// The span from the start of this one to the end of `end`. If `end` is earlier or in another document, this span.
    #[must_use]
    pub fn to(&self, end: &Self) -> Self {
        if self.document != end.document || end.range.end < self.range.end {
            return self.clone();
        }
        self.document.span(self.range.start..end.range.end)
    }

    #[must_use]
    pub fn start(&self) -> Position {
        self.document.position(self.range.start)
    }

    /// The end without trailing whitespace, so that a value that ends with a newline does not extend to the next line.
    #[must_use]
    pub fn end(&self) -> Position {
        let text = self.document.text().get(self.range()).unwrap_or_default();
        self.document
            .position(self.range.start + text.trim_end().len())
    }
}

/// A value and its span in the user's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    pub value: T,
    pub span: Span,
}

/// A position, counted as BuildKit does (message `Position` in `solver/pb/ops.proto`): lines from 1, characters from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub character: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_from_one_and_characters_from_zero() {
        let document = Document::new("f", "toml", "é = 1\nlong = \"\"\"\na\n\"\"\"\n");
        let span = document.span(7..23);
        assert_eq!(
            span.start(),
            Position {
                line: 2,
                character: 0
            }
        );
        assert_eq!(span.end().line, 4);
        assert_eq!(document.span(2..3).start().character, 1);
    }

    #[test]
    fn credentials_in_urls_are_masked() {
        let masked = |text: &str| Document::new("f", "toml", text).masked();
        for (text, expected) in [
            (
                "a = \"https://me:wörd@host/a@b\"",
                "a = \"https://*******@host/a@b\"",
            ),
            ("http://t@a http://b@c", "http://*@a http://*@c"),
            ("https://a@b@host?x", "https://***@host?x"),
        ] {
            assert_eq!(masked(text), expected);
        }
        for text in [
            "",
            "me@host https://host/me@x",
            "ssh://git@host/x",
            "https://\"@",
            "https://host\nme@host",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn two_spans_are_joined() {
        let document = Document::new("f", "toml", "abcdef");
        let (first, last) = (document.span(1..2), document.span(4..5));
        assert_eq!(first.to(&last).range(), 1..5);
        assert_eq!(last.to(&first), last);
        assert_eq!(
            first.to(&Document::new("g", "toml", "abcdef").span(4..5)),
            first
        );
    }

    #[test]
    fn a_span_is_cut_at_the_end_of_the_text() {
        let span = Document::new("f", "toml", "ab").span(1..99);
        assert_eq!(span.range(), 1..2);
    }
}
