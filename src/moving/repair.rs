//! Values that a Dockerfile can have and a build file cannot, such as a port of 0, become comments.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Origin, Remark};
use crate::build_file::{BuildFile, DEFAULT_NAME};

/// The build file with what it cannot have as comments, and a remark for each.
#[must_use]
pub fn repaired(text: &str) -> (String, Vec<Remark>) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut remarks = Vec::new();
    // Each round turns at least one line into a comment.
    for _ in 0..lines.len() {
        let text = lines.join("\n") + "\n";
        let Err(errors) = BuildFile::parse(DEFAULT_NAME, text.as_bytes(), &BTreeMap::new()) else {
            return (text, remarks);
        };
        let mut found = BTreeSet::new();
        for error in errors.iter() {
            let Some(span) = &error.span else { continue };
            let line = span.start().line;
            remarks.push(Remark {
                origin: Origin {
                    file: DEFAULT_NAME.to_owned(),
                    line,
                },
                what: error.message.clone(),
                advice: error.hint.clone(),
            });
            found.extend(entry(&lines, line - 1));
        }
        if found.is_empty() {
            break;
        }
        for at in found {
            lines[at] = format!("# {}", lines[at]);
        }
    }
    (String::new(), remarks)
}

/// The lines of the key at a line, or of the whole table at a header.
fn entry(lines: &[String], at: usize) -> Vec<usize> {
    let is_comment = |line: &str| line.is_empty() || line.starts_with('#');
    let Some(line) = lines.get(at).filter(|line| !is_comment(line)) else {
        return Vec::new();
    };
    let is_header = |line: &str| line.starts_with('[');
    if is_header(line) {
        let rest = lines.iter().enumerate().skip(at + 1);
        let rest = rest.take_while(|(_, line)| !is_header(line));
        let keys = rest.filter(|(_, line)| !is_comment(line)).map(|(at, _)| at);
        return [at].into_iter().chain(keys).collect();
    }
    let starts_key = |line: &str| {
        line.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '"')
            && line.contains(" = ")
    };
    let start = (0..=at)
        .rev()
        .find(|&at| starts_key(&lines[at]))
        .unwrap_or(at);
    let rest = lines.iter().enumerate().skip(start + 1);
    let rest =
        rest.take_while(|(_, line)| !line.is_empty() && !starts_key(line) && !is_header(line));
    [start].into_iter().chain(rest.map(|(at, _)| at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_build_file_cannot_have_becomes_a_comment() {
        let (text, remarks) = repaired(
            "# syntax=x\n\n[runtime]\nexpose = [0]\nworkdir = \"app\"\ncmd = [\n    \"a\",\n]\n\n[[copy]]\nsrc = \"../a\"\ndest = \"/a\"\n",
        );
        assert_eq!(
            text,
            "# syntax=x\n\n[runtime]\n# expose = [0]\n# workdir = \"app\"\ncmd = [\n    \"a\",\n]\n\n# [[copy]]\n# src = \"../a\"\n# dest = \"/a\"\n"
        );
        let lines: Vec<usize> = remarks.iter().map(|remark| remark.origin.line).collect();
        assert_eq!(lines, [4, 5, 11, 10]);
    }

    #[test]
    fn a_correct_file_stays_as_it_is() {
        let text = "[runtime]\ncmd = [\"a\"]\n";
        assert_eq!(repaired(text), (text.to_owned(), Vec::new()));
    }
}
