//! `[policy.NAME]`: the rules of a standard.

use std::collections::BTreeSet;

use super::error::Error;
use super::key::Key;
use super::schema::{PolicySeverity, PolicyTable};
use super::text::{is_line, line};
use crate::build_file::error::Error as BuildFileError;
use crate::build_file::rule_switches;
use crate::build_file::schema::{At, Scalar};
use crate::build_file::shape;
use crate::build_file::size::size;
use crate::diagnostics::{Diagnostic, Document, Problem, Span};
use crate::project::{Release, VersionConstraint, normalised};
use crate::rules::Rule;

/// More than any team has; each is compared with each target.
const MOST: usize = 100;

/// A rule that each project must follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub name: String,
    /// Its name in the standard.
    pub span: Span,
    pub check: Check,
    pub message: Option<String>,
    pub docs: Option<String>,
    /// `None`: the severity of the checked rules.
    pub severity: Option<PolicySeverity>,
}

/// What a rule demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    Key(Key, Conditions),
    /// Patterns of images.
    Images(Vec<String>),
    /// Rules that cannot be skipped.
    Rules(BTreeSet<Rule>),
    Licenses(Licenses),
}

/// The licences that installed packages may not have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Licenses {
    /// Patterns of SPDX ids.
    pub denied: Vec<String>,
    /// What happens if a licence is unknown; `None`: nothing.
    pub unknown: Option<PolicySeverity>,
    /// The normalised names of packages that may have any licence.
    pub except: BTreeSet<String>,
}

/// The conditions of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    pub locked: bool,
    pub required: bool,
    /// Patterns; empty for any value.
    pub allowed: Vec<String>,
    /// Patterns.
    pub denied: Vec<String>,
    /// The range of releases as text, and parsed.
    pub versions: Option<(String, VersionConstraint)>,
    pub min: Option<Limit>,
    pub max: Option<Limit>,
}

/// A number, or the bytes of a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    pub text: String,
    pub value: u64,
}

/// The rules of a standard, whose version is needed for `until`.
pub(super) fn read(
    document: &Document,
    tables: Vec<(String, Span, PolicyTable)>,
    version: Option<&str>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Policy> {
    if let Some((_, span, _)) = tables.get(MOST) {
        let what = "rules";
        found.push(Error::TooMany { what, most: MOST }.at(span));
        return Vec::new();
    }
    let mut policies = Vec::new();
    for (name, span, table) in tables {
        let mut reader = Reader {
            document,
            span: span.clone(),
            found,
        };
        let severity = reader.severity(&table, version);
        if !is_line(&name) {
            reader.fail(&BuildFileError::NotALine.into());
        }
        let [message, docs] = [&table.message, &table.docs].map(|at| {
            let mut lines = Vec::new();
            let text = line(document, at.clone(), &mut lines);
            reader.found.extend(lines);
            text
        });
        if let Some(check) = reader.check(table) {
            policies.push(Policy {
                name,
                span,
                check,
                message,
                docs,
                severity,
            });
        }
    }
    policies
}

struct Reader<'a> {
    document: &'a Document,
    /// The rule's name.
    span: Span,
    found: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn fail(&mut self, error: &Error) {
        self.found.push(error.at(&self.span));
    }

    fn fail_at<T>(&mut self, error: &Error, at: &At<T>) {
        self.found
            .push(error.at(&self.document.span(at.span.clone())));
    }

    fn severity(&mut self, table: &PolicyTable, version: Option<&str>) -> Option<PolicySeverity> {
        let Some(until) = &table.until else {
            let of_key = table.rules.is_none();
            return table.severity.or(of_key.then_some(PolicySeverity::Error));
        };
        if table.severity.is_some() {
            self.fail_at(&Error::Until, until);
        }
        let Some(end) = Release::of(&until.value) else {
            self.fail_at(&Error::Version(until.value.clone()), until);
            return None;
        };
        let Some(version) = version else {
            self.fail_at(&Error::NoVersion, until);
            return None;
        };
        let Some(now) = Release::of(version) else {
            self.fail_at(&Error::Version(version.to_owned()), until);
            return None;
        };
        Some(if now < end {
            PolicySeverity::Warning
        } else {
            PolicySeverity::Error
        })
    }

    fn check(&mut self, table: PolicyTable) -> Option<Check> {
        let subjects = [
            ("key", table.key.is_some()),
            ("images", table.images.is_some()),
            ("rules", table.rules.is_some()),
            ("denied-licenses", table.denied_licenses.is_some()),
        ];
        let subjects: Vec<&str> = subjects
            .into_iter()
            .filter_map(|(name, is_set)| is_set.then_some(name))
            .collect();
        if subjects.len() != 1 {
            self.fail(&Error::Subjects(subjects));
            return None;
        }
        if table.key.is_none() {
            for (name, is_set) in [
                ("locked", table.locked.is_some()),
                ("required", table.required.is_some()),
                ("allowed", table.allowed.is_some()),
                ("denied", table.denied.is_some()),
                ("versions", table.versions.is_some()),
                ("min", table.min.is_some()),
                ("max", table.max.is_some()),
            ] {
                if is_set {
                    self.fail(&Error::OnlyWithKey(name));
                }
            }
        }
        if table.denied_licenses.is_none() {
            for (name, is_set) in [
                ("unknown-licenses", table.unknown_licenses.is_some()),
                ("except-packages", table.except_packages.is_some()),
            ] {
                if is_set {
                    self.fail(&Error::OnlyWithLicenses(name));
                }
            }
        }
        if let Some(rules) = table.rules {
            return Some(self.rules(rules));
        }
        if let Some(denied) = table.denied_licenses {
            let except = table.except_packages;
            let except = except.map_or(Some(Vec::new()), |except| {
                self.patterns("except-packages", except, |name| normalised(&name))
            });
            return Some(Check::Licenses(Licenses {
                denied: self.patterns("denied-licenses", denied, |text| text)?,
                unknown: table.unknown_licenses.map(|at| at.value),
                except: except?.into_iter().collect(),
            }));
        }
        if let Some(images) = table.images {
            let images = self.patterns("images", images, |text| text)?;
            return Some(Check::Images(images));
        }
        self.key(table)
    }

    fn rules(&mut self, rules: At<Vec<At<String>>>) -> Check {
        if rules.value.is_empty() {
            self.fail_at(&Error::Empty("rules"), &rules);
        }
        let mut known = BTreeSet::new();
        for at in rules.value {
            match Rule::find(&at.value) {
                Some(rule) => {
                    known.insert(rule);
                }
                None => self.fail_at(&rule_switches::Error::Unknown(at.value.clone()).into(), &at),
            }
        }
        Check::Rules(known)
    }

    fn patterns<T>(
        &mut self,
        name: &'static str,
        list: At<Vec<At<T>>>,
        text: impl Fn(T) -> String,
    ) -> Option<Vec<String>> {
        if list.value.is_empty() {
            self.fail_at(&Error::Empty(name), &list);
            return None;
        }
        Some(list.value.into_iter().map(|at| text(at.value)).collect())
    }

    fn key(&mut self, table: PolicyTable) -> Option<Check> {
        let at = table.key?;
        let Some(key) = Key::parse(&at.value) else {
            self.fail_at(&Error::NotAKey(at.value.clone()), &at);
            return None;
        };
        if let Err(hint) = shape::find(key.parts()) {
            let key = at.value.clone();
            self.fail_at(&Error::UnknownKey { key, hint }, &at);
            return None;
        }
        let is_true = |at: &Option<At<bool>>| at.as_ref().is_some_and(|at| at.value);
        let (locked, required) = (is_true(&table.locked), is_true(&table.required));
        let allowed = table.allowed.is_some();
        let ranged = [&table.min, &table.max].into_iter().flatten().count() > 0;
        let others = allowed || ranged || table.denied.is_some() || table.versions.is_some();
        if !locked && !required && !others {
            self.fail(&Error::NoCondition);
        }
        if locked {
            for (name, is_set) in [
                ("allowed", allowed),
                ("denied", table.denied.is_some()),
                ("versions", table.versions.is_some()),
                ("min", table.min.is_some()),
                ("max", table.max.is_some()),
            ] {
                if is_set {
                    self.fail(&Error::Locked(name));
                }
            }
        }
        let list = |this: &mut Self, name, list: Option<At<Vec<At<Scalar>>>>| {
            list.and_then(|list| this.patterns(name, list, Scalar::into_text))
                .unwrap_or_default()
        };
        let conditions = Conditions {
            locked,
            required,
            allowed: list(self, "allowed", table.allowed),
            denied: list(self, "denied", table.denied),
            versions: self.versions(&key, table.versions),
            min: self.limit(table.min),
            max: self.limit(table.max),
        };
        if let (Some(min), Some(max)) = (&conditions.min, &conditions.max)
            && min.value > max.value
        {
            self.fail(&Error::Limits);
        }
        Some(Check::Key(key, conditions))
    }

    fn versions(
        &mut self,
        key: &Key,
        at: Option<At<String>>,
    ) -> Option<(String, VersionConstraint)> {
        let at = at?;
        if !key.is(&["python", "version"]) && !key.is(&["poetry", "version"]) {
            self.fail_at(&Error::NotAVersion, &at);
            return None;
        }
        let parsed = VersionConstraint::parse(&at.value);
        let parsed = parsed.filter(|_| !at.value.trim().is_empty());
        if parsed.is_none() {
            self.fail_at(&Error::Versions(at.value.clone()), &at);
        }
        Some((at.value, parsed?))
    }

    fn limit(&mut self, at: Option<At<Scalar>>) -> Option<Limit> {
        let at = at?;
        let value = match &at.value {
            Scalar::Integer(number) => u64::try_from(*number).ok(),
            Scalar::String(text) => size(text).ok(),
            Scalar::Boolean(_) => None,
        };
        let text = at.value.clone().into_text();
        let Some(value) = value else {
            self.fail_at(&Error::Limit(text), &at);
            return None;
        };
        Some(Limit { text, value })
    }
}
