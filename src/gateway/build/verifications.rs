//! Verifications: stages that must succeed although nothing of them is in the image.

use std::collections::BTreeMap;

use crate::compile::Compiled;
use crate::diagnostics::{Diagnostic, Diagnostics, Warning};
use crate::gateway::transport::{Engine, Failure, all};
use crate::licenses::{self, Statement};
use crate::plan::{LICENSES, LicenseOutcome, OVERLAPS, StageName};
use crate::rules::Rule;

use super::platforms::Build;

/// The names of the files in which they report.
const REPORTS: &str = "poetry-frontend-*";

/// What verifications report.
#[derive(Default)]
pub(super) struct Reports {
    pub(super) warnings: Vec<Warning>,
    /// What the installed packages of each platform say about their licences.
    pub(super) licenses: BTreeMap<String, Vec<Statement>>,
}

/// Builds the wanted verifications of all platforms, side by side, and returns what they report.
pub(super) async fn run(
    engine: &Engine,
    builds: &[Build],
    compiled: &[Compiled],
    is_wanted: impl Fn(&StageName) -> bool,
) -> Result<Reports, Failure> {
    let verifications = builds.iter().zip(compiled).flat_map(|(build, compiled)| {
        let names = build.plan.verifications.iter();
        names
            .zip(&compiled.verifications)
            .filter(|(name, _)| is_wanted(name))
            .map(move |(name, output)| (build, name, output))
    });
    let found = all(verifications.map(async |(build, name, output)| {
        // Reading from a ref makes the engine build it.
        let stage = engine.solve_output(output).await?;
        let mut files = Vec::new();
        for file in stage.list("", REPORTS).await? {
            let content = stage.read(&file.name, file.size).await?;
            files.push((file.name, content));
        }
        Ok::<_, Failure>((build, name, files))
    }))
    .await?;
    let mut reports = Reports::default();
    for (build, name, files) in found {
        for (file, content) in files {
            match file.as_str() {
                OVERLAPS => {
                    let found = overlaps(build, name, &String::from_utf8_lossy(&content));
                    reports.warnings.extend(found);
                }
                LICENSES => {
                    let found = licenses::statements(&content);
                    reports.licenses.insert(build.platform.to_string(), found);
                }
                _ => {}
            }
        }
    }
    Ok(reports)
}

/// Compares the licences with the rules of the standard. Not part of [`run`], whose errors cancel the steps of the image halfway.
///
/// # Errors
/// A package has a licence that is denied.
pub(super) fn judge_licenses(builds: &[Build], reports: &Reports) -> Result<Vec<Warning>, Failure> {
    let mut warnings = Vec::new();
    for build in builds {
        let statements = reports.licenses.get(&build.platform.to_string());
        let statements = statements.map_or(&[][..], Vec::as_slice);
        let found = licenses::judge(&build.plan.licenses, statements);
        let fails = |(outcome, _): &&(LicenseOutcome, Warning)| *outcome == LicenseOutcome::Error;
        let errors = found.iter().filter(fails);
        let errors = errors.map(|(_, found)| Diagnostic {
            span: Some(found.span.clone()),
            message: found.message.clone(),
            hint: found.hint.clone(),
            rule: Some(found.rule),
        });
        Diagnostics::fail_if_any(errors.collect())?;
        warnings.extend(found.into_iter().map(|(_, warning)| warning));
    }
    Ok(warnings)
}

fn overlaps(build: &Build, name: &StageName, report: &str) -> Vec<Warning> {
    let stage = build.plan.stages.iter().find(|stage| stage.name == *name);
    let Some(step) = stage.and_then(|stage| stage.steps.first()) else {
        return Vec::new();
    };
    let lines = report.lines().filter_map(|line| {
        let mut fields = line.split('\t');
        let (one, other) = (fields.next()?, fields.next()?);
        let (path, more) = (fields.next()?, fields.next()?);
        let more = if more == "0" {
            String::new()
        } else {
            format!(" and {more} more files")
        };
        Some(Warning::new(
            Rule::OverlappingFiles,
            step.span.clone(),
            &format!(
                "`{one}` and `{other}` install different files as `{path}`{more}, of which the image has one"
            ),
            "remove one of the two packages, or skip the rule if either file will do",
        ))
    });
    lines.collect()
}
