//! Any options of an engine, one per line, are accepted or rejected.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let options = text
        .lines()
        .enumerate()
        .map(|(number, line)| (format!("BUILDKIT_FRONTEND_OPT_{number}"), line.to_owned()));
    let _ = poetry_frontend::gateway::check_options(options);
});
