//! `check`: all mistakes and warnings, before anything runs.

use super::arguments::Opt;
use super::folder::{FOLDER, Folder, OPTIONS};
use super::{Command, Error, Given, Outcome, output};

pub(super) const COMMAND: Command = Command {
    name: "check",
    about: "find mistakes in the build file, the project and its lock",
    details: "All are told at once, with their lines and how to mend them. Each has a rule, which `explain` explains; notes do not make it
fail. An engine does the same for `docker buildx build --check -f poetry.build.toml .`.",
    operands: &[FOLDER],
    options: &[
        &[Opt::choice(
            "format",
            &["text", "json"],
            "for people, or for programs",
        )],
        OPTIONS,
    ],
    run,
};

fn run(given: &Given) -> Result<Outcome, Error> {
    let (_, findings) = Folder::read(given)?.examine()?;
    if given.get("format") == Some("json") {
        output::json(&findings.json())?;
    } else {
        let rendered = findings.rendered(output::colour(given));
        let gap = if rendered.is_empty() { "" } else { "\n" };
        output::text(&format!("{rendered}{gap}{}\n", findings.summary()))?;
    }
    Ok(if findings.is_bad() {
        Outcome::Bad
    } else {
        Outcome::Good
    })
}
