//! `schema`: the JSON Schema of the build file.

use super::{Command, Error, Given, Outcome, output};

pub(super) const COMMAND: Command = Command {
    name: "schema",
    about: "write the JSON Schema of the build file, for editors",
    details: "See docs/editors.md for how an editor comes to use it.",
    operands: &[],
    options: &[],
    run,
};

fn run(_: &Given) -> Result<Outcome, Error> {
    output::json(&crate::build_file::json_schema())?;
    Ok(Outcome::Good)
}
