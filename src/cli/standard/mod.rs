//! `standard`: what a platform team does with its `standard.toml`.

mod check;
mod file;
mod init;
mod table;
mod test;

use super::arguments::{Arguments, Operand, Opt};
use super::command::{Command, Outcome};
use super::error::Error;

const ACTIONS: [&str; 3] = ["init", "check", "test"];

pub(super) const COMMAND: Command = Command {
    name: "standard",
    about: "write, check and test a platform team's `standard.toml`",
    details: "`init` writes a commented standard. `check PROJECT..` checks the standard, and whether the projects in these directories follow it;
exceptions are compared with today. `test DIRECTORY` checks build files: those in `pass/` must follow the standard, those in
`warn/RULE/` must get a warning of this rule, and those in `fail/RULE/` an error. docs/standard.md describes the file.",
    operands: &[
        Operand {
            name: "ACTION",
            about: "`init`, `check` or `test`",
            required: true,
            repeated: false,
            choices: || ACTIONS.to_vec(),
        },
        Operand {
            name: "PATH",
            about: "the directories of projects, or that of tests",
            required: false,
            repeated: true,
            choices: Vec::new,
        },
    ],
    options: &[&[
        Opt::value(
            "standard",
            "FILE",
            "the standard; default: `standard.toml` in the working directory",
        ),
        Opt::value(
            "against",
            "FILE",
            "with `check`: another standard, to show what changes from it to this one",
        ),
        Opt::value(
            "build-arg",
            "NAME=VALUE",
            "a build argument of all projects; can be repeated",
        ),
        Opt::choice(
            "format",
            &["text", "json"],
            "with `check`: the output format; default: `text`",
        ),
        Opt::flag("force", "with `init`: overwrite an existing standard"),
    ]],
    run,
};

fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let (action, paths) = arguments
        .operands
        .split_first()
        .map_or(("", &[][..]), |all| (all.0.as_str(), all.1));
    match action {
        "init" => init::run(arguments),
        "check" => check::run(arguments, paths),
        "test" => test::run(arguments, paths),
        other => Err(Error::InvalidOperand {
            found: other.to_owned(),
            known: ACTIONS.to_vec(),
        }),
    }
}
