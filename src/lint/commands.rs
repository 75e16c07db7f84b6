//! Commands that cannot run in the image, whatever it contains: the container's command, the health check and the smoke test.

use crate::build_file::{ImageSpec, InstallMode, Located};
use crate::diagnostics::{Span, Warning};
use crate::paths::{clean, within};
use crate::resolve::environment::{VENV, workdir};
use crate::resolve::{Resolved, is_for_development};
use crate::rules::Rule;

use super::entrypoint::is_python;
use super::warning::warning;

/// A command line of the image.
struct CommandLine<'a> {
    /// The key that sets it.
    key: &'static str,
    words: &'a [String],
    at: &'a Span,
}

/// Programs that slim images do not have, with their Debian packages.
const NOT_IN_SLIM: [(&str, &str); 8] = [
    ("curl", "curl"),
    ("git", "git"),
    ("jq", "jq"),
    ("make", "make"),
    ("nc", "netcat-openbsd"),
    ("node", "nodejs"),
    ("psql", "postgresql-client"),
    ("wget", "wget"),
];
/// Programs that run the command after their options.
const WRAPPERS: [&str; 4] = ["dumb-init", "exec", "tini", "env"];
const SHELLS: [&str; 4] = ["sh", "bash", "ash", "dash"];

pub(super) fn find(resolved: &Resolved<'_>) -> Vec<Warning> {
    // It starts a shell, and has Poetry.
    if is_for_development(&resolved.result) {
        return Vec::new();
    }
    let lines = command_lines(resolved.file);
    lines.filter_map(|line| lint(resolved, &line)).collect()
}

fn command_lines(file: &ImageSpec) -> impl Iterator<Item = CommandLine<'_>> {
    let runtime = &file.runtime;
    let entrypoint = runtime.entrypoint.as_ref();
    let has_entrypoint = entrypoint.is_some_and(|command| !command.value.is_empty());
    // With an entrypoint, `cmd` has its arguments.
    let main = if has_entrypoint {
        line("entrypoint", runtime.entrypoint.as_ref())
    } else {
        line("cmd", runtime.cmd.as_ref())
    };
    let health = runtime.healthcheck.as_ref().map(|check| CommandLine {
        key: "healthcheck",
        words: &check.value.cmd,
        at: &check.span,
    });
    let lines = [
        main,
        health,
        line("smoke-test", runtime.smoke_test.as_ref()),
    ];
    lines.into_iter().flatten()
}

fn line<'a>(
    key: &'static str,
    command: Option<&'a Located<Vec<String>>>,
) -> Option<CommandLine<'a>> {
    command.map(|command| CommandLine {
        key,
        words: &command.value,
        at: &command.span,
    })
}

fn lint(resolved: &Resolved<'_>, line: &CommandLine<'_>) -> Option<Warning> {
    let words = without_wrapper(line.words);
    let program = words.first()?;
    let name = program.rsplit('/').next().unwrap_or_default();
    let script = SHELLS
        .contains(&name)
        .then(|| words.iter().find(|word| word.contains(' ')));
    let script = script.flatten().map(String::as_str);
    let report =
        |what: String, hint: String| Some(warning(Rule::EntrypointNotFound, line.at, what, hint));

    if name == "poetry" || script.is_some_and(runs_poetry) {
        let what = "`poetry` is not in the image".to_owned();
        return report(what, without_poetry(line.key, words, script));
    }
    if words.len() == 1 && program.trim().contains(char::is_whitespace) {
        let separate: Vec<&str> = program.split_whitespace().collect();
        return report(
            format!("`{program}` is one word, so the image would need a program with this name"),
            format!("write each word on its own: `{} = {separate:?}`", line.key),
        );
    }
    if let Some((missing, package)) = missing_program(resolved, name, script) {
        let hint = if ["curl", "wget"].contains(&missing) && line.key == "healthcheck" {
            format!(
                "check with Python: `[\"python\", \"-c\", \"import urllib.request as r; r.urlopen('http://localhost:8000/')\"]`, or add `packages = [{package:?}]` to `[runtime]`"
            )
        } else {
            format!("add `packages = [{package:?}]` to `[runtime]`")
        };
        return report(format!("`{missing}` is not in the image"), hint);
    }
    let file = file_of_project(resolved, words)?;
    report(
        format!("`{file}` is not in the image: the project is installed as a wheel, without its directory"),
        "run a module, `[\"python\", \"-m\", \"...\"]`, copy the file with `[[copy]]`, or use `install = \"copy\"` in `[source]`".to_owned(),
    )
}

/// The program that the container starts, and where it is set.
pub(super) fn program(file: &ImageSpec) -> Option<(&str, &Span)> {
    let line = command_lines(file).find(|line| ["entrypoint", "cmd"].contains(&line.key))?;
    let program = without_wrapper(line.words).first()?;
    Some((program, line.at))
}

/// The command that `tini -- COMMAND` and others run.
fn without_wrapper(words: &[String]) -> &[String] {
    let Some((first, rest)) = words.split_first() else {
        return words;
    };
    let name = first.rsplit('/').next().unwrap_or_default();
    if !WRAPPERS.contains(&name) {
        return words;
    }
    let is_option = |word: &String| word.starts_with('-') || name == "env" && word.contains('=');
    let options = rest.iter().take_while(|word| is_option(word)).count();
    without_wrapper(rest.get(options..).unwrap_or_default())
}

fn runs_poetry(script: &str) -> bool {
    let words =
        script.split(|char: char| char.is_whitespace() || matches!(char, ';' | '&' | '|' | '('));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.windows(2).any(|pair| pair == ["poetry", "run"])
}

/// What to write instead of a command that Poetry runs.
fn without_poetry(key: &str, words: &[String], script: Option<&str>) -> String {
    if script.is_some() {
        return "leave out `poetry run`: the environment is active in the image".to_owned();
    }
    match words {
        [_, run, rest @ ..] if run == "run" && !rest.is_empty() => {
            format!("leave out `poetry run`: `{key} = {rest:?}`")
        }
        _ => "write the command that Poetry would run: the environment is active in the image"
            .to_owned(),
    }
}

/// A program that the command runs and the image does not have, with its Debian package.
fn missing_program(
    resolved: &Resolved<'_>,
    name: &str,
    script: Option<&str>,
) -> Option<(&'static str, &'static str)> {
    let runtime = &resolved.file.runtime;
    let variant = resolved.file.python.variant.as_ref();
    let is_slim = variant.is_none_or(|variant| variant.value.starts_with("slim"));
    // Anything may install a program.
    let is_known = runtime.base.is_none()
        && is_slim
        && resolved.file.copies.is_empty()
        && resolved
            .file
            .hooks
            .iter()
            .all(|hook| hook.outputs.is_empty());
    if !is_known {
        return None;
    }
    let first = script.and_then(|script| script.split_whitespace().next());
    let (program, package) = NOT_IN_SLIM
        .into_iter()
        .find(|(known, _)| *known == name || first == Some(*known))?;
    let is_installed = runtime
        .packages
        .iter()
        .any(|one| one.value.starts_with(package) || one.value.starts_with(program));
    (!is_installed).then_some((program, package))
}

/// A file of the project's directory that the command runs, although the image does not have that directory.
fn file_of_project<'a>(resolved: &Resolved<'_>, words: &'a [String]) -> Option<&'a str> {
    if resolved.install == InstallMode::Copy {
        return None;
    }
    let (program, rest) = words.split_first()?;
    let file = match rest.first() {
        Some(file) if ["python", "python3"].contains(&program.as_str()) => {
            Some(file).filter(|file| is_python(file))?
        }
        _ => Some(program).filter(|program| program.contains('/'))?,
    };
    let directory = workdir(resolved.file);
    let path = absolute(&directory, file);
    let outputs = resolved.file.hooks.iter().flat_map(|hook| &hook.outputs);
    let outputs = outputs.map(|output| output.value.as_str());
    let copied = resolved.file.copies.iter().map(|copy| copy.dest.as_str());
    let mut added = copied.chain(outputs);
    let is_added = added.any(|dest| within(&path, dest) || within(dest, &path));
    let mounted = runtime_directories(resolved.file).any(|dest| within(&path, dest));
    (within(&path, &directory) && !within(&path, VENV) && !is_added && !mounted).then_some(file)
}

/// A path of the image; a relative one starts at `directory`.
pub(super) fn absolute(directory: &str, path: &str) -> String {
    if path.starts_with('/') {
        clean(path)
    } else {
        clean(&format!("{directory}/{path}"))
    }
}

/// Directories that may be filled when the container runs.
fn runtime_directories(file: &ImageSpec) -> impl Iterator<Item = &str> {
    let directories = file.runtime.writable.iter().chain(&file.runtime.volumes);
    directories.map(|path| path.value.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{plan, service, warnings_with};

    fn with(line: &str) -> Vec<(String, String)> {
        let build_file = format!("[runtime]\n{line}\n");
        let plan = plan(&service().with_build_file(&build_file));
        let found = plan.warnings.into_iter();
        let found = found.filter(|warning| warning.rule == super::Rule::EntrypointNotFound);
        found
            .map(|warning| (warning.message, warning.hint))
            .collect()
    }

    #[test]
    fn commands_through_poetry_are_reported() {
        let message = "`poetry` is not in the image".to_owned();
        for (line, hint) in [
            (
                r#"entrypoint = ["poetry", "run", "serve", "--port", "80"]"#,
                r#"leave out `poetry run`: `entrypoint = ["serve", "--port", "80"]`"#,
            ),
            (
                r#"cmd = ["/opt/poetry/bin/poetry", "run", "serve"]"#,
                r#"leave out `poetry run`: `cmd = ["serve"]`"#,
            ),
            (
                r#"entrypoint = ["tini", "-g", "--", "poetry", "run", "serve"]"#,
                r#"leave out `poetry run`: `entrypoint = ["serve"]`"#,
            ),
            (
                r#"entrypoint = ["sh", "-c", "migrate && poetry run serve"]"#,
                "leave out `poetry run`: the environment is active in the image",
            ),
            (
                r#"entrypoint = ["poetry", "shell"]"#,
                "write the command that Poetry would run: the environment is active in the image",
            ),
        ] {
            assert_eq!(with(line), [(message.clone(), hint.to_owned())], "{line}");
        }
    }

    #[test]
    fn a_command_in_one_word_is_reported() {
        let [(message, hint)] = &with(r#"entrypoint = ["gunicorn service:app"]"#)[..] else {
            panic!("one warning");
        };
        assert!(
            message.starts_with("`gunicorn service:app` is one word"),
            "{message}"
        );
        assert_eq!(
            hint,
            r#"write each word on its own: `entrypoint = ["gunicorn", "service:app"]`"#
        );
    }

    #[test]
    fn programs_that_slim_images_do_not_have_are_reported() {
        let check = r#"healthcheck = { cmd = ["curl", "-f", "http://localhost/"] }"#;
        let entrypoint = r#"entrypoint = ["serve"]"#;
        let [(message, hint)] = &with(&format!("{entrypoint}\n{check}"))[..] else {
            panic!("one warning");
        };
        assert_eq!(message, "`curl` is not in the image");
        assert!(hint.contains("urllib.request"), "{hint}");
        for more in ["packages = [\"curl\"]", "base = \"org/base:1\""] {
            assert!(
                with(&format!("{entrypoint}\n{check}\n{more}")).is_empty(),
                "{more}"
            );
        }
        let shell = r#"healthcheck = { cmd = ["sh", "-c", "wget -q localhost || exit 1"] }"#;
        assert_eq!(with(&format!("{entrypoint}\n{shell}")).len(), 1);
    }

    #[test]
    fn files_of_the_project_are_not_in_an_image_with_its_wheel() {
        for line in [
            r#"entrypoint = ["python", "main.py"]"#,
            r#"entrypoint = ["python", "/app/main.py"]"#,
            r#"entrypoint = ["/app/start.sh"]"#,
            r#"entrypoint = ["./start.sh", "x"]"#,
            r#"cmd = ["tini", "--", "./start.sh"]"#,
        ] {
            let found = with(line);
            assert_eq!(found.len(), 1, "{line}");
            assert!(found[0].0.contains("installed as a wheel"), "{line}");
        }
        for line in [
            r#"entrypoint = ["python", "/opt/main.py"]"#,
            r#"entrypoint = ["/app/.venv/bin/serve"]"#,
            r#"entrypoint = ["/usr/bin/env", "serve"]"#,
            r#"entrypoint = ["python", "-c", "print('main.py')"]"#,
        ] {
            assert!(with(line).is_empty(), "{line}");
        }
        for more in [
            "[source]\ninstall = \"copy\"",
            "[[copy]]\nsrc = \"main.py\"\ndest = \"/app/\"",
            "[[hook]]\nat = \"after-packages\"\nrun = \"true\"\noutputs = [\"/app/main.py\"]",
        ] {
            let build_file = format!("[runtime]\nentrypoint = [\"python\", \"main.py\"]\n{more}\n");
            assert!(warnings_with(&build_file).is_empty(), "{more}");
        }
    }
}
