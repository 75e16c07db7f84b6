//! Path dependencies. Poetry would install them in editable mode; here each is built into a wheel, like the project.

use crate::paths::literal;
use crate::plan::{CopyFrom, Expected, StageName};
use crate::resolve::Resolved;

use super::source::SourcePlan;
use super::wheel::Wheel;

/// The stages that build the wheels, and the steps that copy them into the image.
pub(super) fn plan(resolved: &Resolved<'_>) -> SourcePlan {
    let mut planned = SourcePlan::default();
    for dependency in &resolved.directories {
        let files = dependency.files(resolved);
        let (stage, step) = Wheel {
            stage: StageName::Path(dependency.name.clone()),
            what: &dependency.name,
            from: CopyFrom::Context(files.clone()),
            directory: &format!("/{}", dependency.path),
            span: &dependency.span,
            // Its `pyproject.toml` is not parsed, so its build may run any code.
            core: None,
            reduced_pyproject: None,
        }
        .plan(resolved);
        planned.stages.push(stage);
        planned.into_image.push(step);
        let within = |name: &str| match dependency.path.as_str() {
            "" => name.to_owned(),
            path => format!("{}/{name}", literal(path)),
        };
        planned.expected.push(Expected {
            any_of: ["pyproject.toml", "setup.py"].map(within).into(),
            files,
            error: dependency.missing(),
        });
    }
    planned
}
