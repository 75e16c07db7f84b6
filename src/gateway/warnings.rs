//! Warnings of a build, which the engine shows with the lines of the file.

use buildkit_proto::gateway::WarnRequest;
use buildkit_proto::pb;

use crate::diagnostics::{Diagnostics, Place, Position, Warning};
use crate::rules::Severity;

use super::engine::Engine;
use super::failure::Failure;
use super::files::Files;
use super::platforms::Build;

/// Tells what should be looked at in any of the builds, once. Where a warning is a mistake, the build ends with it.
pub(super) async fn tell(
    engine: &Engine,
    files: &Files,
    builds: &[Build],
    found: Vec<Warning>,
) -> Result<(), Failure> {
    let planned = builds.iter().flat_map(|build| &build.plan.warnings);
    let mut warnings: Vec<Warning> = Vec::new();
    for one in planned.cloned().chain(found) {
        if !warnings.contains(&one) {
            warnings.push(one);
        }
    }
    // What is only a note is left to checks.
    warnings.retain(|one| one.severity() != Severity::Note);
    if builds.iter().any(|build| build.plan.switches.error) {
        let mistakes = warnings.iter().map(Warning::as_mistake).collect();
        return Ok(Diagnostics::check(mistakes)?);
    }
    for one in &warnings {
        engine.warn(request(one, &files.loaded_by)).await?;
    }
    Ok(())
}

/// As engines' own frontends word it (`frontend/dockerfile/linter/linter.go`, `LintFormatShort`).
fn request(warning: &Warning, vertex: &str) -> WarnRequest {
    let place = &warning.place;
    let document = place.document();
    let line = place.start().line;
    WarnRequest {
        digest: vertex.to_owned(),
        level: 1,
        short: format!(
            "{}: {} ({}:{line})",
            warning.rule,
            warning.what,
            document.name()
        )
        .into_bytes(),
        detail: vec![warning.hint.clone().into_bytes()],
        url: warning.rule.url(),
        info: Some(pb::SourceInfo {
            filename: document.name().to_owned(),
            data: document.shown().into_bytes(),
            language: document.language().to_owned(),
            ..pb::SourceInfo::default()
        }),
        ranges: vec![range(place)],
    }
}

fn range(place: &Place) -> pb::Range {
    let position = |position: Position| pb::Position {
        line: i32::try_from(position.line).unwrap_or(i32::MAX),
        character: i32::try_from(position.character).unwrap_or(i32::MAX),
    };
    pb::Range {
        start: Some(position(place.start())),
        end: Some(position(place.end())),
    }
}
