//! What the project's wheel is built from.

use testkit::dedent;

use super::fixture::project;
use crate::project::version::Release;

#[test]
fn a_wheel_is_built_by_poetry_core_alone_if_the_project_allows_it() {
    let built = |requires: &str, more: &str, core: &str| {
        let pyproject = format!(
            r#"
            {more}
            [build-system]
            requires = [{requires}]
            build-backend = "poetry.core.masonry.api"
            "#
        );
        project(&pyproject).is_built_by(Release::of(core).unwrap())
    };
    for (requires, more, core, alone) in [
        ("\"poetry-core\"", "", "2.1.4", true),
        ("\"Poetry_Core>=2.0.0,<3.0.0\"", "", "2.1.4", true),
        ("\"poetry-core (>=1.0.0)\"", "", "1.9.1", true),
        ("\"poetry-core>=1.9.0,<2\"", "", "1.9.1", true),
        ("\"poetry-core>=2\"", "", "1.9.1", false),
        ("\"poetry-core<2\"", "", "2.1.4", false),
        ("\"poetry-core>=2.1.5\"", "", "2.1.4", false),
        ("\"poetry-core!=2.1.4\"", "", "2.1.4", false),
        ("\"poetry-core; python_version>'3'\"", "", "2.1.4", false),
        ("\"poetry-core @ https://x/y\"", "", "2.1.4", false),
        ("\"poetry-core\", \"cython\"", "", "2.1.4", false),
        ("", "", "2.1.4", false),
        (
            "\"poetry-core\"",
            "tool.poetry.build.script = \"b.py\"",
            "2.1.4",
            false,
        ),
    ] {
        assert_eq!(built(requires, more, core), alone, "{requires} {more}");
    }
}

#[test]
fn the_wheel_is_built_from_what_it_depends_on() {
    let system = dedent(
        r#"
        [build-system]
        requires = ["poetry-core>=2"]
        build-backend = "poetry.core.masonry.api"
        "#,
    );
    let whole = dedent(
        r#"
        # A comment.
        [project]
        version = "1"
        name = "x"
        readme = "R.md"
        dynamic = ["readme", "classifiers"]
        [project.scripts]
        x = "x:main"
        [dependency-groups]
        dev = ["d"]
        [tool.linter]
        a = 1
        [tool.poetry]
        readme = "R.md"
        requires-poetry = ">=2"
        packages = [{ include = "x" }]
        [tool.poetry.group.dev.dependencies]
        d = "1"
        [[tool.poetry.source]]
        name = "s"
        url = "u"
        "#,
    ) + &system;
    let same = dedent(
        r#"
        [tool.poetry]
        packages = [{ include = "x" }]
        [project]
        name = "x"
        version = "1"
        dynamic = ["classifiers"]
        scripts = { x = "x:main" }
        "#,
    ) + &system;
    let reduced = project(&whole).reduced_for_wheel().unwrap();
    assert_eq!(reduced, project(&same).reduced_for_wheel().unwrap());
    assert_eq!(
        reduced.parse::<toml::Table>().unwrap(),
        same.parse::<toml::Table>().unwrap()
    );
    // Something other than poetry-core builds the wheel, or it contains the file itself.
    for other in [
        r#"
        [build-system]
        requires = ["setuptools"]
        build-backend = "setuptools.build_meta"
        "#
        .to_owned(),
        system.replace("\"poetry-core>=2\"", "\"poetry-core>=2\", \"plugin\""),
        r#"
        [project]
        name = "x"
        "#
        .to_owned(),
    ] {
        assert_eq!(project(&other).reduced_for_wheel(), None, "{other}");
    }
    for key in [
        "build = \"build.py\"",
        "include = [\"pyproject.toml\"]",
        "include = [\"*.toml\"]",
    ] {
        let other = format!("{system}[tool.poetry]\n{key}\n");
        assert_eq!(project(&other).reduced_for_wheel(), None, "{other}");
    }
}

#[test]
fn a_wheel_includes_files_other_than_its_code() {
    let project = project(
        r#"
        [project]
        name = "x"
        readme = { file = "docs/R.md" }
        license = { file = "L" }
        license-files = ["LEGAL*"]
        [tool.poetry]
        readme = ["A.md", "B.md"]
        include = ["data.json", { path = "more", format = "wheel" }]
        build = { script = "build.py" }
        [tool.poetry.scripts]
        console = "x:main"
        migrate = { reference = "./bin/migrate.sh", type = "file" }
        "#,
    );
    let files = &project.pyproject.wheel_files;
    let readmes: Vec<(&str, usize)> = files
        .readmes
        .iter()
        .map(|readme| (readme.value.as_str(), readme.span.start().line))
        .collect();
    assert_eq!(readmes, [("docs/R.md", 3), ("A.md", 7), ("B.md", 7)]);
    let required: Vec<String> = files.required().collect();
    assert_eq!(required, ["L", "build.py", "bin/migrate.sh", "LEGAL*"]);
    let optional: Vec<&str> = files.optional().collect();
    assert_eq!(optional, ["data.json", "more", "LEGAL*"]);
    let lines = [&files.license[..], &files.include].concat();
    let lines: Vec<usize> = lines.iter().map(|file| file.span.start().line).collect();
    assert_eq!(lines, [4, 8, 8]);
    assert_eq!(files.build_script.as_ref().unwrap().span.start().line, 9);
}

#[test]
fn packages_of_an_sdist_are_no_part_of_a_wheel() {
    let paths = |packages: &str| {
        let project = project(&format!(
            "[project]\nname = \"x\"\n[tool.poetry]\npackages = [{packages}]\n"
        ));
        project.pyproject.package_paths().concat()
    };
    assert_eq!(
        paths(
            r#"{ include = "a" }, { include = "b", format = "sdist" }, { include = "c", format = ["wheel"] }"#
        ),
        ["a", "c"]
    );
    assert!(paths(r#"{ include = "b", format = ["sdist"] }"#).is_empty());
}

#[test]
fn packages_are_found_in_every_spelling_of_their_directory() {
    for from in [".", "./", "", "/"] {
        let text = format!(
            "[project]\nname = \"x\"\n[tool.poetry]\npackages = [{{ include = \"app\", from = {from:?} }}]\n"
        );
        assert_eq!(
            project(&text).pyproject.package_paths(),
            [["app"]],
            "{from}"
        );
    }
    for from in ["src", "./src", "src/", "lib/../src"] {
        let text = format!(
            "[project]\nname = \"x\"\n[tool.poetry]\npackages = [{{ include = \"./app\", from = {from:?} }}]\n"
        );
        assert_eq!(
            project(&text).pyproject.package_paths(),
            [["src/app"]],
            "{from}"
        );
    }
}

#[test]
fn a_licence_outside_the_project_is_left_out() {
    let text = r#"
        [project]
        name = "x"
        license = { file = "../LICENSE" }
        [build-system]
        requires = ["poetry-core>=2"]
        build-backend = "poetry.core.masonry.api"
        "#;
    let project = project(text);
    assert_eq!(project.pyproject.wheel_files.required().count(), 0);
    let reduced = project.reduced_for_wheel().unwrap();
    assert!(!reduced.contains("LICENSE"), "{reduced}");
}
