//! `run` of a target: one command, or several.

use super::error::Error;
use super::schema::{At, Commands, Exec};
use super::values::command;
use crate::diagnostics::{Diagnostics, Document, Located, Problem};

/// The commands with their locations. None is empty.
pub(super) fn of_target(
    document: &Document,
    run: Option<At<Commands>>,
) -> Result<Vec<Located<Vec<String>>>, Diagnostics> {
    let commands = match run {
        None => Vec::new(),
        Some(At {
            value: Commands::One(command),
            span,
        }) => vec![At {
            value: command,
            span,
        }],
        Some(At {
            value: Commands::Several(commands),
            ..
        }) => commands,
    };
    let mut found = Vec::new();
    let mut read = Vec::new();
    for At {
        value: Exec(value),
        span,
    } in commands
    {
        let span = document.span(span);
        if value.first().is_none_or(String::is_empty) {
            found.push(Error::EmptyCommand("run").at(&span));
            continue;
        }
        match command(value) {
            Ok(value) => read.push(Located { value, span }),
            Err(error) => found.push(error.at(&span)),
        }
    }
    Diagnostics::fail_if_any(found)?;
    Ok(read)
}
