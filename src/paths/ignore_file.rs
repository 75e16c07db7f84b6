//! Ignore files (`.dockerignore`): which part of a directory a build does not see.

use crate::diagnostics::{Diagnostics, Document, InputError, Problem};

use super::clean::clean;
use super::pattern::Pattern;

/// No ignore file is larger, in KiB.
const LARGEST: usize = 256;
/// No ignore file has more patterns; each may be compared with each file.
const MOST: usize = 500;
/// What editors call it.
const LANGUAGE: &str = "ignore";

/// An error in an ignore file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// More patterns than any ignore file has.
    #[error("this file has more than {0} patterns")]
    TooManyPatterns(usize),
    /// A pattern that an engine refuses.
    #[error("`{0}` is not a valid pattern")]
    Malformed(String),
}

impl Problem for Error {
    fn hint(&self) -> String {
        match self {
            Self::Malformed(_) => {
                "close each `[` with `]`, and write `\\[` for the character itself".into()
            }
            Self::TooManyPatterns(_) => "name directories instead of the files in them".into(),
        }
    }
}

/// Reads the patterns of the ignore file called `name` as an engine does: without comments and empty lines, with clean
/// paths, without a leading `/`, and with `!` in front (`moby/patternmatcher`, `ignorefile/ignorefile.go`).
///
/// # Errors
/// The file is too large, has too many patterns, or one that an engine refuses.
pub fn ignore_patterns(name: &str, bytes: &[u8]) -> Result<Vec<String>, Diagnostics> {
    let first_line = Document::new(name, LANGUAGE, "").first_line();
    if bytes.len() > LARGEST << 10 {
        return Err(InputError::TooLarge(LARGEST).at(&first_line).into());
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let patterns: Vec<String> = text.lines().filter_map(pattern).take(MOST + 1).collect();
    if patterns.len() > MOST {
        return Err(Error::TooManyPatterns(MOST).at(&first_line).into());
    }
    let document = Document::new(name, LANGUAGE, text);
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let span = start..start + line.trim_end().len();
        start += line.len();
        if let Some(pattern) = pattern(line)
            && !Pattern::new(pattern.trim_start_matches('!')).is_well_formed()
        {
            found.push(Error::Malformed(pattern).at(&document.span(span)));
        }
    }
    Diagnostics::fail_if_any(found)?;
    Ok(patterns)
}

/// The pattern of a line, if it has one.
fn pattern(line: &str) -> Option<String> {
    let trimmed = line.trim();
    if line.starts_with('#') || trimmed.is_empty() {
        return None;
    }
    let (mark, path) = match trimmed.strip_prefix('!') {
        Some(path) => ("!", path.trim()),
        None => ("", trimmed),
    };
    // `!` alone, and the root, match nothing.
    if path.is_empty() {
        return None;
    }
    let path = clean(path);
    let path = path.trim_start_matches('/');
    (!path.is_empty()).then(|| format!("{mark}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_cleaned_as_docker_does() {
        for (text, expected) in [
            ("\u{feff}# comment\n\n  *  \n", &["*"][..]),
            ("!/src/\n! a/../b//c\n", &["!src", "!b/c"]),
            ("./d/.\n/\n!\n", &["d"]),
            (" #not a comment\r\n", &["#not a comment"]),
            ("./app\n[id].txt\na/../b\n", &["app", "[id].txt", "b"]),
            (".\n../x\n**/\n", &[".", "../x", "**"]),
            ("/../x\n\\!x\n", &["x", "\\!x"]),
        ] {
            let patterns = ignore_patterns(".dockerignore", text.as_bytes()).unwrap();
            assert_eq!(patterns, expected, "{text:?}");
        }
        let patterns = ignore_patterns(".dockerignore", b"\xff").unwrap();
        assert_eq!(patterns, ["\u{fffd}"]);
    }

    #[test]
    fn files_over_the_limits_are_errors() {
        let read = |text: &str| ignore_patterns(".dockerignore", text.as_bytes());
        let error = |text: &str| read(text).unwrap_err().to_string();
        assert_eq!(read(&"a\n#\n".repeat(500)).unwrap().len(), 500);
        assert_eq!(
            error(&"a\n".repeat(501)),
            ".dockerignore:1: this file has more than 500 patterns\n  hint: name directories instead of the files in them"
        );
        assert_eq!(
            error("a\n![b\n"),
            ".dockerignore:2: `![b` is not a valid pattern\n  hint: close each `[` with `]`, and write `\\[` for the character itself"
        );
        assert!(error(&"#".repeat(300_000)).contains("this file is larger than 256 KiB"));
    }
}
