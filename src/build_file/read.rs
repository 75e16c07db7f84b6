//! What is done to the bytes of a build file and of a standard before they are parsed.

use std::borrow::Cow;

use crate::diagnostics::{Diagnostic, Document, InputLimits};

/// Far more than a hand-written file has.
const LIMITS: InputLimits = InputLimits {
    kib: 256,
    tokens: 25_000,
};

/// The text, unless it is too large.
pub(super) fn document(name: &str, bytes: &[u8]) -> Result<Document, Diagnostic> {
    LIMITS.read(name, &with_unix_lines(bytes))
}

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
