//! The texts of projects.

use super::*;

#[test]
fn the_standard_spelling() {
    let project = Project::new("service")
        .dependency("humanize>=4")
        .optional_dependencies("pg", ["psycopg"])
        .script("serve", "service.web:main")
        .group("dev", ["pytest", "{ include-group = \"lint\" }"])
        .group("lint", ["ruff"])
        .package_from("service", "src")
        .requires_poetry(">=2.0")
        .in_project("readme = \"README.md\"")
        .poetry_dependency("psycopg", Dependency::from_index("corp"))
        .explicit_index("corp", "https://index.example/simple/")
        .at_end("[tool.ruff]\nline-length = 99");
    assert_eq!(
        project.pyproject(),
        r#"[project]
name = "service"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["humanize>=4"]
readme = "README.md"

[project.optional-dependencies]
pg = ["psycopg"]

[project.scripts]
serve = "service.web:main"

[dependency-groups]
dev = ["pytest", { include-group = "lint" }]
lint = ["ruff"]

[tool.poetry]
requires-poetry = ">=2.0"
packages = [{ include = "service", from = "src" }]

[tool.poetry.dependencies]
psycopg = { source = "corp" }

[[tool.poetry.source]]
name = "corp"
url = "https://index.example/simple/"
priority = "explicit"

[build-system]
requires = ["poetry-core>=2.0.0,<3.0.0"]
build-backend = "poetry.core.masonry.api"

[tool.ruff]
line-length = 99
"#
    );
}

#[test]
fn the_spelling_of_poetry() {
    let project = Project::poetry("app")
        .poetry_dependency("chain", "^1.0")
        .poetry_dependency("opt-a", Dependency::version("*").optional())
        .extra("a", ["opt-a"])
        .poetry_group("docs", "sphinx", "*")
        .script("run", "app:main")
        .index("one", "https://one.example/")
        .index("two", "https://two.example/");
    assert_eq!(
        project.pyproject(),
        r#"[tool.poetry]
name = "app"
version = "0.1.0"
description = ""
authors = []

[tool.poetry.dependencies]
python = "^3.11"
chain = "^1.0"
opt-a = { version = "*", optional = true }

[tool.poetry.extras]
a = ["opt-a"]

[tool.poetry.group.docs.dependencies]
sphinx = "*"

[tool.poetry.scripts]
run = "app:main"

[[tool.poetry.source]]
name = "one"
url = "https://one.example/"

[[tool.poetry.source]]
name = "two"
url = "https://two.example/"

[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
"#
    );
}

#[test]
fn what_is_left_out_or_dynamic_is_not_written() {
    let project = Project::new("app")
        .without_version()
        .without_python()
        .dynamic("dependencies")
        .no_package();
    assert_eq!(
        project.pyproject(),
        "[project]\nname = \"app\"\ndynamic = [\"dependencies\"]\n\n[tool.poetry]\npackage-mode = false\n"
    );
}

#[test]
fn the_lock_is_fresh_for_whatever_the_project_becomes() {
    let hash = |project: &Project| {
        let table = toml::from_str(&project.pyproject()).unwrap();
        let hash = crate::content_hash(&table, Lock::POETRY);
        project
            .lock()
            .contains(&format!("content-hash = \"{hash}\""))
    };
    let project = Project::new("app");
    assert!(hash(&project));
    assert!(hash(&project.clone().dependency("a")));
    assert!(hash(
        &project.clone().with_pyproject("[project]\nname = \"b\"\n")
    ));
    assert!(!hash(&project.stale()));
}

#[test]
fn files_are_written_with_their_directories_unless_they_are_removed() {
    let directory = tempfile::tempdir().unwrap();
    Project::new("app")
        .with_build_file(
            r"
            [runtime]
            expose = [8000]
            ",
        )
        .with_file("src/app/__init__.py", "")
        .with_ignore_file("dist\n")
        .without_file("poetry.lock")
        .write_to(directory.path());
    let read = |path: &str| fs::read_to_string(directory.path().join(path)).ok();
    let build_file = read("poetry.build.toml");
    assert_eq!(build_file.as_deref(), Some("[runtime]\nexpose = [8000]\n"));
    assert_eq!(read(".dockerignore").as_deref(), Some("dist\n"));
    assert_eq!(read("src/app/__init__.py").as_deref(), Some(""));
    assert_eq!(read("poetry.lock"), None);
    assert!(read("pyproject.toml").is_some());
}
