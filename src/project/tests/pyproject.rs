//! Reading `pyproject.toml`.

use super::fixture::project;
use crate::project::dependencies::NeededBy;
use crate::project::origin::PackageOrigin;
use crate::project::version::PythonVersion;

#[test]
fn both_notations_of_a_project_are_read() {
    let modern = project(
        r#"
        [project]
        name = "My.App"
        requires-python = ">=3.12"
        dependencies = ["a"]
        [project.scripts]
        run = "x:y"
        [tool.poetry]
        requires-poetry = ">=2.0"
        "#,
    );
    assert_eq!(modern.pyproject.name.as_deref(), Some("my-app"));
    assert_eq!(modern.pyproject.scripts[0].name, "run");
    assert!(modern.pyproject.package_mode);
    assert!(modern.pyproject.requires_poetry.is_some());

    let legacy = project(
        r#"
        [tool.poetry]
        name = "app"
        package-mode = false
        [tool.poetry.dependencies]
        python = "^3.12"
        "#,
    );
    assert!(!legacy.pyproject.package_mode);
    for one in [modern, legacy] {
        assert!(
            one.python_constraint()
                .allows_python(PythonVersion::minor(12))
        );
        assert!(
            !one.python_constraint()
                .allows_python(PythonVersion::minor(11))
        );
    }
}

#[test]
fn packages_are_expected_where_poetry_looks_for_them() {
    let named = project(
        r#"
        [project]
        name = "My.App"
        "#,
    );
    assert_eq!(
        named.pyproject.package_paths(),
        [["my_app", "my_app.py", "src/my_app", "src/my_app.py"]]
    );
    let listed = project(
        r#"
        [tool.poetry]
        name = "x"
        packages = [{ include = "a", from = "lib/" }, { include = "b/*.py" }]
        "#,
    );
    assert_eq!(listed.pyproject.package_paths(), [["lib/a"], ["b/*.py"]]);
}

#[test]
fn dependencies_of_all_groups_and_extras_are_located() {
    let project = project(
        r#"
        [project]
        name = "x"
        dependencies = [
          "First>=1",
          "shared @ file:///srv/shared",
        ]
        [project.optional-dependencies]
        PG = ["driver[c]"]
        [dependency-groups]
        "Lint.All" = ["linter", { include-group = "dev" }]
        [tool.poetry.dependencies]
        python = "^3.12"
        Shared = { path = "../shared", develop = true }
        [tool.poetry.dev-dependencies]
        tester = "1"
        [tool.poetry.group.docs.dependencies.writer]
        git = "https://git.example/writer"
        "#,
    );
    let group = |name: &str| NeededBy::Group(name.to_owned());
    let found: Vec<_> = project
        .pyproject
        .dependencies
        .iter()
        .flat_map(|list| list.dependencies.iter().map(|one| (&list.needed_by, one)))
        .map(|(needed_by, one)| {
            let line = one.span.start().line;
            (one.normalised(), needed_by, one.origin, one.develop, line)
        })
        .collect();
    let (main, dev) = (group("main"), group("dev"));
    let (docs, lint) = (group("docs"), group("lint-all"));
    let pg = NeededBy::Extra("pg".to_owned());
    assert_eq!(
        found,
        [
            (
                "shared".to_owned(),
                &main,
                PackageOrigin::Directory,
                true,
                13
            ),
            ("tester".to_owned(), &dev, PackageOrigin::Index, false, 15),
            ("writer".to_owned(), &docs, PackageOrigin::Git, false, 16),
            ("first".to_owned(), &main, PackageOrigin::Index, false, 4),
            (
                "shared".to_owned(),
                &main,
                PackageOrigin::Directory,
                false,
                5
            ),
            ("driver".to_owned(), &pg, PackageOrigin::Index, false, 8),
            ("linter".to_owned(), &lint, PackageOrigin::Index, false, 10),
        ]
    );
    let shared = project.pyproject.dependency("shared").unwrap();
    assert_eq!(shared.name, "Shared");
    let span = &shared.span;
    assert_eq!(
        &span.document().text()[span.range()],
        "Shared = { path = \"../shared\", develop = true }"
    );
    assert!(project.pyproject.dependency("python").is_none());
}

#[test]
fn groups_and_extras_keep_their_spelling() {
    let project = project(
        r#"
        [project.optional-dependencies]
        PG = []
        [dependency-groups]
        "Lint.All" = [{ include-group = "Dev" }]
        [tool.poetry.extras]
        more = ["a"]
        [tool.poetry.group.lint_all]
        include-groups = ["docs"]
        [tool.poetry.dev-dependencies]
        "#,
    );
    let pairs = |names: &std::collections::BTreeMap<String, String>| {
        let pairs = names.iter();
        let pairs: Vec<String> = pairs
            .map(|(name, spelled)| format!("{name}={spelled}"))
            .collect();
        pairs.join(" ")
    };
    assert_eq!(
        pairs(&project.groups()),
        "dev=dev lint-all=Lint.All main=main"
    );
    assert_eq!(pairs(&project.extras()), "more=more pg=PG");
    let lint = &project.pyproject.groups["lint-all"];
    assert_eq!(lint.includes, ["docs", "dev"]);
}

#[test]
fn scripts_come_in_the_order_of_the_file() {
    let project = project(
        r#"
        [tool.poetry.scripts]
        z = "x.cli:run"
        tool = { reference = "bin/tool.sh", type = "file" }
        both = "old:main"
        [project.scripts]
        both = "new : main [extra]"
        a = { reference = "ignored" }
        [tool.poetry.scripts.console]
        type = "console"
        reference = "x:main"
        "#,
    );
    let found: Vec<_> = project
        .pyproject
        .scripts
        .iter()
        .map(|script| {
            (
                script.name.as_str(),
                script.module(),
                script.span.start().line,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("z", Some("x.cli"), 2),
            ("tool", None, 3),
            ("both", Some("new"), 6),
            ("a", None, 7),
            ("console", Some("x"), 8),
        ]
    );
}

#[test]
fn packages_and_indexes_are_located() {
    let project = project(
        r#"
        [[tool.poetry.packages]]
        include = "a"
        from = "lib"
        [[tool.poetry.source]]
        name = "corp"
        url = "http://index.example"
        [[tool.poetry.source]]
        name = "PyPI"
        "#,
    );
    let packages = project.pyproject.wheel_files.packages.unwrap();
    let package = &packages[0];
    assert_eq!(
        (package.include.as_str(), package.span.start().line),
        ("a", 1)
    );
    let indexes = project.pyproject.indexes.iter();
    let indexes: Vec<_> = indexes
        .map(|index| {
            (
                index.name.as_str(),
                index.url.as_str(),
                index.span.start().line,
            )
        })
        .collect();
    assert_eq!(
        indexes,
        [("corp", "http://index.example", 5), ("PyPI", "", 8)]
    );
}
