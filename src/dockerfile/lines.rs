//! The instructions of a Dockerfile as texts: continued lines joined, comments removed, here-documents attached (BuildKit,
//! `frontend/dockerfile/parser/parser.go`).

use std::ops::Range;

use super::error::Error;
use super::pairs::words;

/// Instructions with here-documents.
const WITH_TEXTS: [&str; 3] = ["ADD", "COPY", "RUN"];

/// An instruction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// In upper case.
    pub(super) keyword: String,
    /// What follows, in one line.
    pub(super) rest: String,
    /// What follows, as a shell reads it: `\` continues a line whatever the escape character is.
    pub(super) script: String,
    pub(super) texts: Vec<HereDocument>,
    /// The first line.
    pub(super) range: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HereDocument {
    pub(super) text: String,
    delimiter: String,
}

impl Line {
    /// The script with its here-documents behind it.
    pub(super) fn with_texts(&self, script: &str) -> String {
        let mut whole = script.to_owned();
        for text in &self.texts {
            whole.push('\n');
            whole.push_str(&text.text);
            whole.push_str(&text.delimiter);
        }
        whole
    }
}

/// The escape directive, which may only be at the top.
pub(super) fn escape(text: &str) -> char {
    let directives = text.lines().map_while(|line| {
        let (name, value) = line.trim().strip_prefix('#')?.split_once('=')?;
        Some((name.trim().to_ascii_lowercase(), value.trim()))
    });
    let mut directives = directives.filter(|(name, _)| name == "escape");
    match directives.next() {
        Some((_, "`")) => '`',
        _ => '\\',
    }
}

/// The instructions, or the error of a line.
pub(super) fn lines(text: &str, escape: char) -> Vec<Result<Line, (Error, Range<usize>)>> {
    let mut physical = physical(text).peekable();
    let mut found = Vec::new();
    while let Some((range, first)) = physical.next() {
        let bare = first.trim();
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        let mut joined = Joined::default();
        let mut open = joined.add(first, escape);
        while open {
            let Some((_, next)) = physical.next() else {
                break;
            };
            let bare = next.trim();
            if !bare.is_empty() && !bare.starts_with('#') {
                open = joined.add(next, escape);
            }
        }
        let mut line = joined.line(range.clone());
        let mut missing = None;
        for (delimiter, strips_tabs) in delimiters(&line, escape) {
            match here_document(&mut physical, &delimiter, strips_tabs) {
                Some(text) => line.texts.push(HereDocument { text, delimiter }),
                None => missing = Some(delimiter),
            }
        }
        found.push(match missing {
            Some(delimiter) => Err((Error::OpenHereDocument(delimiter), range)),
            None => Ok(line),
        });
    }
    found
}

/// The lines of the file, with their ranges.
fn physical(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let bare = line.trim_end_matches(['\n', '\r']);
        let range = start..start + bare.len();
        start += line.len();
        (range, bare)
    })
}

#[derive(Default)]
struct Joined {
    plain: String,
    script: String,
}

impl Joined {
    /// Whether the next line continues this one.
    fn add(&mut self, line: &str, escape: char) -> bool {
        let end = line.trim_end();
        let without = end.strip_suffix(escape);
        let without = without.filter(|rest| !rest.ends_with(escape));
        if !self.script.is_empty() {
            self.script.push_str(" \\\n");
        }
        self.script.push_str(without.map_or(line, str::trim_end));
        self.plain.push_str(without.unwrap_or(line));
        without.is_some()
    }

    fn line(self, range: Range<usize>) -> Line {
        let split = |text: &str| {
            let text = text.trim();
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            let (keyword, rest) = text.split_at(end);
            (keyword.to_ascii_uppercase(), rest.trim().to_owned())
        };
        let (keyword, rest) = split(&self.plain);
        let script = self.script.trim();
        let end = script.find(char::is_whitespace).unwrap_or(script.len());
        let script = script[end..].trim_start();
        // The keyword may stand alone on its line.
        let script = script.strip_prefix("\\\n").unwrap_or(script);
        Line {
            keyword,
            rest,
            script: script.trim().to_owned(),
            texts: Vec::new(),
            range,
        }
    }
}

/// The delimiters of the here-documents, and whether tabs at the start of their lines are removed.
fn delimiters(line: &Line, escape: char) -> Vec<(String, bool)> {
    let is_repeated = line.keyword == "ONBUILD";
    if !WITH_TEXTS.contains(&line.keyword.as_str()) && !is_repeated {
        return Vec::new();
    }
    let words = words(&line.rest, escape);
    let found = words.iter().filter_map(|word| {
        let after = word
            .trim_start_matches(|char: char| char.is_ascii_digit())
            .strip_prefix("<<")?;
        let strips_tabs = after.starts_with('-');
        let name = after.trim_start_matches('-').trim_matches(['"', '\'']);
        let fits = |char: char| char.is_ascii_alphanumeric() || "_.-".contains(char);
        (!name.is_empty() && name.chars().all(fits)).then(|| (name.to_owned(), strips_tabs))
    });
    found.collect()
}

/// The text up to the delimiter; `None` if the file ends before it.
fn here_document<'t>(
    lines: &mut impl Iterator<Item = (Range<usize>, &'t str)>,
    delimiter: &str,
    strips_tabs: bool,
) -> Option<String> {
    let mut text = String::new();
    for (_, line) in lines {
        let line = if strips_tabs {
            line.trim_start_matches('\t')
        } else {
            line
        };
        if line == delimiter {
            return Some(text);
        }
        text.push_str(line);
        text.push('\n');
    }
    None
}
