//! What is known about the licences of the installed packages, and whether a standard allows them.

use serde::Deserialize;
use spdx::{Expression, LicenseReq, ParseMode};

use crate::build_file::matches;
use crate::diagnostics::Warning;
use crate::plan::{LicenseOutcome, LicenseRule, LicenseRules};
use crate::project::normalised;
use crate::rules::Rule;

/// Longer values of `License` are the text of a licence.
const LONGEST: usize = 200;

/// What a distribution says about its licence.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub(crate) struct Statement {
    pub(crate) name: String,
    pub(crate) version: String,
    expression: String,
    license: String,
    classifiers: Vec<String>,
}

/// A licence, and the field that it is from.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    expression: Expression,
    pub(crate) text: String,
    pub(crate) field: &'static str,
}

/// The report of the step that reads the metadata: a statement on each line.
pub(crate) fn statements(report: &[u8]) -> Vec<Statement> {
    let lines = report.split(|byte| *byte == b'\n');
    lines
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect()
}

impl Statement {
    /// `None` if it does not say, or not in words that are known.
    pub(crate) fn known(&self) -> Option<Known> {
        let parsed = |text: &str, field| {
            let text = Expression::canonicalize(text)
                .ok()?
                .unwrap_or(text.to_owned());
            let expression = Expression::parse_mode(&text, ParseMode::LAX).ok()?;
            Some(Known {
                expression,
                text,
                field,
            })
        };
        let in_expression = || parsed(&self.expression, "`License-Expression`");
        let in_license = || {
            let text = self.license.as_str();
            let text = named(text).unwrap_or(text);
            parsed(text, "`License`").filter(|_| text.len() <= LONGEST)
        };
        let in_classifiers = || {
            let ids: Option<Vec<&str>> = self.of_classifiers().map(classified).collect();
            let ids = ids.filter(|ids| !ids.is_empty())?;
            // What several of them mean is unknown, so all must be allowed.
            parsed(&ids.join(" AND "), "the classifiers")
        };
        in_expression().or_else(in_license).or_else(in_classifiers)
    }

    fn release(&self) -> String {
        format!("`{}` {}", self.name, self.version)
    }

    /// The classifiers that name a licence.
    fn of_classifiers(&self) -> impl Iterator<Item = &str> {
        let all = self.classifiers.iter();
        let names = all.filter_map(|one| one.strip_prefix("License :: "));
        names.filter(|name| *name != "OSI Approved")
    }

    /// Why its licence is unknown, after an article.
    pub(crate) fn why_unknown(&self) -> String {
        match self.words().as_str() {
            "" => "metadata names none".to_owned(),
            words => format!("metadata says `{words}`"),
        }
    }

    /// In its own words; empty if it has none.
    pub(crate) fn words(&self) -> String {
        let fields = [self.expression.as_str(), self.license.as_str()].into_iter();
        let words = fields.chain(self.of_classifiers());
        let first = words.filter(|text| !text.is_empty()).map(shortened).next();
        first.unwrap_or_default()
    }
}

impl Known {
    /// Whether some choice among its alternatives has none of these licences.
    fn is_allowed(&self, denied: &[String]) -> bool {
        let is_denied = |requirement: &LicenseReq| {
            let spellings = spellings(requirement);
            let mut patterns = denied.iter();
            patterns.any(|pattern| spellings.iter().any(|text| matches(pattern, text)))
        };
        self.expression
            .evaluate(|requirement| !is_denied(requirement))
    }
}

/// A licence as patterns name it, with and without its exception.
fn spellings(requirement: &LicenseReq) -> Vec<String> {
    let text = requirement.license.to_string();
    let is_gnu = requirement
        .license
        .id()
        .is_some_and(spdx::LicenseId::is_gnu);
    let is_whole = ["-only", "-or-later"].iter().any(|end| text.ends_with(end));
    let mut all = vec![text.clone()];
    match text.strip_suffix('+') {
        Some(base) => all.push(format!("{base}-or-later")),
        None if is_gnu && !is_whole => all.push(format!("{text}-only")),
        None => {}
    }
    if let Some(exception) = &requirement.addition {
        let with = all.iter().map(|text| format!("{text} WITH {exception}"));
        all.extend(with.collect::<Vec<_>>());
    }
    all
}

/// What the packages violate: warnings of the build, and those that fail it.
pub(crate) fn judge(
    rules: &LicenseRules,
    statements: &[Statement],
) -> Vec<(LicenseOutcome, Warning)> {
    let each = rules.rules.iter();
    let found = each.flat_map(|rule| {
        let subject = statements
            .iter()
            .filter(|one| !rule.except.contains(&normalised(&one.name)));
        subject.filter_map(move |one| {
            let (outcome, problem) = violated(rule, one)?;
            let span = rules.packages.get(&normalised(&one.name));
            let hint = "remove the package, or ask for it in `except-packages` of the rule";
            let warning = Warning::new(
                Rule::StandardPolicy,
                span.unwrap_or(&rule.span).clone(),
                &format!("{problem}{}", rule.reason),
                &format!("{hint}{}", rule.more),
            );
            Some((outcome, warning))
        })
    });
    found.collect()
}

fn violated(rule: &LicenseRule, statement: &Statement) -> Option<(LicenseOutcome, String)> {
    let release = statement.release();
    let Some(known) = statement.known() else {
        let why = statement.why_unknown();
        let problem = format!("the licence of {release} is unknown: its {why}");
        return rule.unknown.map(|outcome| (outcome, problem));
    };
    if known.is_allowed(&rule.denied) {
        return None;
    }
    let Known { text, field, .. } = known;
    let problem = format!("{release} has the denied licence `{text}`, by {field} of its metadata");
    Some((rule.outcome, problem))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// The SPDX id of a classifier without `License :: `; `None` if it can be several.
fn classified(name: &str) -> Option<&'static str> {
    let name = name.strip_prefix("OSI Approved :: ").unwrap_or(name);
    let (_, id) = CLASSIFIERS.iter().find(|(known, _)| *known == name)?;
    Some(id)
}

/// The SPDX id of a common name.
fn named(text: &str) -> Option<&'static str> {
    let is = |known: &&(&str, &str)| known.0.eq_ignore_ascii_case(text);
    NAMES
        .iter()
        .find(is)
        .or_else(|| CLASSIFIERS.iter().find(is))
        .map(|(_, id)| *id)
}

const NAMES: [(&str, &str); 14] = [
    ("Apache", "Apache-2.0"),
    ("Apache 2", "Apache-2.0"),
    ("Apache 2.0", "Apache-2.0"),
    ("Apache License", "Apache-2.0"),
    ("Apache License 2.0", "Apache-2.0"),
    ("Apache License, Version 2.0", "Apache-2.0"),
    ("BSD 2-Clause", "BSD-2-Clause"),
    ("BSD 3-Clause", "BSD-3-Clause"),
    ("BSD 3-Clause License", "BSD-3-Clause"),
    ("GPLv2", "GPL-2.0-only"),
    ("GPLv3", "GPL-3.0-only"),
    ("MPL 2.0", "MPL-2.0"),
    ("The MIT License", "MIT"),
    ("The MIT License (MIT)", "MIT"),
];

/// Those that stand for one licence.
const CLASSIFIERS: [(&str, &str); 30] = [
    ("Apache Software License", "Apache-2.0"),
    ("Boost Software License 1.0 (BSL-1.0)", "BSL-1.0"),
    (
        "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication",
        "CC0-1.0",
    ),
    ("Eclipse Public License 1.0 (EPL-1.0)", "EPL-1.0"),
    ("Eclipse Public License 2.0 (EPL-2.0)", "EPL-2.0"),
    ("European Union Public Licence 1.1 (EUPL 1.1)", "EUPL-1.1"),
    ("European Union Public Licence 1.2 (EUPL 1.2)", "EUPL-1.2"),
    ("GNU Affero General Public License v3", "AGPL-3.0-only"),
    (
        "GNU Affero General Public License v3 or later (AGPLv3+)",
        "AGPL-3.0-or-later",
    ),
    ("GNU General Public License (GPL)", "GPL-1.0-or-later"),
    ("GNU General Public License v2 (GPLv2)", "GPL-2.0-only"),
    (
        "GNU General Public License v2 or later (GPLv2+)",
        "GPL-2.0-or-later",
    ),
    ("GNU General Public License v3 (GPLv3)", "GPL-3.0-only"),
    (
        "GNU General Public License v3 or later (GPLv3+)",
        "GPL-3.0-or-later",
    ),
    (
        "GNU Lesser General Public License v2 (LGPLv2)",
        "LGPL-2.0-only",
    ),
    (
        "GNU Lesser General Public License v2 or later (LGPLv2+)",
        "LGPL-2.0-or-later",
    ),
    (
        "GNU Lesser General Public License v3 (LGPLv3)",
        "LGPL-3.0-only",
    ),
    (
        "GNU Lesser General Public License v3 or later (LGPLv3+)",
        "LGPL-3.0-or-later",
    ),
    (
        "GNU Library or Lesser General Public License (LGPL)",
        "LGPL-2.0-or-later",
    ),
    ("Historical Permission Notice and Disclaimer (HPND)", "HPND"),
    ("ISC License (ISCL)", "ISC"),
    ("MIT License", "MIT"),
    ("MIT No Attribution License (MIT-0)", "MIT-0"),
    ("Mozilla Public License 1.1 (MPL 1.1)", "MPL-1.1"),
    ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
    ("Python Software Foundation License", "PSF-2.0"),
    ("The Unlicense (Unlicense)", "Unlicense"),
    ("Universal Permissive License (UPL)", "UPL-1.0"),
    ("Zope Public License", "ZPL-2.1"),
    ("zlib/libpng License", "Zlib"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::diagnostics::Document;

    fn statement(json: &str) -> Statement {
        let text = format!("{{\"name\": \"Words\", \"version\": \"1.0\", {json}}}\n");
        let [statement] = <[Statement; 1]>::try_from(statements(text.as_bytes())).unwrap();
        statement
    }

    #[test]
    fn the_most_precise_field_names_the_licence() {
        for (json, expected) in [
            (
                r#""expression": "MIT OR Apache-2.0", "license": "GPL""#,
                Some(("MIT OR Apache-2.0", "`License-Expression`")),
            ),
            (
                r#""license": "BSD-3-Clause""#,
                Some(("BSD-3-Clause", "`License`")),
            ),
            (r#""license": "MIT License""#, Some(("MIT", "`License`"))),
            (
                r#""license": "apache 2.0""#,
                Some(("Apache-2.0", "`License`")),
            ),
            (
                r#""license": "see LICENSE", "classifiers": ["License :: OSI Approved", "License :: OSI Approved :: MIT License"]"#,
                Some(("MIT", "the classifiers")),
            ),
            (
                r#""classifiers": ["License :: OSI Approved :: MIT License", "License :: OSI Approved :: GNU General Public License v3 (GPLv3)"]"#,
                Some(("MIT AND GPL-3.0-only", "the classifiers")),
            ),
            (
                r#""classifiers": ["License :: OSI Approved :: BSD License"]"#,
                None,
            ),
            (r#""classifiers": ["License :: OSI Approved"]"#, None),
            (r#""license": "proprietary""#, None),
            (r#""license": """#, None),
        ] {
            let known = statement(json).known();
            let known = known
                .as_ref()
                .map(|known| (known.text.as_str(), known.field));
            assert_eq!(known, expected, "{json}");
        }
        assert_eq!(statements(b"{}\nnot JSON\n\n").len(), 1);
    }

    #[test]
    fn one_alternative_must_be_allowed_and_all_parts_of_it() {
        for (expression, denied, allowed) in [
            ("GPL-3.0-only", "GPL-3.0-only", false),
            ("GPL-3.0-only", "GPL-*", false),
            ("GPL-3.0", "GPL-3.0-only", false),
            ("GPL-2.0-or-later", "GPL-2.0-only", true),
            ("MIT OR GPL-3.0-only", "GPL-*", true),
            ("MIT AND GPL-3.0-only", "GPL-*", false),
            ("(MIT OR GPL-3.0-only) AND BSD-3-Clause", "GPL-*", true),
            ("(MIT AND GPL-3.0-only) OR AGPL-3.0-only", "*GPL-*", false),
            ("LGPL-2.1-or-later", "GPL-*", true),
            (
                "GPL-2.0-only WITH Classpath-exception-2.0",
                "GPL-2.0-only",
                false,
            ),
            (
                "GPL-2.0-only WITH Classpath-exception-2.0",
                "GPL-2.0-only WITH *",
                false,
            ),
            ("LicenseRef-Corp", "LicenseRef-*", false),
        ] {
            let known = statement(&format!("\"expression\": \"{expression}\"")).known();
            let found = known.unwrap().is_allowed(&[denied.to_owned()]);
            assert_eq!(found, allowed, "{expression}, {denied}");
        }
    }

    #[test]
    fn what_is_denied_or_unknown_is_found() {
        let document = Document::new("standard.toml", "toml", "[policy.gpl]\n");
        let rule = LicenseRule {
            denied: vec!["GPL-*".to_owned()],
            except: BTreeSet::new(),
            outcome: LicenseOutcome::Error,
            unknown: Some(LicenseOutcome::Warning),
            reason: " (`gpl`, standard.toml:1)".to_owned(),
            more: "; see docs".to_owned(),
            span: document.first_line(),
        };
        let all = [
            statement(r#""expression": "GPL-2.0-only""#),
            statement(r#""license": "custom""#),
            statement(r#""expression": "MIT""#),
        ];
        let found = |rule: &LicenseRule| {
            let rules = LicenseRules {
                rules: vec![rule.clone()],
                ..LicenseRules::default()
            };
            judge(&rules, &all)
        };
        let [(error, denied), (warning, unknown)] = <[_; 2]>::try_from(found(&rule)).unwrap();
        assert_eq!(
            (error, warning),
            (LicenseOutcome::Error, LicenseOutcome::Warning)
        );
        assert_eq!(
            denied.message,
            "`Words` 1.0 has the denied licence `GPL-2.0-only`, by `License-Expression` of its metadata (`gpl`, standard.toml:1)"
        );
        assert_eq!(
            denied.hint,
            "remove the package, or ask for it in `except-packages` of the rule; see docs"
        );
        assert_eq!(
            unknown.message,
            "the licence of `Words` 1.0 is unknown: its metadata says `custom` (`gpl`, standard.toml:1)"
        );
        let lenient = LicenseRule {
            unknown: None,
            ..rule.clone()
        };
        assert_eq!(found(&lenient).len(), 1);
        let excepted = LicenseRule {
            except: ["words".to_owned()].into(),
            ..rule
        };
        assert_eq!(found(&excepted), []);
    }
}
