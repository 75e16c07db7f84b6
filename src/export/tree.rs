//! A plan as a tree: stages, their steps, and what invalidates each.

use std::fmt::Write as _;

use crate::diagnostics::Colour;
use crate::plan::{Base, Plan};

use super::causes;

pub(crate) fn tree(plan: &Plan, colour: Colour) -> String {
    let mut text = String::new();
    for stage in &plan.stages {
        let from = match &stage.from {
            Base::Image(reference) => reference.familiar(),
            Base::Stage(name) => name.to_string(),
        };
        let name = colour.bold(&stage.name.to_string());
        let _ = writeln!(text, "{name} {}", colour.dim(&format!("from {from}")));
        let count = stage.steps.len();
        for (index, step) in stage.steps.iter().enumerate() {
            let last = index + 1 == count;
            let (branch, trunk) = if last {
                ("└─", "  ")
            } else {
                ("├─", "│ ")
            };
            let _ = writeln!(text, "{branch} {}/{count} {}", index + 1, step.title);
            let causes: Vec<String> = step.causes().iter().map(causes::text).collect();
            if !causes.is_empty() {
                let _ = writeln!(
                    text,
                    "{trunk}   {}",
                    colour.dim(&format!("invalidated by {}", causes.join(", ")))
                );
            }
        }
    }
    let _ = writeln!(
        text,
        "\n{}",
        colour.bold(&format!("image: {}", plan.result))
    );
    let settings = &plan.settings;
    let list = |words: &Vec<String>| format!("{words:?}");
    let rows = [
        ("user", settings.user.clone()),
        ("workdir", settings.workdir.clone()),
        ("entrypoint", settings.entrypoint.as_ref().map(list)),
        ("cmd", settings.cmd.as_ref().map(list)),
        (
            "expose",
            (!settings.expose.is_empty()).then(|| format!("{:?}", settings.expose)),
        ),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            let _ = writeln!(text, "   {name:10} {value}");
        }
    }
    text
}
