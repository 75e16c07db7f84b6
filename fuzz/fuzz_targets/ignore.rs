//! Any ignore file is parsed and matched against paths, or rejected.
#![no_main]

use libfuzzer_sys::fuzz_target;
use poetry_frontend::paths::{Patterns, ignore_patterns};

fuzz_target!(|bytes: &[u8]| {
    let Ok(patterns) = ignore_patterns(".dockerignore", bytes) else {
        return;
    };
    let matcher = Patterns::new(&patterns);
    for path in ["a", "src/a.py", "src/a/b/c.txt", "[x]/*"] {
        let _ = matcher.matches(path);
    }
    for path in &patterns {
        let _ = matcher.matches(path);
    }
});
