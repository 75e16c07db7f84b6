//! Any compose file is read or rejected.
#![no_main]

use libfuzzer_sys::fuzz_target;
use poetry_frontend::moving::{Comments, Compose, Draft, add_procfile, report, text};

fuzz_target!(|bytes: &[u8]| {
    let mut draft = Draft::default();
    if let Ok(compose) = Compose::parse("compose.yaml", bytes) {
        compose.add(&mut draft, "hello");
    }
    add_procfile(&mut draft, "Procfile", &String::from_utf8_lossy(bytes));
    let _ = report(&draft);
    let _ = text(&draft, "org/poetry-frontend", &Comments::default());
});
