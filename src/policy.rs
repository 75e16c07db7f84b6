//! Whether a build follows its standard: what the files show, and what was chosen for the keys that they leave open.

use crate::build_file::{
    BuildFile, Check, Conditions, Excepted, Exception, Key, Policy, PolicySeverity, Standard,
    Violation, matches, spellings, unfit,
};
use crate::diagnostics::{Diagnostic, Span, Warning, either};
use crate::image::ImageReference;
use crate::plan::{LicenseOutcome, LicenseRule, LicenseRules, Plan};
use crate::project::{Project, normalised};
use crate::resolve::{Request, Resolved};
use crate::rules::Rule;

/// A rule that is not followed, and what comes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// The name of the rule.
    pub(crate) policy: String,
    pub(crate) outcome: Outcome,
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) hint: String,
}

/// What comes of a rule that is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Error,
    Warning,
    /// The project has an exception.
    Excepted(Exception),
}

impl Judgement {
    /// `None` unless it fails the build.
    pub(crate) fn error(&self) -> Option<Diagnostic> {
        (self.outcome == Outcome::Error).then(|| Diagnostic {
            span: Some(self.span.clone()),
            message: self.message.clone(),
            hint: self.hint.clone(),
            rule: Some(Rule::StandardPolicy),
        })
    }

    /// `None` unless it is only reported.
    pub(crate) fn warning(&self) -> Option<Warning> {
        (self.outcome == Outcome::Warning).then(|| Warning {
            rule: Rule::StandardPolicy,
            span: self.span.clone(),
            message: self.message.clone(),
            hint: self.hint.clone(),
        })
    }
}

/// What the files show.
pub(crate) fn of_files(file: &BuildFile, project: &Project, request: &Request) -> Vec<Judgement> {
    let Some(followed) = &file.standard else {
        return Vec::new();
    };
    let standard = &followed.standard;
    let labels = standard
        .policies
        .iter()
        .filter_map(|policy| requested_labels(policy, request));
    let found = followed.violations.iter().cloned().chain(labels);
    found
        .filter_map(|violation| judged(standard, violation, project, request))
        .collect()
}

/// What was chosen.
pub(crate) fn of_plan(file: &BuildFile, resolved: &Resolved<'_>, plan: &Plan) -> Vec<Judgement> {
    let Some(followed) = &file.standard else {
        return Vec::new();
    };
    let standard = &followed.standard;
    let found = standard
        .policies
        .iter()
        .flat_map(|policy| match &policy.check {
            Check::Key(key, conditions) => chosen(policy, key, conditions, resolved),
            Check::Images(patterns) => images(policy, patterns, resolved, plan),
            // The build reads the licences.
            Check::Rules(_) | Check::Licenses(_) => Vec::new(),
        });
    found
        .filter_map(|found| judged(standard, found, resolved.project, resolved.request))
        .collect()
}

/// The rules about licences, which the build follows once the packages are installed.
pub(crate) fn licenses(file: &BuildFile, resolved: &Resolved<'_>) -> LicenseRules {
    let Some(followed) = &file.standard else {
        return LicenseRules::default();
    };
    let standard = &followed.standard;
    let subject = resolved.request.subject(resolved.project);
    let rules = standard.licenses(subject).map(|(policy, licenses)| {
        let outcome = |severity| match severity {
            Some(PolicySeverity::Warning) => LicenseOutcome::Warning,
            _ => LicenseOutcome::Error,
        };
        let of_rule = outcome(policy.severity);
        let unknown = licenses.unknown.map(|severity| match of_rule {
            LicenseOutcome::Warning => LicenseOutcome::Warning,
            LicenseOutcome::Error => outcome(Some(severity)),
        });
        let project = resolved.project.pyproject.name.iter().cloned();
        LicenseRule {
            denied: licenses.denied.clone(),
            except: licenses.except.iter().cloned().chain(project).collect(),
            outcome: of_rule,
            unknown,
            reason: reason(policy),
            more: more(policy, standard.excepted(policy, subject)),
            span: policy.span.clone(),
        }
    });
    let rules: Vec<LicenseRule> = rules.collect();
    let locked = resolved.installed_packages().filter(|_| !rules.is_empty());
    let packages = locked.map(|package| (normalised(&package.name), package.span.clone()));
    LicenseRules {
        packages: packages.collect(),
        rules,
    }
}

/// The end of a message: why there is the rule, and where.
fn reason(policy: &Policy) -> String {
    let message = policy.message.as_ref();
    let message = message.map_or_else(String::new, |message| format!(": {message}"));
    format!(
        "{message} (`{}`, {}:{})",
        policy.name,
        policy.span.document().name(),
        policy.span.start().line
    )
}

/// The end of a hint.
fn more(policy: &Policy, excepted: Excepted<'_>) -> String {
    let docs = policy.docs.as_ref();
    let mut more = docs.map_or_else(String::new, |docs| format!("; see {docs}"));
    if let Excepted::Before(exception) = excepted {
        let Exception { owner, until, .. } = exception;
        more += &format!("; the exception that {owner} had ended on {until}");
    }
    more
}

/// `--label` overrides labels of the files.
fn requested_labels(policy: &Policy, request: &Request) -> Option<Violation> {
    let Check::Key(key, conditions) = &policy.check else {
        return None;
    };
    let name = key.name_in(&["runtime", "labels"])?;
    let value = request.labels.get(name)?;
    let hint = format!("remove `--label {name}=...`");
    if conditions.locked {
        let problem = format!("the label `{name}` is set by the standard");
        return Some(policy.violation(&policy.span, problem, hint));
    }
    let problem = || format!("the label `{name}` cannot be `{value}`");
    let (problem, _) = unfit(value, false, conditions, problem)?;
    Some(policy.violation(&policy.span, problem, hint))
}

/// Values that the frontend chose, because no file sets them.
fn chosen(
    policy: &Policy,
    key: &Key,
    conditions: &Conditions,
    resolved: &Resolved<'_>,
) -> Vec<Violation> {
    let file = resolved.file;
    let or_whole = |span: Option<&Span>| span.cloned().unwrap_or_else(|| file.whole());
    if let Some((range, versions)) = &conditions.versions {
        let (name, version, allowed, span) = if key.is(&["python", "version"]) {
            let version = file.python.version.as_ref().map(|version| &version.span);
            let allowed = resolved.python.map(|python| versions.allows_python(python));
            let span = version.or(file.runtime.base.as_ref().map(|base| &base.span));
            let version = resolved.python.map(|python| python.to_string());
            ("Python", version, allowed, or_whole(span))
        } else {
            let poetry = resolved.poetry;
            let span = file.poetry.version.as_ref().map(|version| &version.span);
            let allowed = versions.allows_release(poetry.release());
            (
                "Poetry",
                Some(poetry.to_string()),
                Some(allowed),
                or_whole(span),
            )
        };
        if allowed == Some(true) {
            return Vec::new();
        }
        let problem = match version {
            Some(version) => format!("{name} {version} is not in the range `{range}`"),
            None => format!("it is unknown whether the {name} of the base is in `{range}`"),
        };
        let hint = format!("set `{}` to a release in this range", key.as_str());
        return vec![policy.violation(&span, problem, hint)];
    }
    // A base that a file sets is checked there.
    let base = if key.is(&["runtime", "base"]) && file.runtime.base.is_none() {
        file.images.before(&resolved.base)
    } else {
        return Vec::new();
    };
    let name = base.familiar();
    let problem = || format!("the default base image `{name}` is not allowed");
    unfit(&name, true, conditions, problem)
        .map(|(problem, hint)| policy.violation(&resolved.base_span, problem, hint))
        .into_iter()
        .collect()
}

fn images(
    policy: &Policy,
    patterns: &[String],
    resolved: &Resolved<'_>,
    plan: &Plan,
) -> Vec<Violation> {
    let is_allowed = |image: &ImageReference| {
        let spellings = spellings(&image.to_string());
        let mut pairs = patterns
            .iter()
            .flat_map(|pattern| spellings.iter().map(move |text| (pattern, text)));
        pairs.any(|(pattern, text)| matches(pattern, text))
    };
    let contexts = &resolved.request.contexts;
    plan.images()
        .filter_map(|(image, span)| {
            let name = image.context_name();
            if contexts.contains(&name) {
                let problem = format!("the image `{name}` is replaced by a named context");
                let hint = format!("remove `--build-context {name}=...`");
                return Some(policy.violation(span, problem, hint));
            }
            if is_allowed(&resolved.file.images.before(image)) {
                return None;
            }
            let problem = format!("the image `{}` is not allowed", image.familiar());
            let hint = format!("use {}", either(patterns));
            Some(policy.violation(span, problem, hint))
        })
        .collect()
}

fn judged(
    standard: &Standard,
    violation: Violation,
    project: &Project,
    request: &Request,
) -> Option<Judgement> {
    let policy = standard.policy(&violation.policy)?;
    let excepted = standard.excepted(policy, request.subject(project));
    let message = violation.problem + &reason(policy);
    let hint = violation.hint + &more(policy, excepted);
    let outcome = match (excepted, policy.severity) {
        (Excepted::Now(exception), _) => Outcome::Excepted(exception.clone()),
        (_, Some(PolicySeverity::Warning)) => Outcome::Warning,
        _ => Outcome::Error,
    };
    Some(Judgement {
        policy: violation.policy,
        outcome,
        span: violation.span,
        message,
        hint,
    })
}
