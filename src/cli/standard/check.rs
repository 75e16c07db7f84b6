//! `standard check`: whether projects follow a standard, and what changes from another one.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::super::arguments::Arguments;
use super::super::command::Outcome;
use super::super::directory::ProjectDirectory;
use super::super::error::Error;
use super::super::output;
use super::super::plan::diff;
use super::file;
use super::table::table;
use crate::analysis::{self, Judgement, Releases};
use crate::build_file::{Exception, Standard};
use crate::diagnostics::{Diagnostic, Findings, Problem, Span, Warning};
use crate::export::{Compared, compare};
use crate::plan::Plan;

/// The check of a project.
struct Checked {
    directory: String,
    frontend: Option<String>,
    releases: Releases,
    findings: Findings,
    judgements: Vec<Judgement>,
    plan: Option<(ProjectDirectory, Plan)>,
}

/// What changes from another standard.
enum Change {
    NewlyFails,
    StillFails,
    FailsNoMore,
    /// The steps that would run again, and the number of all steps.
    Rebuilds(Vec<Value>, usize),
    Nothing,
}

/// A project that could be checked, or why not.
type Row = (String, Result<(Checked, Option<Change>), Error>);

pub(super) fn run(arguments: &Arguments, paths: &[String]) -> Result<Outcome, Error> {
    let bytes = file::read(&file::path(arguments))?;
    let other = arguments
        .get("against")
        .map(|path| file::read(Path::new(path)));
    let other = other.transpose()?;
    let Some(standard) = file::parsed(&bytes, arguments)? else {
        return Ok(Outcome::Problems);
    };
    if let Some(other) = &other
        && file::parsed(other, arguments)?.is_none()
    {
        return Ok(Outcome::Problems);
    }
    let rows: Vec<Row> = paths
        .iter()
        .map(|path| {
            (
                path.clone(),
                project(path, &bytes, other.as_deref(), arguments),
            )
        })
        .collect();
    if arguments.get("format") == Some("json") {
        let projects: Vec<Value> = rows.iter().map(json_of).collect();
        output::json(&json!({
            "standard": {
                "name": standard.name,
                "version": standard.version,
                "digest": standard.digest,
            },
            "projects": projects,
        }))?;
    } else {
        output::text(&text(&standard, &rows, other.is_some(), arguments))?;
    }
    Ok(if rows.iter().any(|row| result(row) == "error") {
        Outcome::Problems
    } else {
        Outcome::Success
    })
}

fn project(
    path: &str,
    standard: &[u8],
    other: Option<&[u8]>,
    arguments: &Arguments,
) -> Result<(Checked, Option<Change>), Error> {
    let checked = check(path, standard, arguments)?;
    let Some(other) = other else {
        return Ok((checked, None));
    };
    let before = check(path, other, arguments)?;
    let change = match (&before.plan, &checked.plan) {
        (Some(_), None) => Change::NewlyFails,
        (None, None) => Change::StillFails,
        (None, Some(_)) => Change::FailsNoMore,
        (Some((old_directory, old)), Some((directory, new))) => {
            let old = diff::with_files(old_directory, old.clone())?;
            let new = diff::with_files(directory, new.clone())?;
            let steps = compare(&old, &new);
            let again = steps.iter().filter(|step| step.reruns());
            let again: Vec<Value> = again.map(Compared::json).collect();
            if again.is_empty() && old.plan.settings == new.plan.settings {
                Change::Nothing
            } else {
                Change::Rebuilds(again, steps.len())
            }
        }
    };
    Ok((checked, Some(change)))
}

fn check(path: &str, standard: &[u8], arguments: &Arguments) -> Result<Checked, Error> {
    let directory = ProjectDirectory::new(PathBuf::from(path), arguments)?;
    let mut directory = directory.with_standard(standard.to_vec());
    directory.request.today = file::today();
    let (plan, findings, judgements) = directory.judge()?;
    let plan = plan.filter(|_| findings.errors.is_empty());
    Ok(Checked {
        directory: path.to_owned(),
        frontend: frontend(&directory.files.build_file),
        releases: directory
            .files
            .releases(&directory.build_args, &directory.request),
        findings,
        judgements,
        plan: plan.map(|plan| (directory, plan)),
    })
}

/// The image that the first line names.
fn frontend(build_file: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(build_file);
    let line = text.lines().next()?.strip_prefix('#')?.trim();
    let image = line
        .strip_prefix("syntax")?
        .trim_start()
        .strip_prefix('=')?;
    Some(image.trim().to_owned())
}

impl Checked {
    fn result(&self) -> &'static str {
        if !self.findings.errors.is_empty() {
            "error"
        } else if self.findings.has_problems() {
            "warning"
        } else {
            "ok"
        }
    }

    /// The exceptions that the project needs, with the names of the rules.
    fn exceptions(&self) -> Vec<(&str, &Exception)> {
        let mut found: Vec<(&str, &Exception)> = Vec::new();
        for judgement in &self.judgements {
            if let analysis::Outcome::Excepted(exception) = &judgement.outcome
                && !found.iter().any(|(name, _)| *name == judgement.policy)
            {
                found.push((&judgement.policy, exception));
            }
        }
        found
    }
}

impl Change {
    fn json(&self) -> Value {
        let steps = match self {
            Self::Rebuilds(again, _) => again.as_slice(),
            _ => &[],
        };
        json!({ "summary": self.text(), "steps": steps })
    }

    fn text(&self) -> String {
        match self {
            Self::NewlyFails => "newly fails".to_owned(),
            Self::StillFails => "still fails".to_owned(),
            Self::FailsNoMore => "fails no more".to_owned(),
            Self::Rebuilds(again, _) if again.is_empty() => "runs no step again".to_owned(),
            Self::Rebuilds(again, all) => format!("runs {} of {all} steps again", again.len()),
            Self::Nothing => "the same image".to_owned(),
        }
    }
}

fn result((_, row): &Row) -> &'static str {
    row.as_ref()
        .map_or("error", |(checked, _)| checked.result())
}

fn text(standard: &Standard, rows: &[Row], is_compared: bool, arguments: &Arguments) -> String {
    let colour = output::colour(arguments);
    let title = standard.version.as_ref();
    let title = title.map_or_else(
        || standard.name.clone(),
        |version| format!("{} {version}", standard.name),
    );
    if rows.is_empty() {
        return format!("{title}: no problems found\n");
    }
    let mut text = String::new();
    for row in rows {
        let (path, checked) = row;
        let rendered = match checked {
            Ok((checked, _)) => checked.findings.rendered(colour),
            Err(error) => format!("{}\n", error.rendered(colour)),
        };
        if !rendered.is_empty() {
            text += &format!("{}\n{rendered}\n", colour.bold(path));
        }
    }
    let header = [
        "project",
        "result",
        "Python",
        "Poetry",
        "frontend",
        "exceptions",
        "change",
    ];
    let mut cells = vec![header.map(str::to_owned)];
    if !is_compared {
        cells[0][6].clear();
    }
    cells.extend(rows.iter().map(|row| {
        let (path, checked) = row;
        let unknown = || "-".to_owned();
        let Ok((checked, change)) = checked else {
            let [a, b, c, d] = [(); 4].map(|()| unknown());
            return [path.clone(), "error".to_owned(), a, b, c, d, String::new()];
        };
        let exceptions = checked.exceptions().into_iter();
        let exceptions: Vec<String> = exceptions
            .map(|(policy, exception)| {
                format!("{policy} until {} ({})", exception.until, exception.owner)
            })
            .collect();
        let releases = &checked.releases;
        [
            path.clone(),
            checked.result().to_owned(),
            releases
                .python
                .map_or_else(unknown, |python| python.to_string()),
            releases
                .poetry
                .map_or_else(unknown, |poetry| poetry.to_string()),
            checked.frontend.clone().unwrap_or_else(unknown),
            if exceptions.is_empty() {
                unknown()
            } else {
                exceptions.join(", ")
            },
            change.as_ref().map_or_else(String::new, Change::text),
        ]
    }));
    let failed = rows.iter().filter(|row| result(row) == "error").count();
    format!(
        "{text}{}\n{title}: {failed} of {} projects {}\n",
        table(&cells),
        rows.len(),
        if failed == 1 { "fails" } else { "fail" },
    )
}

fn json_of(row: &Row) -> Value {
    let (path, checked) = row;
    let (checked, change) = match checked {
        Ok(checked) => checked,
        Err(error) => {
            let error = json!({ "message": error.to_string(), "hint": error.hint() });
            return json!({ "directory": path, "result": "error", "errors": [error] });
        }
    };
    let judged = |message: &str| {
        let of_policy = checked.judgements.iter().find(|one| one.message == message);
        of_policy.map(|judgement| judgement.policy.clone())
    };
    let location = |span: Option<&Span>| {
        span.map(|span| json!({ "file": span.document().name(), "line": span.start().line }))
    };
    let error = |error: &Diagnostic| {
        json!({
            "policy": judged(&error.message),
            "rule": error.rule.map(crate::rules::Rule::id),
            "message": error.message,
            "hint": error.hint,
            "location": location(error.span.as_ref()),
        })
    };
    let warning = |warning: &Warning| {
        json!({
            "policy": judged(&warning.message),
            "rule": warning.rule.id(),
            "severity": warning.severity().as_str(),
            "message": warning.message,
            "hint": warning.hint,
            "location": location(Some(&warning.span)),
        })
    };
    let exceptions: Vec<Value> = checked
        .exceptions()
        .into_iter()
        .map(|(policy, exception)| {
            json!({
                "policy": policy,
                "owner": exception.owner,
                "reason": exception.reason,
                "until": exception.until.to_string(),
            })
        })
        .collect();
    let releases = &checked.releases;
    json!({
        "directory": checked.directory,
        "result": checked.result(),
        "frontend": checked.frontend,
        "python": releases.python.map(|python| python.to_string()),
        "poetry": releases.poetry.map(|poetry| poetry.to_string()),
        "errors": checked.findings.errors.iter().map(error).collect::<Vec<_>>(),
        "warnings": checked.findings.warnings.iter().map(warning).collect::<Vec<_>>(),
        "exceptions": exceptions,
        "change": change.as_ref().map(Change::json),
    })
}
