//! Everything that a check finds, and its output formats.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::diagnostic::{Diagnostic, Diagnostics, MAX_REPORTED, Warning};
use super::document::{Document, Position, Span};
use super::render::Colour;
use crate::rules::Severity;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// The build file: the source of findings without a span.
    pub document: Document,
    pub errors: Vec<Diagnostic>,
    pub warnings: Vec<Warning>,
}

impl Findings {
    #[must_use]
    pub fn new(document: Document) -> Self {
        Self {
            document,
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub fn add_errors(&mut self, errors: &Diagnostics) {
        self.errors.extend(errors.iter().cloned());
    }

    /// Sorts by file and line, and removes duplicates.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        let key = |span: &Span| (span.document().name().to_owned(), span.range().start);
        self.errors
            .sort_by_cached_key(|error| error.span.as_ref().map(key));
        self.errors.dedup();
        self.errors.truncate(MAX_REPORTED);
        self.warnings
            .sort_by_cached_key(|warning| (key(&warning.span), warning.rule));
        self.warnings.dedup();
        self.warnings.truncate(MAX_REPORTED);
        self
    }

    /// Whether there are errors or warnings; notes do not count.
    #[must_use]
    pub fn has_problems(&self) -> bool {
        let warns = |warning: &Warning| warning.severity() != Severity::Note;
        !self.errors.is_empty() || self.warnings.iter().any(warns)
    }

    /// The text for a terminal; empty without findings.
    #[must_use]
    pub fn rendered(&self, colour: Colour) -> String {
        let errors = self.errors.iter().map(|error| error.rendered(colour));
        let warnings = self.warnings.iter().map(|warning| warning.rendered(colour));
        warnings.chain(errors).collect::<Vec<_>>().join("\n")
    }

    /// The number of errors, warnings and notes.
    #[must_use]
    pub fn summary(&self) -> String {
        let count = |severity: &[Severity]| {
            let found = self.warnings.iter().map(Warning::severity);
            found.filter(|found| severity.contains(found)).count()
        };
        let parts = [
            (self.errors.len(), "error"),
            (count(&[Severity::Warning, Severity::Off]), "warning"),
            (count(&[Severity::Note]), "note"),
        ];
        let found: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| format!("{count} {noun}{}", if *count == 1 { "" } else { "s" }))
            .collect();
        if found.is_empty() {
            "no problems found".to_owned()
        } else {
            found.join(", ")
        }
    }

    /// The format of Dockerfile checks (`frontend/subrequests/lint/lint.go` in BuildKit), plus `errors`: `buildError` has
    /// room for only one location and message.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut sources = vec![self.document.clone()];
        let warnings: Vec<Value> = self
            .warnings
            .iter()
            .map(|warning| {
                json!({
                    "ruleName": warning.rule.id(),
                    "description": warning.rule.description(),
                    "url": warning.rule.url(),
                    "detail": format!("{}{}; {}", self.location_prefix(&warning.span), warning.message, warning.hint),
                    "severity": warning.severity().as_str(),
                    "location": location(Some(&warning.span), &mut sources),
                })
            })
            .collect();
        let errors: Vec<Value> = self
            .errors
            .iter()
            .map(|error| {
                json!({
                    "ruleName": error.rule.map(crate::rules::Rule::id),
                    "url": error.rule.map(crate::rules::Rule::url),
                    "message": error.message,
                    "hint": error.hint,
                    "location": location(error.span.as_ref(), &mut sources),
                })
            })
            .collect();
        let mut all = json!({ "warnings": warnings, "errors": errors });
        if let Some(first) = errors.first() {
            // `buildError` marks the ranges of all errors in the first error's file.
            let mut span = first["location"].clone();
            let source = &span["sourceIndex"];
            let ranges: Vec<Value> = errors
                .iter()
                .filter(|error| &error["location"]["sourceIndex"] == source)
                .flat_map(|error| {
                    error["location"]["ranges"]
                        .as_array()
                        .cloned()
                        .unwrap_or_default()
                })
                .collect();
            span["ranges"] = ranges.into();
            all["buildError"] = json!({ "message": self.build_error_message(), "location": span });
        }
        all["sources"] = sources.iter().map(source).collect();
        all
    }

    /// The location of a span outside the build file. Clients show every warning with the build file's name.
    fn location_prefix(&self, span: &Span) -> String {
        let name = span.document().name();
        if name == self.document.name() {
            String::new()
        } else {
            format!("{name}:{}: ", span.start().line)
        }
    }

    /// All errors with their rules, in one text.
    fn build_error_message(&self) -> String {
        let mut message = String::new();
        for error in &self.errors {
            if !message.is_empty() {
                message.push('\n');
            }
            if let Some(rule) = error.rule {
                let _ = write!(message, "{rule}: ");
            }
            message.push_str(&error.to_string());
        }
        message
    }
}

fn location(span: Option<&Span>, sources: &mut Vec<Document>) -> Value {
    let Some(span) = span else {
        return json!({ "sourceIndex": 0, "ranges": [] });
    };
    let known = sources.iter().position(|known| known == span.document());
    let index = known.unwrap_or_else(|| {
        sources.push(span.document().clone());
        sources.len() - 1
    });
    json!({ "sourceIndex": index, "ranges": [range(span)] })
}

/// A span in BuildKit's format (message `Range` in `solver/pb/ops.proto`).
#[must_use]
pub fn range(span: &Span) -> Value {
    let position =
        |position: Position| json!({ "line": position.line, "character": position.character });
    json!({ "start": position(span.start()), "end": position(span.end()) })
}

/// A document in BuildKit's format (message `SourceInfo` in `solver/pb/ops.proto`).
#[must_use]
pub fn source(document: &Document) -> Value {
    use base64::Engine as _;
    let data = base64::engine::general_purpose::STANDARD.encode(document.masked());
    json!({ "filename": document.name(), "language": document.language(), "data": data })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rule;

    fn findings() -> Findings {
        let document = Document::new("poetry.build.toml", "toml", "a\nb\n");
        let lock = Document::new("poetry.lock", "toml", "x\n");
        let error = |span: Span, rule| Diagnostic {
            span: Some(span),
            message: "this is wrong".to_owned(),
            hint: "fix it".to_owned(),
            rule,
        };
        let warning = |rule, span| Warning {
            rule,
            span,
            message: "this moves".to_owned(),
            hint: "pin it".to_owned(),
        };
        let mut findings = Findings::new(document.clone());
        findings.errors = vec![
            error(lock.span(0..1), Some(Rule::StaleLock)),
            error(document.span(2..3), None),
            error(document.span(0..1), None),
        ];
        findings.warnings = vec![
            warning(Rule::LatestTag, document.span(2..3)),
            warning(Rule::BaseNotPinned, document.span(2..3)),
            warning(Rule::SecretInEnv, lock.span(0..1)),
        ];
        findings.sorted()
    }

    #[test]
    fn json_contains_all_findings() {
        let json = findings().json();
        assert_eq!(json["warnings"][0]["ruleName"], "BaseNotPinned");
        assert_eq!(json["warnings"][0]["severity"], "note");
        assert_eq!(json["warnings"][1]["detail"], "this moves; pin it");
        assert_eq!(
            json["warnings"][2]["detail"],
            "poetry.lock:1: this moves; pin it"
        );
        assert_eq!(
            json["warnings"][1]["location"]["ranges"][0]["start"]["line"],
            2
        );
        assert_eq!(json["errors"][2]["ruleName"], "StaleLock");
        assert_eq!(json["errors"][2]["location"]["sourceIndex"], 1);
        assert_eq!(json["sources"][1]["filename"], "poetry.lock");
        let error = &json["buildError"];
        assert_eq!(
            error["message"],
            "poetry.build.toml:1: this is wrong\n  hint: fix it\npoetry.build.toml:2: this is wrong\n  hint: fix it\nStaleLock: poetry.lock:1: this is wrong\n  hint: fix it"
        );
        assert_eq!(error["location"]["sourceIndex"], 0);
        assert_eq!(error["location"]["ranges"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn notes_are_not_problems() {
        let mut findings = findings();
        assert_eq!(findings.summary(), "3 errors, 2 warnings, 1 note");
        findings.errors.clear();
        assert!(findings.has_problems());
        findings
            .warnings
            .retain(|warning| warning.rule == Rule::BaseNotPinned);
        assert!(!findings.has_problems());
        assert_eq!(findings.json().get("buildError"), None);
        findings.warnings.clear();
        assert_eq!(findings.summary(), "no problems found");
        assert_eq!(findings.rendered(Colour::Off), "");
    }
}
