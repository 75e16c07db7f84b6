//! Entrypoints that are missing from the image, as far as this can be known before the build.

use std::path::Path;

use crate::build_file::{InstallMode, Located};
use crate::diagnostics::{Warning, closest};
use crate::paths::literal;
use crate::project::normalised;
use crate::rules::Rule;

use super::scripts::{is_of_project, paths};
use super::warning::warning;
use crate::plan::{ContextFiles, WarnIfMissing};
use crate::resolve::{Resolved, environment};

/// Well-known commands and the packages that provide them.
const COMMANDS: [(&str, &str); 24] = [
    ("alembic", "alembic"),
    ("arq", "arq"),
    ("celery", "celery"),
    ("daphne", "daphne"),
    ("ddtrace-run", "ddtrace"),
    ("django-admin", "django"),
    ("dramatiq", "dramatiq"),
    ("fastapi", "fastapi"),
    ("flask", "flask"),
    ("granian", "granian"),
    ("gunicorn", "gunicorn"),
    ("hypercorn", "hypercorn"),
    ("jupyter", "jupyter-core"),
    ("litestar", "litestar"),
    ("newrelic-admin", "newrelic"),
    ("opentelemetry-instrument", "opentelemetry-instrumentation"),
    ("rq", "rq"),
    ("scrapy", "scrapy"),
    ("streamlit", "streamlit"),
    ("supervisord", "supervisor"),
    ("taskiq", "taskiq"),
    ("uvicorn", "uvicorn"),
    ("uwsgi", "uwsgi"),
    ("waitress-serve", "waitress"),
];
const BIN: &str = "/app/.venv/bin/";

/// Checks the program that the container runs.
pub(super) fn find(resolved: &Resolved<'_>) -> Vec<Warning> {
    let Some((command, command_line)) = command(resolved) else {
        return Vec::new();
    };
    let installs = |name: &str| {
        let mut packages = resolved.installed_packages();
        packages.any(|package| normalised(&package.name) == name)
    };
    let scripts = &resolved.project.pyproject.scripts;
    let own = scripts.iter().any(|script| script.command() == command);
    if own && resolved.install == InstallMode::Wheel || installs(&normalised(command)) {
        return Vec::new();
    }
    let (what, hint) = if own {
        (
            format!("the script `{command}` is not in the image: the project is not installed as a wheel"),
            "use `install = \"wheel\"` in `[source]`, or run a file: `entrypoint = [\"python\", \"...\"]`".to_owned(),
        )
    } else if let Some((_, package)) = COMMANDS.iter().find(|(name, _)| *name == command) {
        let locked = &resolved.project.lock.packages;
        let locked = locked
            .iter()
            .find(|locked| normalised(&locked.name) == *package);
        // A system package may also provide it.
        let system = resolved.file.runtime.packages.iter();
        if installs(package) || system.clone().any(|name| name.value.contains(package)) {
            return Vec::new();
        }
        let groups = locked.and_then(|package| package.groups.clone());
        match groups.as_deref() {
            Some([group, ..]) => (
                format!(
                    "`{command}` is not in the image: only the group `{group}` installs `{package}`"
                ),
                format!(
                    "run `poetry add {package}` to add it to the main group, or add `{group}` to `groups`"
                ),
            ),
            _ => (
                format!(
                    "`{command}` is not in the image: the project does not depend on `{package}`"
                ),
                format!("run `poetry add {package}`"),
            ),
        }
    } else if let Some(meant) = closest(command, scripts.iter().map(|script| script.name.as_str()))
    {
        (
            format!("the project has no script named `{command}`"),
            format!("did you mean `{meant}`?"),
        )
    } else {
        return Vec::new();
    };
    vec![warning(
        Rule::EntrypointNotFound,
        &command_line.span,
        what,
        hint,
    )]
}

pub(super) fn is_python(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|end| end == "py")
}

/// The program that the build file sets, if it is looked up in `PATH`.
fn command<'a>(resolved: &'a Resolved<'_>) -> Option<(&'a str, &'a Located<Vec<String>>)> {
    let runtime = &resolved.file.runtime;
    let command_line = [&runtime.entrypoint, &runtime.cmd].into_iter().flatten();
    let command_line = command_line
        .into_iter()
        .find(|command_line| !command_line.value.is_empty())?;
    let first = command_line.value.first()?;
    let name = first.strip_prefix(BIN).unwrap_or(first);
    (!name.contains('/')).then_some((name, command_line))
}

/// Checks the module or file that `python` runs.
pub(super) fn python_target(
    resolved: &Resolved<'_>,
    files: &ContextFiles,
) -> Option<WarnIfMissing> {
    let (command, command_line) = command(resolved)?;
    let rest = command_line.value.get(1..)?;
    if !["python", "python3"].contains(&command) {
        return None;
    }
    let pyproject = &resolved.project.pyproject;
    let (what, any_of, hint) = match rest {
        [flag, module, ..] if flag == "-m" => {
            // A module may be part of Python, unless it is in a package of the project.
            let first = module.split('.').next().unwrap_or_default();
            let mut own = pyproject.package_paths().into_iter().flatten();
            let is_own = own.any(|path| {
                let name = path.rsplit('/').next().unwrap_or_default();
                name.trim_end_matches(".py") == first
            });
            if !is_own || !is_of_project(resolved, module) {
                return None;
            }
            let main = match resolved.install {
                InstallMode::None => return None,
                _ => paths(pyproject, module, &["/__main__.*"]),
            };
            let what =
                format!("the module `{module}`, which the container runs, is not in the source");
            (
                what,
                main,
                "check its name; a package needs a `__main__.py` to be run",
            )
        }
        [file, ..] if is_python(file) && resolved.install == InstallMode::Copy => {
            let workdir = environment::workdir(resolved.file);
            let path = match file.strip_prefix('/') {
                None => file.trim_start_matches("./"),
                Some(_) => file.strip_prefix(&workdir)?.strip_prefix('/')?,
            };
            let what = format!("the file `{file}`, which the container runs, is not in the source");
            (
                what,
                vec![literal(path)],
                "check its name, or add it to `include` of `[source]`",
            )
        }
        _ => return None,
    };
    Some(WarnIfMissing {
        any_of,
        files: files.clone(),
        warning: warning(Rule::EntrypointNotFound, &command_line.span, what, hint),
    })
}

#[cfg(test)]
mod tests {
    use testkit::{Package, Project};

    use super::super::fixture::{line, plan, service, warnings, warnings_with};

    #[test]
    fn commands_that_nothing_installs_are_reported() {
        let entrypoint = |command: &str| {
            format!(
                r"
                [runtime]
                entrypoint = [{command:?}]
                "
            )
        };
        assert_eq!(
            warnings_with(&entrypoint("gunicorn")),
            [
                "poetry.build.toml:2 EntrypointNotFound: `gunicorn` is not in the image: the project does not depend on `gunicorn`"
            ]
        );
        let dev = Package::new("gunicorn", "1").group("dev");
        let project = service().locked(dev);
        assert_eq!(
            warnings(&project.with_build_file(&entrypoint("/app/.venv/bin/gunicorn"))),
            [
                "poetry.build.toml:2 EntrypointNotFound: `gunicorn` is not in the image: only the group `dev` installs `gunicorn`"
            ]
        );
        assert_eq!(
            warnings_with(&entrypoint("server")),
            ["poetry.build.toml:2 EntrypointNotFound: the project has no script named `server`"]
        );
        assert_eq!(
            warnings_with(
                r#"
                [source]
                install = "copy"
                [runtime]
                cmd = ["serve"]
                "#
            ),
            [
                "poetry.build.toml:4 EntrypointNotFound: the script `serve` is not in the image: the project is not installed as a wheel"
            ]
        );
    }

    #[test]
    fn commands_that_may_exist_are_not_reported() {
        let project = service().locked(Package::new("gunicorn", "1"));
        for command in [
            "serve",
            "gunicorn",
            "python",
            "sh",
            "/usr/bin/serv",
            "tini",
            "unheard-of",
        ] {
            let build_file = format!(
                r"
                [runtime]
                entrypoint = [{command:?}]
                "
            );
            assert!(
                warnings(&project.clone().with_build_file(&build_file)).is_empty(),
                "{command}"
            );
        }
        let system = r#"
            [runtime]
            packages = ["supervisor"]
            entrypoint = ["supervisord"]
        "#;
        assert!(warnings_with(system).is_empty());
    }

    #[test]
    fn the_module_or_file_that_python_runs_must_be_in_the_source() {
        let suspected = |build_file: &str| -> Vec<(String, Vec<String>)> {
            let plan = plan(&service().with_build_file(build_file));
            let last = plan
                .warn_if_missing
                .iter()
                .filter(|missing| missing.warning.rule == super::Rule::EntrypointNotFound);
            last.map(|missing| (line(&missing.warning), missing.any_of.clone()))
                .collect()
        };
        let text = "poetry.build.toml:2 EntrypointNotFound: the module `service.wbe`, which the container runs, is not in the source";
        assert_eq!(
            suspected(
                r#"
                [runtime]
                entrypoint = ["python", "-m", "service.wbe"]
                "#
            ),
            [(
                text.to_owned(),
                [
                    "service/wbe.*",
                    "service/wbe/__main__.*",
                    "src/service/wbe.*",
                    "src/service/wbe/__main__.*"
                ]
                .map(str::to_owned)
                .to_vec()
            )]
        );
        let copied = r#"
            [source]
            install = "copy"
            [runtime]
            entrypoint = ["python", "/app/run.py"]
        "#;
        assert_eq!(suspected(copied)[0].1, ["run.py"]);
        // A project without a package.
        let plan = plan(&Project::new("service").no_package().with_build_file(
            r#"
            [runtime]
            entrypoint = ["python", "run.py"]
            "#,
        ));
        assert_eq!(plan.warn_if_missing[0].any_of, ["run.py"]);
        assert!(
            suspected(
                r#"
                [runtime]
                entrypoint = ["python", "-m", "http.server"]
                "#
            )
            .is_empty()
        );
    }
}
