//! The command line, which works without an engine.
//!
//! Each command has its own file. Its options are a table, from which its help, the shell completions and
//! `docs/command-line.md` are generated.

mod arguments;
mod bake;
mod check;
mod command;
mod completions;
mod compose;
mod context;
mod directory;
mod dockerfile;
mod error;
mod explain;
mod frontend_image;
mod git;
mod help;
mod init;
mod invocation;
mod llb;
mod output;
mod plan;
mod resolved;
mod schema;
mod standard;

use std::ffi::OsString;
use std::process::ExitCode;

use command::{Command, NAME, Outcome};
use error::Error;

use crate::diagnostics::closest;

const COMPLETIONS: Command =
    completions::command(|arguments| completions::run(arguments, &COMMANDS));

const COMMANDS: [&Command; 12] = [
    &check::COMMAND,
    &plan::COMMAND,
    &resolved::COMMAND,
    &dockerfile::COMMAND,
    &bake::COMMAND,
    &compose::COMMAND,
    &llb::COMMAND,
    &explain::COMMAND,
    &init::COMMAND,
    &schema::COMMAND,
    &standard::COMMAND,
    &COMPLETIONS,
];

/// Runs the program with the arguments that follow its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    match run_command(arguments) {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::Problems) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{}", error.rendered(output::colour_of_errors()));
            ExitCode::from(2)
        }
    }
}

fn run_command(arguments: impl IntoIterator<Item = OsString>) -> Result<Outcome, Error> {
    let mut arguments = arguments.into_iter();
    let first = arguments.next();
    let first = first
        .as_deref()
        .map(|word| word.to_string_lossy().into_owned());
    match first.as_deref() {
        None | Some("-h" | "--help" | "help") => {
            // `help COMMAND`
            match arguments
                .next()
                .and_then(|name| command(&name.to_string_lossy()))
            {
                Some(command) => output::text(&help::of_command(command))?,
                None => output::text(&help::overview(&COMMANDS))?,
            }
            Ok(Outcome::Success)
        }
        Some("-V" | "--version") => {
            output::text(&format!("{NAME} {}\n", env!("CARGO_PKG_VERSION")))?;
            Ok(Outcome::Success)
        }
        Some(name) => {
            let command = command(name).ok_or_else(|| unknown(name))?;
            let arguments = command.parse(arguments)?;
            if arguments.has("help") {
                output::text(&help::of_command(command))?;
                return Ok(Outcome::Success);
            }
            (command.run)(&arguments)
        }
    }
}

fn command(name: &str) -> Option<&'static Command> {
    COMMANDS.into_iter().find(|command| command.name == name)
}

fn unknown(name: &str) -> Error {
    let names = COMMANDS.iter().map(|command| command.name);
    Error::UnknownCommand(name.to_owned(), closest(name, names))
}

/// The generated part of `docs/command-line.md`.
#[must_use]
pub fn reference() -> String {
    help::reference(&COMMANDS)
}
