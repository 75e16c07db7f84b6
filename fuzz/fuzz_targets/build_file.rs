//! Any build file is read and planned, or told what is wrong with it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use poetry_frontend_fuzz::{LOCK, PYPROJECT, examined};

fuzz_target!(|bytes: &[u8]| examined(bytes, PYPROJECT, LOCK));
