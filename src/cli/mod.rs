//! The command line: what a person sees who starts the frontend by hand.

#![allow(
    clippy::print_stdout,
    reason = "no engine is connected here, so stdout is the user's"
)]

use std::process::ExitCode;

const HELP: &str = "\
A BuildKit frontend that builds images of Poetry projects.

An engine starts it; there is nothing to start by hand. Begin a file called poetry.build.toml with
`# syntax=` and the name of this image, and run `docker buildx build -f poetry.build.toml .`.

Options:
  -h, --help     show this text
  -V, --version  show the version";

/// Runs the command line with the arguments that follow the program's name.
pub fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let arguments: Vec<String> = arguments.collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        [] | ["-h" | "--help"] => println!("{HELP}"),
        ["-V" | "--version"] => println!("poetry-frontend {}", env!("CARGO_PKG_VERSION")),
        [unknown, ..] => {
            eprintln!(
                "poetry-frontend: unknown argument `{unknown}`\n  hint: run `poetry-frontend --help`"
            );
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
