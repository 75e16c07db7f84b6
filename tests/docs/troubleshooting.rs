//! The messages in `docs/troubleshooting.md` are those of the program, or of the programs around it.

use std::fs;
use std::path::Path;

use super::markdown::{prose, read, root};

/// Messages of other programs: the engine, its clients, Python and the system.
const OF_OTHERS: [&str; 13] = [
    "failed to resolve source metadata for docker.io/org/poetry-frontend",
    "failed to read dockerfile: open Dockerfile: no such file or directory",
    "Syntax error - can't find = in \"{\". Must be of the form: name=value",
    "did not complete successfully: exit code: 137",
    "no space left on device",
    "transferring context",
    "ModuleNotFoundError",
    "No usable temporary directory found",
    "PermissionError: [Errno 13] Permission denied",
    "error while loading shared libraries",
    "cannot open shared object file",
    "exec format error",
    "poetry-frontend plan --diff HEAD~1 HEAD",
];

/// The text of all files with this ending below a directory.
fn texts(directory: &Path, end: &str) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text.push_str(&texts(&path, end));
        } else if path.extension().is_some_and(|one| one == end) {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
    text
}

#[test]
fn every_message_is_one_of_the_program_or_of_others() {
    let page = read("docs/troubleshooting.md");
    let source = texts(&root().join("src"), "rs") + &read("docs/messages.md");
    let mut count = 0;
    for (line, text) in prose(&page) {
        let Some(heading) = text.strip_prefix("### ") else {
            continue;
        };
        // Whole messages, some with code of their own, or several messages in code.
        let is_message = source.contains(heading);
        for message in heading.split('`').skip(1).step_by(2) {
            count += 1;
            assert!(
                is_message || source.contains(message) || OF_OTHERS.contains(&message),
                "docs/troubleshooting.md:{line}: nothing says `{message}`"
            );
        }
    }
    assert!(count >= 20, "only {count} messages");
}
