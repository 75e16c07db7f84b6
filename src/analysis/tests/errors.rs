//! Files that contradict each other, or leave open what has no good default.

use super::*;
use crate::rules::Rule;

#[test]
fn each_error_has_its_line_and_a_hint() {
    let scriptless = app().without_scripts();
    for (build_file, project, expected) in [
        (
            r#"
            [python]
            version = "3.9"
            "#,
            app(),
            "poetry.build.toml:2: pyproject.toml:4 does not allow Python 3.9\n  hint: use a release that it allows, or remove `version` to choose one automatically",
        ),
        (
            "",
            app().python("<3.4"),
            "pyproject.toml:4: no supported Python release satisfies both the project and its lock\n  hint: allow a release from 3.9 to 3.15 here, and run `poetry lock`",
        ),
        (
            r#"
            [poetry]
            version = "2.1.3"
            "#,
            app().requires_poetry("^2.2"),
            "poetry.build.toml:2: pyproject.toml:11 does not allow Poetry 2.1.3\n  hint: use a release that it allows, or remove `version` to choose one automatically",
        ),
        (
            "# syntax=x\n",
            scriptless,
            "poetry.build.toml:1: the image has no entrypoint, and the project has no scripts\n  hint: add `entrypoint = [\"python\", \"-m\", \"...\"]` to `[runtime]`",
        ),
        (
            "# syntax=x\n",
            app().script("work", "app:work"),
            "poetry.build.toml:1: the image has no entrypoint, and the project has several scripts: `serve` and `work`\n  hint: choose one in `[runtime]`, such as `entrypoint = [\"serve\"]`",
        ),
        (
            r#"
            [poetry]
            version = "2.0.1"
            "#,
            app(),
            "poetry.build.toml:2: Poetry 2.0.1 may misread the lock, which was written by Poetry 2.1.3\n  hint: use Poetry 2.1.3 or newer, or remove `version` to choose one automatically",
        ),
        (
            r#"
            [poetry]
            version = "2.4.1"
            [python]
            version = "3.9"
            "#,
            app().python(">=3.9"),
            "poetry.build.toml:4: Poetry 2.4.1 does not run on Python 3.9: it requires 3.10 or newer\n  hint: use Python 3.10 or newer, or lock with a Poetry older than 2.3",
        ),
        (
            r#"
            [dependencies]
            groups = ["main", "dve"]
            "#,
            app().group("dev", ["b"]),
            "poetry.build.toml:2: the project has no dependency group `dve`\n  hint: did you mean `dev`?",
        ),
        (
            r#"
            [dependencies]
            extras = ["pg"]
            "#,
            app(),
            "poetry.build.toml:2: the project has no extra `pg`\n  hint: remove it: the project has no extras",
        ),
        (
            "[indexes.corp]\n",
            app(),
            "poetry.build.toml:1: the project has no `[[tool.poetry.source]]` named `corp`\n  hint: run `poetry source add corp URL`, or remove the table",
        ),
        (
            r#"
            [source]
            install = "none"
            "#,
            app(),
            "poetry.build.toml:1: the image has no entrypoint, and scripts are installed only with `install = \"wheel\"`\n  hint: add `entrypoint = [\"python\", \"...\"]` to `[runtime]`",
        ),
        (
            r#"
            [source]
            install = "wheel"
            [runtime]
            entrypoint = []
            "#,
            app().no_package(),
            "poetry.build.toml:2: the project cannot be installed as a wheel: it sets `package-mode = false`\n  hint: use `install = \"copy\"`, or remove the line",
        ),
    ] {
        assert_eq!(errors_of(&project.with_build_file(build_file)), expected);
    }
}

#[test]
fn all_errors_are_reported_in_one_run() {
    let project = app().without_scripts().with_build_file(
        r#"
        [python]
        version = "3.9"
        "#,
    );
    let errors = errors_of(&project);
    assert_eq!(errors.matches("hint:").count(), 2, "{errors}");
}

#[test]
fn a_stale_lock_is_an_error_with_the_command_that_updates_it() {
    let text = "`poetry.lock` is out of date: `pyproject.toml` has changed since it was locked\n  hint: run `poetry lock";
    assert_eq!(
        errors_of(&bare().stale()),
        format!("poetry.lock:7: {text}`")
    );
    let old = Lock::new().by("1.5.1").stale();
    assert_eq!(
        errors_of(&bare().with_locked(old)),
        format!("poetry.lock:7: {text} --no-update`")
    );
    let lock = bare().lock().replace("content-hash", "x");
    assert_eq!(
        errors_of(&bare().with_lock(&lock)),
        format!("poetry.lock:1: {text}`")
    );
}

#[test]
fn a_stale_lock_is_installed_if_the_user_allows_it() {
    let project = bare().stale();
    let build_file = r#"
        [check]
        skip = ["StaleLock"]
    "#;
    assert!(plan_for(&project.clone().with_build_file(build_file), &request()).is_ok());
    let asked = Request {
        rules: RuleSwitches::parse("skip=StaleLock").unwrap(),
        ..request()
    };
    assert!(plan_for(&project, &asked).is_ok());
}

#[test]
fn skipped_errors_do_not_stop_the_build() {
    let project = app()
        .index("corp", "https://corp.example/simple")
        .locked(Package::new("my-lib", "1").directory("../shared"))
        .with_build_file(
            r#"
            [python]
            version = "3.10"
            [dependencies]
            groups = ["main", "prod"]
            extras = ["fast"]
            [indexes.corp]
            username-secret = "user"
            "#,
        );
    let errors = plan_for(&project, &request()).unwrap_err();
    let rules: Vec<Rule> = errors.iter().filter_map(|one| one.rule).collect();
    assert_eq!(
        rules,
        [
            Rule::PythonNotAllowed,
            Rule::UnknownGroup,
            Rule::UnknownExtra
        ]
    );

    let skipping = Request {
        rules: RuleSwitches::parse("skip=all").unwrap(),
        ..request()
    };
    let plan = plan_for(&project, &skipping).unwrap();
    assert_eq!(
        plan.images().next().unwrap().0.familiar(),
        "python:3.10-slim-trixie"
    );
    assert!(plan.requirements.is_empty());
    let is_path = |stage: &Stage| matches!(stage.name, StageName::Path(_));
    assert!(!plan.stages.iter().any(is_path));

    // If no known Python is allowed, the newest one is used.
    let unknown = project.python(">=4").with_build_file("");
    assert!(plan_for(&unknown, &request()).is_err());
    let plan = plan_for(&unknown, &skipping).unwrap();
    let base = plan.images().next().unwrap().0.familiar();
    assert!(base.starts_with("python:3."), "{base}");
}

#[test]
fn a_script_that_is_no_function_is_an_error_at_its_line() {
    let project = bare().script("start", "python app/start.py");
    assert!(
        errors_of(&project).contains(
            "pyproject.toml:9: the script `start` runs `python app/start.py`, which is not a function of a module"
        ),
        "{}",
        errors_of(&project)
    );
    for target in ["app", "app:", ":main", "app:main:x"] {
        assert!(
            errors_of(&bare().script("start", target)).contains("not a function"),
            "{target}"
        );
    }
    for target in ["app:main", "app.cli : Main.run", "app:main [extra]"] {
        let project = bare().script("start", target).with_build_file(
            r#"
            [runtime]
            entrypoint = ["serve"]
            "#,
        );
        plan_of(&project);
    }
}
