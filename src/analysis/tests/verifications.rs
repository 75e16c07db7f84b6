//! The verifications of an image.

use super::*;

fn for_target(build_file: &str, name: &str) -> Result<Plan, String> {
    let project = app().with_build_file(build_file);
    plan_for(&project, &target(name)).map_err(|errors| errors.to_string())
}

fn names(plan: &Plan) -> Vec<&str> {
    plan.verifications.iter().map(StageName::as_str).collect()
}

fn verification<'a>(plan: &'a Plan, name: &str) -> &'a Stage {
    let mut stages = plan.stages.iter();
    stages.find(|stage| stage.name.to_string() == name).unwrap()
}

const VERIFIED: &str = r#"
    [runtime]
    smoke-test = ["serve", "--version"]
    max-size = "200MB"
    workdir = "/srv"
    env = { A = "1" }
    [target.test]
    run = ["pytest"]
    runtime.env = { A = "2" }
"#;

#[test]
fn verifications_run_on_the_image_that_is_built() {
    let main = plan(VERIFIED);
    assert_eq!(names(&main), ["smoke-test", "max-size"]);
    let smoke = verification(&main, "smoke-test");
    assert_eq!(smoke.from, Base::Stage(StageName::Runtime));
    let run_of = |stage: &Stage| run(&stage.steps[0]).clone();
    let smoke = run_of(smoke);
    assert_eq!(words(&smoke), ["serve", "--version"]);
    assert_eq!(smoke.user.as_deref(), Some("10001:10001"));
    assert_eq!(
        (smoke.cwd.as_str(), &smoke.path),
        ("/srv", &main.settings.path)
    );
    assert_eq!(
        (&smoke.env, smoke.env["A"].as_str()),
        (&main.settings.env, "1")
    );
    assert_eq!(smoke.network, Network::None);
    let size = verification(&main, "max-size");
    assert_eq!(size.span.start().line, 3);
    let size = run_of(size);
    assert_eq!(words(&size).last().unwrap(), "200000000");
    assert_eq!(size.from_outside, Some(StageName::Base));

    let test = for_target(VERIFIED, "test").unwrap();
    assert_eq!(test.result, StageName::Target("test".to_owned()));
    assert_eq!(names(&test), ["run", "smoke-test", "max-size"]);
    let run = run_of(verification(&test, "run"));
    assert_eq!((run.network, run.env["A"].as_str()), (Network::Build, "2"));
    assert_eq!(
        verification(&test, "run").from,
        Base::Stage(test.result.clone())
    );
    for part in ["deps", "builder"] {
        assert!(
            for_target(VERIFIED, part).unwrap().verifications.is_empty(),
            "{part}"
        );
    }
}

#[test]
fn each_command_of_run_is_a_verification_with_its_own_line() {
    let several = for_target(
        r#"
        [target.test]
        run = [
            ["pytest", "-q"],
            ["mypy", "."],
        ]
        "#,
        "test",
    )
    .unwrap();
    let shown: Vec<String> = several
        .verifications
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(shown, ["run-1", "run-2"]);
    for (name, line, words_of, progress) in [
        ("run-1", 3, ["pytest", "-q"], "run 1/2"),
        ("run-2", 4, ["mypy", "."], "run 2/2"),
    ] {
        let stage = verification(&several, name);
        assert_eq!(titles(stage), [words_of.join(" ")]);
        assert_eq!(stage.steps[0].span.start().line, line);
        assert_eq!(words(run(&stage.steps[0])), words_of);
        assert_eq!(stage.name.progress(1, 1), progress);
        assert_eq!(stage.name.as_str(), "run");
    }
}

#[test]
fn verifications_do_not_change_the_image() {
    let verified = plan(VERIFIED);
    let lines = VERIFIED.lines();
    let without = lines.filter(|line| !line.contains("smoke-test") && !line.contains("max-size"));
    let unverified = plan(&without.collect::<Vec<_>>().join("\n"));
    let actions = |plan: &Plan| -> Vec<Action> {
        let steps = plan.image_stages().flat_map(|stage| &stage.steps);
        steps.map(|step| step.action.clone()).collect()
    };
    assert_eq!(actions(&verified), actions(&unverified));
    assert_eq!(verified.settings, unverified.settings);
}

#[test]
fn targets_have_the_python_of_the_main_image() {
    // It has no wheel for the newest Python that the main image can have.
    let linter = Package::new("linter", "1")
        .group("dev")
        .wheel_for("cp312-cp312-manylinux_2_17_x86_64");
    let project = app().poetry_group("dev", "linter", "1").locked(linter);
    let base = |build_file: &str, request: &Request| {
        let plan = plan_for(&project.clone().with_build_file(build_file), request).unwrap();
        plan.images().next().unwrap().0.familiar()
    };
    let test = r#"
        [target.test]
        dependencies.groups = ["main", "dev"]
    "#;
    assert_eq!(base(test, &request()), "python:3.13-slim-trixie");
    assert_eq!(base(test, &target("test")), "python:3.13-slim-trixie");
}

#[test]
fn an_unknown_target_is_an_error_that_suggests_a_known_one() {
    let error = for_target("[target.worker]\n", "wroker").unwrap_err();
    assert!(error.contains("did you mean `worker`?"), "{error}");
}

#[test]
fn the_python_of_a_custom_base_is_verified() {
    assert!(
        plan(
            r#"
            [python]
            version = "3.12"
            "#
        )
        .verifications
        .is_empty()
    );
    let one = plan(
        r#"
        [runtime]
        base = "corp/python:1"
        "#,
    );
    assert_eq!(
        titles(verification(&one, "python")),
        ["check the builder's Python"]
    );
    let run_of = |plan: &Plan| run(&verification(plan, "python").steps[0]).clone();
    assert_eq!(
        words(&run_of(&one))[2..],
        [
            "look",
            "corp/python:1",
            "3.11 3.12 3.13",
            "pyproject.toml:4"
        ]
    );
    let two = plan(
        r#"
        [build]
        base = "corp/build:1"
        [runtime]
        base = "corp/python:1"
        packages = ["python3"]
        [python]
        version = "3.13"
        "#,
    );
    let python = verification(&two, "python");
    assert_eq!(
        titles(python),
        [
            "apt-get install python3",
            "check the builder's Python",
            "compare the image's Python with the builder's"
        ]
    );
    let lines: Vec<usize> = python
        .steps
        .iter()
        .map(|step| step.span.start().line)
        .collect();
    assert_eq!(lines, [5, 2, 4]);
    for step in &python.steps[1..] {
        assert_eq!(run(step).from_outside, Some(StageName::Base));
    }
    let deps = for_target(
        r#"
        [build]
        base = "corp/build:1"
        "#,
        "deps",
    )
    .unwrap();
    assert_eq!(
        titles(verification(&deps, "python")),
        ["check the builder's Python"]
    );
}

#[test]
fn only_the_smoke_test_has_a_read_only_file_system() {
    let directories = |more: &str| {
        let plan = for_target(
            &format!(
                "[runtime]\nsmoke-test = [\"serve\"]\nwritable = [\"/data\", \"/tmp\"]\nvolumes = [\"/v\"]\n{more}\n[target.test]\nrun = [\"pytest\"]\n"
            ),
            "test",
        );
        let plan = plan.unwrap();
        let run_of = |name| run(&verification(&plan, name).steps[0]);
        assert_eq!(run_of("run").read_only, None);
        let smoke = run_of("smoke-test");
        let hint = smoke.hints.get(&KnownFailure::ReadOnly);
        assert_eq!(hint.is_some(), smoke.read_only.is_some());
        smoke.read_only.as_ref().map(|root| root.writable.join(" "))
    };
    assert_eq!(directories(""), Some("/data /v".to_owned()));
    assert_eq!(directories("read-only = true"), Some("/data /v".to_owned()));
    assert_eq!(directories("read-only = false"), None);
}
