//! `docker buildx build --check`: all mistakes and warnings at once, and no container is started
//! (`frontend/subrequests/lint/lint.go`).

use std::collections::BTreeMap;

use buildkit_proto::gateway::Result as BuildResult;

use crate::diagnostics::{Colour, Findings, Warning};
use crate::plan::{dev_only_imports, in_context};
use crate::project::Project;
use crate::rules::Rule;

use super::super::engine::Engine;
use super::super::failure::Failure;
use super::super::files::{self, Files};
use super::super::main_context::Sources;
use super::super::options::Options;
use super::super::platforms::{self, Build};
use super::super::request;
use super::Definition;

pub(super) const REQUEST: Definition = Definition {
    name: "frontend.lint",
    version: "1.0.0",
    description: "Lint a build file",
    options: &[],
    parts: &["result.json", "result.txt", "result.statuscode"],
};

/// Finds everything and answers with it.
pub(super) async fn answer(
    engine: &Engine,
    options: &Options,
    sources: &Sources,
    files: &Files,
) -> Result<BuildResult, Failure> {
    let examined = files.sources.examine(&options.build_args);
    let mut all: Option<Findings> = None;
    for platform in &options.platforms {
        let request = request(options, platform, &examined.ignore);
        let (plan, mut findings) = examined.plan(&request);
        if let Some(plan) = plan {
            let build = platforms::with_contexts(engine, options, sources, platform, plan).await?;
            let expected: Vec<_> = build.plan.expected.iter().collect();
            let suspected = &build.plan.suspected;
            let absent = files::look(engine, &build.steps, &expected, suspected).await?;
            findings.mistakes.extend(absent.mistakes);
            let warnings = of_context(engine, &build, examined.project.as_ref()).await?;
            findings.warnings.extend(absent.warnings);
            findings.warnings.extend(warnings);
        }
        match &mut all {
            None => all = Some(findings),
            Some(all) => {
                all.mistakes.extend(findings.mistakes);
                all.warnings.extend(findings.warnings);
            }
        }
    }
    let findings = all.map(Findings::sorted);
    Ok(BuildResult {
        metadata: findings
            .map(|findings| metadata(&findings))
            .unwrap_or_default(),
        ..BuildResult::default()
    })
}

/// What only the files of the contexts tell.
async fn of_context(
    engine: &Engine,
    build: &Build,
    project: Option<&Project>,
) -> Result<Vec<Warning>, Failure> {
    let plan = &build.plan;
    let mut found = Vec::new();
    for (part, place) in plan.context_parts() {
        let (tree, listing) = files::list(engine, &build.steps, part).await?;
        found.extend(in_context(&listing, place));
        if plan.switches.looks_at(Rule::DevOnlyImport)
            && part.context.is_none()
            && let Some(project) = project
        {
            let sources = files::python(&tree, &listing).await?;
            found.extend(dev_only_imports(project, &plan.selection, &sources));
        }
    }
    found.retain(|one| plan.switches.looks_at(one.rule));
    Ok(found)
}

fn metadata(findings: &Findings) -> BTreeMap<String, Vec<u8>> {
    let text = format!(
        "{}\n{}\n",
        findings.rendered(Colour::Off),
        findings.summary()
    );
    let status = if findings.is_bad() { "1" } else { "0" };
    [
        ("result.json", format!("{:#}", findings.json())),
        ("result.txt", text.trim_start().to_owned()),
        ("result.statuscode", status.to_owned()),
        ("version", REQUEST.version.to_owned()),
    ]
    .map(|(key, value)| (key.to_owned(), value.into_bytes()))
    .into()
}
