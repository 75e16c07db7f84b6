//! Targets and checks.

use super::*;

fn target(build_file: &str, name: &str) -> Result<Plan, String> {
    let lock = lock(&package("a", "a-1-py3-none-any.whl", ""));
    let request = Request {
        target: Some(name.to_owned()),
        ..request()
    };
    plan_of(build_file, PYPROJECT, &lock, &request).map_err(|mistakes| mistakes.to_string())
}

fn names(plan: &Plan) -> Vec<&str> {
    plan.checks.iter().map(StageName::as_str).collect()
}

fn check<'a>(plan: &'a Plan, name: &str) -> &'a Stage {
    stage(plan, &StageName::Check(name.to_owned()))
}

const CHECKED: &str = "[runtime]\nsmoke-test = [\"serve\", \"--version\"]\nmax-size = \"200MB\"\nworkdir = \"/srv\"\nenv = { A = \"1\" }\n[target.test]\nrun = [\"pytest\"]\nruntime.env = { A = \"2\" }\n";

#[test]
fn checks_are_of_the_image_that_is_built() {
    let main = plan(CHECKED);
    assert_eq!(names(&main), ["smoke-test", "max-size"]);
    let smoke = check(&main, "smoke-test");
    assert_eq!(smoke.from, Base::Stage(StageName::Runtime));
    let run_of = |stage: &Stage| run(&stage.steps[0]).clone();
    let smoke = run_of(smoke);
    assert_eq!(smoke.command, ["serve", "--version"]);
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
    let size = check(&main, "max-size");
    assert_eq!(size.place.start().line, 3);
    let size = run_of(size);
    assert_eq!(size.command.last().unwrap(), "200000000");
    assert_eq!(size.from_outside, Some(StageName::Base));

    let test = target(CHECKED, "test").unwrap();
    assert_eq!(test.result, StageName::Target("test".to_owned()));
    assert_eq!(names(&test), ["run", "smoke-test", "max-size"]);
    let run = run_of(check(&test, "run"));
    assert_eq!((run.network, run.env["A"].as_str()), (Network::Build, "2"));
    assert_eq!(check(&test, "run").from, Base::Stage(test.result.clone()));
    for part in ["deps", "builder"] {
        assert!(target(CHECKED, part).unwrap().checks.is_empty(), "{part}");
    }
}

#[test]
fn checks_are_no_part_of_the_image() {
    let checked = plan(CHECKED);
    let build_file: String = CHECKED
        .lines()
        .filter(|line| !line.starts_with("smoke-test") && !line.starts_with("max-size"))
        .fold(String::new(), |text, line| text + line + "\n");
    let unchecked = plan(&build_file);
    let actions = |plan: &Plan| -> Vec<Action> {
        let steps = plan.image_stages().flat_map(|stage| &stage.steps);
        steps.map(|step| step.action.clone()).collect()
    };
    assert_eq!(actions(&checked), actions(&unchecked));
    assert_eq!(checked.settings, unchecked.settings);
}

#[test]
fn targets_have_the_python_of_the_main_image() {
    // There is no wheel of it for the newest Python that the main image can have.
    let linter = package(
        "linter",
        "linter-1-cp312-cp312-manylinux_2_17_x86_64.whl",
        "",
    )
    .replace("groups = [\"main\"]", "groups = [\"dev\"]");
    let lock = lock(&(package("a", "a-1-py3-none-any.whl", "") + &linter));
    let pyproject = format!("{PYPROJECT}[tool.poetry.group.dev.dependencies]\nlinter = \"1\"\n");
    let base = |build_file: &str, target: Option<&str>| {
        let request = Request {
            target: target.map(str::to_owned),
            ..request()
        };
        let plan = plan_of(build_file, &pyproject, &lock, &request).unwrap();
        plan.images().next().unwrap().0.familiar()
    };
    let test = "[target.test]\ndependencies.groups = [\"main\", \"dev\"]\n";
    assert_eq!(base(test, None), "python:3.13-slim-trixie");
    assert_eq!(base(test, Some("test")), "python:3.13-slim-trixie");
}

#[test]
fn a_target_that_nobody_named() {
    let told = target("[target.worker]\n", "wroker").unwrap_err();
    assert!(told.contains("did you mean `worker`?"), "{told}");
}

#[test]
fn pythons_of_given_bases_are_looked_at() {
    assert!(plan("[python]\nversion = \"3.12\"\n").checks.is_empty());
    let one = plan("[runtime]\nbase = \"corp/python:1\"\n");
    assert_eq!(
        titles(check(&one, "python")),
        ["look at the builder's Python"]
    );
    let run_of = |plan: &Plan| run(&check(plan, "python").steps[0]).clone();
    assert_eq!(
        run_of(&one).command[5..],
        [
            "look",
            "corp/python:1",
            "3.11 3.12 3.13",
            "pyproject.toml:3"
        ]
    );
    let two = plan(
        "[build]\nbase = \"corp/build:1\"\n[runtime]\nbase = \"corp/python:1\"\npackages = [\"python3\"]\n[python]\nversion = \"3.13\"\n",
    );
    let python = check(&two, "python");
    assert_eq!(
        titles(python),
        [
            "apt-get install python3",
            "look at the builder's Python",
            "compare the image's Python with the builder's"
        ]
    );
    let lines: Vec<usize> = python
        .steps
        .iter()
        .map(|step| step.place.start().line)
        .collect();
    assert_eq!(lines, [5, 2, 4]);
    for step in &python.steps[1..] {
        assert_eq!(run(step).from_outside, Some(StageName::Base));
    }
    let deps = target("[build]\nbase = \"corp/build:1\"\n", "deps").unwrap();
    assert_eq!(
        titles(check(&deps, "python")),
        ["look at the builder's Python"]
    );
}
