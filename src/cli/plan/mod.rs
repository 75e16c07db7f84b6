//! `plan`: what would be built, and what each step is done anew with.

mod chart;
mod diff;
mod revision;
mod tree;

use serde_json::{Value, json};

use super::arguments::Opt;
use super::folder::{FOLDER, Folder, OPTIONS};
use super::{Command, Error, Given, Operand, Outcome, output};
use crate::diagnostics::Place;
use crate::plan::{Base, Cause, Plan, Stage, Step};

pub(super) const COMMAND: Command = Command {
    name: "plan",
    about: "show what would be built, and what each step is done anew with",
    details: "With `--diff`, two folders or revisions of a Git repository are compared: which steps of the second would run after the first was
built, and because of which lines and files.",
    operands: &[
        FOLDER,
        Operand {
            name: "NEW",
            about: "with `--diff`, what FOLDER is compared with; each is a folder or a Git revision",
            required: false,
            choices: Vec::new,
        },
    ],
    options: &[
        &[
            Opt::choice(
                "format",
                &["tree", "json", "mermaid", "svg"],
                "for people, for programs, or a chart; with `--diff`: `tree` or `json`",
            ),
            Opt::flag("diff", "compare two"),
        ],
        OPTIONS,
    ],
    run,
};

fn run(given: &Given) -> Result<Outcome, Error> {
    let format = given.get("format").unwrap_or("tree");
    if given.has("diff") {
        return diff::run(given, format);
    }
    if let Some(superfluous) = given.operands.get(1) {
        return Err(Error::Superfluous(superfluous.clone(), COMMAND.name));
    }
    let folder = Folder::read(given)?;
    let Some(plan) = planned(&folder, given)? else {
        return Ok(Outcome::Bad);
    };
    match format {
        "json" => output::json(&described(&plan))?,
        "mermaid" => output::text(&chart::mermaid(&plan))?,
        "svg" => output::text(&chart::svg(&plan))?,
        _ => output::text(&tree::rendered(&plan, output::colour(given)))?,
    }
    Ok(Outcome::Good)
}

/// The plan of a folder; nothing, and its mistakes shown, if there is none.
pub(super) fn planned(folder: &Folder, given: &Given) -> Result<Option<Plan>, Error> {
    let (plan, findings) = folder.examine()?;
    let mistakes = &findings.mistakes;
    if mistakes.is_empty() {
        return Ok(plan);
    }
    let shown = mistakes
        .iter()
        .map(|one| one.rendered(output::colour(given)));
    output::error(&shown.collect::<Vec<_>>().join("\n"))?;
    Ok(None)
}

fn described(plan: &Plan) -> Value {
    let settings = &plan.settings;
    let stages: Vec<Value> = plan.stages.iter().map(stage).collect();
    let checks: Vec<String> = plan.checks.iter().map(ToString::to_string).collect();
    json!({
        "result": plan.result.to_string(),
        "checks": checks,
        "stages": stages,
        "settings": {
            "user": settings.user,
            "workdir": settings.workdir,
            "path": settings.path,
            "env": settings.env,
            "entrypoint": settings.entrypoint,
            "cmd": settings.cmd,
            "expose": settings.expose,
            "labels": settings.labels,
            "stopSignal": settings.stop_signal,
            "volumes": settings.volumes,
        },
    })
}

fn stage(stage: &Stage) -> Value {
    let from = match &stage.from {
        Base::Image(reference) => json!({ "image": reference.to_string() }),
        Base::Stage(name) => json!({ "stage": name.to_string() }),
    };
    let steps: Vec<Value> = stage.steps.iter().map(step).collect();
    json!({ "name": stage.name.to_string(), "from": from, "steps": steps })
}

fn step(step: &Step) -> Value {
    let causes: Vec<Value> = step.causes().iter().map(cause).collect();
    json!({
        "title": step.title,
        "place": place(&step.place),
        "anewWith": causes,
        "facts": step.action.facts(),
    })
}

fn cause(cause: &Cause) -> Value {
    match cause {
        Cause::Line(line) => json!({ "line": place(line) }),
        Cause::Stage(name) => json!({ "stage": name.to_string() }),
        Cause::Named(name) => json!({ "named": name }),
        Cause::Files { context, include } => json!({ "context": context, "files": include }),
        Cause::Written(files) => json!({ "written": files }),
    }
}

fn place(place: &Place) -> Value {
    json!({ "file": place.document().name(), "line": place.start().line })
}

/// A cause in the words of a user.
fn said(cause: &Cause) -> String {
    match cause {
        Cause::Line(place) => {
            format!("{}:{}", place.document().name(), place.start().line)
        }
        Cause::Stage(name) => format!("`{name}`"),
        Cause::Named(name) => name.clone(),
        Cause::Files { context, include } => {
            let files = if include.is_empty() {
                "all files".to_owned()
            } else {
                include.join(", ")
            };
            match context {
                Some(name) => format!("{files} of the context `{name}`"),
                None => format!("{files} of the build context"),
            }
        }
        Cause::Written(files) => {
            let names = files
                .iter()
                .map(|path| path.rsplit('/').next().unwrap_or_default());
            format!(
                "what is written to {}",
                names.collect::<Vec<_>>().join(", ")
            )
        }
    }
}
