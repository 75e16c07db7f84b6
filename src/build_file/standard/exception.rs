//! `[[exception]]`: projects that need not follow some rules for a time.

use super::date::Date;
use super::error::Error;
use super::glob;
use super::policy::Policy;
use super::repository;
use super::schema::ExceptionTable;
use super::text::line;
use crate::build_file::error::Error as BuildFileError;
use crate::build_file::schema::At;
use crate::diagnostics::{Diagnostic, Document, Problem, Span, closest};
use crate::project::normalised;

/// More than any team should have.
const MOST: usize = 1000;

/// A project that need not follow some rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// A pattern of normalised names.
    pub project: Option<String>,
    /// A pattern of repositories without scheme, such as `github.com/example/*`. At least one of the two is set.
    pub repository: Option<String>,
    /// The names of the rules.
    pub policies: Vec<String>,
    pub owner: String,
    pub reason: String,
    /// The last day.
    pub until: Date,
    pub span: Span,
}

/// What a standard is applied to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The normalised name of the project.
    pub project: Option<&'a str>,
    /// The URL of its repository.
    pub repository: Option<&'a str>,
    /// The day that exceptions are compared with. Without one, no exception ends.
    pub today: Option<Date>,
}

impl Exception {
    fn is_of(&self, project: Option<&str>, repository: Option<&str>) -> bool {
        let matches = |pattern: Option<&String>, text: Option<&str>| {
            pattern.is_none_or(|pattern| text.is_some_and(|text| glob::matches(pattern, text)))
        };
        matches(self.project.as_ref(), project) && matches(self.repository.as_ref(), repository)
    }
}

/// Whether a project has an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excepted<'a> {
    Never,
    Now(&'a Exception),
    /// It has ended.
    Before(&'a Exception),
}

/// The exception of a project from a rule.
pub(super) fn find<'a>(
    exceptions: &'a [Exception],
    policy: &str,
    subject: Subject<'_>,
) -> Excepted<'a> {
    let today = subject.today;
    let repository = subject.repository.map(repository::normalised);
    let of_project = exceptions.iter().filter(|exception| {
        exception.policies.iter().any(|name| name == policy)
            && exception.is_of(subject.project, repository.as_deref())
    });
    match of_project.max_by_key(|exception| exception.until) {
        None => Excepted::Never,
        Some(last) if today.is_some_and(|today| today > last.until) => Excepted::Before(last),
        Some(last) => Excepted::Now(last),
    }
}

pub(super) fn read(
    document: &Document,
    tables: Vec<At<ExceptionTable>>,
    policies: &[Policy],
    found: &mut Vec<Diagnostic>,
) -> Vec<Exception> {
    if let Some(table) = tables.get(MOST) {
        let what = "`[[exception]]` tables";
        found.push(Error::TooMany { what, most: MOST }.at(&document.span(table.span.clone())));
        return Vec::new();
    }
    let tables = tables.into_iter();
    tables
        .filter_map(|at| exception(document, at, policies, found))
        .collect()
}

fn exception(
    document: &Document,
    at: At<ExceptionTable>,
    policies: &[Policy],
    found: &mut Vec<Diagnostic>,
) -> Option<Exception> {
    let span = document.span(at.span);
    let table = at.value;
    let names_projects = table.project.is_some() || table.repository.is_some();
    for (key, is_set, example) in [
        ("project", names_projects, "\"billing\""),
        ("policy", table.policy.is_some(), "[\"approved-base\"]"),
        ("owner", table.owner.is_some(), "\"team-billing\""),
        (
            "reason",
            table.reason.is_some(),
            "\"moves to the new base in May\"",
        ),
        ("until", table.until.is_some(), "\"2027-05-31\""),
    ] {
        if !is_set {
            let (key, example) = (key.to_owned(), example.to_owned());
            found.push(BuildFileError::Missing { key, example }.at(&span));
        }
    }
    let [project, repository, owner, reason] =
        [table.project, table.repository, table.owner, table.reason]
            .map(|at| line(document, at, found));
    let (list, until) = (table.policy?, table.until?);
    if list.value.is_empty() {
        found.push(Error::Empty("policy").at(&document.span(list.span)));
    }
    let known = || policies.iter().map(|policy| policy.name.as_str());
    for name in &list.value {
        if known().all(|known| known != name.value) {
            let meant = closest(&name.value, known()).map(str::to_owned);
            let error = Error::UnknownPolicy {
                name: name.value.clone(),
                meant,
            };
            found.push(error.at(&document.span(name.span.clone())));
        }
    }
    let Some(day) = Date::parse(&until.value) else {
        found.push(Error::Date(until.value.clone()).at(&document.span(until.span)));
        return None;
    };
    if !names_projects {
        return None;
    }
    Some(Exception {
        project: project.map(|name| normalised(&name)),
        repository: repository.map(|url| repository::normalised(&url)),
        policies: list.value.into_iter().map(|at| at.value).collect(),
        owner: owner?,
        reason: reason?,
        until: day,
        span,
    })
}
