//! Any `pyproject.toml` is read and planned for, or told what is wrong with it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use poetry_frontend_fuzz::{BUILD_FILE, LOCK, examined};

fuzz_target!(|bytes: &[u8]| examined(BUILD_FILE, bytes, LOCK));
