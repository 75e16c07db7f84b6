//! The command lines of an image, and what they run.

use std::path::Path;

use crate::build_file::{ImageSpec, Located};
use crate::diagnostics::Span;
use crate::paths::clean;

/// Programs that run the command after their options.
const WRAPPERS: [&str; 4] = ["dumb-init", "exec", "tini", "env"];
const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];
/// Words of a shell before a command.
const KEYWORDS: [&str; 8] = ["!", "do", "else", "exec", "if", "then", "until", "while"];

/// A command line in exec form.
pub(super) struct CommandLine<'a> {
    /// What it is.
    pub(super) kind: Kind,
    pub(super) words: &'a [String],
    pub(super) at: &'a Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Entrypoint,
    Cmd,
    Healthcheck,
    SmokeTest,
}

impl Kind {
    /// The key that sets it.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Entrypoint => "entrypoint",
            Self::Cmd | Self::Healthcheck => "cmd",
            Self::SmokeTest => "smoke-test",
        }
    }
}

/// The container's command, the health check and the smoke test.
pub(super) fn of_image(file: &ImageSpec) -> impl Iterator<Item = CommandLine<'_>> {
    let runtime = &file.runtime;
    let health = runtime.healthcheck.as_ref().map(|check| CommandLine {
        kind: Kind::Healthcheck,
        words: &check.value.cmd,
        at: &check.span,
    });
    let smoke_test = line(Kind::SmokeTest, runtime.smoke_test.as_ref());
    main(file).into_iter().chain(health).chain(smoke_test)
}

/// The command that the container starts. With an entrypoint, `cmd` has its arguments.
pub(super) fn main(file: &ImageSpec) -> Option<CommandLine<'_>> {
    let runtime = &file.runtime;
    let entrypoint = line(Kind::Entrypoint, runtime.entrypoint.as_ref());
    let entrypoint = entrypoint.filter(|line| !line.words.is_empty());
    entrypoint.or_else(|| line(Kind::Cmd, runtime.cmd.as_ref()))
}

fn line(kind: Kind, command: Option<&Located<Vec<String>>>) -> Option<CommandLine<'_>> {
    command.map(|command| CommandLine {
        kind,
        words: &command.value,
        at: &command.span,
    })
}

/// The last component of a program's path.
pub(super) fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or_default()
}

/// The command that `tini -- COMMAND` and others run.
pub(super) fn without_wrapper(words: &[String]) -> &[String] {
    let Some((first, rest)) = words.split_first() else {
        return words;
    };
    let name = base_name(first);
    if !WRAPPERS.contains(&name) {
        return words;
    }
    let is_option = |word: &String| word.starts_with('-') || name == "env" && word.contains('=');
    let options = rest.iter().take_while(|word| is_option(word)).count();
    without_wrapper(rest.get(options..).unwrap_or_default())
}

/// What a shell is to run.
pub(super) enum ForShell<'a> {
    /// The text after `-c`.
    Text(&'a str),
    /// A file.
    File(&'a str),
}

/// What a command line has a shell run; `None` if it runs something else.
pub(super) fn for_shell(words: &[String]) -> Option<ForShell<'_>> {
    let (program, rest) = words.split_first()?;
    if !SHELLS.contains(&base_name(program)) {
        return None;
    }
    let options = rest.iter().take_while(|word| word.starts_with('-'));
    let is_text = options
        .clone()
        .any(|word| !word.starts_with("--") && word.ends_with('c'));
    let first = rest.get(options.count())?.as_str();
    Some(if is_text {
        ForShell::Text(first)
    } else {
        ForShell::File(first)
    })
}

/// The words of each simple command in the text of a shell script, as far as its syntax is simple.
pub(super) fn commands_in(script: &str) -> impl Iterator<Item = Vec<&str>> {
    let separates = |char: char| matches!(char, ';' | '&' | '|' | '(' | ')' | '\n' | '{' | '}');
    let commands = script.split(separates).map(|command| {
        let words = command.split_whitespace();
        let is_before = |word: &&str| KEYWORDS.contains(word) || is_assignment(word);
        words.skip_while(is_before).collect::<Vec<_>>()
    });
    commands.filter(|words| words.first().is_some_and(|word| !word.starts_with('#')))
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    let in_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    !name.is_empty() && name.chars().all(in_name)
}

/// Whether one of the commands is `poetry run`.
pub(super) fn runs_poetry(script: &str) -> bool {
    commands_in(script).any(|words| matches!(words[..], ["poetry", "run", ..]))
}

/// What Python runs.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ForPython<'a> {
    /// `-m MODULE`.
    Module(&'a str),
    /// A file.
    File(&'a str),
}

/// What a command line has Python run; `None` if it runs something else.
pub(super) fn for_python(words: &[String]) -> Option<ForPython<'_>> {
    let (program, rest) = words.split_first()?;
    let name = base_name(program);
    let version = name.strip_prefix("python")?;
    if !version
        .chars()
        .all(|char| char.is_ascii_digit() || char == '.')
    {
        return None;
    }
    let mut rest = rest.iter().map(String::as_str);
    loop {
        match rest.next()? {
            "-X" | "-W" => drop(rest.next()),
            "-" => return None,
            option if option.starts_with("--") => {}
            // Options can be combined, as in `-um`.
            option if option.starts_with('-') && option.ends_with('m') => {
                return rest.next().map(ForPython::Module);
            }
            option if option.starts_with('-') && option.ends_with('c') => return None,
            option if option.starts_with('-') => {}
            file => return Some(ForPython::File(file)),
        }
    }
}

/// The module that a server loads, as in `gunicorn MODULE:APP`.
pub(super) fn served_module(words: &[String]) -> Option<&str> {
    const SERVERS: [&str; 5] = ["daphne", "granian", "gunicorn", "hypercorn", "uvicorn"];
    let (program, rest) = words.split_first()?;
    if !SERVERS.contains(&base_name(program)) {
        return None;
    }
    let is_name = |text: &str| {
        let in_name = |char: char| char.is_ascii_alphanumeric() || char == '_' || char == '.';
        text.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
            && text.chars().all(in_name)
    };
    let mut after_option = false;
    for word in rest {
        // `--bind HOST:PORT` has a value like a module's.
        let is_value = after_option;
        after_option = word.starts_with('-') && !word.contains('=');
        if let Some((module, attribute)) = word.split_once(':')
            && !is_value
            && is_name(module)
            && attribute.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        {
            return Some(module);
        }
    }
    None
}

pub(super) fn is_python(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|end| end == "py")
}

/// A path of the image; a relative one starts at `directory`.
pub(super) fn absolute(directory: &str, path: &str) -> String {
    if path.starts_with('/') {
        clean(path)
    } else {
        clean(&format!("{directory}/{path}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn what_python_runs_is_found_behind_its_options() {
        for (line, expected) in [
            ("python main.py -x", Some(ForPython::File("main.py"))),
            (
                "/app/.venv/bin/python3.13 -u -X dev main.py",
                Some(ForPython::File("main.py")),
            ),
            ("python -Bm app.web", Some(ForPython::Module("app.web"))),
            ("python -u -m app.web", Some(ForPython::Module("app.web"))),
            ("python -c print()", None),
            ("pythonic main.py", None),
            ("serve main.py", None),
        ] {
            assert_eq!(for_python(&words(line)), expected, "{line}");
        }
    }

    #[test]
    fn the_module_of_a_server_is_none_of_its_addresses() {
        for (line, expected) in [
            ("gunicorn -b 0.0.0.0:80 app.web:app", Some("app.web")),
            (
                "uvicorn --host localhost:80 app:make --factory",
                Some("app"),
            ),
            ("gunicorn --bind=unix:/x app:app", Some("app")),
            ("gunicorn --bind host:a", None),
            ("celery app:x", None),
        ] {
            assert_eq!(served_module(&words(line)), expected, "{line}");
        }
    }

    #[test]
    fn the_commands_of_a_script_are_split() {
        let commands: Vec<String> =
            commands_in("set -e; A=1 x y && if curl z\nthen exec b | (c); fi # d")
                .map(|words| words.join(" "))
                .collect();
        assert_eq!(commands, ["set -e", "x y", "curl z", "b", "c", "fi # d"]);
        assert!(runs_poetry("true && exec poetry run x"));
        assert!(!runs_poetry("# poetry run x\necho poetry run"));
    }
}
