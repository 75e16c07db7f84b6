//! `check`: reports all errors and warnings of the files.

use super::arguments::{Arguments, Opt};
use super::command::{Command, Outcome};
use super::directory::{DIRECTORY, OPTIONS, ProjectDirectory};
use super::error::Error;
use super::output;

pub(super) const COMMAND: Command = Command {
    name: "check",
    about: "find errors in the build file, the project and its lock",
    details: "All errors and warnings are reported at once, each with its line and a hint. If a rule is named, `explain RULE` describes it.
Notes do not change the exit code. `docker buildx build --check -f poetry.build.toml .` runs the same checks in an engine.",
    operands: &[DIRECTORY],
    options: &[
        &[Opt::choice(
            "format",
            &["text", "json"],
            "the output format; default: `text`",
        )],
        OPTIONS,
    ],
    run,
};

fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let (_, findings) = ProjectDirectory::from_arguments(arguments)?.inspect()?;
    if arguments.get("format") == Some("json") {
        output::json(&findings.json())?;
    } else {
        let rendered = findings.rendered(output::colour(arguments));
        let gap = if rendered.is_empty() { "" } else { "\n" };
        output::text(&format!("{rendered}{gap}{}\n", findings.summary()))?;
    }
    Ok(if findings.has_problems() {
        Outcome::Problems
    } else {
        Outcome::Success
    })
}
