//! What a check finds, in the formats of code hosts: SARIF 2.1.0 (OASIS) and the workflow commands of GitHub Actions.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::document::Span;
use super::findings::Findings;
use crate::rules::{Rule, Severity};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const TOOL: &str = "poetry-frontend";
/// The id of errors that have no rule of their own.
const NO_RULE: &str = "Invalid";
const NO_RULE_DESCRIPTION: &str = "The files contradict each other, or cannot be read";
/// The characters of a path that a URI has to encode.
const IN_URI: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_')
    .remove(b'~');

/// An error or a warning.
struct Finding<'a> {
    rule: Option<Rule>,
    severity: Severity,
    span: Option<&'a Span>,
    message: &'a str,
    hint: &'a str,
}

impl Findings {
    fn all(&self) -> impl Iterator<Item = Finding<'_>> {
        let errors = self.errors.iter().map(|error| Finding {
            rule: error.rule,
            severity: Severity::Error,
            span: error.span.as_ref(),
            message: &error.message,
            hint: &error.hint,
        });
        let warnings = self.warnings.iter().map(|warning| Finding {
            rule: Some(warning.rule),
            severity: warning.severity(),
            span: Some(&warning.span),
            message: &warning.message,
            hint: &warning.hint,
        });
        errors.chain(warnings)
    }

    /// A SARIF log. `path` turns the name of a file into its path in the repository; `category` tells the checks of several
    /// projects of one repository apart.
    #[must_use]
    pub fn sarif(&self, category: &str, path: &dyn Fn(&str) -> String) -> Value {
        let mut rules: BTreeMap<&str, Value> = BTreeMap::new();
        for finding in self.all() {
            rules.insert(id(finding.rule), described(finding.rule));
        }
        let results: Vec<Value> = self
            .all()
            .map(|finding| self.result(&finding, path))
            .collect();
        json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": TOOL,
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules.into_values().collect::<Vec<_>>(),
                }},
                "automationDetails": { "id": format!("{TOOL}/{category}/") },
                "columnKind": "unicodeCodePoints",
                "results": results,
            }],
        })
    }

    fn result(&self, finding: &Finding<'_>, path: &dyn Fn(&str) -> String) -> Value {
        let name = finding
            .span
            .map_or_else(|| self.document.name(), |span| span.document().name());
        let uri = utf8_percent_encode(&path(name), IN_URI).to_string();
        let mut location = json!({ "artifactLocation": { "uri": uri } });
        if let Some(span) = finding.span {
            let (start, end) = (span.start(), span.end());
            location["region"] = json!({
                "startLine": start.line,
                "startColumn": start.character + 1,
                "endLine": end.line,
                "endColumn": end.character + 1,
            });
        }
        json!({
            "ruleId": id(finding.rule),
            "level": level(finding.severity),
            "message": { "text": format!("{}\nhint: {}", finding.message, finding.hint) },
            "locations": [{ "physicalLocation": location }],
        })
    }

    /// Workflow commands, one per line, which GitHub shows beside the lines of a change.
    #[must_use]
    pub fn workflow_commands(&self, path: &dyn Fn(&str) -> String) -> String {
        let mut text = String::new();
        for finding in self.all() {
            let command = match finding.severity {
                Severity::Error => "error",
                Severity::Warning | Severity::Off => "warning",
                Severity::Note => "notice",
            };
            let name = finding
                .span
                .map_or_else(|| self.document.name(), |span| span.document().name());
            let mut properties = vec![("file", path(name))];
            if let Some(span) = finding.span {
                let (start, end) = (span.start(), span.end());
                properties.extend([
                    ("line", start.line.to_string()),
                    ("endLine", end.line.to_string()),
                ]);
                // GitHub takes columns of one line only.
                if start.line == end.line {
                    properties.extend([
                        ("col", (start.character + 1).to_string()),
                        ("endColumn", (end.character + 1).to_string()),
                    ]);
                }
            }
            properties.extend(finding.rule.map(|rule| ("title", rule.id().to_owned())));
            let properties: Vec<String> = properties
                .iter()
                .map(|(key, value)| format!("{key}={}", property(value)))
                .collect();
            let message = format!("{}\nhint: {}", finding.message, finding.hint);
            text += &format!("::{command} {}::{}\n", properties.join(","), data(&message));
        }
        text
    }
}

fn id(rule: Option<Rule>) -> &'static str {
    rule.map_or(NO_RULE, Rule::id)
}

fn described(rule: Option<Rule>) -> Value {
    let mut described = json!({
        "id": id(rule),
        "shortDescription": { "text": rule.map_or(NO_RULE_DESCRIPTION, Rule::description) },
        "defaultConfiguration": { "level": level(rule.map_or(Severity::Error, Rule::severity)) },
    });
    if let Some(rule) = rule {
        let page = rule.page();
        described["help"] = json!({ "text": page, "markdown": page });
        let url = rule.url();
        // A path is no address.
        if url.contains("://") {
            described["helpUri"] = json!(url);
        }
    }
    described
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning | Severity::Off => "warning",
        Severity::Note => "note",
    }
}

/// The text of a workflow command, as `actions/toolkit` encodes it.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
