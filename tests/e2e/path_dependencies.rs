//! Projects that depend on other folders.

use std::fmt::Write;

use tempfile::TempDir;

use crate::support::{Image, Project, nonce};

/// A package `app` that depends on the library at `path` from it, which is called `shared`.
pub(crate) fn app(path: &str) -> Project {
    let project = Project::package("app", &[]);
    project.edit(
        "pyproject.toml",
        "dependencies = []",
        "dynamic = [\"dependencies\"]",
    );
    let mut pyproject = project.read("pyproject.toml");
    write!(
        pyproject,
        "[tool.poetry.dependencies]\nshared = {{ path = \"{path}\", develop = true }}\n"
    )
    .unwrap();
    project.write("pyproject.toml", &pyproject).lock(&[]);
    let package = format!(
        "[[package]]\nname = \"shared\"\nversion = \"1.0\"\ndescription = \"\"\noptional = false\npython-versions = \"*\"\ngroups = [\"main\"]\nfiles = []\ndevelop = true\n\n[package.source]\ntype = \"directory\"\nurl = \"{path}\"\n"
    );
    project.edit("poetry.lock", "package = []\n", &package);
    project.write(
        "src/app/__init__.py",
        "import shared\ndef main():\n    print('app of', shared.NAME, 'at', shared.__file__)\n",
    );
    project
}

/// The files of the library, with the folder that they are in.
pub(crate) fn library(name: &str) -> [(&'static str, String); 2] {
    let pyproject = "[project]\nname = \"shared\"\nversion = \"1.0\"\n\n[build-system]\nrequires = [\"poetry-core>=2.0.0,<3.0.0\"]\nbuild-backend = \"poetry.core.masonry.api\"\n";
    [
        ("pyproject.toml", pyproject.to_owned()),
        ("shared/__init__.py", format!("NAME = '{name}'\n")),
    ]
}

#[track_caller]
pub(crate) fn assert_answers(image: &Image, name: &str) {
    assert_eq!(
        image.answer_with(&["--read-only"], &[]),
        format!("app of {name} at /app/.venv/lib/python3.13/site-packages/shared/__init__.py")
    );
}

#[test]
fn a_folder_of_the_project_becomes_a_wheel_of_its_own() {
    let project = app("libs/shared");
    // Steps that no other test looks at: an engine lets builds at the same time share what is built anew.
    project.build_file("[build]\npackages = [\"file\"]\n");
    for (path, text) in library("first") {
        project.write(&format!("libs/shared/{path}"), &text);
    }
    let first = project.build().image();
    assert_answers(&first, "first");

    // An edit of the project leaves the library alone, and one of the library the project. No earlier run made these.
    let now = nonce();
    let (edited, second_name) = (format!("app {now} of"), format!("second {now}"));
    project.edit("src/app/__init__.py", "app of", &edited);
    let (_, built) = project.build().run().parts();
    assert_eq!(
        built.ran(),
        [
            "runtime: copy the installed project",
            "source: build and install the wheel",
            "source: copy the source",
        ]
    );
    project.edit("src/app/__init__.py", &edited, "app of");
    project.edit("libs/shared/shared/__init__.py", "first", &second_name);
    let (second, built) = project.build().run().parts();
    assert_answers(&second, &second_name);
    for step in built
        .steps()
        .filter(|step| step.stage() == "source" || step.stage() == "deps")
    {
        assert!(step.cached, "{step:?}");
    }
    let (before, after) = (first.layers(), second.layers());
    let below = before.len() - 2;
    assert_eq!(before[..below], after[..below]);
    assert_ne!(before[below], after[below]);
}

#[test]
fn a_new_version_of_a_folder_installs_no_dependency_again() {
    let project = app("libs/shared");
    // Steps that no other test has: an engine lets builds at the same time share what is built anew.
    project.build_file(&format!("[build]\nenv = {{ RUN = \"{}\" }}\n", nonce()));
    for (path, text) in library("released") {
        project.write(&format!("libs/shared/{path}"), &text);
    }
    project.build().image();
    for path in ["libs/shared/pyproject.toml", "poetry.lock"] {
        project.edit(path, "version = \"1.0\"", "version = \"1.1\"");
    }
    let (image, built) = project.build().run().parts();
    assert_answers(&image, "released");
    assert!(built.step("deps", "poetry install").cached);
    let packages = "ls /app/.venv/lib/python3.13/site-packages | grep shared-";
    assert_eq!(image.shell(packages), "shared-1.1.dist-info");
}

#[test]
fn a_folder_that_another_tool_builds_and_whose_readme_is_left_out() {
    let project = app("libs/shared");
    let pyproject = "[project]\nname = \"shared\"\nversion = \"1.0\"\nreadme = \"README.md\"\n\n[tool.setuptools]\npackages = [\"shared\"]\n\n[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n";
    let name = format!("outlander {}", nonce());
    project
        .write("libs/shared/pyproject.toml", pyproject)
        .write(
            "libs/shared/shared/__init__.py",
            &format!("NAME = '{name}'\n"),
        );
    let (image, built) = project.build().run().parts();
    assert_answers(&image, &name);
    let log = &built.step("shared", "build and install the wheel").log;
    let told = "README.md is not in the build context; the wheel has an empty one";
    assert!(log.contains(told), "{log}");
}

#[test]
fn a_folder_outside_the_context_comes_from_a_named_one() {
    let project = app("../shared");
    let outside = TempDir::new().unwrap();
    for (path, text) in library("outsider") {
        let path = outside.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let built = project.build().run();
    let told = "the path dependency `shared` is at `../shared`, outside the build context
  hint: add `--build-context shared=../shared` to the command";
    assert!(built.error().ends_with(told), "{}", built.error());

    let context = format!("--build-context=shared={}", outside.path().display());
    assert_answers(&project.build().with(&context).image(), "outsider");

    // Who works on the project works on the folder as well.
    let desk = project.build().with(&context).with("--target=dev").image();
    assert_eq!(
        desk.shell("app; echo 'NAME = 1' >/shared/shared/__init__.py; poetry run app"),
        "app of outsider at /shared/shared/__init__.py\napp of 1 at /shared/shared/__init__.py"
    );
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let project = app("libs/shared");
    let built = project.build().run();
    let told = "the path dependency `shared` is not at `libs/shared` in the build context
  hint: check that it is there, and that the ignore file does not leave it out";
    assert!(built.error().ends_with(told), "{}", built.error());
    assert_eq!(built.ran(), [""; 0]);
}
