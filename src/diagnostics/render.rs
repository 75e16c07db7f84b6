//! Errors and warnings as a terminal shows them: the lines with markers below them, and the hint.

use std::fmt::Write as _;

use super::diagnostic::{Diagnostic, Warning};
use super::document::Span;
use crate::rules::{Rule, Severity};

/// How many lines of a long value are shown.
const MAX_LINES: usize = 6;
/// How many characters of a long line are shown.
const MAX_WIDTH: usize = 160;

/// Whether to colour the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    On,
    Off,
}

impl Colour {
    const BOLD: &str = "1";
    const BLUE: &str = "1;34";

    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::On => format!("\x1b[{code}m{text}\x1b[0m"),
            Self::Off => text.to_owned(),
        }
    }

    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.paint(Self::BOLD, text)
    }

    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }
}

impl Diagnostic {
    #[must_use]
    pub fn rendered(&self, colour: Colour) -> String {
        let span = self.span.as_ref();
        rendered(
            Severity::Error,
            self.rule,
            span,
            &self.message,
            &self.hint,
            colour,
        )
    }
}

impl Warning {
    #[must_use]
    pub fn rendered(&self, colour: Colour) -> String {
        let severity = self.severity();
        let span = Some(&self.span);
        rendered(
            severity,
            Some(self.rule),
            span,
            &self.message,
            &self.hint,
            colour,
        )
    }
}

fn rendered(
    severity: Severity,
    rule: Option<Rule>,
    span: Option<&Span>,
    message: &str,
    hint: &str,
    colour: Colour,
) -> String {
    let (word, code) = match severity {
        Severity::Error => ("error", "1;31"),
        Severity::Warning | Severity::Off => ("warning", "1;33"),
        Severity::Note => ("note", "1;36"),
    };
    let rule = rule.map(|rule| format!("[{rule}]")).unwrap_or_default();
    let word = colour.paint(code, &format!("{word}{rule}"));
    let mut out = format!("{word}{}\n", colour.bold(&format!(": {message}")));
    if let Some(span) = span {
        lines(span, code, colour, &mut out);
    }
    let _ = writeln!(out, "  {} {hint}", colour.paint(Colour::BLUE, "hint:"));
    out
}

fn lines(span: &Span, code: &str, colour: Colour, out: &mut String) {
    let (start, end) = (span.start(), span.end());
    let text = span.document().masked();
    let width = end.line.to_string().len();
    let margin = " ".repeat(width);
    let paint = |text: &str| colour.paint(Colour::BLUE, text);
    let name = span.document().name();
    let _ = writeln!(
        out,
        "{margin}{} {name}:{}:{}",
        paint("-->"),
        start.line,
        start.character + 1
    );
    let count = end.line.saturating_sub(start.line) + 1;
    let all = text.lines().enumerate().skip(start.line.saturating_sub(1));
    let mut shown = all.take(count.min(MAX_LINES)).peekable();
    if shown.peek().is_some() {
        let _ = writeln!(out, "{margin} {}", paint("|"));
    }
    for (index, line) in shown {
        let number = index + 1;
        let line = line.trim_end().replace('\t', " ");
        let length = line.chars().count();
        let first = if number == start.line {
            start.character
        } else {
            indent(&line)
        };
        let last = if number == end.line {
            end.character
        } else {
            length
        };
        // Cut a long line around the start of the marked range.
        let cut = if length > MAX_WIDTH {
            first.saturating_sub(MAX_WIDTH / 2)
        } else {
            0
        };
        let line: String = line.chars().skip(cut).take(MAX_WIDTH).collect();
        let (first, last) = (first - cut, last.saturating_sub(cut).min(MAX_WIDTH));
        let numbered = paint(&format!("{number:>width$} |"));
        let _ = writeln!(out, "{}", format!("{numbered} {line}").trim_end());
        let marks = "^".repeat(last.saturating_sub(first).max(1));
        let _ = writeln!(
            out,
            "{margin} {} {}{}",
            paint("|"),
            " ".repeat(first),
            colour.paint(code, &marks)
        );
    }
    if count > MAX_LINES {
        let _ = writeln!(out, "{margin} {} ...", paint("|"));
    }
}

fn indent(line: &str) -> usize {
    line.chars().take_while(|char| *char == ' ').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Document;

    fn warning(text: &str, span: std::ops::Range<usize>) -> Warning {
        Warning {
            rule: Rule::LatestTag,
            span: Document::new("f.toml", "toml", text).span(span),
            message: "this moves".to_owned(),
            hint: "pin it".to_owned(),
        }
    }

    #[test]
    fn the_line_is_shown_with_markers_below_it() {
        let text = "a = 1\n\tbase = \"ö\" # x\n";
        assert_eq!(
            warning(text, 14..18).rendered(Colour::Off),
            "\
warning[LatestTag]: this moves
 --> f.toml:2:9
  |
2 |  base = \"ö\" # x
  |         ^^^
  hint: pin it
"
        );
    }

    #[test]
    fn each_line_of_a_range_is_marked() {
        assert_eq!(
            warning("a = [\n  1,\n]\n", 4..12).rendered(Colour::Off),
            "\
warning[LatestTag]: this moves
 --> f.toml:1:5
  |
1 | a = [
  |     ^
2 |   1,
  |   ^^
3 | ]
  | ^
  hint: pin it
"
        );
        let long = "x\n".repeat(20);
        let shown = warning(&long, 0..40).rendered(Colour::Off);
        assert_eq!(shown.matches("| x\n").count(), 6);
        assert!(shown.contains("| ...\n"));
    }

    #[test]
    fn a_long_line_is_cut_around_the_marked_range() {
        let text = format!("a = [{}2]", "1,".repeat(500));
        let shown = warning(&text, 1005..1006).rendered(Colour::Off);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[3].len(), "1 | ".len() + 82);
        assert!(lines[3].ends_with(",2]"), "{shown}");
        assert_eq!(lines[4].len(), lines[3].len() - 1);
    }

    #[test]
    fn an_error_without_a_span_has_no_lines() {
        let error = Diagnostic {
            span: None,
            message: "unknown target".to_owned(),
            hint: "name one".to_owned(),
            rule: None,
        };
        assert_eq!(
            error.rendered(Colour::Off),
            "error: unknown target\n  hint: name one\n"
        );
        assert_eq!(
            error.rendered(Colour::On),
            "\x1b[1;31merror\x1b[0m\x1b[1m: unknown target\x1b[0m\n  \x1b[1;34mhint:\x1b[0m name one\n"
        );
    }

    #[test]
    fn no_span_panics() {
        let text = "ab\n\nüö\n";
        for start in 0..text.len() + 2 {
            for end in start..text.len() + 2 {
                let shown = warning(text, start..end).rendered(Colour::On);
                assert!(shown.contains("f.toml:"));
            }
        }
        assert!(
            warning("", 0..0)
                .rendered(Colour::Off)
                .contains("f.toml:1:1")
        );
    }
}
