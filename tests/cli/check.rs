//! `poetry-frontend check`.

use insta::assert_snapshot;
use testkit::Package;

use crate::support::{Checkout, Ran, command, run_on, service};

#[test]
fn a_correct_project_has_no_problems() {
    let ran = run_on(&service(), &["check"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "no problems found\n", "")
    );
}

#[test]
fn all_problems_are_shown_at_once_with_the_line_and_the_marked_text() {
    let project = service()
        .without_scripts()
        .script("serve", "service.wbe:main")
        .with_build_file(
            r#"
            [source]
            include = ["srcc"]
            [runtime]
            expose = [8000]
            env = { API_TOKEN = "hidden" }
            "#,
        );
    let ran = run_on(&project, &["check"]);
    assert_eq!(ran.code, 1);
    assert_snapshot!(ran.stdout);
}

#[test]
fn errors_in_several_files_are_reported_together() {
    let project = service()
        .with_build_file("[pythn]\n")
        .with_lock("[metadata]\nlock-version = \"9\"\n");
    let ran = run_on(&project, &["check", "--format=json"]);
    assert_eq!(ran.code, 1);
    let found = ran.json();
    let files: Vec<&str> = found["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| source["filename"].as_str().unwrap())
        .collect();
    assert_eq!(files, ["poetry.build.toml", "poetry.lock"]);
    assert_eq!(found["errors"][0]["hint"], "did you mean `python`?");
    assert_eq!(
        found["errors"][1]["location"]["ranges"][0]["start"]["line"],
        2
    );
}

#[test]
fn statements_about_vulnerabilities_must_exist_and_be_openvex() {
    let with = |files: &[(&str, &str)]| {
        let project = service().with_build_file("[runtime]\nvex = \"security/vex.json\"\n");
        let project = files.iter().fold(project, |project, (path, text)| {
            project.with_file(path, text)
        });
        run_on(&project, &["check"])
    };
    let vex = r#"{
        "@context": "https://openvex.dev/ns/v0.2.0",
        "statements": [{ "vulnerability": { "name": "CVE-1" }, "status": "fixed" }]
    }"#;
    let ran = with(&[("security/vex.json", vex), (".dockerignore", "security\n")]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "no problems found\n"));
    let missing = with(&[]).stdout;
    let error = "`security/vex.json`, which `vex` names, is not in the build context";
    assert!(missing.contains("poetry.build.toml:2"), "{missing}");
    assert_eq!(
        missing.matches("`security/vex.json`").count(),
        1,
        "{missing}"
    );
    assert!(missing.contains(error), "{missing}");
    let directory = with(&[("security/vex.json/a", "")]).stdout;
    assert!(directory.contains("is not a regular file"), "{directory}");
    let broken = with(&[("security/vex.json", &vex.replace("fixed", "done"))]).stdout;
    assert!(broken.contains("security/vex.json:3"), "{broken}");
    assert!(
        broken.contains("`status` must be `not_affected`"),
        "{broken}"
    );
}

#[test]
fn a_stale_lock_is_an_error_unless_its_rule_is_skipped() {
    let stale = service().stale();
    let checkout = Checkout::of(&stale);
    let ran = checkout.run(&["check"]);
    assert!(
        ran.stdout.starts_with("error[StaleLock]: "),
        "{}",
        ran.stdout
    );
    let skip = "--build-arg=BUILDKIT_DOCKERFILE_CHECK=skip=StaleLock";
    assert_eq!(checkout.run(&["check", skip]).code, 0);
    checkout.put(&stale.with_build_file("[check]\nskip = [\"StaleLock\"]\n"));
    assert_eq!(checkout.run(&["check"]).code, 0);
    let ran = checkout.run(&[
        "check",
        "--build-arg=BUILDKIT_DOCKERFILE_CHECK=skip=StaleLok",
    ]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.stderr,
        "error: `BUILDKIT_DOCKERFILE_CHECK`: there is no rule `StaleLok`\n  hint: did you mean `StaleLock`?\n"
    );
}

#[test]
fn a_check_with_notes_alone_succeeds() {
    let project = service().with_build_file("[runtime]\nbase = \"python:3.13-slim\"\n");
    let ran = run_on(&project, &["check"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stdout.starts_with("note[BaseNotPinned]: "),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.ends_with("\n1 note\n"), "{}", ran.stdout);
}

#[test]
fn an_import_of_a_development_package_is_a_warning_when_the_rule_is_enabled() {
    let project = service()
        .locked(Package::new("rich", "1").group("dev"))
        .with_file(
            "service/web.py",
            "import os\nimport rich\ndef main(): pass\n",
        );
    assert_eq!(run_on(&project, &["check"]).code, 0);
    let enabled = project.with_build_file("[check]\nenable = [\"DevOnlyImport\"]\n");
    let ran = run_on(&enabled, &["check"]);
    assert!(
        ran.stdout.starts_with("warning[DevOnlyImport]: `rich` is imported, but only the group `dev` installs `rich`\n --> service/web.py:2:1\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn the_ignore_file_decides_what_is_checked() {
    let project = service()
        .with_build_file(
            r#"
            [source]
            install = "copy"
            include = ["."]
            [runtime]
            entrypoint = ["python", "service/web.py"]
            "#,
        )
        .with_file("env/pyvenv.cfg", "")
        .with_file(".venv/pyvenv.cfg", "");
    let ran = run_on(&project, &["check"]);
    assert!(
        ran.stdout
            .starts_with("warning[VenvNotIgnored]: `env` is a virtual environment"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.ends_with("\n1 warning\n"), "{}", ran.stdout);
    let ignoring = project.with_ignore_file("env\n");
    assert_eq!(run_on(&ignoring, &["check"]).code, 0);
    // The build file's own ignore file takes its place.
    let ignoring = ignoring.with_file("poetry.build.toml.dockerignore", "env\nservice\n");
    let ran = run_on(&ignoring, &["check"]);
    assert!(
        ran.stdout
            .contains("the file `service/web.py`, which the container runs, is not in the source"),
        "{}",
        ran.stdout
    );
}

#[test]
fn output_has_colours_on_a_terminal_or_on_request() {
    let checkout = Checkout::of(&service().with_build_file("[runtime]\nexpose = [80]\n"));
    let coloured = |option: &str, no_color: Option<&str>| {
        let mut command = command(checkout.path(), &["check", option]);
        if let Some(value) = no_color {
            command.env("NO_COLOR", value);
        }
        Ran::from(command.output().unwrap()).stdout.contains('\x1b')
    };
    // Nothing here is a terminal.
    assert!(!coloured("--color=auto", None));
    assert!(coloured("--color=always", None));
    assert!(coloured("--color=always", Some("1")));
    assert!(!coloured("--color=never", None));
}

#[test]
fn a_file_over_its_size_limit_is_an_error_with_the_limit() {
    let checkout = Checkout::of(&service());
    let long = "# long\n".repeat(1_300_000);
    let many = format!("a = [{}]\n", "1,".repeat(1_250_000));
    let parts = "(a table or list counts as 22, a key as 5, a comma as 3)";
    for (name, text, limit) in [
        ("poetry.build.toml", &long, "is larger than 256 KiB"),
        ("pyproject.toml", &long, "is larger than 1 MiB"),
        ("poetry.lock", &long, "is larger than 8 MiB"),
        (
            "poetry.build.toml",
            &"[[copy]]\n".repeat(600),
            "has more than 25000 tokens",
        ),
        (
            "pyproject.toml",
            &"[[a]]\n".repeat(4000),
            "has more than 150000 tokens",
        ),
        ("poetry.lock", &many, "has more than 2500000 tokens"),
    ] {
        let limit = if limit.ends_with("tokens") {
            format!("{limit} {parts}")
        } else {
            limit.to_owned()
        };
        let before = checkout.read(name);
        checkout.write(name, text);
        let ran = checkout.run(&["check"]);
        assert_eq!(ran.code, 1);
        let message = format!(" {limit}\n --> {name}:1:1\n");
        assert!(ran.stdout.contains(&message), "{message}{}", ran.stdout);
        checkout.write(name, &before);
    }
}

#[test]
fn findings_are_written_for_code_hosts() {
    let checkout = Checkout::empty();
    let project = service().stale().with_build_file(
        r#"
        [runtime]
        env = { API_TOKEN = "hidden, 100%" }
        base = "python:3.13"
        "#,
    );
    project.write_to(&checkout.path().join("a b"));
    let shown = |format: &str| {
        let ran = checkout.run(&["check", "a b", "--format", format]);
        assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
        ran.stdout
    };
    assert_snapshot!(shown("github"));
    let mut log: serde_json::Value = serde_json::from_str(&shown("sarif")).unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array_mut()
        .unwrap();
    for rule in rules.iter_mut().filter(|rule| rule["id"] != "Invalid") {
        // Each rule has its page.
        let page = rule.as_object_mut().unwrap().remove("help").unwrap();
        assert!(
            page["markdown"].as_str().unwrap().starts_with("# "),
            "{page}"
        );
    }
    log["runs"][0]["tool"]["driver"]["semanticVersion"].take();
    assert_snapshot!(format!("{log:#}"));
}
