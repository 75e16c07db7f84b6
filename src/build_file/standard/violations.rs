//! Where the TOML of a project does not follow the rules of a standard. The values that the standard itself sets are trusted,
//! unless a build argument changes them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::glob;
use super::key::{Found as AtKey, Key};
use super::policy::{Check, Conditions, Limit, Policy};
use super::text::STANDARD_NAME;
use crate::build_file::merge::{Merged, MergedTarget};
use crate::build_file::size::size;
use crate::diagnostics::{Document, MAX_REPORTED, Span, either, listed};
use crate::image::ImageReference;
use crate::rules::Rule;

/// The keys whose values are images.
const IMAGES: [[&str; 2]; 4] = [
    ["runtime", "base"],
    ["build", "base"],
    ["poetry", "image"],
    ["dependencies", "uv-image"],
];

/// A rule that is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The name of the rule.
    pub policy: String,
    pub span: Span,
    /// In one sentence.
    pub problem: String,
    /// How to follow it.
    pub hint: String,
}

impl Policy {
    /// That this rule is not followed.
    #[must_use]
    pub fn violation(&self, span: &Span, problem: String, hint: String) -> Violation {
        Violation {
            policy: self.name.clone(),
            span: span.clone(),
            problem,
            hint,
        }
    }
}

/// The TOML of a project.
pub(in crate::build_file) struct Tables<'a, 'i> {
    /// With the standard below it.
    pub(in crate::build_file) document: &'a Document,
    /// The project's own file.
    pub(in crate::build_file) own: &'a DeTable<'i>,
    pub(in crate::build_file) build_args: &'a BTreeMap<String, String>,
}

/// What was found for a rule.
#[derive(Default)]
struct Found {
    violations: Vec<Violation>,
    /// Where the values start that have been compared.
    seen: BTreeSet<usize>,
    /// Whether the file sets the key outside targets.
    is_in_main: bool,
}

impl Found {
    /// More are not reported.
    fn push(&mut self, violation: Violation) {
        if self.violations.len() < MAX_REPORTED {
            self.violations.push(violation);
        }
    }
}

impl Tables<'_, '_> {
    /// `merged` are the file over its defaults, with the values of arguments, and each target over it.
    pub(in crate::build_file) fn violations<'i>(
        &self,
        policies: &[Policy],
        merged: impl Iterator<Item = Merged<'i>>,
    ) -> Vec<Violation> {
        let mut found: Vec<Found> = policies.iter().map(|_| Found::default()).collect();
        for (policy, found) in policies.iter().zip(&mut found) {
            match &policy.check {
                Check::Key(key, conditions) if conditions.locked => {
                    self.locked(policy, key, found);
                }
                Check::Rules(rules) => self.skipped(policy, rules, found),
                _ => {}
            }
        }
        for Merged { target, table } in merged {
            for (policy, found) in policies.iter().zip(&mut found) {
                let Check::Key(key, conditions) = &policy.check else {
                    continue;
                };
                let set = key.find(&table);
                match &target {
                    None => found.is_in_main = !set.values.is_empty(),
                    Some(target) => left_out(policy, key, conditions, target, &set, found),
                }
                if conditions.required {
                    self.required(policy, key, conditions, set, target.is_none(), found);
                }
                self.values(policy, key, conditions, &table, found);
            }
        }
        found
            .into_iter()
            .flat_map(|found| found.violations)
            .collect()
    }

    fn locked(&self, policy: &Policy, key: &Key, found: &mut Found) {
        let targets = self.own.get("target").map(Spanned::get_ref);
        let targets = targets.and_then(DeValue::as_table).into_iter();
        let targets = targets.flat_map(|targets| targets.iter());
        let targets = targets.filter_map(|(_, target)| target.get_ref().as_table());
        for table in [self.own].into_iter().chain(targets) {
            for value in key.find(table).values {
                found.push(policy.violation(
                    &self.start_of(value),
                    format!("`{}` is set by the standard", key.as_str()),
                    "remove it here".to_owned(),
                ));
            }
        }
        if let Some(name) = key.name_in(&["args"])
            && self.build_args.contains_key(name)
        {
            found.push(policy.violation(
                &policy.span,
                format!("the build argument `{name}` is set by the standard"),
                format!("remove `--build-arg {name}=...`"),
            ));
        }
    }

    fn required(
        &self,
        policy: &Policy,
        key: &Key,
        conditions: &Conditions,
        set: AtKey<'_, '_>,
        is_main: bool,
        found: &mut Found,
    ) {
        let problem = || format!("`{}` is not set", key.as_str());
        let hint = || match conditions.allowed.as_slice() {
            [] => format!("set `{}`", key.as_str()),
            allowed => format!("set `{}` to {}", key.as_str(), either(allowed)),
        };
        if is_main && !key.is_in_list() && set.values.is_empty() {
            let whole = self.document.first_line();
            found.push(policy.violation(&whole, problem(), hint()));
        }
        for table in set.lacking {
            if found.seen.insert(table.span().start) && !self.is_of_standard(&table.span()) {
                found.push(policy.violation(&self.start_of(table), problem(), hint()));
            }
        }
    }

    fn values(
        &self,
        policy: &Policy,
        key: &Key,
        conditions: &Conditions,
        root: &DeTable<'_>,
        found: &mut Found,
    ) {
        let checked = Checked {
            tables: self,
            policy,
            key,
            conditions,
        };
        for value in key.find(root).values {
            let is_counted = matches!(value.get_ref(), DeValue::Array(_) | DeValue::Table(_));
            // The list of a target has the items of the file, and its own.
            if !is_counted && !found.seen.insert(value.span().start) {
                continue;
            }
            checked.limits(value, found);
            if conditions.allowed.is_empty() && conditions.denied.is_empty() {
                continue;
            }
            for (text, span) in texts(value) {
                let is_new = !is_counted || found.seen.insert(span.start);
                if is_new && !self.is_of_standard(&span) {
                    checked.text(&text, &self.document.span(span), found);
                }
            }
        }
    }

    fn skipped(&self, policy: &Policy, rules: &BTreeSet<Rule>, found: &mut Found) {
        let check = self.own.get("check").and_then(|at| at.get_ref().as_table());
        let skip = check.and_then(|check| check.get("skip")?.get_ref().as_array());
        for item in skip.into_iter().flat_map(|items| items.iter()) {
            let rule = item.get_ref().as_str().and_then(Rule::find);
            if let Some(rule) = rule.filter(|rule| rules.contains(rule)) {
                found.push(policy.violation(
                    &self.document.span(item.span()),
                    format!("the rule `{rule}` cannot be skipped"),
                    "remove it here".to_owned(),
                ));
            }
        }
    }

    /// Whether the standard itself has the value. A value with an argument is not its own.
    fn is_of_standard(&self, range: &Range<usize>) -> bool {
        let span = self.document.span(range.clone());
        let text = span.document().text().get(span.range());
        span.document().name().starts_with(STANDARD_NAME)
            && !text.unwrap_or_default().contains("${")
    }

    /// The value, or the first line of a longer one.
    fn start_of(&self, value: &Spanned<DeValue<'_>>) -> Span {
        let span = self.document.span(value.span());
        let range = span.range();
        let text = span.document().text().get(range.clone());
        let line = text.unwrap_or_default().find('\n');
        let end = line.map_or(range.end, |line| range.start + line);
        span.document().span(range.start..end)
    }
}

/// A target need not inherit everything.
fn left_out(
    policy: &Policy,
    key: &Key,
    conditions: &Conditions,
    target: &MergedTarget,
    set: &AtKey<'_, '_>,
    found: &mut Found,
) {
    let is_demanded = conditions.locked || conditions.required;
    let is_left_out = found.is_in_main && set.values.is_empty();
    // The image for development has nothing that describes a service.
    if is_demanded && is_left_out && !target.is_for_development {
        found.push(policy.violation(
            &target.span,
            format!("the target `{}` leaves out `{}`", target.name, key.as_str()),
            "set it there, or inherit it".to_owned(),
        ));
    }
}

/// A rule, and the key that it is about.
struct Checked<'a, 'i> {
    tables: &'a Tables<'a, 'i>,
    policy: &'a Policy,
    key: &'a Key,
    conditions: &'a Conditions,
}

impl Checked<'_, '_> {
    fn text(&self, text: &str, span: &Span, found: &mut Found) {
        let is_image = IMAGES.iter().any(|image| self.key.is(image));
        let problem = || format!("`{}` cannot be `{text}`", self.key.as_str());
        if let Some((problem, hint)) = unfit(text, is_image, self.conditions, problem) {
            found.push(self.policy.violation(span, problem, hint));
        }
    }

    fn limits(&self, value: &Spanned<DeValue<'_>>, found: &mut Found) {
        let entries: Option<Vec<Range<usize>>> = match value.get_ref() {
            DeValue::Array(items) => Some(items.iter().map(Spanned::span).collect()),
            DeValue::Table(table) => Some(table.iter().map(|(key, _)| key.span()).collect()),
            _ => None,
        };
        // Those of the standard do not count.
        let is_own = |range: &Range<usize>| !self.tables.is_of_standard(range);
        let entries: Option<Vec<_>> =
            entries.map(|entries| entries.into_iter().filter(is_own).collect());
        let (number, what) = match (&entries, value.get_ref()) {
            (Some(entries), _) => (
                u64::try_from(entries.len()).ok(),
                "the number of entries of ",
            ),
            _ if !is_own(&value.span()) => return,
            (None, DeValue::String(text)) => (size(text).ok(), ""),
            (None, other) => (number(other), ""),
        };
        let Some(number) = number else { return };
        let key = self.key.as_str();
        let shown = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            _ => number.to_string(),
        };
        let (min, max) = (&self.conditions.min, &self.conditions.max);
        let below = min.as_ref().filter(|min| number < min.value);
        let above = max.as_ref().filter(|max| number > max.value);
        let (limit, relation, hint): (&Limit, _, _) = match (below, above) {
            (Some(min), _) => (min, "less", "at least"),
            (_, Some(max)) => (max, "more", "at most"),
            _ => return,
        };
        // The first entry beyond the limit.
        let first = entries.as_ref().and_then(|entries| {
            let index = above.and_then(|max| usize::try_from(max.value).ok())?;
            Some(self.tables.document.span(entries.get(index)?.clone()))
        });
        let limit = &limit.text;
        found.push(self.policy.violation(
            &first.unwrap_or_else(|| self.tables.start_of(value)),
            format!("{what}`{key}` is {shown}, {relation} than {limit}"),
            format!("use {hint} {limit}"),
        ));
    }
}

/// The problem and the hint if the value is not allowed.
pub fn unfit(
    text: &str,
    is_image: bool,
    conditions: &Conditions,
    problem: impl FnOnce() -> String,
) -> Option<(String, String)> {
    let spellings = if is_image {
        spellings(text)
    } else {
        vec![text.to_owned()]
    };
    let matches = |patterns: &[String]| {
        let mut patterns = patterns.iter();
        patterns.any(|pattern| spellings.iter().any(|text| glob::matches(pattern, text)))
    };
    if !conditions.allowed.is_empty() && !matches(&conditions.allowed) {
        return Some((problem(), format!("use {}", either(&conditions.allowed))));
    }
    if matches(&conditions.denied) {
        let hint = format!("use a value other than {}", listed(&conditions.denied));
        return Some((problem(), hint));
    }
    None
}

/// An image as its user writes it, in short and in full.
#[must_use]
pub fn spellings(image: &str) -> Vec<String> {
    let mut all = vec![image.to_owned()];
    if let Some(reference) = ImageReference::parse(image) {
        all.extend([reference.familiar(), reference.to_string()]);
    }
    all
}

/// The texts that patterns are compared with: a value, the items of a list, or the names of a table.
fn texts(value: &Spanned<DeValue<'_>>) -> Vec<(String, Range<usize>)> {
    match value.get_ref() {
        DeValue::String(text) => vec![(text.to_string(), value.span())],
        DeValue::Boolean(flag) => vec![(flag.to_string(), value.span())],
        DeValue::Array(items) => items.iter().flat_map(texts).collect(),
        DeValue::Table(table) => table
            .iter()
            .map(|(key, _)| (key.get_ref().to_string(), key.span()))
            .collect(),
        other => number(other)
            .map(|number| (number.to_string(), value.span()))
            .into_iter()
            .collect(),
    }
}

fn number(value: &DeValue<'_>) -> Option<u64> {
    let number = value.as_integer()?;
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}
