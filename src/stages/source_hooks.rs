//! The stages in which hooks change the project's files before it is installed: `source-hooks` is the dependencies with the
//! files in the working directory, and `source-files` is nothing but the files as the hooks left them.

use crate::build_file::HookPoint;
use crate::diagnostics::Span;
use crate::plan::{Action, Base, ContextFiles, Copy, CopyFrom, Run, Stage, StageName, Step};
use crate::resolve::Resolved;
use crate::resolve::environment::PROJECT_DIR;
use crate::scripts;
use crate::steps::hooks;

use super::layers;

/// The directory of the files that the second stage consists of.
const FILES: &str = "/out";

/// Where the project is installed from, and the stages that it needs: `files` of the context, or what hooks make of them.
pub(super) fn changed(
    resolved: &Resolved<'_>,
    files: &ContextFiles,
    span: &Span,
) -> (CopyFrom, Vec<Stage>) {
    let context = CopyFrom::Context(files.clone());
    if !resolved.has_changed_source() {
        return (context, Vec::new());
    }
    let step = |title: &str, action| Step {
        title: title.to_owned(),
        span: span.clone(),
        action,
    };
    let stage = |name, from, steps| Stage {
        name,
        from: Base::Stage(from),
        span: resolved.base_span.clone(),
        steps,
    };
    // The project has files with the same names.
    let installed_from = layers::installed_from(resolved);
    let remove = (!installed_from.is_empty()).then(|| {
        let words = ["rm", "-f"].into_iter();
        let words = words.chain(installed_from.iter().map(String::as_str));
        let run = Run::exec(words).offline();
        step(
            "remove what the dependencies were installed from",
            Action::Run(run),
        )
    });
    let copy = Copy::directory(context, "/", PROJECT_DIR);
    let steps = remove
        .into_iter()
        .chain([step("copy the source", Action::Copy(copy))])
        .chain(hooks::steps(resolved, HookPoint::BeforeSource));
    let args = [PROJECT_DIR, FILES].map(str::to_owned);
    let take = Run::script(scripts::TAKE_SOURCE, args);
    let take = take.into_directory(FILES).offline();
    let stages = vec![
        stage(StageName::SourceHooks, StageName::Deps, steps.collect()),
        stage(
            StageName::ChangedSource,
            StageName::SourceHooks,
            vec![step("take the changed source", Action::Run(take))],
        ),
    ];
    (CopyFrom::Stage(StageName::ChangedSource), stages)
}
