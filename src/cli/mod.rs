//! The command line: what a person sees who starts the frontend by hand. No engine is needed.
//!
//! One file for each command. What a command takes is a table, which its help, the completions of shells and
//! `docs/command-line.md` are made from.

mod arguments;
mod check;
mod completions;
mod dockerfile;
mod error;
mod explain;
mod folder;
mod help;
mod init;
mod llb;
mod output;
mod plan;
mod schema;

use std::ffi::OsString;
use std::process::ExitCode;

use arguments::{Given, Opt};
use error::Error;

pub use help::reference;

/// The name of the program.
const NAME: &str = "poetry-frontend";

/// What a command found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Nothing to mend.
    Good,
    /// Something to mend.
    Bad,
}

/// A command.
struct Command {
    name: &'static str,
    /// What it does, one sentence.
    about: &'static str,
    /// More about it.
    details: &'static str,
    /// What follows the options.
    operands: &'static [Operand],
    options: &'static [&'static [Opt]],
    run: fn(&Given) -> Result<Outcome, Error>,
}

/// Something that a command takes without a name.
struct Operand {
    name: &'static str,
    about: &'static str,
    required: bool,
    /// What it can be, if that is known.
    choices: fn() -> Vec<&'static str>,
}

const COMMANDS: [&Command; 8] = [
    &check::COMMAND,
    &plan::COMMAND,
    &dockerfile::COMMAND,
    &llb::COMMAND,
    &explain::COMMAND,
    &init::COMMAND,
    &schema::COMMAND,
    &completions::COMMAND,
];

/// Runs the command line with the arguments that follow the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let done = started(arguments);
    match done {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::Bad) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{}", error.rendered(output::colour_of_errors()));
            ExitCode::from(2)
        }
    }
}

fn started(arguments: impl IntoIterator<Item = OsString>) -> Result<Outcome, Error> {
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
                None => output::text(&help::overview())?,
            }
            Ok(Outcome::Good)
        }
        Some("-V" | "--version") => {
            output::text(&format!("{NAME} {}\n", env!("CARGO_PKG_VERSION")))?;
            Ok(Outcome::Good)
        }
        Some(name) => {
            let command = command(name).ok_or_else(|| Error::UnknownCommand(name.to_owned()))?;
            let given = Given::read(command, arguments)?;
            if given.has("help") {
                output::text(&help::of_command(command))?;
                return Ok(Outcome::Good);
            }
            (command.run)(&given)
        }
    }
}

fn command(name: &str) -> Option<&'static Command> {
    COMMANDS.into_iter().find(|command| command.name == name)
}
