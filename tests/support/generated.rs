//! Generated files that are checked in. A test compares them with what the program generates today;
//! `UPDATE_DOCS=1 cargo test --test NAME` updates them.

use std::fs;
use std::path::Path;

/// Compares the file at `path` in the repository with what it should say, or updates it.
///
/// # Panics
/// If the file is out of date; names the first line that differs.
pub(crate) fn compare(path: &str, expected: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let found = fs::read_to_string(&file).unwrap_or_default();
    if found == expected {
        return;
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        // In one step, for other tests may be reading it.
        let new = file.with_extension("new");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&new, expected).unwrap();
        fs::rename(&new, &file).unwrap();
        return;
    }
    let same = |(one, other): &(&str, &str)| one == other;
    let common = found.lines().zip(expected.lines()).take_while(same).count();
    let line = |text: &str| text.lines().nth(common).unwrap_or_default().to_owned();
    panic!(
        "{path} is out of date from line {}:\n- {}\n+ {}\nrun `UPDATE_DOCS=1 cargo test --test {}`",
        common + 1,
        line(&found),
        line(expected),
        env!("CARGO_CRATE_NAME"),
    );
}
