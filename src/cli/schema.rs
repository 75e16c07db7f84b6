//! `schema`: the JSON Schema of the build file.

use super::arguments::Arguments;
use super::command::{Command, Outcome};
use super::error::Error;
use super::output;

pub(super) const COMMAND: Command = Command {
    name: "schema",
    about: "write the JSON Schema of the build file, for editors",
    details: "docs/editors.md describes how to use it in an editor.",
    operands: &[],
    options: &[],
    run,
};

fn run(_: &Arguments) -> Result<Outcome, Error> {
    output::json(&crate::build_file::json_schema())?;
    Ok(Outcome::Success)
}
