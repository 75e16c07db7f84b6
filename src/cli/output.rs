//! Standard output, and whether it has colours.

use std::io::{self, IsTerminal, Write};

use serde_json::Value;

use crate::diagnostics::Colour;

use super::arguments::Given;
use super::error::Error;

/// Writes text. A reader that has seen enough is none to complain to.
pub(super) fn text(text: &str) -> Result<(), Error> {
    bytes(text.as_bytes())
}

/// Writes bytes.
pub(super) fn bytes(bytes: &[u8]) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes text that is no result to standard error.
pub(super) fn error(text: &str) -> Result<(), Error> {
    io::stderr().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// Writes JSON for programs.
pub(super) fn json(value: &Value) -> Result<(), Error> {
    text(&format!("{value:#}\n"))
}

/// Whether what the command writes has colours.
pub(super) fn colour(given: &Given) -> Colour {
    match given.get("color") {
        Some("always") => Colour::On,
        Some("never") => Colour::Off,
        _ => on_terminal(io::stdout().is_terminal()),
    }
}

/// Whether errors have colours.
pub(super) fn colour_of_errors() -> Colour {
    on_terminal(io::stderr().is_terminal())
}

/// See <https://no-color.org>.
fn on_terminal(is_terminal: bool) -> Colour {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if is_terminal && !unwanted {
        Colour::On
    } else {
        Colour::Off
    }
}
