//! Verifications: stages that must succeed although nothing of them is in the image.

use crate::compile::Compiled;
use crate::diagnostics::Warning;
use crate::gateway::transport::{Engine, Failure, all};
use crate::plan::{OVERLAPS, StageName};
use crate::rules::Rule;

use super::platforms::Build;

/// Builds the verifications of all platforms, side by side, and returns the warnings that they report.
pub(super) async fn run(
    engine: &Engine,
    builds: &[Build],
    compiled: &[Compiled],
) -> Result<Vec<Warning>, Failure> {
    let verifications = builds.iter().zip(compiled).flat_map(|(build, compiled)| {
        let names = build.plan.verifications.iter();
        names
            .zip(&compiled.verifications)
            .map(move |(name, output)| (build, name, output))
    });
    let found = all(verifications.map(async |(build, name, output)| {
        // Reading from a ref makes the engine build it.
        let stage = engine.solve_output(output).await?;
        let mut report = Vec::new();
        for file in stage.list("", OVERLAPS).await? {
            report = stage.read(&file.name, file.size).await?;
        }
        Ok::<_, Failure>(overlaps(build, name, &String::from_utf8_lossy(&report)))
    }))
    .await?;
    Ok(found.into_iter().flatten().collect())
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
