//! Commands that the image does not have, as far as that can be known before it is built.

use std::path::Path;

use crate::build_file::{InstallMode, Located};
use crate::diagnostics::{Warning, closest};
use crate::project::normalised;
use crate::rules::Rule;

use super::super::{ContextFiles, Inputs};
use super::scripts::{is_of_project, paths};
use super::{Suspected, warning};

/// Well-known commands and the packages that bring them.
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
/// Where the scripts of the image's packages are.
const BIN: &str = "/app/.venv/bin/";

/// The command's first word.
pub(super) fn find(inputs: &Inputs<'_>) -> Vec<Warning> {
    let Some((command, asked)) = command(inputs) else {
        return Vec::new();
    };
    let installs = |name: &str| {
        let mut packages = inputs.project.packages(&inputs.selection);
        packages.any(|package| normalised(&package.name) == name)
    };
    let scripts = &inputs.project.pyproject.scripts;
    let own = scripts.iter().any(|script| script == command);
    if own && inputs.install == InstallMode::Wheel || installs(&normalised(command)) {
        return Vec::new();
    }
    let (what, hint) = if own {
        (
            format!("`{command}` is a script of the project, which is not installed"),
            "use `install = \"wheel\"` in `[source]`, or run a file: `entrypoint = [\"python\", \"...\"]`".to_owned(),
        )
    } else if let Some((_, package)) = COMMANDS.iter().find(|(name, _)| *name == command) {
        let locked = &inputs.project.lock.packages;
        let locked = locked.iter().find(|one| normalised(&one.name) == *package);
        // A system package may bring it as well.
        let system = inputs.file.runtime.packages.iter();
        if installs(package) || system.clone().any(|one| one.value.contains(package)) {
            return Vec::new();
        }
        let groups = locked.and_then(|package| package.groups.clone());
        match groups.as_deref() {
            Some([group, ..]) => (
                format!(
                    "`{command}` is not in the image: only the group `{group}` has `{package}`"
                ),
                format!(
                    "run `poetry add {package}` to have it in the main group, or add `{group}` to `groups`"
                ),
            ),
            _ => (
                format!(
                    "`{command}` is not in the image: the project does not depend on `{package}`"
                ),
                format!("run `poetry add {package}`"),
            ),
        }
    } else if let Some(meant) = closest(command, scripts.iter().map(String::as_str)) {
        (
            format!("no script of the project is called `{command}`"),
            format!("did you mean `{meant}`?"),
        )
    } else {
        return Vec::new();
    };
    vec![warning(Rule::EntrypointNotFound, &asked.place, what, hint)]
}

fn is_python(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|end| end == "py")
}

/// The name of the command that is looked for in the environment, if the build file has one.
fn command<'a>(inputs: &'a Inputs<'_>) -> Option<(&'a str, &'a Located<Vec<String>>)> {
    let runtime = &inputs.file.runtime;
    let asked = [&runtime.entrypoint, &runtime.cmd].into_iter().flatten();
    let asked = asked.into_iter().find(|asked| !asked.value.is_empty())?;
    let first = asked.value.first()?;
    let name = first.strip_prefix(BIN).unwrap_or(first);
    (!name.contains('/')).then_some((name, asked))
}

/// The module or file that Python is told to run.
pub(super) fn suspected(inputs: &Inputs<'_>, files: &ContextFiles) -> Option<Suspected> {
    let (command, asked) = command(inputs)?;
    let rest = asked.value.get(1..)?;
    if !["python", "python3"].contains(&command) {
        return None;
    }
    let pyproject = &inputs.project.pyproject;
    let (what, any_of, hint) = match rest {
        [flag, module, ..] if flag == "-m" => {
            // Only of a module beside others of the project is it known that it is not Python's own.
            let first = module.split('.').next().unwrap_or_default();
            let mut own = pyproject.package_paths().into_iter().flatten();
            let is_own = own.any(|path| {
                let name = path.rsplit('/').next().unwrap_or_default();
                name.trim_end_matches(".py") == first
            });
            if !is_own || !is_of_project(inputs, module) {
                return None;
            }
            let main = match inputs.install {
                InstallMode::None => return None,
                _ => paths(pyproject, module, &["/__main__.*"]),
            };
            let what =
                format!("the module `{module}`, which the container runs, is not in the source");
            (
                what,
                main,
                "correct its name; a package needs a `__main__.py` to be run",
            )
        }
        [file, ..] if is_python(file) && inputs.install == InstallMode::Copy => {
            let workdir = super::super::runtime::workdir(inputs.file);
            let path = match file.strip_prefix('/') {
                None => file.trim_start_matches("./"),
                Some(_) => file.strip_prefix(&workdir)?.strip_prefix('/')?,
            };
            let what = format!("the file `{file}`, which the container runs, is not in the source");
            (
                what,
                vec![path.to_owned()],
                "correct its name, or add it to `include` of `[source]`",
            )
        }
        _ => return None,
    };
    Some(Suspected {
        any_of,
        files: files.clone(),
        otherwise: warning(Rule::EntrypointNotFound, &asked.place, what, hint),
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{PYPROJECT, line, package, plan, told, told_of};

    #[test]
    fn commands_that_nothing_installs() {
        let entrypoint = |command: &str| format!("[runtime]\nentrypoint = [{command:?}]\n");
        assert_eq!(
            told(&entrypoint("gunicorn")),
            [
                "poetry.build.toml:2 EntrypointNotFound: `gunicorn` is not in the image: the project does not depend on `gunicorn`"
            ]
        );
        let dev = package("gunicorn", "dev", true);
        assert_eq!(
            told_of(&entrypoint("/app/.venv/bin/gunicorn"), PYPROJECT, &dev),
            [
                "poetry.build.toml:2 EntrypointNotFound: `gunicorn` is not in the image: only the group `dev` has `gunicorn`"
            ]
        );
        assert_eq!(
            told(&entrypoint("server")),
            ["poetry.build.toml:2 EntrypointNotFound: no script of the project is called `server`"]
        );
        assert_eq!(
            told("[source]\ninstall = \"copy\"\n[runtime]\ncmd = [\"serve\"]\n"),
            [
                "poetry.build.toml:4 EntrypointNotFound: `serve` is a script of the project, which is not installed"
            ]
        );
    }

    #[test]
    fn commands_that_may_be_there() {
        let main = package("gunicorn", "main", true);
        for command in [
            "serve",
            "gunicorn",
            "python",
            "sh",
            "/usr/bin/serv",
            "tini",
            "unheard-of",
        ] {
            let build_file = format!("[runtime]\nentrypoint = [{command:?}]\n");
            assert!(
                told_of(&build_file, PYPROJECT, &main).is_empty(),
                "{command}"
            );
        }
        let system = "[runtime]\npackages = [\"supervisor\"]\nentrypoint = [\"supervisord\"]\n";
        assert!(told(system).is_empty());
    }

    #[test]
    fn what_python_is_told_to_run_is_looked_for() {
        let suspected = |build_file: &str| -> Vec<(String, Vec<String>)> {
            let plan = plan(build_file, PYPROJECT, "", &[]);
            let last = plan
                .suspected
                .iter()
                .filter(|one| one.otherwise.rule == super::Rule::EntrypointNotFound);
            last.map(|one| (line(&one.otherwise), one.any_of.clone()))
                .collect()
        };
        let told = "poetry.build.toml:2 EntrypointNotFound: the module `service.wbe`, which the container runs, is not in the source";
        assert_eq!(
            suspected("[runtime]\nentrypoint = [\"python\", \"-m\", \"service.wbe\"]\n"),
            [(
                told.to_owned(),
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
        let copied =
            "[source]\ninstall = \"copy\"\n[runtime]\nentrypoint = [\"python\", \"/app/run.py\"]\n";
        assert_eq!(suspected(copied)[0].1, ["run.py"]);
        assert!(
            suspected("[runtime]\nentrypoint = [\"python\", \"-m\", \"http.server\"]\n").is_empty()
        );
    }
}
