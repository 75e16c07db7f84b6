//! Ignore files (`.dockerignore`): which part of a folder a build does not see.

use crate::diagnostics::{Diagnostics, Document, Problem, TooMuch};

use super::Error;

/// No ignore file is larger, in KiB.
const LARGEST: usize = 256;
/// More patterns than any ignore file has; each may be looked at for each file.
const MOST: usize = 500;
/// What editors call it.
const LANGUAGE: &str = "ignore";

/// Reads an ignore file's patterns into the form that engines match: `#` lines and empty ones gone, paths cleaned,
/// a leading `/` dropped, `!` kept in front (`moby/patternmatcher`, `ignorefile/ignorefile.go`).
///
/// # Errors
/// The file called `name` is larger than any such file, or has more patterns.
pub fn ignore_patterns(name: &str, bytes: &[u8]) -> Result<Vec<String>, Diagnostics> {
    let wrong = |error: Error| error.at(&Document::new(name, LANGUAGE, "").first_line());
    if bytes.len() > LARGEST << 10 {
        return Err(wrong(Error::TooMuch(TooMuch::Size(LARGEST))).into());
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let patterns: Vec<String> = patterns(text).take(MOST + 1).collect();
    if patterns.len() > MOST {
        return Err(wrong(Error::TooManyPatterns(MOST)).into());
    }
    Ok(patterns)
}

fn patterns(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .filter_map(|line| {
            let (negated, pattern) = match line.strip_prefix('!') {
                Some(pattern) => (true, pattern.trim()),
                None => (false, line),
            };
            let pattern = clean(pattern);
            if pattern.is_empty() {
                return None;
            }
            Some(if negated {
                format!("!{pattern}")
            } else {
                pattern
            })
        })
}

/// Resolves `.`, `..` and repeated slashes; `.` alone stays.
fn clean(pattern: &str) -> String {
    if pattern.is_empty() {
        return String::new();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            // Nothing is above the root.
            ".." if pattern.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    match (parts.is_empty(), pattern.starts_with('/')) {
        (true, true) => String::new(),
        (true, false) => ".".to_owned(),
        _ => parts.join("/"),
    }
}

/// Patterns of paths as engines match them: `*`, `?`, `[a-z]`, `**` for any number of folders, and `!` for what an earlier
/// pattern should not have matched. What is below a match is matched as well (`moby/patternmatcher`,
/// `patternmatcher.go`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patterns(Vec<(bool, Vec<String>)>);

impl Patterns {
    /// Takes patterns in the form of [`ignore_patterns`].
    #[must_use]
    pub fn new<S: AsRef<str>>(patterns: &[S]) -> Self {
        let parsed = patterns.iter().map(|pattern| {
            let pattern = pattern.as_ref();
            let (negated, path) = match pattern.strip_prefix('!') {
                Some(path) => (true, path),
                None => (false, pattern),
            };
            let parts = path.split('/').filter(|part| !part.is_empty());
            (negated, parts.map(str::to_owned).collect())
        });
        Self(parsed.collect())
    }

    /// Whether the last pattern that matches the path, or a folder that it is in, has no `!`.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let last = self
            .0
            .iter()
            .rev()
            .find(|(_, pattern)| covers(pattern, &parts));
        last.is_some_and(|(negated, _)| !negated)
    }

    /// Whether something below a matched folder may not be matched after all.
    #[must_use]
    pub fn has_exceptions(&self) -> bool {
        self.0.iter().any(|(negated, _)| *negated)
    }
}

/// Whether the pattern matches the path or a folder that it is in. In time that grows with the product of their lengths.
fn covers(pattern: &[String], path: &[&str]) -> bool {
    if pattern == ["."] {
        return true;
    }
    // Which beginnings of the path the parts of the pattern seen so far match.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for part in pattern {
        let mut next = vec![false; path.len() + 1];
        if part == "**" {
            let first = reached.iter().position(|here| *here);
            if let Some(first) = first {
                next[first..].fill(true);
            }
        } else {
            for (index, name) in path.iter().enumerate() {
                next[index + 1] = reached[index] && glob(part, name);
            }
        }
        reached = next;
    }
    // A pattern that matches nothing but the root matches nothing in it.
    reached[1..].contains(&true)
}

/// Whether a part of a pattern matches a name (Go's `path/filepath`, `Match`).
fn glob(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut pos) = (0, 0);
    // Where the last `*` was, and what it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while pos < name.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, pos));
            at += 1;
        } else if let Some(length) = one(&pattern[at..], name[pos]) {
            at += length;
            pos += 1;
        } else if let Some((star_at, taken)) = star {
            at = star_at + 1;
            pos = taken + 1;
            star = Some((star_at, pos));
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|char| *char == '*')
}

/// How much of the pattern matches one character, if it does.
fn one(pattern: &[char], char: char) -> Option<usize> {
    match pattern {
        ['?', ..] => Some(1),
        ['\\', escaped, ..] => (*escaped == char).then_some(2),
        ['[', rest @ ..] => {
            let negated = rest.first() == Some(&'^');
            let set = if negated { &rest[1..] } else { rest };
            let end = set.iter().skip(1).position(|one| *one == ']')? + 1;
            let (mut found, mut index) = (false, 0);
            while index < end {
                if index + 2 < end && set[index + 1] == '-' {
                    found |= (set[index]..=set[index + 2]).contains(&char);
                    index += 3;
                } else {
                    found |= set[index] == char;
                    index += 1;
                }
            }
            (found != negated).then_some(1 + usize::from(negated) + end + 1)
        }
        [first, ..] => (*first == char).then_some(1),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignore_patterns(bytes: &[u8]) -> Vec<String> {
        super::ignore_patterns(".dockerignore", bytes).unwrap()
    }

    #[test]
    fn patterns_are_cleaned_as_docker_does() {
        let text = "\u{feff}# comment\n\n  *  \n!/src/\n! a/../b//c\n./d/.\n/\n #not a comment\r\n";
        assert_eq!(
            ignore_patterns(text.as_bytes()),
            ["*", "!src", "!b/c", "d", "#not a comment"]
        );
        assert_eq!(ignore_patterns(b".\n../x\n\xff"), [".", "../x", "\u{fffd}"]);
    }

    #[test]
    fn paths_are_matched_as_docker_does() {
        for (patterns, path, expected) in [
            (&["src"][..], "src/a/b.py", true),
            (&["src"], "srcs", false),
            (&["*.py"], "a.py", true),
            (&["*.py"], "a/b.py", false),
            (&["**/*.py"], "a.py", true),
            (&["**/*.py"], "a/b/c.py", true),
            (&["a/**"], "a/b/c", true),
            (&["a/**"], "a", true),
            (&["a/**/z"], "a/b/c/z/y", true),
            (&["**"], "a/b", true),
            (&["."], "a", true),
            (&["*", "!src", "src/x"], "src/a", false),
            (&["*", "!src", "src/x"], "src/x/y", true),
            (&["*", "!src", "src/x"], "docs", true),
            (&["a?c"], "abc", true),
            (&["[a-c]x"], "bx", true),
            (&["[^a-c]x"], "bx", false),
            (&["[^a-c]x"], "dx", true),
            (&["a\\*"], "a*", true),
            (&["a\\*"], "ab", false),
            (&["[a"], "a", false),
            (&["*a*b*"], "xxaxxbxx", true),
            (&["*a*b*"], "xxbxxaxx", false),
            (&[], "a", false),
        ] {
            assert_eq!(
                Patterns::new(patterns).matches(path),
                expected,
                "{patterns:?} {path}"
            );
        }
    }

    #[test]
    fn files_over_their_limits_are_told_so() {
        let told = |text: &str| {
            let told = super::ignore_patterns(".dockerignore", text.as_bytes()).unwrap_err();
            told.to_string()
        };
        assert_eq!(ignore_patterns("a\n#\n".repeat(500).as_bytes()).len(), 500);
        assert_eq!(
            told(&"a\n".repeat(501)),
            ".dockerignore:1: this file has more than 500 patterns\n  hint: name folders in place of the files in them"
        );
        assert!(told(&"#".repeat(300_000)).contains("this file is larger than 256 KiB"));
    }

    #[test]
    fn no_pattern_takes_long() {
        let pattern = "**/".repeat(500) + &"*a".repeat(500);
        let path = "a/".repeat(500) + &"a".repeat(400) + "b";
        assert!(!Patterns::new(&[pattern]).matches(&path));
    }
}
