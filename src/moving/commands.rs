//! The command of the container: shell forms as exec forms, without `poetry run` and without the path of the environment.

use std::collections::BTreeMap;

use super::draft::{Healthcheck, Origin, Taken};
use super::poetry::{base_name, is_python};
use super::shell::items;
use super::spelling::has_extension;
use super::state::Walk;
use crate::dockerfile::{Command, Scope};

const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];

pub(super) fn entrypoint(walk: &mut Walk<'_>, entrypoint: &Command, origin: &Origin) {
    let words = command(walk, entrypoint, origin);
    if matches!(entrypoint, Command::Shell(_)) && walk.image.cmd.take().is_some() {
        walk.draft.leave_out(
            origin,
            "CMD, which has no effect behind an ENTRYPOINT in shell form",
        );
    }
    // What is left of `["poetry", "run"]` and `["tini", "--"]`.
    walk.image.entrypoint = (!words.is_empty()).then(|| Taken::new(words, origin));
}

/// The words of a command, as the build file has them.
pub(super) fn command(walk: &mut Walk<'_>, command: &Command, origin: &Origin) -> Vec<String> {
    let words = match command {
        Command::Exec(words) => words.iter().map(|word| word.replace("${", "$${")).collect(),
        Command::Shell(script) => of_script(script),
    };
    let (words, init) = without_init(words);
    if init {
        walk.image.init = Some(origin.clone());
    }
    cleaned(walk, words)
}

/// A script as an exec form. Variables are those of the container, so only a shell knows them.
pub(super) fn of_script(script: &str) -> Vec<String> {
    let script = without_poetry(script.trim());
    let parsed = items(&script, &Scope::default()).unwrap_or_default();
    if let [only] = parsed.as_slice()
        && let Some(mut words) = only.exec()
    {
        if words.first().is_some_and(|word| word == "exec") {
            words.remove(0);
        }
        return words;
    }
    let mut text = script.replace(" \\\n", " ");
    // The process that stays gets the signals.
    let last = parsed.last().filter(|item| item.words().is_some());
    if let Some(last) = last.map(|last| last.text.replace(" \\\n", " "))
        && !last.starts_with("exec ")
        && !super::shell::is_assignment(last.split_whitespace().next().unwrap_or_default())
        && text.ends_with(&last)
    {
        text.truncate(text.len() - last.len());
        text.push_str("exec ");
        text.push_str(&last);
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    vec!["sh".to_owned(), "-c".to_owned(), text.replace("${", "$${")]
}

/// A script in which nothing runs through Poetry.
pub(super) fn without_poetry(script: &str) -> String {
    let mut text = script.to_owned();
    for run in ["python -m poetry run ", "poetry run -- ", "poetry run "] {
        let mut from = 0;
        while let Some(at) = text[from..].find(run).map(|at| from + at) {
            // With the path of Poetry, as in `/opt/poetry/bin/poetry run`.
            let before = &text[..at];
            let word = before.rfind(|char: char| char.is_whitespace() || "(;&|'\"".contains(char));
            let start = word.map_or(0, |end| end + 1);
            if before[start..].is_empty() || before[start..].ends_with('/') {
                text.replace_range(start..at + run.len(), "");
                from = start;
            } else {
                from = at + run.len();
            }
        }
    }
    text
}

/// Takes `tini --` away, and says whether it was there.
fn without_init(mut words: Vec<String>) -> (Vec<String>, bool) {
    let is_init = |word: &String| matches!(base_name(word), "tini" | "dumb-init" | "docker-init");
    if !words.first().is_some_and(is_init) {
        return (words, false);
    }
    words.remove(0);
    while words.first().is_some_and(|word| word.starts_with('-')) {
        let end = words.remove(0) == "--";
        if end {
            break;
        }
    }
    (words, true)
}

/// Words without `poetry run`, and programs of the environment by their names.
fn cleaned(walk: &Walk<'_>, mut words: Vec<String>) -> Vec<String> {
    let is = |words: &[String], at: usize, name: &str| {
        words.get(at).is_some_and(|word| base_name(word) == name)
    };
    if is(&words, 0, "poetry") && is(&words, 1, "run") {
        words.drain(..2);
    }
    if is(&words, 0, "sh") && is(&words, 1, "-c") || is(&words, 0, "bash") {
        for word in words.iter_mut().skip(1) {
            *word = without_poetry(word);
        }
    }
    if let Some(program) = words.first_mut()
        && let Some(name) = of_environment(walk, program)
    {
        *program = name;
    }
    words
}

/// The name of a program of the environment.
fn of_environment(walk: &Walk<'_>, program: &str) -> Option<String> {
    let (directory, name) = program.rsplit_once('/')?;
    if let Some(environment) = directory.strip_suffix("/bin") {
        let last = environment.rsplit('/').next().unwrap_or_default();
        if walk.venvs.contains(environment) || last.ends_with("venv") {
            return Some(name.to_owned());
        }
    }
    let is_copied = walk
        .image
        .copies
        .iter()
        .any(|copy| copy.value.dest == program);
    // Without an environment, pip installs there.
    (directory == "/usr/local/bin" && !is_copied && !is_python(name) && !name.contains('.'))
        .then(|| name.to_owned())
}

pub(super) fn health(
    walk: &mut Walk<'_>,
    check: &Command,
    options: &[(String, String)],
    origin: &Origin,
) -> Healthcheck {
    let words = match check {
        Command::Shell(script) => {
            let script = script.trim();
            let end = ["|| exit 1", "|| false", "||exit 1"];
            let bare = end
                .iter()
                .find_map(|end| script.strip_suffix(end))
                .unwrap_or(script);
            let simple = of_script(bare.trim_end());
            if simple.first().is_some_and(|word| word == "sh") {
                of_script(script)
            } else {
                simple
            }
        }
        Command::Exec(_) => command(walk, check, origin),
    };
    let mut health = Healthcheck {
        cmd: cleaned(walk, words),
        ..Healthcheck::default()
    };
    let mut times = BTreeMap::new();
    for (name, value) in options {
        match name.as_str() {
            "retries" => health.retries = value.parse().ok().filter(|&retries| retries > 0),
            "interval" | "timeout" | "start-period" | "start-interval" => {
                times.insert(name.clone(), value.clone());
            }
            _ => {}
        }
    }
    health.times = times;
    health
}

/// The file that a command runs as a script, if it is one.
pub(super) fn script_of(words: &[String]) -> Option<&str> {
    let (program, rest) = words.split_first()?;
    if SHELLS.contains(&base_name(program)) {
        let mut rest = rest.iter().map(String::as_str);
        return rest
            .find(|word| !word.starts_with('-'))
            .filter(|word| has_extension(word, "sh") || word.contains('/'));
    }
    let is_path = program.contains('/') || has_extension(program, "sh");
    is_path.then_some(program.as_str())
}
