//! Any `poetry.lock` is planned or rejected with errors.
#![no_main]

use libfuzzer_sys::fuzz_target;
use poetry_frontend_fuzz::{BUILD_FILE, PYPROJECT, check};

fuzz_target!(|bytes: &[u8]| check(BUILD_FILE, PYPROJECT, bytes));
