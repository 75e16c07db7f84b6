//! How much memory a TOML text will take, told before it is read: a reader keeps a record for each word and sign, and makes
//! a map for each table.

use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// What the map of a table takes, in records of words.
const TABLE: usize = 22;
/// What a key takes in it.
const KEY: usize = 5;
/// What a value takes in a list.
const VALUE: usize = 3;

/// What a file may have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// KiB.
    pub(crate) size: usize,
    /// Words, signs and the gaps between them; the sign that makes a table, list, key or value counts as what it makes. A dot
    /// makes a table as well.
    pub(crate) words: usize,
}

/// The limit that a file is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// Of bytes.
    #[error("this file is larger than {}", size(*.0))]
    Size(usize),
    /// Of words and signs.
    #[error(
        "this file has more than {0} words and signs (a table or list counts as {TABLE}, a key as {KEY}, a comma as {VALUE})"
    )]
    Words(usize),
}

fn size(kilobytes: usize) -> String {
    match kilobytes {
        mebibytes if mebibytes % 1024 == 0 => format!("{} MiB", mebibytes / 1024),
        kilobytes => format!("{kilobytes} KiB"),
    }
}

impl Limits {
    /// Whether a file of these bytes may be looked at.
    pub(crate) fn allow_size(self, bytes: &[u8]) -> Result<(), TooMuch> {
        if bytes.len() > self.size << 10 {
            return Err(TooMuch::Size(self.size));
        }
        Ok(())
    }

    /// Whether a file of this text may be read.
    pub(crate) fn allow_text(self, text: &str) -> Result<(), TooMuch> {
        let mut words = 0;
        for token in Source::new(text).lex() {
            words += match token.kind() {
                TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket | TokenKind::Dot => {
                    TABLE
                }
                TokenKind::Equals => KEY,
                TokenKind::Comma => VALUE,
                _ => 1,
            };
            if words > self.words {
                return Err(TooMuch::Words(self.words));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_measured_without_being_read() {
        let limits = Limits { size: 1, words: 65 };
        let allowed = |text: &str| {
            limits.allow_size(text.as_bytes())?;
            limits.allow_text(text)
        };
        let over = Err(TooMuch::Words(65));
        assert_eq!(allowed("[a.b]\n# [[[[\nx = 1\n"), Ok(()));
        assert_eq!(allowed("a = '[[[[....{{{{,,,,,,====='"), Ok(()));
        assert_eq!(allowed("[a.b.c]"), over);
        assert_eq!(allowed("a = [{}, {}]"), over);
        assert_eq!(allowed(&"\n".repeat(64)), Ok(()));
        assert_eq!(allowed(&"\n".repeat(65)), over);
        assert_eq!(allowed(&"#".repeat(1025)), Err(TooMuch::Size(1)));
        let told = |size: usize| TooMuch::Size(size).to_string();
        assert_eq!(told(256), "this file is larger than 256 KiB");
        assert_eq!(told(4096), "this file is larger than 4 MiB");
    }
}
