//! `plan`: shows what would be built and what invalidates each step.

pub(super) mod diff;
mod engine;
mod revision;

use super::arguments::{Arguments, Operand, Opt};
use super::command::{Command, Outcome};
use super::directory::{DIRECTORY, OPTIONS, ProjectDirectory};
use super::error::Error;
use super::output;
use crate::export;

pub(super) const COMMAND: Command = Command {
    name: "plan",
    about: "show what would be built and what invalidates each step",
    details: "`--diff` compares two directories or Git revisions: it shows which steps of the second would run after a build of the first, and
which lines and files cause that.",
    operands: &[
        DIRECTORY,
        Operand {
            name: "NEW",
            about: "with `--diff`, what to compare DIRECTORY with; both can be Git revisions",
            required: false,
            repeated: false,
            choices: Vec::new,
        },
    ],
    options: &[
        &[
            Opt::choice(
                "format",
                &["tree", "json", "mermaid", "svg"],
                "the output format; default: `tree`; with `--diff`, `tree` or `json`",
            ),
            Opt::flag("diff", "compare DIRECTORY with NEW"),
            Opt::value(
                "build-platform",
                "PLATFORM",
                "the engine's own platform, if it is another one than the image's: shows what is emulated; default: that of this machine",
            ),
        ],
        OPTIONS,
    ],
    run,
};

fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let format = arguments.get("format").unwrap_or("tree");
    if arguments.has("diff") {
        return diff::run(arguments, format);
    }
    if let Some(unexpected) = arguments.operands.get(1) {
        return Err(Error::UnexpectedOperand(unexpected.clone(), COMMAND.name));
    }
    let directory = ProjectDirectory::from_arguments(arguments)?;
    let directory = engine::on_engine(directory, arguments)?;
    let Some(plan) = directory.plan(arguments)? else {
        return Ok(Outcome::Problems);
    };
    match format {
        "json" => output::json(&export::json(&plan))?,
        "mermaid" => output::text(&export::mermaid(&plan))?,
        "svg" => output::text(&export::svg(&plan))?,
        _ => output::text(&export::tree(&plan, output::colour(arguments)))?,
    }
    Ok(Outcome::Success)
}
