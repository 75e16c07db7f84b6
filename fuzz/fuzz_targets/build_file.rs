//! Any build file is planned or rejected with errors.
#![no_main]

use libfuzzer_sys::fuzz_target;
use poetry_frontend_fuzz::{LOCK, PYPROJECT, check};

fuzz_target!(|bytes: &[u8]| check(bytes, PYPROJECT, LOCK));
