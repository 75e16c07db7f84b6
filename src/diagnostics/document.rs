//! Texts that came from the user, and places in them.

use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::rules::mask;

/// A text of the user's with the name they know it by. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document(Arc<Text>);

#[derive(Debug, PartialEq, Eq)]
struct Text {
    name: String,
    language: &'static str,
    content: String,
}

impl Document {
    /// A text called `name` in `language` (a name that editors know, such as `toml`).
    pub fn new(name: impl Into<String>, language: &'static str, text: impl Into<String>) -> Self {
        Self(Arc::new(Text {
            name: name.into(),
            language,
            content: text.into(),
        }))
    }

    /// The file's name as the user gave it, relative to the folder it was read from.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The language the text is in.
    #[must_use]
    pub fn language(&self) -> &'static str {
        self.0.language
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0.content
    }

    /// The text as it may be shown and stored: where an address holds a user name or password, and where a value looks
    /// like a secret, there are as many `*`.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut shown = String::with_capacity(self.text().len());
        let mut in_address = false;
        for part in self.text().split_inclusive("://") {
            let ends = |char: char| char.is_whitespace() || "/?#\"'".contains(char);
            let authority = part.split(ends).next().unwrap_or_default();
            let secret = authority.rfind('@').filter(|_| in_address).unwrap_or(0);
            shown.extend(part[..secret].chars().map(|_| '*'));
            shown.push_str(&part[secret..]);
            in_address = part.ends_with("http://") || part.ends_with("https://");
        }
        mask(&shown)
    }

    /// The place of a byte range, cut to the text's length.
    #[must_use]
    pub fn place(&self, span: Range<usize>) -> Place {
        let end = span.end.min(self.text().len());
        Place {
            document: self.clone(),
            span: span.start.min(end)..end,
        }
    }

    /// The first line: the place of what is missing from the whole file.
    #[must_use]
    pub fn first_line(&self) -> Place {
        let end = self.text().find('\n').unwrap_or(self.text().len());
        self.place(0..end)
    }

    /// The place of a key of this TOML text together with its value, or of an element of a list; each part of `path` is a
    /// key or the number of an element.
    #[must_use]
    pub fn place_of(&self, path: &[&str]) -> Option<Place> {
        let root = DeTable::parse(self.text()).ok()?;
        let (first, rest) = path.split_first()?;
        let (key, mut value) = root.get_ref().get_key_value(*first)?;
        let mut span = key.span().start..value.span().end;
        for part in rest {
            match value.get_ref() {
                DeValue::Table(table) => {
                    let (key, inner) = table.get_key_value(*part)?;
                    span = key.span().start..inner.span().end;
                    value = inner;
                }
                DeValue::Array(items) => {
                    value = items.get(part.parse::<usize>().ok()?)?;
                    span = value.span();
                }
                _ => return None,
            }
        }
        Some(self.place(span))
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
pub struct Place {
    document: Document,
    span: Range<usize>,
}

impl Place {
    /// The text the place is in.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The byte range.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// From the start of this place to the end of a later one, if both are in one text; else this place.
    #[must_use]
    pub fn to(&self, end: &Self) -> Self {
        if self.document != end.document || end.span.end < self.span.end {
            return self.clone();
        }
        self.document.place(self.span.start..end.span.end)
    }

    /// Where the range starts.
    #[must_use]
    pub fn start(&self) -> Position {
        self.document.position(self.span.start)
    }

    /// Where the range ends; on the line of its last character, so that a value that ends with a newline
    /// does not reach into the next line.
    #[must_use]
    pub fn end(&self) -> Position {
        let text = self.document.text().get(self.span()).unwrap_or_default();
        self.document
            .position(self.span.start + text.trim_end().len())
    }
}

/// A position as BuildKit counts (`solver/pb/ops.proto`, message `Position`): lines from 1, characters from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 0.
    pub character: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_from_one_and_characters_from_zero() {
        let document = Document::new("f", "toml", "é = 1\nlong = \"\"\"\na\n\"\"\"\n");
        let place = document.place(7..23);
        assert_eq!(
            place.start(),
            Position {
                line: 2,
                character: 0
            }
        );
        assert_eq!(place.end().line, 4);
        assert_eq!(document.place(2..3).start().character, 1);
    }

    #[test]
    fn credentials_in_addresses_are_not_shown() {
        let shown = |text: &str| Document::new("f", "toml", text).shown();
        for (text, expected) in [
            (
                "a = \"https://me:wörd@host/a@b\"",
                "a = \"https://*******@host/a@b\"",
            ),
            ("http://t@a http://b@c", "http://*@a http://*@c"),
            ("https://a@b@host?x", "https://***@host?x"),
        ] {
            assert_eq!(shown(text), expected);
        }
        for text in [
            "",
            "me@host https://host/me@x",
            "ssh://git@host/x",
            "https://\"@",
            "https://host\nme@host",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn places_of_keys_and_elements() {
        let document = Document::new("f", "toml", "[a]\nb.c = [\n1,\n 2]\n");
        let lines = |path: &[&str]| {
            let place = document.place_of(path)?;
            Some((place.start().line, place.end().line))
        };
        assert_eq!(lines(&["a", "b", "c"]), Some((2, 4)));
        assert_eq!(lines(&["a", "b", "c", "1"]), Some((4, 4)));
        for path in [
            &["a", "b", "c", "2"][..],
            &["b"],
            &["a", "b", "c", "1", "x"],
            &[],
        ] {
            assert_eq!(lines(path), None);
        }
        assert_eq!(Document::new("f", "toml", "[a").place_of(&["a"]), None);
    }

    #[test]
    fn two_places_span_what_is_between() {
        let document = Document::new("f", "toml", "abcdef");
        let (first, last) = (document.place(1..2), document.place(4..5));
        assert_eq!(first.to(&last).span(), 1..5);
        assert_eq!(last.to(&first), last);
        assert_eq!(
            first.to(&Document::new("g", "toml", "abcdef").place(4..5)),
            first
        );
    }

    #[test]
    fn a_span_past_the_end_is_cut() {
        let place = Document::new("f", "toml", "ab").place(1..99);
        assert_eq!(place.span(), 1..2);
    }
}
