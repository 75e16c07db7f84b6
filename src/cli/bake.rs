//! `bake`: writes a bake file that builds all targets.

use super::arguments::{Arguments, Opt};
use super::command::{Command, Outcome};
use super::directory::{ALL_TARGETS, DIRECTORY};
use super::error::Error;
use super::invocation::{RUNTIME, Targets, problems};
use super::output;
use crate::build_file::DEV;
use crate::diagnostics::{Diagnostics, printable_json};
use crate::export;

/// What `docker buildx bake` looks for.
const FILE: &str = "docker-bake.json";

pub(super) const COMMAND: Command = Command {
    name: "bake",
    about: "write a bake file that builds all targets",
    details: "`docker buildx bake` in DIRECTORY then builds the image and every `[target.NAME]`, and `docker buildx bake dev` the development
image. Each target has the secrets, SSH agents, named contexts and entitlements that it needs.
Build arguments, the name and tag of the images (`IMAGE`, `TAG`), and contexts that only you know (`CONTEXT_NAME`) are variables, which
you set in the environment. So are the values of secrets: that of `corp-password` is in `CORP_PASSWORD`.
Write the file again, with `--force`, after a change of arguments, targets or secrets.",
    operands: &[DIRECTORY],
    options: &[
        &[
            Opt::flag("force", "overwrite an existing `docker-bake.json`"),
            Opt::flag("stdout", "write to standard output instead"),
        ],
        ALL_TARGETS,
    ],
    run,
};

fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let mut targets = match Targets::from_arguments(arguments)? {
        Ok(targets) => targets,
        Err(errors) => return problems(&errors, arguments),
    };
    if let Err(errors) = plan_all(&mut targets) {
        return problems(&errors, arguments);
    }
    let bake = export::bake(&targets.invocation, &[DEV]);
    let text = format!("{}\n", printable_json(&bake));
    if arguments.has("stdout") {
        output::text(&text)?;
        return Ok(Outcome::Success);
    }
    let path = targets.directory.path.join(FILE);
    output::file(&path, &text, arguments.has("force"))?;
    output::text(&format!(
        "wrote {}; build all targets with `docker buildx bake`\n",
        path.display()
    ))?;
    Ok(Outcome::Success)
}

fn plan_all(targets: &mut Targets) -> Result<(), Diagnostics> {
    targets.add(RUNTIME)?;
    let names: Vec<String> = targets.parsed.file.targets.keys().cloned().collect();
    for name in names {
        targets.add(&name)?;
    }
    targets.add_dev().map(|_| ())
}
