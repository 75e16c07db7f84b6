//! Any `pyproject.toml` is planned or rejected with errors.
#![no_main]

use libfuzzer_sys::fuzz_target;
use poetry_frontend_fuzz::{BUILD_FILE, LOCK, check};

fuzz_target!(|bytes: &[u8]| check(BUILD_FILE, bytes, LOCK));
