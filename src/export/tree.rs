//! A plan as a tree: stages, their steps, and what invalidates each.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diagnostics::{Colour, printable};
use crate::plan::{Base, NetworkUse, PackageInstaller, Plan};

use super::causes;

pub(crate) fn tree(plan: &Plan, colour: Colour) -> String {
    let mut text = String::new();
    for stage in &plan.stages {
        let from = match &stage.from {
            Base::Image(reference) => reference.familiar(),
            Base::ImageOn(reference, platform) => {
                format!("{} for {platform}", reference.familiar())
            }
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
    if let Some(python) = &plan.python {
        let _ = writeln!(text, "\n{} {python}", colour.bold("Python"));
    }
    platforms(&mut text, plan, colour);
    packages(&mut text, plan, colour);
    network(&mut text, plan, colour);
    let _ = writeln!(
        text,
        "\n{}",
        colour.bold(&format!("image: {}", plan.result))
    );
    let settings = &plan.settings;
    let list = |words: &Vec<String>| format!("{words:?}");
    let ports: Vec<String> = settings.expose.iter().map(ToString::to_string).collect();
    let rows = [
        ("user", settings.user.clone()),
        ("workdir", settings.workdir.clone()),
        ("entrypoint", settings.entrypoint.as_ref().map(list)),
        ("cmd", settings.cmd.as_ref().map(list)),
        ("expose", (!ports.is_empty()).then(|| ports.join(" "))),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            let _ = writeln!(text, "   {name:10} {}", printable(&value));
        }
    }
    text
}

/// What an engine of another platform emulates, and why.
fn platforms(text: &mut String, plan: &Plan, colour: Colour) {
    let Some(engine) = plan.build_platform.engine() else {
        return;
    };
    let title = format!("platform: {} on {engine}", plan.platform);
    let _ = writeln!(text, "\n{}", colour.bold(&title));
    if let Some((base, _)) = plan.engine_base() {
        let condition = format!(
            "if {} has the same Python for both platforms; otherwise, all commands are emulated",
            base.familiar()
        );
        let _ = writeln!(text, "   {}", colour.dim(&condition));
    }
    let emulated = plan.emulated();
    if emulated.is_empty() {
        let _ = writeln!(text, "   nothing is emulated");
    }
    for step in emulated {
        let reason = colour.dim(&format!("({})", step.reason));
        let _ = writeln!(text, "   emulated: {}: {} {reason}", step.stage, step.title);
    }
}

/// What installs each package, and why Poetry installs some.
fn packages(text: &mut String, plan: &Plan, colour: Colour) {
    let mut layers: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut by_poetry: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for package in &plan.packages {
        let shown = format!("{} {}", package.name, package.version);
        match &package.installer {
            PackageInstaller::Uv { layer } => layers.entry(*layer).or_default().push(shown),
            PackageInstaller::Poetry { reason } => {
                by_poetry.entry(reason).or_default().push(shown);
            }
        }
    }
    if plan.packages.is_empty() {
        return;
    }
    let title = format!("packages: {}", plan.packages.len());
    let _ = writeln!(text, "\n{}", colour.bold(&title));
    for (layer, packages) in layers {
        let count = packages.len();
        let packages = packages.join(", ");
        let _ = writeln!(text, "   layer {layer}, {count} with uv: {packages}");
    }
    for (reason, packages) in by_poetry {
        let count = packages.len();
        let packages = packages.join(", ");
        let reason = colour.dim(&format!("({reason})"));
        let _ = writeln!(text, "   {count} with Poetry {reason}: {packages}");
    }
}

/// What keeps the build from being hermetic.
fn network(text: &mut String, plan: &Plan, colour: Colour) {
    let Some(uses) = plan.network_uses() else {
        return;
    };
    let title = match uses.len() {
        0 => "hermetic: no step uses a network".to_owned(),
        1 => "not hermetic: 1 step uses a network".to_owned(),
        count => format!("not hermetic: {count} steps use a network"),
    };
    let _ = writeln!(text, "\n{}", colour.bold(&title));
    for NetworkUse {
        stage,
        title,
        reason,
    } in uses
    {
        let reason = colour.dim(&format!("({reason})"));
        let _ = writeln!(text, "   {stage}: {title} {reason}");
    }
    let asking = plan.stages.iter().filter(|stage| stage.name.is_addresses());
    if asking.count() > 0 {
        let _ = writeln!(
            text,
            "   the addresses of the wheels are not known yet: a build first runs the steps that ask the index, then plans again"
        );
    }
}
