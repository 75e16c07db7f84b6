//! Reads files into [`Document`]s. Limits are enforced before the TOML parser runs, because it allocates a record for each
//! token and a map for each table.

use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use super::diagnostic::{Diagnostic, Problem};
use super::document::Document;

/// The cost of a table's map, in tokens.
const TABLE: usize = 22;
const KEY: usize = 5;
/// The cost of a value in a list.
const VALUE: usize = 3;

const LANGUAGE: &str = "toml";

/// The size of the largest input that is parsed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InputLimits {
    pub(crate) kib: usize,
    /// Tokens, including whitespace and newlines. A token that creates a table, list, key or value counts as much as it
    /// allocates; so does a dot, which creates a table.
    pub(crate) tokens: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InputError {
    #[error("this file is not UTF-8 text")]
    NotUtf8,
    #[error("this file is larger than {}", size(*.0))]
    TooLarge(usize),
    #[error(
        "this file has more than {0} tokens (a table or list counts as {TABLE}, a key as {KEY}, a comma as {VALUE})"
    )]
    TooManyTokens(usize),
}

fn size(kib: usize) -> String {
    match kib {
        mib if mib % 1024 == 0 => format!("{} MiB", mib / 1024),
        kib => format!("{kib} KiB"),
    }
}

impl Problem for InputError {
    fn hint(&self) -> String {
        match self {
            Self::NotUtf8 => "save the file as UTF-8".into(),
            Self::TooLarge(_) | Self::TooManyTokens(_) => "check that it is the right file".into(),
        }
    }
}

impl InputLimits {
    pub(crate) fn read(self, name: &str, bytes: &[u8]) -> Result<Document, Diagnostic> {
        self.check_size(bytes)
            .and_then(|()| {
                let text = std::str::from_utf8(bytes).map_err(|_| InputError::NotUtf8)?;
                self.check_tokens(text)?;
                Ok(Document::new(name, LANGUAGE, text))
            })
            .map_err(|error| {
                // The text of a file that is too large is not shown.
                let text = match error {
                    InputError::NotUtf8 => String::from_utf8_lossy(bytes),
                    InputError::TooLarge(_) | InputError::TooManyTokens(_) => "".into(),
                };
                error.at(&Document::new(name, LANGUAGE, text).first_line())
            })
    }

    fn check_size(self, bytes: &[u8]) -> Result<(), InputError> {
        if bytes.len() > self.kib << 10 {
            return Err(InputError::TooLarge(self.kib));
        }
        Ok(())
    }

    fn check_tokens(self, text: &str) -> Result<(), InputError> {
        let mut tokens = 0;
        for token in Source::new(text).lex() {
            tokens += match token.kind() {
                TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket | TokenKind::Dot => {
                    TABLE
                }
                TokenKind::Equals => KEY,
                TokenKind::Comma => VALUE,
                _ => 1,
            };
            if tokens > self.tokens {
                return Err(InputError::TooManyTokens(self.tokens));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(limits: InputLimits, bytes: &[u8]) -> Option<String> {
        let read = limits.read("f.toml", bytes);
        read.err().map(|error| error.to_string())
    }

    #[test]
    fn tokens_are_counted_by_their_cost() {
        let limits = InputLimits { kib: 1, tokens: 65 };
        for allowed in [
            "[a.b]\n# [[[[\nx = 1\n",
            "a = '[[[[....{{{{,,,,,,====='",
            &"\n".repeat(64),
        ] {
            assert_eq!(error(limits, allowed.as_bytes()), None, "{allowed}");
        }
        for heavy in ["[a.b.c]", "a = [{}, {}]", &"\n".repeat(65)] {
            assert_eq!(
                error(limits, heavy.as_bytes()).as_deref(),
                Some(
                    "f.toml:1: this file has more than 65 tokens (a table or list counts as 22, a key as 5, a comma as 3)\n  hint: check that it is the right file"
                ),
                "{heavy}"
            );
        }
    }

    #[test]
    fn the_size_is_checked_first() {
        for (kib, size) in [(1, "1 KiB"), (1024, "1 MiB")] {
            let limits = InputLimits { kib, tokens: 9 };
            assert_eq!(error(limits, &vec![b'#'; kib << 10]), None);
            assert_eq!(
                error(limits, &vec![0xff; (kib << 10) + 1]),
                Some(format!(
                    "f.toml:1: this file is larger than {size}\n  hint: check that it is the right file"
                ))
            );
        }
    }

    #[test]
    fn a_file_that_is_not_utf_8_is_shown_with_replacement_characters() {
        let limits = InputLimits { kib: 1, tokens: 9 };
        let error = limits.read("f.toml", b"a = \"\xff\"").unwrap_err();
        assert_eq!(
            error.to_string(),
            "f.toml:1: this file is not UTF-8 text\n  hint: save the file as UTF-8"
        );
        let shown = error.span.unwrap().document().masked();
        assert_eq!(shown, "a = \"\u{fffd}\"");
    }
}
