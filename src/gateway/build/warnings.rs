//! Warnings of a build, which the client shows with lines of the build file.

use buildkit_proto::gateway::WarnRequest;
use buildkit_proto::pb;

use crate::diagnostics::{Diagnostics, Position, Span, Warning};
use crate::gateway::inputs::Inputs;
use crate::gateway::transport::Failure;
use crate::rules::{Rule, Severity};

use super::platforms::Build;

/// Reports warnings, each once. They are errors if the build file or the command says so.
pub(super) async fn report(
    inputs: &Inputs<'_>,
    builds: &[Build],
    found: Vec<Warning>,
) -> Result<(), Failure> {
    let mut warnings: Vec<Warning> = Vec::new();
    for one in found {
        if !warnings.contains(&one) {
            warnings.push(one);
        }
    }
    let is_fatal = |rule: &Rule| {
        let mut builds = builds.iter();
        builds.any(|build| build.plan.rules.fatal.contains(rule))
    };
    let fatal = warnings.iter().filter(|one| is_fatal(&one.rule));
    Diagnostics::fail_if_any(fatal.map(Warning::into_error).collect())?;
    // Notes are shown by `--check` only.
    warnings.retain(|one| one.severity() != Severity::Note);
    if builds.iter().any(|build| build.plan.rules.fail_on_warnings) {
        let errors = warnings.iter().map(Warning::into_error).collect();
        return Ok(Diagnostics::fail_if_any(errors)?);
    }
    for one in &warnings {
        let request = request(one, &inputs.files.loaded_by);
        inputs.engine.warn(request).await?;
    }
    Ok(())
}

/// In the format of the engine's own frontend (`frontend/dockerfile/linter/linter.go`, `LintFormatShort`).
fn request(warning: &Warning, vertex: &str) -> WarnRequest {
    let span = &warning.span;
    let document = span.document();
    let line = span.start().line;
    WarnRequest {
        digest: vertex.to_owned(),
        level: 1,
        short: format!(
            "{}: {} ({}:{line})",
            warning.rule,
            warning.message,
            document.name()
        )
        .into_bytes(),
        detail: vec![warning.hint.clone().into_bytes()],
        url: warning.rule.url(),
        info: Some(pb::SourceInfo {
            filename: document.name().to_owned(),
            data: document.masked().into_bytes(),
            language: document.language().to_owned(),
            ..pb::SourceInfo::default()
        }),
        ranges: vec![range(span)],
    }
}

fn range(span: &Span) -> pb::Range {
    let position = |position: Position| pb::Position {
        line: i32::try_from(position.line).unwrap_or(i32::MAX),
        character: i32::try_from(position.character).unwrap_or(i32::MAX),
    };
    pb::Range {
        start: Some(position(span.start())),
        end: Some(position(span.end())),
    }
}
