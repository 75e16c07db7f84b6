//! `inputs` of a `[[hook]]`: files of the build context that a hook sees.
//!
//! They are mounted, and copied to the working directory only while the hook runs. So the hook is invalidated by these files
//! and no others, and they are in no stage: not in the image, and not where dependencies are installed.

use crate::build_file::Hook;
use crate::diagnostics::Problem;
use crate::plan::{
    Action, Base, Command, ContextFiles, Copy, CopyFrom, Expected, Mount, Run, Stage, StageName,
    Step,
};
use crate::resolve::{Error, Resolved, context_files};
use crate::scripts;

use super::{copies, tools};

/// Where the files are mounted.
const INPUTS: &str = "/run/poetry-frontend/inputs";

/// The stage that the files are mounted from; `None` if the hook has none.
pub(super) fn stage(resolved: &Resolved<'_>, number: usize, hook: &Hook) -> Option<Stage> {
    let span = hook.inputs.first()?.span.clone();
    let names: Vec<&str> = hook.inputs.iter().map(|one| one.value.as_str()).collect();
    let from = CopyFrom::Context(files(resolved, hook));
    Some(Stage {
        name: StageName::HookInputs(number),
        from: Base::Stage(StageName::Base),
        span: resolved.base_span.clone(),
        steps: vec![Step {
            title: format!("copy {}", names.join(", ")),
            span,
            action: Action::Copy(Copy::directory(from, "/", INPUTS)),
        }],
    })
}

/// The files that the context must contain.
pub(super) fn expected(resolved: &Resolved<'_>, hook: &Hook) -> Vec<Expected> {
    let files = files(resolved, hook);
    let inputs = hook.inputs.iter().filter(|one| one.value != ".");
    inputs
        .map(|one| Expected {
            any_of: vec![copies::pattern(&one.value)],
            files: files.clone(),
            error: Error::NothingIncluded(one.value.clone()).at(&one.span),
        })
        .collect()
}

/// Lets the command of a hook see its inputs. Files that are already there are kept if they are the project's, and otherwise
/// are replaced while the hook runs.
pub(super) fn add(mut run: Run, number: usize, hook: &Hook, has_source: bool) -> Run {
    if hook.inputs.is_empty() {
        return run;
    }
    let script = tools::path_of(scripts::WITH_INPUTS);
    let existing = if has_source { "keep" } else { "replace" };
    let before = ["python3", "-I", "-S", &script, INPUTS, existing].map(str::to_owned);
    let outputs = hook.outputs.iter().map(|path| path.value.clone());
    let before = before.into_iter().chain(outputs).chain(["--".to_owned()]);
    if let Command::Exec(words) = &mut run.command {
        words.splice(..0, before);
    }
    run.mount(Mount::stage(StageName::HookInputs(number), INPUTS))
        .mount(tools::script(scripts::WITH_INPUTS))
}

fn files(resolved: &Resolved<'_>, hook: &Hook) -> ContextFiles {
    let inputs = hook.inputs.iter();
    let patterns: Vec<String> = inputs.map(|one| copies::pattern(&one.value)).collect();
    let whole = patterns.iter().any(|pattern| pattern == ".");
    ContextFiles {
        follow: true,
        ..context_files(resolved, if whole { Vec::new() } else { patterns })
    }
}
