//! From bytes to a validated build file.

use std::borrow::Cow;
use std::collections::BTreeMap;

use toml::de::DeTable;

use crate::diagnostics::{Diagnostics, InputLimits};

use super::error::{Error, toml_error};
use super::spec::BuildFile;
use super::{args, decode, shape, targets, validate};

/// Far more than a hand-written build file has.
const LIMITS: InputLimits = InputLimits {
    kib: 256,
    tokens: 25_000,
};

/// With `\n` at the end of each line. Scripts and values of several lines must not have `\r` in the image.
fn with_unix_lines(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.windows(2).any(|pair| pair == b"\r\n") {
        return Cow::Borrowed(bytes);
    }
    let next = bytes.iter().skip(1).map(Some).chain([None]);
    let pairs = bytes.iter().zip(next);
    let kept = pairs.filter(|(byte, next)| (**byte, *next) != (b'\r', Some(&b'\n')));
    kept.map(|(byte, _)| *byte).collect()
}

impl BuildFile {
    /// Parses the file called `name` with the values of `--build-arg`.
    ///
    /// # Errors
    /// All errors of the first step that fails.
    pub fn parse(
        name: &str,
        bytes: &[u8],
        build_args: &BTreeMap<String, String>,
    ) -> Result<Self, Diagnostics> {
        let document = LIMITS.read(name, &with_unix_lines(bytes))?;

        let root = DeTable::parse(document.text())
            .map_err(|error| toml_error(&document, &error, Error::Syntax))?;
        let pending = shape::Arguments::Pending;
        let found = shape::errors(&document, root.get_ref(), pending);
        Diagnostics::fail_if_any(found)?;

        let (arguments, mut found) = args::declared(&document, root.get_ref(), build_args);
        let mut root = root.into_inner();
        // An argument without a value would be reported again wherever it is used.
        if found.is_empty() {
            found = args::interpolate(&document, &mut root, &arguments);
        }
        Diagnostics::fail_if_any(found)?;
        let replaced = shape::Arguments::Replaced;
        Diagnostics::fail_if_any(shape::errors(&document, &root, replaced))?;

        let (main, rules) =
            validate::image_spec(&document, decode::typed(&document, root.clone())?)?;
        let (dev, targets) = targets::read(&document, &root)?;
        Ok(Self {
            unknown_arguments: args::unknown(&arguments, build_args),
            arguments,
            rules,
            main,
            dev,
            targets,
        })
    }
}
