//! `schema`: the JSON Schema of the build file or of a standard.

use super::arguments::{Arguments, Opt};
use super::command::{Command, Outcome};
use super::error::Error;
use super::output;
use crate::build_file::{published_json_schema, published_standard_json_schema};

pub(super) const COMMAND: Command = Command {
    name: "schema",
    about: "write the JSON Schema of the build file, for editors",
    details: "docs/editors.md describes how to use it in an editor.",
    operands: &[],
    options: &[&[Opt::flag(
        "standard",
        "write the schema of `standard.toml` instead, which docs/standard.md describes",
    )]],
    run,
};

fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    output::json(&if arguments.has("standard") {
        published_standard_json_schema()
    } else {
        published_json_schema()
    })?;
    Ok(Outcome::Success)
}
