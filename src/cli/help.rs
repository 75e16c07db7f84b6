//! The help in a terminal and as a page of the documentation.

use std::fmt::Write as _;

use super::arguments::{COMMON, Opt};
use super::command::{Command, NAME};

/// The help without a command.
pub(super) fn overview(commands: &[&Command]) -> String {
    let mut text = format!(
        "\
A BuildKit frontend that builds images of Poetry projects.

A build needs none of these commands: start a file called poetry.build.toml with `# syntax=` and the name of this image, and run
`docker buildx build -f poetry.build.toml .`. The commands show what such a build would do, without an engine.

Usage: {NAME} COMMAND [OPTIONS]

Commands:
"
    );
    let width = commands.iter().map(|command| command.name.len()).max();
    for command in commands {
        let _ = writeln!(
            text,
            "  {:width$}  {}",
            command.name,
            command.about,
            width = width.unwrap_or(0)
        );
    }
    text.push_str(
        "
Options:
  -h, --help     show this help; `COMMAND --help` shows the help of a command
  -V, --version  show the version

Exit codes: 0 success; 1 the files have problems; 2 the command could not run.
",
    );
    text
}

pub(super) fn of_command(command: &Command) -> String {
    let mut text = format!("{}\n\nUsage: {}\n", sentence(command.about), usage(command));
    if !command.details.is_empty() {
        let _ = write!(text, "\n{}\n", command.details);
    }
    if !command.operands.is_empty() {
        text.push_str("\nArguments:\n");
        for operand in command.operands {
            row(&mut text, operand.name, operand.about);
        }
    }
    text.push_str("\nOptions:\n");
    for option in options(command) {
        let short = option
            .short
            .map(|short| format!("-{short}, "))
            .unwrap_or_default();
        let value = option
            .value_name()
            .map(|value| format!(" {value}"))
            .unwrap_or_default();
        row(
            &mut text,
            &format!("{short}--{}{value}", option.name),
            option.about,
        );
    }
    text
}

fn row(text: &mut String, term: &str, about: &str) {
    if term.len() > 26 {
        let _ = writeln!(text, "  {term}\n{:30}{about}", "");
    } else {
        let _ = writeln!(text, "  {term:26}  {about}");
    }
}

fn usage(command: &Command) -> String {
    let operands = command.operands.iter().map(|operand| {
        let dots = if operand.repeated { ".." } else { "" };
        if operand.required {
            format!(" {}{dots}", operand.name)
        } else {
            format!(" [{}{dots}]", operand.name)
        }
    });
    format!(
        "{NAME} {} [OPTIONS]{}",
        command.name,
        operands.collect::<String>()
    )
}

pub(super) fn options(command: &Command) -> impl Iterator<Item = &'static Opt> {
    command.options.iter().copied().flatten().chain(COMMON)
}

fn sentence(about: &str) -> String {
    let mut chars = about.chars();
    let first = chars.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(chars).chain(['.']).collect()
}

/// The generated part of `docs/command-line.md`.
pub(super) fn reference(commands: &[&Command]) -> String {
    let mut text = format!("```\n{}```\n", overview(commands));
    for command in commands {
        let _ = write!(
            text,
            "\n## `{NAME} {}`\n\n```\n{}```\n",
            command.name,
            of_command(command)
        );
    }
    text
}
