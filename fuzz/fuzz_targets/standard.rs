//! Any standard, with a build file over it, is planned or rejected with errors.
#![no_main]

use libfuzzer_sys::fuzz_target;
use poetry_frontend_fuzz::{BUILD_FILE, check_over};

/// What separates the standard from the build file; not part of TOML.
const SEPARATOR: u8 = 0x0c;

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(2, |byte| *byte == SEPARATOR);
    let standard = parts.next().unwrap_or_default();
    check_over(standard, parts.next().unwrap_or(BUILD_FILE));
});
