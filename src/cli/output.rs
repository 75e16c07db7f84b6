//! Standard output and standard error.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use serde_json::Value;

use crate::diagnostics::{Colour, printable_json};

use super::arguments::Arguments;
use super::error::Error;

/// Ignores broken pipes.
pub(super) fn text(text: &str) -> Result<(), Error> {
    bytes(text.as_bytes())
}

/// Ignores broken pipes.
pub(super) fn bytes(bytes: &[u8]) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

pub(super) fn error(text: &str) -> Result<(), Error> {
    io::stderr().lock().write_all(text.as_bytes())?;
    Ok(())
}

pub(super) fn json(value: &Value) -> Result<(), Error> {
    text(&format!("{}\n", printable_json(value)))
}

/// Writes a file whole or not at all. An existing one is replaced only with `force`.
pub(super) fn file(path: &Path, text: &str, force: bool) -> Result<(), Error> {
    if !force && path.symlink_metadata().is_ok() {
        return Err(Error::Exists(path.to_owned()));
    }
    let failed = |error| Error::Write(path.to_owned(), error);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let unfinished = path.with_file_name(name);
    let written = fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        // The error says what is wrong with the directory.
        let _ = fs::remove_file(&unfinished);
    }
    written.map_err(failed)
}

/// Whether to colour standard output.
pub(super) fn colour(arguments: &Arguments) -> Colour {
    match arguments.get("color") {
        Some("always") => Colour::On,
        Some("never") => Colour::Off,
        _ => on_terminal(io::stdout().is_terminal()),
    }
}

/// Whether to colour standard error.
pub(super) fn colour_of_errors() -> Colour {
    on_terminal(io::stderr().is_terminal())
}

/// See <https://no-color.org>.
fn on_terminal(is_terminal: bool) -> Colour {
    let disabled = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if is_terminal && !disabled {
        Colour::On
    } else {
        Colour::Off
    }
}
