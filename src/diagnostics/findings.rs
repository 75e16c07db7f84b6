//! All that a check finds, at once, and the forms in which it is handed on.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Colour, Diagnostic, Diagnostics, Document, MOST, Place, Position, Warning};
use crate::rules::Severity;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// The build file, to blame where no other is.
    pub document: Document,
    /// What keeps the build from being done.
    pub mistakes: Vec<Diagnostic>,
    /// What should be looked at.
    pub warnings: Vec<Warning>,
}

impl Findings {
    /// Nothing, so far.
    #[must_use]
    pub fn new(document: Document) -> Self {
        Self {
            document,
            mistakes: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Adds the mistakes of a step that failed.
    pub fn failed(&mut self, mistakes: &Diagnostics) {
        self.mistakes.extend(mistakes.iter().cloned());
    }

    /// The same in the order of files and lines, each once.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        let key = |place: &Place| (place.document().name().to_owned(), place.span().start);
        self.mistakes
            .sort_by_cached_key(|one| one.place.as_ref().map(key));
        self.mistakes.dedup();
        self.mistakes.truncate(MOST);
        self.warnings
            .sort_by_cached_key(|one| (key(&one.place), one.rule));
        self.warnings.dedup();
        self.warnings.truncate(MOST);
        self
    }

    /// Whether anything is more than a note.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        let warns = |one: &Warning| one.severity() != Severity::Note;
        !self.mistakes.is_empty() || self.warnings.iter().any(warns)
    }

    /// As a terminal shows it; nothing when there is nothing.
    #[must_use]
    pub fn rendered(&self, colour: Colour) -> String {
        let mistakes = self.mistakes.iter().map(|one| one.rendered(colour));
        let warnings = self.warnings.iter().map(|one| one.rendered(colour));
        warnings.chain(mistakes).collect::<Vec<_>>().join("\n")
    }

    /// How many there are of each, in a sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        let count = |severity: &[Severity]| {
            let found = self.warnings.iter().map(Warning::severity);
            found.filter(|one| severity.contains(one)).count()
        };
        let parts = [
            (self.mistakes.len(), "mistake"),
            (count(&[Severity::Warning, Severity::Off]), "warning"),
            (count(&[Severity::Note]), "note"),
        ];
        let found: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}{}", if *count == 1 { "" } else { "s" }))
            .collect();
        if found.is_empty() {
            "nothing to mend".to_owned()
        } else {
            found.join(", ")
        }
    }

    /// As engines take what a check of a Dockerfile finds (`frontend/subrequests/lint/lint.go`), and `mistakes` besides,
    /// of which there is one at most in a Dockerfile.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut sources = vec![self.document.clone()];
        let warnings: Vec<Value> = self
            .warnings
            .iter()
            .map(|one| {
                json!({
                    "ruleName": one.rule.id(),
                    "description": one.rule.description(),
                    "url": one.rule.url(),
                    "detail": format!("{}{}; {}", self.elsewhere(&one.place), one.what, one.hint),
                    "severity": one.severity().as_str(),
                    "location": location(Some(&one.place), &mut sources),
                })
            })
            .collect();
        let mistakes: Vec<Value> = self
            .mistakes
            .iter()
            .map(|one| {
                json!({
                    "ruleName": one.rule.map(crate::rules::Rule::id),
                    "url": one.rule.map(crate::rules::Rule::url),
                    "message": one.what,
                    "hint": one.hint,
                    "location": location(one.place.as_ref(), &mut sources),
                })
            })
            .collect();
        let mut all = json!({ "warnings": warnings, "mistakes": mistakes });
        if let Some(first) = mistakes.first() {
            // All that are in the same file are marked there.
            let mut place = first["location"].clone();
            let source = &place["sourceIndex"];
            let ranges: Vec<Value> = mistakes
                .iter()
                .filter(|one| &one["location"]["sourceIndex"] == source)
                .flat_map(|one| {
                    one["location"]["ranges"]
                        .as_array()
                        .cloned()
                        .unwrap_or_default()
                })
                .collect();
            place["ranges"] = ranges.into();
            all["buildError"] = json!({ "message": self.message(), "location": place });
        }
        all["sources"] = sources.iter().map(source).collect();
        all
    }

    /// Where a place is that is not in the build file: clients show the lines of any file under the build file's name.
    fn elsewhere(&self, place: &Place) -> String {
        let name = place.document().name();
        if name == self.document.name() {
            String::new()
        } else {
            format!("{name}:{}: ", place.start().line)
        }
    }

    /// All mistakes as the engine tells those of a build, with their rules.
    fn message(&self) -> String {
        let mut message = String::new();
        for one in &self.mistakes {
            if !message.is_empty() {
                message.push('\n');
            }
            if let Some(rule) = one.rule {
                let _ = write!(message, "{rule}: ");
            }
            message.push_str(&one.to_string());
        }
        message
    }
}

impl Warning {
    /// How much it weighs.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self.rule.severity() {
            Severity::Off => Severity::Warning,
            severity => severity,
        }
    }
}

fn location(place: Option<&Place>, sources: &mut Vec<Document>) -> Value {
    let Some(place) = place else {
        return json!({ "sourceIndex": 0, "ranges": [] });
    };
    let known = sources.iter().position(|known| known == place.document());
    let index = known.unwrap_or_else(|| {
        sources.push(place.document().clone());
        sources.len() - 1
    });
    json!({ "sourceIndex": index, "ranges": [range(place)] })
}

/// A place as engines have it (`solver/pb/ops.proto`, message `Range`).
#[must_use]
pub fn range(place: &Place) -> Value {
    let position =
        |position: Position| json!({ "line": position.line, "character": position.character });
    json!({ "start": position(place.start()), "end": position(place.end()) })
}

/// A text as engines have it (`solver/pb/ops.proto`, message `SourceInfo`).
#[must_use]
pub fn source(document: &Document) -> Value {
    use base64::Engine as _;
    let data = base64::engine::general_purpose::STANDARD.encode(document.shown());
    json!({ "filename": document.name(), "language": document.language(), "data": data })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rule;

    fn findings() -> Findings {
        let document = Document::new("poetry.build.toml", "toml", "a\nb\n");
        let lock = Document::new("poetry.lock", "toml", "x\n");
        let mistake = |place: Place, rule| Diagnostic {
            place: Some(place),
            what: "it is wrong".to_owned(),
            hint: "mend it".to_owned(),
            rule,
        };
        let warning = |rule, place| Warning {
            rule,
            place,
            what: "it moves".to_owned(),
            hint: "pin it".to_owned(),
        };
        let mut findings = Findings::new(document.clone());
        findings.mistakes = vec![
            mistake(lock.place(0..1), Some(Rule::StaleLock)),
            mistake(document.place(2..3), None),
            mistake(document.place(0..1), None),
        ];
        findings.warnings = vec![
            warning(Rule::LatestTag, document.place(2..3)),
            warning(Rule::BaseNotPinned, document.place(2..3)),
            warning(Rule::SecretInEnv, lock.place(0..1)),
        ];
        findings.sorted()
    }

    #[test]
    fn engines_get_all_at_once() {
        let json = findings().json();
        assert_eq!(json["warnings"][0]["ruleName"], "BaseNotPinned");
        assert_eq!(json["warnings"][0]["severity"], "note");
        assert_eq!(json["warnings"][1]["detail"], "it moves; pin it");
        assert_eq!(
            json["warnings"][2]["detail"],
            "poetry.lock:1: it moves; pin it"
        );
        assert_eq!(
            json["warnings"][1]["location"]["ranges"][0]["start"]["line"],
            2
        );
        assert_eq!(json["mistakes"][2]["ruleName"], "StaleLock");
        assert_eq!(json["mistakes"][2]["location"]["sourceIndex"], 1);
        assert_eq!(json["sources"][1]["filename"], "poetry.lock");
        let error = &json["buildError"];
        assert_eq!(
            error["message"],
            "poetry.build.toml:1: it is wrong\n  hint: mend it\npoetry.build.toml:2: it is wrong\n  hint: mend it\nStaleLock: poetry.lock:1: it is wrong\n  hint: mend it"
        );
        assert_eq!(error["location"]["sourceIndex"], 0);
        assert_eq!(error["location"]["ranges"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn notes_are_not_bad() {
        let mut findings = findings();
        assert_eq!(findings.summary(), "3 mistakes, 2 warnings, 1 note");
        findings.mistakes.clear();
        assert!(findings.is_bad());
        findings
            .warnings
            .retain(|one| one.rule == Rule::BaseNotPinned);
        assert!(!findings.is_bad());
        assert_eq!(findings.json().get("buildError"), None);
        findings.warnings.clear();
        assert_eq!(findings.summary(), "nothing to mend");
        assert_eq!(findings.rendered(Colour::Off), "");
    }
}
