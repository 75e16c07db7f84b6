//! Which steps a second build re-runs.

use crate::layers;
use crate::support::{Image, Index, Project, merges};

/// A package that prints `words.GREETING`, and its index.
fn greeter(name: &str) -> (Index, Project) {
    let index = Index::start();
    let weight = "x".repeat(100_000);
    let body = format!("GREETING = 'hello'\nWEIGHT = '{weight}'\n");
    let words = index.publish("words", "1.0", &body);
    let project = Project::package(name, &[&words]);
    project.write(
        &format!("src/{name}/__init__.py"),
        "import words\ndef main():\n    print('first', words.GREETING)\n",
    );
    (index, project)
}

/// Returns the index of that layer.
#[track_caller]
fn assert_only_the_last_layer_differs(first: &Image, second: &Image) -> usize {
    let (before, after) = (first.layers(), second.layers());
    let last = before.len() - 1;
    assert_eq!(before[..last], after[..last]);
    assert_ne!(before[last..], after[last..]);
    last
}

#[test]
fn an_edit_of_the_source_re_runs_only_the_source_steps() {
    let (index, project) = greeter("edited");
    let first = project.build().image();
    assert_eq!(first.answer(&[]), "first hello");
    index.downloads();

    project.edit("src/edited/__init__.py", "first", "second");
    let (second, built) = project.build().run().parts();
    assert_eq!(second.answer(&[]), "second hello");
    built.assert_ran(
        &[
            "source: build and install the wheel",
            "source: copy the source",
        ],
        &["runtime: copy the installed project"],
    );
    assert!(built.step("deps", "install words").cached);
    assert!(merges() || built.step("runtime", "copy words").cached);
    assert_eq!(index.downloads(), [""; 0]);

    let last = assert_only_the_last_layer_differs(&first, &second);
    // A push of the rebuilt layers is smaller than the dependency alone.
    let sizes = second.layer_sizes();
    assert!(sizes[last] < 20_000, "{sizes:?}");
    assert!(sizes[last - 1] > 100_000, "{sizes:?}");
}

#[test]
fn an_edit_of_a_copied_source_changes_only_the_last_layer() {
    let (index, project) = greeter("copied");
    project.build_file(
        "[source]\ninstall = \"copy\"\n[runtime]\nentrypoint = [\"python\", \"-c\", \"import sys; sys.path[0] = 'src'; import copied; copied.main()\"]\n",
    );
    let first = project.build().image();
    assert_eq!(first.answer(&[]), "first hello");
    index.downloads();

    project.edit("src/copied/__init__.py", "first", "second");
    let (second, built) = project.build().run().parts();
    assert_eq!(second.answer(&[]), "second hello");
    assert!(built.step("deps", "install words").cached);
    assert!(built.step("runtime", "add the user").cached);
    assert_eq!(index.downloads(), [""; 0]);
    // Docker unpacks those that come after a changed one again.
    let last = assert_only_the_last_layer_differs(&first, &second);
    assert!(second.layer_sizes()[last] < 20_000);
}

#[test]
fn a_new_version_of_a_dependency_downloads_only_that() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "GREETING = 'hello'\n");
    let names = index.publish("names", "1.0", "WORLD = 'world'\n");
    // The packages of each index are a layer.
    let files = |names| layers::files("greeter", &[("one", &[&words]), ("two", &[names])]);
    let project = Project::with(&files(&names));
    project.write(
        "src/greeter/__init__.py",
        "import names, words\ndef main():\n    print(words.GREETING, names.WORLD)\n",
    );
    let first = project.build().image();
    assert_eq!(first.answer(&[]), "hello world");
    assert_eq!(index.downloads(), [&*names.file, &words.file]);

    let newer = index.publish("names", "1.1", "WORLD = 'new world'\n");
    let newer = files(&newer);
    project
        .write("pyproject.toml", &newer.pyproject())
        .write("poetry.lock", &newer.lock());
    let (second, built) = project.build().run().parts();
    assert_eq!(second.answer(&[]), "hello new world");
    assert_eq!(index.downloads().len(), 1);
    built.assert_ran(
        &[
            "deps: install names",
            "overlaps: compare the files of the packages",
            // The metadata of the project has its dependencies.
            "source: build and install the wheel",
            "source: copy the source",
            "source: write the reduced pyproject.toml",
        ],
        &["runtime: copy names", "runtime: copy the installed project"],
    );
    let (before, after) = (first.layers(), second.layers());
    let below = before.len() - 2;
    assert_eq!(before[..below], after[..below]);
    assert_ne!(before[below], after[below]);
}

#[test]
fn a_build_without_changes_runs_nothing_and_gives_the_same_image() {
    let (index, project) = greeter("unchanged");
    let first = project.build().unattested().image();
    index.downloads();
    let (second, built) = project.build().unattested().run().parts();
    assert_eq!(built.ran(), [""; 0]);
    assert!(built.step("source", "build and install the wheel").cached);
    assert!(merges() || built.step("runtime", "copy the installed project").cached);
    assert_eq!(index.downloads(), [""; 0]);
    assert_eq!(first.id(), second.id());
}

#[test]
fn files_outside_the_image_re_run_nothing() {
    let (_index, project) = greeter("around");
    project.write("tests/test_it.py", "assert True\n");
    let first = project.build().unattested().image();
    project
        .write("tests/test_it.py", "assert False\n")
        .write("notes.txt", "buy milk\n");
    let (second, built) = project.build().unattested().run().parts();
    assert_eq!(built.ran(), [""; 0]);
    assert_eq!(first.id(), second.id());
}

#[test]
fn edits_that_affect_neither_wheel_nor_environment_re_run_nothing() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "");
    let files = Project::files("aside", &[&words])
        .in_project("readme = \"README.md\"")
        .poetry_group("dev", "linter", "1")
        .with_file("README.md", "Greets.\n");
    let project = Project::with(&files);
    let first = project.build().unattested().image();
    for (path, old, new) in [
        ("README.md", "Greets.", "Greets all."),
        ("pyproject.toml", "[project]", "# A comment.\n[project]"),
        (
            "pyproject.toml",
            "[build-system]",
            "[tool.linter]\nlines = 100\n\n[build-system]",
        ),
        ("pyproject.toml", "linter = \"1\"", "linter = \"2\""),
    ] {
        project.edit(path, old, new).lock(&[&words]);
        let (second, built) = project.build().unattested().run().parts();
        assert_eq!(built.ran(), [""; 0], "{new}");
        assert_eq!(first.id(), second.id(), "{new}");
    }
}

#[test]
fn no_cache_re_runs_everything() {
    // Unique steps: an engine shares equal steps of builds that run at the same time.
    let index = Index::start();
    let words = index.publish("words", "1.0", "");
    let project = Project::package("anew", &[&words]);
    project
        .edit("pyproject.toml", ">=3.13,<3.14", ">=3.11")
        .lock(&[&words])
        .build_file(
            r#"
            [python]
            version = "3.11"
            variant = "slim-bookworm"
            "#,
        );
    project.build().image();
    let (image, built) = project.build().with("--no-cache").run().parts();
    for step in built.steps() {
        assert!(step.started && !step.cached, "{step:?}");
    }
    for stage in [
        "uv",
        "wheel-tools",
        "deps-environment",
        "deps",
        "source",
        "runtime",
    ] {
        built.step(stage, "");
    }
    assert_eq!(image.answer(&[]), "hello");
}

#[test]
fn no_cache_filter_re_runs_that_stage() {
    let index = Index::start();
    let words = index.publish("words", "1.0", "");
    let project = Project::package("anew_deps", &[&words]);
    project.build_file("[runtime]\nuser = { uid = 20002 }\n");
    project.build().image();
    let (image, built) = project.build().with("--no-cache-filter=deps").run().parts();
    // Later steps depend on its content, which is the same.
    for step in built.steps() {
        assert_eq!(
            !step.cached && step.started,
            ["deps", "deps-environment"].contains(&step.stage()),
            "{step:?}"
        );
    }
    assert_eq!(image.answer(&[]), "hello");
}

#[test]
fn a_new_version_of_the_project_reinstalls_no_dependency() {
    let (index, project) = greeter("released");
    let first = project.build().image();
    index.downloads();
    project.edit(
        "pyproject.toml",
        "version = \"0.1.0\"",
        "version = \"0.2.0\"",
    );
    let (second, built) = project.build().run().parts();
    assert!(
        built
            .steps()
            .all(|step| step.cached || !step.stage().starts_with("deps"))
    );
    assert_eq!(index.downloads(), [""; 0]);
    let packages = "ls /app/.venv/lib/python3.13/site-packages | grep released-";
    assert_eq!(first.shell(packages), "released-0.1.0.dist-info");
    assert_eq!(second.shell(packages), "released-0.2.0.dist-info");
}
