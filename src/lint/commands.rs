//! Commands that cannot run in the image, whatever it contains: the container's command, the health check and the smoke test.

use crate::build_file::{Command, HookPoint, InstallMode};
use crate::diagnostics::{Span, Warning};
use crate::paths::{clean, overlap, within};
use crate::resolve::environment::{VENV, workdir};
use crate::resolve::{Resolved, is_for_development};
use crate::rules::Rule;

use super::command_lines::{
    CommandLine, ForPython, ForShell, Kind, absolute, base_name, commands_in, for_python,
    for_shell, is_python, of_image, runs_poetry, without_wrapper,
};
use super::warning::warning;

/// Programs that slim images do not have, with their Debian packages.
const NOT_IN_SLIM: [(&str, &str); 9] = [
    ("curl", "curl"),
    ("git", "git"),
    ("jq", "jq"),
    ("make", "make"),
    ("nc", "netcat-openbsd"),
    ("node", "nodejs"),
    ("pg_isready", "postgresql-client"),
    ("psql", "postgresql-client"),
    ("wget", "wget"),
];
/// Directories of the base image that packages of Debian fill.
const OF_PACKAGES: [&str; 6] = ["/bin", "/lib", "/lib64", "/sbin", "/usr", "/etc"];
/// The directory that Debian leaves to others: an official image has Python's programs in it.
const LOCAL: &str = "/usr/local/bin";
const OF_PYTHON: [&str; 5] = ["2to3", "idle", "pip", "pydoc", "python"];

pub(super) fn find(resolved: &Resolved<'_>) -> Vec<Warning> {
    // It starts a shell, and has Poetry.
    let development = is_for_development(&resolved.result);
    let of_image = if development {
        Vec::new()
    } else {
        let lines = of_image(resolved.file);
        lines.filter_map(|line| lint(resolved, &line)).collect()
    };
    let hooks = resolved.file.hooks.iter();
    let hooks = hooks.filter(|hook| !(development && hook.at == HookPoint::Final));
    let of_hooks = hooks.filter_map(|hook| {
        let words = match &hook.run {
            Command::Exec(words) => words.as_slice(),
            Command::Script(script) if runs_poetry(script) => {
                return Some(poetry("run", &[], Some(script), &hook.span));
            }
            Command::Script(_) => return None,
        };
        in_any_image("run", words, &hook.span)
    });
    let targets = resolved.whole.targets.values();
    let runs = targets.flat_map(|target| &target.run);
    let of_targets = runs.filter_map(|run| in_any_image("run", &run.value, &run.span));
    of_image
        .into_iter()
        .chain(of_hooks)
        .chain(of_targets)
        .collect()
}

/// A command that cannot run in any image.
fn in_any_image(key: &str, words: &[String], at: &Span) -> Option<Warning> {
    let words = without_wrapper(words);
    let program = words.first()?;
    let text = match for_shell(words) {
        Some(ForShell::Text(text)) => Some(text),
        _ => None,
    };
    if base_name(program) == "poetry" || text.is_some_and(runs_poetry) {
        return Some(poetry(key, words, text, at));
    }
    if words.len() == 1 && program.trim().contains(char::is_whitespace) {
        let separate: Vec<&str> = program.split_whitespace().collect();
        return Some(warning(
            Rule::EntrypointNotFound,
            at,
            format!("`{program}` is one word, so the image would need a program with this name"),
            format!("write each word on its own: `{key} = {separate:?}`"),
        ));
    }
    None
}

/// What to write instead of a command that Poetry runs.
fn poetry(key: &str, words: &[String], script: Option<&str>, at: &Span) -> Warning {
    let hint = match words {
        _ if script.is_some() => {
            "leave out `poetry run`: the environment is active in the image".to_owned()
        }
        [_, run, rest @ ..] if run == "run" && !rest.is_empty() => {
            format!("leave out `poetry run`: `{key} = {rest:?}`")
        }
        _ => "write the command that Poetry would run: the environment is active in the image"
            .to_owned(),
    };
    let what = "`poetry` is not in the image".to_owned();
    warning(Rule::EntrypointNotFound, at, what, hint)
}

fn lint(resolved: &Resolved<'_>, line: &CommandLine<'_>) -> Option<Warning> {
    let words = without_wrapper(line.words);
    let program = words.first()?;
    let report =
        |what: String, hint: String| Some(warning(Rule::EntrypointNotFound, line.at, what, hint));
    if let Some(found) = in_any_image(line.kind.key(), line.words, line.at) {
        return Some(found);
    }
    let text = match for_shell(words) {
        Some(ForShell::Text(text)) => Some(text),
        _ => None,
    };
    if let Some((missing, package)) = missing_program(resolved, base_name(program), text) {
        let hint = if ["curl", "wget"].contains(&missing) && line.kind == Kind::Healthcheck {
            format!(
                "check with Python: `[\"python\", \"-c\", \"import urllib.request as r; r.urlopen('http://localhost:8000/')\"]`, or add `packages = [{package:?}]` to `[runtime]`"
            )
        } else {
            format!("add `packages = [{package:?}]` to `[runtime]`")
        };
        return report(format!("`{missing}` is not in the image"), hint);
    }
    if let Some(path) = file_of_nothing(resolved, program) {
        return report(
            format!("`{path}` is not in the image: nothing copies a file to it"),
            format!(
                "add a `[[copy]]` with `dest = {path:?}` and `mode = \"0755\"`, or check the path"
            ),
        );
    }
    let file = file_of_project(resolved, words)?;
    report(
        format!("`{file}` is not in the image: the project is installed as a wheel, without its directory"),
        "run a module, `[\"python\", \"-m\", \"...\"]`, copy the file with `[[copy]]`, or use `install = \"copy\"` in `[source]`".to_owned(),
    )
}

/// Whether all files of the image are known: its base is an official one, and only the build file adds to it.
fn is_known(resolved: &Resolved<'_>) -> bool {
    let mut hooks = resolved.file.hooks.iter();
    resolved.file.runtime.base.is_none() && hooks.all(|hook| hook.at != HookPoint::Final)
}

/// A program that the command runs and the image does not have, with its Debian package.
fn missing_program(
    resolved: &Resolved<'_>,
    name: &str,
    script: Option<&str>,
) -> Option<(&'static str, &'static str)> {
    let runtime = &resolved.file.runtime;
    let mut hooks = resolved.file.hooks.iter();
    // Anything may install a program.
    let is_known = is_known(resolved)
        && resolved.has_slim_variant()
        && resolved.file.copies.is_empty()
        && hooks.all(|hook| hook.outputs.is_empty());
    if !is_known {
        return None;
    }
    let commands = commands_in(script.unwrap_or_default());
    let names = commands.map(|words| base_name(words[0])).chain([name]);
    let names: Vec<&str> = names.collect();
    let mut missing = NOT_IN_SLIM.into_iter();
    missing.find(|(program, package)| {
        let mut packages = runtime.packages.iter();
        names.contains(program)
            && packages
                .all(|one| !one.value.starts_with(package) && !one.value.starts_with(program))
    })
}

/// The absolute path of a program that neither the base image nor the build has a file for.
fn file_of_nothing<'a>(resolved: &Resolved<'_>, program: &'a str) -> Option<&'a str> {
    if !program.starts_with('/') || !is_known(resolved) {
        return None;
    }
    let path = clean(program);
    let name = base_name(&path);
    let is_of_base = if within(&path, LOCAL) {
        OF_PYTHON.iter().any(|own| name.starts_with(own))
    } else {
        OF_PACKAGES.iter().any(|directory| within(&path, directory))
    };
    let is_of_project = within(&path, &workdir(resolved.file)) || within(&path, VENV);
    let is_bare = resolved.file.apt_sources.is_empty();
    (is_bare && !is_of_base && !is_of_project && !is_added(resolved, &path)).then_some(program)
}

/// Whether something else adds a file to the image, or may do so when the container runs.
pub(super) fn is_added(resolved: &Resolved<'_>, path: &str) -> bool {
    let file = resolved.file;
    let outputs = file.hooks.iter().flat_map(|hook| &hook.outputs);
    let outputs = outputs.map(|output| output.value.as_str());
    let copied = file.copies.iter().map(|copy| copy.dest.as_str());
    let mut added = copied.chain(outputs);
    let mounted = file.runtime.writable.iter().chain(&file.runtime.volumes);
    added.any(|dest| overlap(path, dest))
        || mounted.into_iter().any(|dest| within(path, &dest.value))
}

/// A file of the project's directory that the command runs, although the image does not have that directory.
fn file_of_project<'a>(resolved: &Resolved<'_>, words: &'a [String]) -> Option<&'a str> {
    if resolved.install == InstallMode::Copy {
        return None;
    }
    let program = words.first()?;
    let file = match (for_python(words), for_shell(words)) {
        (Some(ForPython::File(file)), _) => Some(file).filter(|file| is_python(file))?,
        (_, Some(ForShell::File(file))) => file,
        _ => Some(program.as_str()).filter(|program| program.contains('/'))?,
    };
    let directory = workdir(resolved.file);
    let path = absolute(&directory, file);
    (within(&path, &directory) && !within(&path, VENV) && !is_added(resolved, &path))
        .then_some(file)
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

    #[test]
    fn commands_of_hooks_and_targets_are_checked_as_well() {
        for (build_file, expected) in [
            (
                "[[hook]]\nat = \"after-source\"\nrun = \"set -e\\npoetry run serve\"",
                "`poetry` is not in the image",
            ),
            (
                "[[hook]]\nat = \"final\"\nrun = [\"python -m service\"]",
                "`python -m service` is one word, so the image would need a program with this name",
            ),
            (
                "[target.test]\nrun = [\"poetry\", \"run\", \"pytest\"]",
                "`poetry` is not in the image",
            ),
        ] {
            let found = warnings_with(build_file);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].ends_with(expected), "{found:?}");
        }
        let fine = "[[hook]]\nat = \"after-source\"\nrun = \"echo poetry run\"\n[target.test]\nrun = [\"pytest\"]";
        assert!(warnings_with(fine).is_empty());
    }

    #[test]
    fn absolute_paths_that_nothing_fills_are_reported() {
        for path in ["/opt/tool/run", "/start.sh", "/usr/local/bin/start.sh"] {
            let line = format!("entrypoint = [{path:?}]");
            let [(message, _)] = &with(&line)[..] else {
                panic!("one warning");
            };
            assert_eq!(
                *message,
                format!("`{path}` is not in the image: nothing copies a file to it")
            );
            for more in [
                "base = \"org/base:1\"",
                "volumes = [\"/opt\", \"/usr/local/bin\", \"/start.sh\"]",
                "[[copy]]\nsrc = \"x\"\ndest = \"/\"",
                "[[hook]]\nat = \"final\"\nrun = \"true\"",
            ] {
                assert!(with(&format!("{line}\n{more}")).is_empty(), "{more}");
            }
        }
        for path in ["/usr/bin/env", "/usr/local/bin/python3", "/bin/true"] {
            assert!(
                with(&format!("entrypoint = [{path:?}, \"serve\"]")).is_empty(),
                "{path}"
            );
        }
    }
}
