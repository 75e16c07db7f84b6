//! The commands of well-known frameworks, for projects that say nowhere how they start.

use super::draft::{Draft, Origin, Taken, Target};
use super::files::Files;
use crate::project::{PYPROJECT, Project};

/// Where applications usually are, in a package or beside it.
const MODULES: [&str; 8] = [
    "main", "app", "asgi", "wsgi", "server", "api", "api/main", "__init__",
];
const PORT: &str = "8000";

/// The command of the framework that the project depends on, and the line that names it.
pub(super) fn command(
    project: &Project,
    files: &dyn Files,
    packages: &[String],
) -> Option<Taken<Vec<String>>> {
    let depends = |name: &str| project.pyproject.dependency(name);
    let origin = |name: &str| depends(name).map(|dependency| Origin::of(&dependency.span));
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|&word| word.to_owned())
            .collect::<Vec<_>>()
    };
    if let Some(origin) = origin("django")
        && files.is_file("manage.py")
    {
        let settings = files.text("manage.py")?;
        let module = between(&settings, "DJANGO_SETTINGS_MODULE")?;
        let package = module.split('.').next().unwrap_or_default();
        let exists = |name: &str| files.is_file(&format!("{package}/{name}.py"));
        let bind = format!("0.0.0.0:{PORT}");
        let command = if depends("gunicorn").is_some() && exists("wsgi") {
            words(&[
                "gunicorn",
                "--bind",
                &bind,
                &format!("{package}.wsgi:application"),
            ])
        } else if depends("uvicorn").is_some() && exists("asgi") {
            words(&[
                "uvicorn",
                "--host",
                "0.0.0.0",
                "--port",
                PORT,
                &format!("{package}.asgi:application"),
            ])
        } else {
            return None;
        };
        return Some(Taken::new(command, &origin));
    }
    if let Some(origin) = origin("fastapi").or_else(|| origin("starlette"))
        && depends("uvicorn").is_some()
    {
        let (module, name) = application(files, packages, &["FastAPI(", "Starlette("])?;
        let command = words(&[
            "uvicorn",
            "--host",
            "0.0.0.0",
            "--port",
            PORT,
            &format!("{module}:{name}"),
        ]);
        return Some(Taken::new(command, &origin));
    }
    if let Some(origin) = origin("flask") {
        let (module, name) = application(files, packages, &["Flask("])?;
        let command = if depends("gunicorn").is_some() {
            words(&[
                "gunicorn",
                "--bind",
                &format!("0.0.0.0:{PORT}"),
                &format!("{module}:{name}"),
            ])
        } else {
            words(&[
                "flask",
                "--app",
                &format!("{module}:{name}"),
                "run",
                "--host",
                "0.0.0.0",
                "--port",
                PORT,
            ])
        };
        return Some(Taken::new(command, &origin));
    }
    None
}

/// A worker of Celery, if an application of it is found and no target runs one.
pub(super) fn worker(draft: &mut Draft, project: &Project, files: &dyn Files, packages: &[String]) {
    let Some(dependency) = project.pyproject.dependency("celery") else {
        return;
    };
    let runs_celery = |words: &Option<Taken<Vec<String>>>| {
        words
            .as_ref()
            .is_some_and(|words| words.value.iter().any(|word| word.contains("celery")))
    };
    let images = draft.targets.values().map(|target| &target.image);
    let runs_one = images
        .chain([&draft.main])
        .any(|image| runs_celery(&image.cmd) || runs_celery(&image.entrypoint));
    if runs_one || draft.targets.contains_key("worker") {
        return;
    }
    let found = celery(files, packages);
    let Some(module) = found else { return };
    let origin = Origin {
        file: PYPROJECT.to_owned(),
        line: dependency.span.start().line,
    };
    let mut image = draft.main.clone();
    let words = ["celery", "--app", &module, "worker"]
        .map(str::to_owned)
        .to_vec();
    image.entrypoint = None;
    image.expose.clear();
    image.healthcheck = None;
    image.cmd = Some(Taken::new(words, &origin));
    draft
        .targets
        .insert("worker".to_owned(), Target { image, origin });
}

fn celery(files: &dyn Files, packages: &[String]) -> Option<String> {
    let modules = ["celery", "celery_app", "worker", "tasks"];
    let directories = packages.iter().map(String::as_str).chain([""]);
    for directory in directories {
        for module in modules {
            let path = join(directory, module);
            let text = files.text(&format!("{path}.py")).unwrap_or_default();
            if text.contains("Celery(") {
                // `celery --app PACKAGE` finds its module `celery` itself.
                return Some(dotted(if module == "celery" && !directory.is_empty() {
                    directory
                } else {
                    &path
                }));
            }
        }
    }
    None
}

/// The module with the application, and the variable's name.
fn application(
    files: &dyn Files,
    packages: &[String],
    constructors: &[&str],
) -> Option<(String, String)> {
    let directories = packages
        .iter()
        .map(String::as_str)
        .chain(["", "app", "src"]);
    for directory in directories {
        for module in MODULES {
            let path = join(directory, module);
            let text = files.text(&format!("{path}.py")).unwrap_or_default();
            let assigned = text.lines().find_map(|line| {
                let (name, value) = line.split_once('=')?;
                let name = name.split(':').next().unwrap_or_default().trim();
                let is_name = !name.is_empty()
                    && name
                        .chars()
                        .all(|char| char.is_ascii_alphanumeric() || char == '_');
                let is_top = !line.starts_with(char::is_whitespace);
                let constructs = constructors.iter().any(|constructor| {
                    value.trim_start().starts_with(constructor)
                        || value.contains(&format!(".{constructor}"))
                });
                (is_name && is_top && constructs).then(|| name.to_owned())
            });
            if let Some(name) = assigned {
                return Some((dotted(path.trim_end_matches("/__init__")), name));
            }
        }
    }
    None
}

fn join(directory: &str, module: &str) -> String {
    if directory.is_empty() {
        module.to_owned()
    } else {
        format!("{directory}/{module}")
    }
}

fn dotted(path: &str) -> String {
    path.strip_prefix("src/").unwrap_or(path).replace('/', ".")
}

/// The first quoted text after the one that contains `name`.
fn between<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(name)?;
    let mut parts = rest.split(['"', '\'']);
    parts.next()?;
    parts.nth(1)
}
