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
    let frameworks = ["django", "fastapi", "starlette", "flask"];
    let (name, dependency) = frameworks
        .into_iter()
        .find_map(|name| Some((name, depends(name)?)))?;
    let has = |server: &str| depends(server).is_some();
    let line = match name {
        "django" => django(files, has("gunicorn"), has("uvicorn"))?,
        "flask" => {
            let application = application(files, packages, &["Flask("])?;
            if has("gunicorn") {
                format!("gunicorn --bind 0.0.0.0:{PORT} {application}")
            } else {
                format!("flask --app {application} run --host 0.0.0.0 --port {PORT}")
            }
        }
        _ if has("uvicorn") => {
            let application = application(files, packages, &["FastAPI(", "Starlette("])?;
            format!("uvicorn --host 0.0.0.0 --port {PORT} {application}")
        }
        _ => return None,
    };
    let words = line.split(' ').map(str::to_owned).collect();
    Some(Taken::new(words, &Origin::of(&dependency.span)))
}

fn django(files: &dyn Files, has_gunicorn: bool, has_uvicorn: bool) -> Option<String> {
    let manage = files.text("manage.py")?;
    let module = between(&manage, "DJANGO_SETTINGS_MODULE")?;
    let package = module.split('.').next().unwrap_or_default();
    let exists = |name: &str| files.is_file(&format!("{package}/{name}.py"));
    if has_gunicorn && exists("wsgi") {
        Some(format!(
            "gunicorn --bind 0.0.0.0:{PORT} {package}.wsgi:application"
        ))
    } else if has_uvicorn && exists("asgi") {
        Some(format!(
            "uvicorn --host 0.0.0.0 --port {PORT} {package}.asgi:application"
        ))
    } else {
        None
    }
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

/// The module with the application and the variable's name, as servers take them.
fn application(files: &dyn Files, packages: &[String], constructors: &[&str]) -> Option<String> {
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
                return Some(format!(
                    "{}:{name}",
                    dotted(path.trim_end_matches("/__init__"))
                ));
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
