//! `poetry-frontend init`.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use testkit::{Package, Project};

use crate::support::{Checkout, run_in, service};

/// The build file that `init` writes for a project.
fn written(project: &Project) -> String {
    let checkout = Checkout::of(project);
    checkout.run(&["init", "--force"]).printed();
    checkout.read("poetry.build.toml")
}

#[test]
fn init_writes_a_commented_build_file() {
    let project = service().without_file("poetry.build.toml");
    let checkout = Checkout::of(&project);
    checkout.run(&["init"]).printed();
    assert_snapshot!(checkout.read("poetry.build.toml"));
    assert_eq!(checkout.run(&["check"]).code, 0);
}

#[test]
fn init_replaces_a_build_file_only_with_force() {
    let checkout = Checkout::of(&service());
    let ran = checkout.run(&["init"]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.stderr,
        "error: `./poetry.build.toml` already exists\n  hint: use `--force` to overwrite it\n"
    );
    checkout.run(&["init", "--force"]).printed();
    let text = checkout.read("poetry.build.toml");
    assert!(
        text.starts_with("# syntax=org/poetry-frontend:0.1\n"),
        "{text}"
    );
    assert!(text.contains("# entrypoint = [\"serve\"]\n"), "{text}");
}

#[test]
fn init_names_the_system_packages_of_locked_packages() {
    // Its only wheels are for Windows.
    let psycopg2 = Package::new("psycopg2", "1").sdist();
    let psycopg2 = psycopg2.wheel_for("cp313-cp313-win_amd64");
    let text = written(&service().dependency("psycopg2").locked(psycopg2));
    assert!(text.contains("\n[build]\n"), "{text}");
    assert!(
        text.contains("\npackages = [\"gcc\", \"libc6-dev\", \"libpq-dev\"]\n"),
        "{text}"
    );
    assert!(text.contains("\npackages = [\"libpq5\"]\n"), "{text}");
}

#[test]
fn init_names_what_the_container_runs() {
    let two = service().script("admin", "service.web:main");
    let text = written(&two);
    assert!(text.contains("\nentrypoint = [\"serve\"]\n"), "{text}");

    let none = service().without_scripts();
    let text = written(&none);
    assert!(text.contains("\nentrypoint = [\"python\"]\n"), "{text}");
    let file = none.with_file("main.py", "");
    let text = written(&file);
    assert!(text.contains("\ninstall = \"copy\"\n"), "{text}");
    assert!(
        text.contains("\nentrypoint = [\"python\", \"main.py\"]\n"),
        "{text}"
    );
    let module = file.with_file("service/__main__.py", "");
    let text = written(&module);
    assert!(
        text.contains("\nentrypoint = [\"python\", \"-m\", \"service\"]\n"),
        "{text}"
    );
}

#[test]
fn init_writes_nothing_without_a_project() {
    let checkout = Checkout::empty();
    let ran = checkout.run(&["init"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stdout.contains("there is no `pyproject.toml`"),
        "{}",
        ran.stdout
    );
    assert_eq!(fs::read_dir(checkout.path()).unwrap().count(), 0);
}

#[test]
fn init_writes_a_correct_build_file_for_every_example() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut count = 0;
    for example in fs::read_dir(examples).unwrap() {
        let directory = example.unwrap().path();
        if !directory.join("poetry.lock").exists() {
            continue;
        }
        let text = run_in(&directory, &["init", "--stdout"]);
        assert_eq!(text.code, 0, "{}", directory.display());
        let checkout = Checkout::empty();
        checkout.write("poetry.build.toml", &text.stdout);
        let file = checkout.path().join("poetry.build.toml");
        let ran = run_in(&directory, &["check", "--file", file.to_str().unwrap()]);
        assert!(
            !ran.stdout.contains("error"),
            "{}\n{}",
            directory.display(),
            ran.stdout
        );
        count += 1;
    }
    assert!(count >= 5, "{count}");
}

#[test]
fn init_writes_what_a_version_from_git_needs() {
    let enabled = "[tool.poetry-dynamic-versioning]\nenable = true\n";
    let service = service()
        .without_file("poetry.build.toml")
        .without_version()
        .dynamic("version")
        .in_tool_poetry("version = \"0.0.0\"");
    let backend = service
        .clone()
        .build_system(
            ["poetry-core", "poetry-dynamic-versioning"],
            "poetry_dynamic_versioning.backend",
        )
        .at_end(enabled);
    let with_repository = |project: &Project| {
        let project = project
            .clone()
            .with_file(".git/HEAD", "ref: refs/heads/main\n");
        Checkout::of(&project)
    };
    let checkout = with_repository(&backend);
    checkout.run(&["init"]).printed();
    let text = checkout.read("poetry.build.toml");
    assert!(text.contains("\ninclude = [\".\", \".git\"]\n"), "{text}");
    assert!(text.contains("\npackages = [\"git\"]\n"), "{text}");
    assert_eq!(checkout.run(&["check"]).code, 0);

    let shallow = with_repository(&backend.clone().with_file(".git/shallow", "0123\n"));
    shallow.run(&["init"]);
    let checked = shallow.run(&["check"]);
    assert_eq!(checked.code, 1);
    assert!(
        checked.stdout.contains("shallow clone"),
        "{}",
        checked.stdout
    );
    let worktree = Checkout::of(&backend.clone().with_file(".git", "gitdir: ../x\n"));
    worktree.write("poetry.build.toml", &text);
    let checked = worktree.run(&["check"]);
    assert!(checked.stdout.contains("worktree"), "{}", checked.stdout);

    // As a plugin, and without a repository.
    let plugin = Checkout::of(&service.at_end(enabled));
    plugin.run(&["init"]).printed();
    let text = plugin.read("poetry.build.toml");
    assert!(
        text.contains("\nplugins = [\"poetry-dynamic-versioning\"]\n"),
        "{text}"
    );
    let given = "\nenv = { POETRY_DYNAMIC_VERSIONING_BYPASS = \"${VERSION}\" }\n";
    assert!(text.contains(given), "{text}");
    assert_eq!(plugin.run(&["check"]).code, 0);
}
