//! `docker buildx build --check`: all errors and warnings at once, without starting a container
//! (`frontend/subrequests/lint/lint.go`).

use std::collections::BTreeMap;

use buildkit_proto::gateway::Result as BuildResult;

use crate::diagnostics::{Colour, Findings, printable_json};
use crate::gateway::build::with_contexts;
use crate::gateway::inputs::{Inputs, Parts};
use crate::gateway::transport::Failure;
use crate::lint::lint_files;

use super::definition::Definition;

pub(super) const REQUEST: Definition = Definition {
    name: "frontend.lint",
    version: "1.0.0",
    description: "Lint a build file",
    options: &[],
    parts: &["result.json", "result.txt", "result.statuscode"],
};

pub(super) async fn answer(inputs: &Inputs<'_>) -> Result<BuildResult, Failure> {
    let (engine, options) = (inputs.engine, &inputs.options);
    let inspection = inputs.files.sources.inspect(&options.build_args);
    let mut all: Option<Findings> = None;
    for platform in &options.platforms {
        let request = options.plan_request(platform, &inspection.ignore);
        let (plan, mut findings) = inspection.plan(&request);
        if let (Some(plan), Some(project)) = (plan, &inspection.project) {
            let build = with_contexts(inputs, platform, plan).await?;
            let parts = Parts {
                engine,
                steps: &build.steps,
            };
            let found = lint_files(&parts, &build.plan, project).await?;
            findings.errors.extend(found.errors);
            findings.warnings.extend(found.warnings);
        }
        match &mut all {
            None => all = Some(findings),
            Some(all) => {
                all.errors.extend(findings.errors);
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

fn metadata(findings: &Findings) -> BTreeMap<String, Vec<u8>> {
    let text = format!(
        "{}\n{}\n",
        findings.rendered(Colour::Off),
        findings.summary()
    );
    let status = if findings.has_problems() { "1" } else { "0" };
    [
        ("result.json", printable_json(&findings.json())),
        ("result.txt", text.trim_start().to_owned()),
        ("result.statuscode", status.to_owned()),
        ("version", REQUEST.version.to_owned()),
    ]
    .map(|(key, value)| (key.to_owned(), value.into_bytes()))
    .into()
}
