//! Path dependencies.

use tempfile::TempDir;
use testkit::{Dependency, Package};

use crate::support::{Image, Project, nonce};

/// A package `app` that depends on the library `shared` at `path`.
pub(crate) fn app(path: &str) -> Project {
    let files = Project::files("app", &[])
        .dynamic("dependencies")
        .poetry_dependency("shared", Dependency::path(path).develop())
        .locked(Package::new("shared", "1.0").directory(path).develop())
        .with_file(
            "src/app/__init__.py",
            "import shared\ndef main():\n    print('app of', shared.NAME, 'at', shared.__file__)\n",
        );
    Project::with(&files)
}

/// The files of the library, in its own directory.
pub(crate) fn library(name: &str) -> [(&'static str, String); 2] {
    let project = testkit::Project::new("shared").version("1.0");
    [
        ("pyproject.toml", project.pyproject()),
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
fn a_path_dependency_is_installed_as_its_own_wheel() {
    let project = app("libs/shared");
    // Unique steps: an engine shares equal steps of builds that run at the same time.
    project.build_file("[build]\npackages = [\"file\"]\n");
    for (path, text) in library("first") {
        project.write(&format!("libs/shared/{path}"), &text);
    }
    let first = project.build().image();
    assert_answers(&first, "first");

    // An edit of the project does not rebuild the library, nor the other way round. The edits are unique.
    let now = nonce();
    let (edited, second_name) = (format!("app {now} of"), format!("second {now}"));
    project.edit("src/app/__init__.py", "app of", &edited);
    let (_, built) = project.build().run().parts();
    built.assert_ran(
        &[
            "source: build and install the wheel",
            "source: copy the source",
        ],
        &["runtime: copy the installed project"],
    );
    project.edit("src/app/__init__.py", &edited, "app of");
    project.edit("libs/shared/shared/__init__.py", "first", &second_name);
    let (second, built) = project.build().run().parts();
    assert_answers(&second, &second_name);
    for step in built
        .steps()
        .filter(|step| step.stage() == "source" || step.stage().starts_with("deps"))
    {
        assert!(step.cached, "{step:?}");
    }
    let (before, after) = (first.layers(), second.layers());
    let below = before.len() - 2;
    assert_eq!(before[..below], after[..below]);
    assert_ne!(before[below], after[below]);
}

#[test]
fn a_new_version_of_a_path_dependency_reinstalls_no_other() {
    let project = app("libs/shared");
    // Unique, so that no earlier run has installed it.
    let name = format!("released {}", nonce());
    for (path, text) in library(&name) {
        project.write(&format!("libs/shared/{path}"), &text);
    }
    project.build().image();
    for path in ["libs/shared/pyproject.toml", "poetry.lock"] {
        project.edit(path, "version = \"1.0\"", "version = \"1.1\"");
    }
    let (image, built) = project.build().run().parts();
    assert_answers(&image, &name);
    // The project is the same, but its copy is on top of that of the library.
    built.assert_ran(
        &[
            "shared: build and install the wheel",
            "shared: copy the source",
        ],
        &[
            "runtime: copy shared",
            "runtime: copy the installed project",
        ],
    );
    let packages = "ls /app/.venv/lib/python3.13/site-packages | grep shared-";
    assert_eq!(image.shell(packages), "shared-1.1.dist-info");
}

#[test]
fn a_path_dependency_can_use_setuptools_without_its_readme() {
    let project = app("libs/shared");
    let library = testkit::Project::new("shared")
        .version("1.0")
        .in_project("readme = \"README.md\"")
        .build_system(["setuptools"], "setuptools.build_meta")
        .at_end("[tool.setuptools]\npackages = [\"shared\"]");
    let name = format!("outlander {}", nonce());
    project
        .write("libs/shared/pyproject.toml", &library.pyproject())
        .write(
            "libs/shared/shared/__init__.py",
            &format!("NAME = '{name}'\n"),
        );
    let (image, built) = project.build().run().parts();
    assert_answers(&image, &name);
    let log = &built.step("shared", "build and install the wheel").log;
    let message = "README.md is not in the build context; the wheel has an empty one";
    assert!(log.contains(message), "{log}");
}

#[test]
fn a_path_dependency_outside_the_context_comes_from_a_named_context() {
    let project = app("../shared");
    let outside = TempDir::new().unwrap();
    for (path, text) in library("outsider") {
        let path = outside.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let built = project.build().run();
    let message = "the path dependency `shared` is at `../shared`, outside the build context
  hint: add `--build-context shared=../shared` to the command";
    assert!(built.error().ends_with(message), "{}", built.error());

    let context = format!("--build-context=shared={}", outside.path().display());
    assert_answers(&project.build().with(&context).image(), "outsider");

    // In the development image the library is editable too.
    let desk = project.build().with(&context).with("--target=dev").image();
    assert_eq!(
        desk.shell("app; echo 'NAME = 1' >/shared/shared/__init__.py; poetry run app"),
        "app of outsider at /shared/shared/__init__.py\napp of 1 at /shared/shared/__init__.py"
    );
}

#[test]
fn a_missing_path_dependency_is_an_error() {
    let project = app("libs/shared");
    let built = project.build().run();
    let message =
        "the path dependency `shared` does not exist at `libs/shared` in the build context
  hint: check that it exists, and that the ignore file does not exclude it";
    assert!(built.error().ends_with(message), "{}", built.error());
    assert_eq!(built.ran(), [""; 0]);
}

#[test]
fn path_dependencies_that_the_selection_does_not_install_are_not_in_the_image() {
    let linux = "sys_platform == 'linux'";
    let windows = "sys_platform == 'win32'";
    let path = |name: &str| Dependency::path(&format!("libs/{name}"));
    let entries = [
        ("optional", path("optional").optional()),
        ("windows", path("windows").key("markers", windows)),
        ("older", path("older").key("python", "<3.11")),
        ("linux", path("linux").key("markers", linux)),
    ];
    // The lock of Poetry 1 lists no groups.
    let mut files = testkit::Project::poetry("app")
        .python(">=3.10")
        .locked_by("1.8.5")
        .script("app", "app:main")
        .extra("opt", ["optional"])
        .poetry_group("dev", "tool", path("tool").develop())
        .locked(Package::new("tool", "1.0").directory("libs/tool").develop())
        .with_file(
            "app/__init__.py",
            "from importlib import metadata\ndef main():\n    print(*sorted(one.name for one in metadata.distributions()))\n",
        );
    for (name, dependency) in entries {
        let path = format!("libs/{name}");
        files = files
            .poetry_dependency(name, dependency)
            .locked(Package::new(name, "1.0").directory(&path));
    }
    for name in ["optional", "windows", "older", "linux", "tool"] {
        let library = testkit::Project::poetry(name).version("1.0");
        files = files
            .with_file(&format!("libs/{name}/pyproject.toml"), &library.pyproject())
            .with_file(&format!("libs/{name}/{name}/__init__.py"), "");
    }
    let project = Project::with(&files);
    project.build_file("[python]\nversion = \"3.13\"\n");
    assert_eq!(project.build().image().answer(&[]), "app linux");
}
