//! The standard that the arguments name, and the day that its exceptions are compared with.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::super::arguments::Arguments;
use super::super::context;
use super::super::directory::print_errors;
use super::super::error::Error;
use crate::build_file::{Date, STANDARD_NAME, Standard};

pub(super) fn path(arguments: &Arguments) -> PathBuf {
    PathBuf::from(arguments.get("standard").unwrap_or(STANDARD_NAME))
}

pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    context::head(path).map_err(|error| Error::Read(path.to_owned(), error))
}

/// The parsed standard. If it has errors, prints them and returns `None`.
pub(super) fn parsed(bytes: &[u8], arguments: &Arguments) -> Result<Option<Standard>, Error> {
    match Standard::parse_with_defaults(bytes, &arguments.pairs("build-arg")?) {
        Ok(standard) => Ok(Some(standard)),
        Err(errors) => {
            print_errors(errors.iter(), arguments)?;
            Ok(None)
        }
    }
}

pub(super) fn today() -> Option<Date> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(Date::of_seconds(now.as_secs()))
}
