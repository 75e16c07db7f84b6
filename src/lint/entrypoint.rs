//! Entrypoints that are missing from the image, as far as this can be known before the build.

use crate::build_file::InstallMode;
use crate::diagnostics::{Span, Warning, closest};
use crate::paths::{literal, within};
use crate::project::normalised;
use crate::rules::Rule;

use super::command_lines::{self, ForPython, ForShell, absolute, for_python, for_shell, is_python};
use super::commands::is_added;
use super::imports::package_of;
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
/// Modules of Python itself that are run.
const OF_PYTHON: [&str; 34] = [
    "ast",
    "asyncio",
    "cProfile",
    "calendar",
    "code",
    "compileall",
    "dis",
    "doctest",
    "email",
    "ensurepip",
    "gzip",
    "http",
    "idlelib",
    "inspect",
    "json",
    "pdb",
    "pip",
    "platform",
    "profile",
    "pydoc",
    "runpy",
    "site",
    "sqlite3",
    "sysconfig",
    "tarfile",
    "test",
    "timeit",
    "trace",
    "unittest",
    "uuid",
    "venv",
    "wsgiref",
    "zipapp",
    "zipfile",
];

/// Checks the program that the container runs.
pub(super) fn find(resolved: &Resolved<'_>) -> Vec<Warning> {
    let Some((words, span)) = command(resolved) else {
        return Vec::new();
    };
    let Some(command) = words.first().and_then(|program| in_path(program)) else {
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
    vec![warning(Rule::EntrypointNotFound, span, what, hint)]
}

/// The command that the build file sets, without wrappers.
fn command<'a>(resolved: &'a Resolved<'_>) -> Option<(&'a [String], &'a Span)> {
    let line = command_lines::main(resolved.file)?;
    let words = command_lines::without_wrapper(line.words);
    (!words.is_empty()).then_some((words, line.at))
}

/// The name of a program that is looked up in `PATH`.
fn in_path(program: &str) -> Option<&str> {
    let name = program.strip_prefix(BIN).unwrap_or(program);
    (!name.contains('/')).then_some(name)
}

/// Checks the module or file of the source that the container runs.
pub(super) fn in_source(resolved: &Resolved<'_>, files: &ContextFiles) -> Option<WarnIfMissing> {
    let (words, span) = command(resolved)?;
    let copied = resolved.install == InstallMode::Copy;
    let pyproject = &resolved.project.pyproject;
    let of_module = |module: &str, more: &[&str], hint: &'static str| {
        is_of_source(resolved, module).then(|| {
            (
                format!("the module `{module}`, which the container runs, is not in the source"),
                paths(pyproject, module, more),
                hint,
            )
        })
    };
    let (what, any_of, hint) = match for_python(words) {
        Some(ForPython::Module(module)) => of_module(
            module,
            &["/__main__.*"],
            "check its name; a package needs a `__main__.py` to be run",
        )?,
        Some(ForPython::File(file)) if !is_python(file) => return None,
        None if command_lines::served_module(words).is_some() => of_module(
            command_lines::served_module(words)?,
            &[""],
            "check its name, and that `include` of `[source]` and the ignore file do not exclude it",
        )?,
        other => {
            let file = match (other, for_shell(words)) {
                (Some(ForPython::File(file)), _) | (None, Some(ForShell::File(file))) => file,
                _ => words.first().filter(|program| program.contains('/'))?,
            };
            let workdir = environment::workdir(resolved.file);
            let path = absolute(&workdir, file);
            let inside = path.strip_prefix(&workdir)?.strip_prefix('/')?;
            if !copied || within(&path, environment::VENV) || is_added(resolved, &path) {
                return None;
            }
            (
                format!("the file `{file}`, which the container runs, is not in the source"),
                vec![literal(inside)],
                "check its name, or add it to `include` of `[source]`",
            )
        }
    };
    Some(WarnIfMissing {
        any_of,
        files: files.clone(),
        warning: warning(Rule::EntrypointNotFound, span, what, hint),
    })
}

/// Whether a module can only be part of the project's source.
fn is_of_source(resolved: &Resolved<'_>, module: &str) -> bool {
    if !is_of_project(resolved, module) {
        return false;
    }
    let first = module.split('.').next().unwrap_or_default();
    match resolved.install {
        InstallMode::None => false,
        // Another package may have the module, unless it is in one of the project.
        InstallMode::Wheel => {
            let mut own = resolved
                .project
                .pyproject
                .package_paths()
                .into_iter()
                .flatten();
            own.any(|path| {
                let name = path.rsplit('/').next().unwrap_or_default();
                name.trim_end_matches(".py") == first
            })
        }
        InstallMode::Copy => !may_be_installed(resolved, first),
    }
}

/// Whether Python or a locked package may have a module: packages often have the module's name with something added.
fn may_be_installed(resolved: &Resolved<'_>, module: &str) -> bool {
    let name = normalised(module);
    let mut packages = resolved.project.lock.packages.iter();
    let may_have = |package: &str| package.contains(&name) || name.contains(package);
    OF_PYTHON.contains(&module)
        || package_of(module).is_some()
        || packages.any(|package| may_have(&normalised(&package.name)))
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

    #[test]
    fn modules_and_files_of_a_project_without_a_package_are_looked_for() {
        let looked_for = |command: &str| {
            let build_file = format!("[runtime]\ncmd = {command}\n");
            let project = Project::new("service")
                .no_package()
                .locked(Package::new("python-dotenv", "1"))
                .locked(Package::new("gunicorn", "1"));
            let plan = plan(&project.with_build_file(&build_file));
            let missing = plan.warn_if_missing.first();
            missing.map(|missing| missing.any_of[0].clone())
        };
        for (command, expected) in [
            (
                r#"["python", "-u", "-m", "service.web"]"#,
                Some("service/web.*"),
            ),
            (r#"["tini", "--", "python", "-m", "web"]"#, Some("web.*")),
            (
                r#"["gunicorn", "-b", ":80", "web.wsgi:app"]"#,
                Some("web/wsgi.*"),
            ),
            (r#"["/app/.venv/bin/python", "run.py"]"#, Some("run.py")),
            (r#"["./start.sh", "x"]"#, Some("start.sh")),
            (r#"["sh", "bin/start.sh"]"#, Some("bin/start.sh")),
            // Of Python, and of other packages.
            (r#"["python", "-m", "http.server"]"#, None),
            (r#"["python", "-m", "dotenv"]"#, None),
            (r#"["python", "-m", "yaml"]"#, None),
            (r#"["gunicorn", "--version"]"#, None),
            (r#"["/usr/bin/env"]"#, None),
        ] {
            assert_eq!(looked_for(command).as_deref(), expected, "{command}");
        }
    }
}
