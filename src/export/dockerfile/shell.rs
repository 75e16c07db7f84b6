//! Shell text in a Dockerfile.

use std::fmt::Write as _;

use crate::plan::{Command, Run};

/// Where a command that runs outside its stage copies the files that it changed.
pub(super) const CHANGED: &str = "/changed";

/// The shell script of a step, which sets its variables and runs its command.
pub(super) fn script(run: &Run) -> String {
    let mut text = "set -eu\n".to_owned();
    if !run.path.is_empty() {
        let path = quoted(&run.path.join(":"));
        let _ = writeln!(text, "export PATH={path}:\"$PATH\"");
    }
    for (name, value) in &run.env {
        let _ = writeln!(text, "export {name}={}", quoted(value));
    }
    if let Some(output) = &run.output {
        let _ = writeln!(text, "mkdir -p {}", quoted(output));
    }
    if let Some(runner) = &run.runner {
        // Its `exec "$@"` does nothing if there is no command.
        let _ = writeln!(text, "set -- {}", quoted_words(&runner.args));
        text.push_str(runner.text);
    }
    match &run.command {
        Command::Exec(words) => {
            let _ = writeln!(text, "{}", quoted_words(words));
        }
        Command::Script(script) => {
            if !script.args.is_empty() {
                let _ = writeln!(text, "set -- {}", quoted_words(&script.args));
            }
            text.push_str(script.text);
        }
    }
    text
}

/// Runs the script, and copies the files that it changed below `directory` to [`CHANGED`]. Deleted files are not handled:
/// such scripts delete nothing.
pub(super) fn keeping_changes(script: &str, directory: &str) -> String {
    format!(
        "\
set -eu
touch /before
# The resolution of file times may be one second.
sleep 1
(
{script})
mkdir {CHANGED}
cd {directory}
find . -cnewer /before | tar -cf - --no-recursion -T - | tar -xpf - -C {CHANGED}
"
    )
}

/// The end marker of a here-document: a word that is not a line of the text.
pub(super) fn delimiter(text: &str) -> String {
    let mut word = "EOF".to_owned();
    while text.lines().any(|line| line.trim() == word) {
        word.push('_');
    }
    word
}

fn quoted_words(words: &[String]) -> String {
    let words = words.iter().map(|word| quoted(word));
    words.collect::<Vec<_>>().join(" ")
}

/// A word quoted for a shell.
fn quoted(word: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=@%+,".contains(char);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
