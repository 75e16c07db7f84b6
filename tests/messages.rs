//! `docs/messages.md`: every message on one page, as a terminal shows it, so that a person can proofread them.
//! `UPDATE_DOCS=1 cargo test --test messages` updates it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "support/generated.rs"]
mod generated;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use poetry_frontend::analysis::{InputFiles, Unreadable};
use poetry_frontend::diagnostics::Colour;
use poetry_frontend::image::Platform;
use poetry_frontend::resolve::Request;
use testkit::{Lock, Package, Project};

const PAGE: &str = "docs/messages.md";
const HEAD: &str = "# Messages\n\nThe messages for incorrect input. `tests/messages.rs` generates this page from files with one error each, so that a person\ncan proofread them.\n";
/// Build files with errors, for a correct project.
const BUILD_FILES: [&str; 62] = [
    "[python\n",
    r#"
    [python]
    verson = "3.13"
    "#,
    "ports = [8000]\n",
    "apt = [\"libpq5\"]\n",
    r#"
    [runtime]
    expose = "8000"
    "#,
    r#"
    [runtime]
    entrypoint = "serve --port $PORT"
    user = "app"
    init = "always"
    env = ["PORT=8000"]
    "#,
    r"
    [runtime]
    expose = [
      [8000],
      8001,
    ]
    ",
    "python = \"3.13\"\n",
    r#"
    [source]
    install = "weel"
    "#,
    r#"
    [copy]
    src = "a"
    chown = "app"
    "#,
    r#"
    [args]
    "a b" = {}
    "#,
    r"
    [args]
    RELEASE = {}
    ",
    r#"
    [runtime]
    workdir = "/srv/${"
    "#,
    r#"
    [runtime]
    workdir = "/srv/${UNKNOWN}"
    "#,
    r#"
    [python]
    version = "3.99"
    "#,
    r#"
    [python]
    version = "3.10"
    "#,
    r#"
    [python]
    variant = "a b"
    "#,
    r#"
    [python]
    variant = "slim"
    [runtime]
    base = "python:3.13"
    "#,
    r#"
    [poetry]
    version = "two"
    "#,
    r#"
    [poetry]
    version = "1.0.0"
    "#,
    r#"
    [poetry]
    version = "2.0.1"
    "#,
    r#"
    [poetry]
    mirror = "index.example"
    "#,
    r#"
    [poetry]
    mirror = "https://me:hidden@index.example/"
    "#,
    r"
    [dependencies]
    groups = []
    ",
    r#"
    [dependencies]
    groups = ["man"]
    "#,
    r#"
    [dependencies]
    extras = ["postgres"]
    "#,
    r"
    [source]
    include = []
    ",
    r#"
    [source]
    include = ["../shared"]
    "#,
    r#"
    [source]
    include = ["src/[a-z"]
    "#,
    r#"
    [source]
    include = ["src", "service.pem", ".venv"]
    "#,
    r#"
    [source]
    install = "none"
    "#,
    r#"
    [build]
    packages = ["gcc && curl"]
    "#,
    r#"
    [build]
    base = "python:3.13-alpine"
    "#,
    r#"
    [runtime]
    base = "Python"
    "#,
    r#"
    [runtime]
    base = "registry.example/python"
    "#,
    r#"
    [runtime]
    user = { name = "root" }
    "#,
    r"
    [runtime]
    user = { uid = 0 }
    ",
    r"
    [runtime]
    user = { uid = -1 }
    ",
    r#"
    [runtime]
    user = { name = "A b" }
    "#,
    r#"
    [runtime]
    workdir = "app"
    "#,
    r#"
    [runtime]
    entrypoint = ["gunicorn"]
    "#,
    r#"
    [runtime]
    entrypoint = ["server"]
    "#,
    r"
    [runtime]
    expose = [80]
    ",
    r"
    [runtime]
    expose = [70000]
    ",
    r#"
    [runtime]
    env = { "A-B" = "1" }
    "#,
    r#"
    [runtime]
    env = { API_TOKEN = "hidden" }
    "#,
    r#"
    [args]
    NPM_TOKEN = { default = "" }
    "#,
    "[indexes.corp]\n",
    r#"
    [indexes.corp]
    password-secret = "not an id"
    "#,
    "[git.\"a b\"]\n",
    r#"
    [git."git.example"]
    host-keys = ["key"]
    "#,
    r#"
    [runtime]
    entrypoint = ["poetry", "run", "serve"]
    "#,
    r#"
    [runtime]
    entrypoint = ["serve --port 8000"]
    "#,
    r#"
    [runtime]
    entrypoint = ["python", "service/web.py"]
    "#,
    r#"
    [runtime]
    healthcheck = { cmd = ["curl", "http://localhost:8000/"] }
    "#,
    r#"
    [runtime]
    env = { PATH = "/opt/tools/bin:$PATH" }
    "#,
    r#"
    [build]
    env = { API_TOKEN = "hidden" }
    "#,
    r#"
    [check]
    skip = ["AlpinBase", "MissingSecret"]
    "#,
    "[target.none]\n",
    r#"
    [target.a]
    without = ["hooks"]
    "#,
    r#"
    [target.dev]
    runtime.base = "org/base:1"
    "#,
    r#"
    [dependencies]
    without = ["main"]
    "#,
];

/// Standards with an error, or with a rule that the build file does not follow.
const STANDARDS: [(&str, &str); 8] = [
    ("defaults = 1\n", ""),
    ("[defaults.runtime]\nworkdir = \"srv\"\n", ""),
    ("[policy.user]\nkey = \"runtime.usr\"\nlocked = true\n", ""),
    (
        "[policy.user]\nkey = \"runtime.user\"\nlocked = true\nuntil = \"2.0\"\n",
        "[runtime]\nuser = { uid = 5 }\n",
    ),
    (
        "[policy.base]\nkey = \"runtime.base\"\nallowed = [\"registry.example/*\"]\nmessage = \"other images lack our certificates\"\ndocs = \"https://docs.example/bases\"\n",
        "[runtime]\nbase = \"python:3.13\"\n",
    ),
    (
        "[policy.network]\nkey = \"hook.network\"\nrequired = true\nallowed = [\"none\"]\n",
        "[[hook]]\nat = \"final\"\nrun = \"true\"\n",
    ),
    (
        "[policy.python]\nkey = \"python.version\"\nversions = \"<3.13\"\n",
        "",
    ),
    (
        "[policy.secrets]\nrules = [\"SecretInEnv\"]\nseverity = \"error\"\n",
        "[runtime]\nenv = { API_TOKEN = \"hidden\" }\n[check]\nskip = [\"SecretInEnv\"]\n",
    ),
];

/// A correct project.
fn service() -> Project {
    Project::new("service")
        .locked_by("2.4.1")
        .python(">=3.11,<3.14")
        .script("serve", "service.web:main")
}

/// Projects with errors, for an empty build file.
fn projects() -> Vec<Project> {
    let project = Project::new("a").script("a", "a:b");
    vec![
        project.clone().with_pyproject("[project\n"),
        project.clone().script("c", "a:d"),
        project.clone().without_scripts(),
        project.clone().python(">=3.99"),
        project.clone().python(">=3.11 and <4"),
        project.clone().script("start", "python a/start.py"),
        project.index("corp", "https://me:hidden@index.example/simple/"),
        service().locked(Package::new("shared", "1").directory("../shared")),
        service()
            .locked(Package::new("tool", "1").git("git@git.example:a/tool.git", &"0".repeat(40))),
        service().locked(Package::new("psycopg2", "1").sdist()),
        service().stale(),
        service().with_locked(Lock::new().version("9")),
        service().with_lock(&service().lock().replace("[metadata]", "[metadata")),
    ]
}

/// Files with errors that are not in the text of a project file.
fn inputs() -> [InputFiles; 3] {
    let unreadable = |why| InputFiles {
        unreadable: vec![("poetry.lock".to_owned(), why)],
        ..files(&service())
    };
    let ignore_file = "**/*.pyc\ndata/[a-z\n";
    [
        unreadable(Unreadable::Link),
        unreadable(Unreadable::Special),
        InputFiles {
            ignore: Some((".dockerignore".to_owned(), ignore_file.into())),
            ..files(&service())
        },
    ]
}

fn files(project: &Project) -> InputFiles {
    InputFiles {
        name: "poetry.build.toml".to_owned(),
        build_file: project.build_file().into_bytes(),
        pyproject: Some(project.pyproject().into_bytes()),
        lock: Some(project.lock().into_bytes()),
        ..InputFiles::default()
    }
}

fn over_standards() -> impl Iterator<Item = InputFiles> {
    STANDARDS.into_iter().map(|(standard, build_file)| {
        let head = "name = \"corp\"\nversion = \"1.0\"\ndocs = \"https://docs.example\"\n";
        InputFiles {
            standard: Some(format!("{head}{standard}").into_bytes()),
            ..files(&service().with_build_file(build_file))
        }
    })
}

fn shown(files: &InputFiles) -> String {
    let request = Request::on(Platform::parse("linux/amd64").unwrap());
    let (_, findings) = files.inspect(&BTreeMap::new()).plan(&request);
    findings.sorted().rendered(Colour::Off)
}

#[test]
fn the_page_of_messages_is_up_to_date() {
    let mut page = HEAD.to_owned();
    let with_build_files = BUILD_FILES.map(|text| service().with_build_file(text));
    let projects = with_build_files.into_iter().chain(projects());
    for files in projects
        .map(|project| files(&project))
        .chain(inputs())
        .chain(over_standards())
    {
        let message = shown(&files);
        assert!(!message.is_empty(), "a file has no error\n{page}");
        assert!(!message.contains("hidden"), "{message}");
        write!(page, "\n```\n{message}```\n").unwrap();
    }
    generated::compare(PAGE, &page);
}
