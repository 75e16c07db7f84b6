//! `check`: reports all errors and warnings of the files.

use std::path::Path;

use super::arguments::{Arguments, Opt};
use super::command::{Command, Outcome};
use super::directory::{DIRECTORY, OPTIONS, ProjectDirectory};
use super::error::Error;
use super::output;
use crate::paths::clean;

pub(super) const COMMAND: Command = Command {
    name: "check",
    about: "find errors in the build file, the project and its lock",
    details: "All errors and warnings are reported at once, each with its line and a hint. If a rule is named, `explain RULE` describes it.
Notes do not change the exit code. `docker buildx build --check -f poetry.build.toml .` runs the same checks in an engine.
SARIF and annotations name files relative to the working directory, which should be that of the repository.",
    operands: &[DIRECTORY],
    options: &[
        &[Opt::choice(
            "format",
            &["text", "json", "sarif", "github"],
            "the output format; `github` annotates the lines of a change in GitHub Actions; default: `text`",
        )],
        OPTIONS,
    ],
    run,
};

fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let (_, findings) = ProjectDirectory::from_arguments(arguments)?.inspect()?;
    let directory = arguments.operands.first().map_or(".", String::as_str);
    let path = |name: &str| in_repository(directory, name);
    match arguments.get("format") {
        Some("json") => output::json(&findings.json())?,
        Some("sarif") => output::json(&findings.sarif(&clean(directory), &path))?,
        Some("github") => {
            let commands = findings.workflow_commands(&path);
            output::text(&format!("{commands}{}\n", findings.summary()))?;
        }
        _ => {
            let rendered = findings.rendered(output::colour(arguments));
            let gap = if rendered.is_empty() { "" } else { "\n" };
            output::text(&format!("{rendered}{gap}{}\n", findings.summary()))?;
        }
    }
    Ok(if findings.has_problems() {
        Outcome::Problems
    } else {
        Outcome::Success
    })
}

/// The path of a file, as seen from the working directory.
fn in_repository(directory: &str, name: &str) -> String {
    let is_outside =
        name.starts_with('/') || Path::new(directory).join(name).symlink_metadata().is_err();
    if is_outside {
        clean(name)
    } else {
        clean(&format!("{directory}/{name}"))
    }
}
