//! What a terminal shows of a mistake or a warning: the line with a mark below it, and the hint.

use std::fmt::Write as _;

use super::{Diagnostic, Place, Warning};
use crate::rules::{Rule, Severity};

/// Not more lines of a long value are shown.
const LINES: usize = 6;
/// Not more characters of a long line are shown.
const WIDTH: usize = 160;

/// Whether a text has colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// It has.
    On,
    /// It has none.
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

    /// The text in bold letters.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.paint(Self::BOLD, text)
    }

    /// The text in the colour of what is only a note.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }
}

impl Diagnostic {
    /// The mistake as a terminal shows it.
    #[must_use]
    pub fn rendered(&self, colour: Colour) -> String {
        let place = self.place.as_ref();
        rendered(
            Severity::Error,
            self.rule,
            place,
            &self.what,
            &self.hint,
            colour,
        )
    }
}

impl Warning {
    /// The warning as a terminal shows it.
    #[must_use]
    pub fn rendered(&self, colour: Colour) -> String {
        let severity = self.severity();
        let place = Some(&self.place);
        rendered(
            severity,
            Some(self.rule),
            place,
            &self.what,
            &self.hint,
            colour,
        )
    }
}

fn rendered(
    severity: Severity,
    rule: Option<Rule>,
    place: Option<&Place>,
    what: &str,
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
    let mut out = format!("{word}{}\n", colour.bold(&format!(": {what}")));
    if let Some(place) = place {
        lines(place, code, colour, &mut out);
    }
    let _ = writeln!(out, "  {} {hint}", colour.paint(Colour::BLUE, "hint:"));
    out
}

fn lines(place: &Place, code: &str, colour: Colour, out: &mut String) {
    let (start, end) = (place.start(), place.end());
    let shown = place.document().shown();
    let width = end.line.to_string().len();
    let margin = " ".repeat(width);
    let paint = |text: &str| colour.paint(Colour::BLUE, text);
    let name = place.document().name();
    let _ = writeln!(
        out,
        "{margin}{} {name}:{}:{}",
        paint("-->"),
        start.line,
        start.character + 1
    );
    let _ = writeln!(out, "{margin} {}", paint("|"));
    let count = end.line.saturating_sub(start.line) + 1;
    let all = shown.lines().enumerate().skip(start.line.saturating_sub(1));
    for (index, line) in all.take(count.min(LINES)) {
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
        // Of a line that is too long, the part with the beginning of what is marked.
        let cut = if length > WIDTH {
            first.saturating_sub(WIDTH / 2)
        } else {
            0
        };
        let line: String = line.chars().skip(cut).take(WIDTH).collect();
        let (first, last) = (first - cut, last.saturating_sub(cut).min(WIDTH));
        let number_shown = paint(&format!("{number:>width$} |"));
        let _ = writeln!(out, "{}", format!("{number_shown} {line}").trim_end());
        let marks = "^".repeat(last.saturating_sub(first).max(1));
        let _ = writeln!(
            out,
            "{margin} {} {}{}",
            paint("|"),
            " ".repeat(first),
            colour.paint(code, &marks)
        );
    }
    if count > LINES {
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
            place: Document::new("f.toml", "toml", text).place(span),
            what: "it moves".to_owned(),
            hint: "pin it".to_owned(),
        }
    }

    #[test]
    fn the_line_and_a_mark_below_it() {
        let text = "a = 1\n\tbase = \"ö\" # x\n";
        assert_eq!(
            warning(text, 14..18).rendered(Colour::Off),
            "\
warning[LatestTag]: it moves
 --> f.toml:2:9
  |
2 |  base = \"ö\" # x
  |         ^^^
  hint: pin it
"
        );
    }

    #[test]
    fn several_lines() {
        assert_eq!(
            warning("a = [\n  1,\n]\n", 4..12).rendered(Colour::Off),
            "\
warning[LatestTag]: it moves
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
    fn a_long_line_is_cut_around_the_mark() {
        let text = format!("a = [{}2]", "1,".repeat(500));
        let shown = warning(&text, 1005..1006).rendered(Colour::Off);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[3].len(), "1 | ".len() + 82);
        assert!(lines[3].ends_with(",2]"), "{shown}");
        assert_eq!(lines[4].len(), lines[3].len() - 1);
    }

    #[test]
    fn without_a_place() {
        let mistake = Diagnostic {
            place: None,
            what: "there is no target".to_owned(),
            hint: "name one".to_owned(),
            rule: None,
        };
        assert_eq!(
            mistake.rendered(Colour::Off),
            "error: there is no target\n  hint: name one\n"
        );
        assert_eq!(
            mistake.rendered(Colour::On),
            "\x1b[1;31merror\x1b[0m\x1b[1m: there is no target\x1b[0m\n  \x1b[1;34mhint:\x1b[0m name one\n"
        );
    }

    #[test]
    fn no_place_makes_it_panic() {
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
