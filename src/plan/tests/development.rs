//! The target `dev`.

use super::*;

fn desk(build_file: &str, pyproject: &str, packages: &str) -> Plan {
    let request = Request {
        target: Some("dev".to_owned()),
        contexts: vec!["shared".to_owned()],
        ignore: vec!["*".to_owned()],
        ..request()
    };
    plan_of(build_file, pyproject, &lock(packages), &request).unwrap()
}

fn image(plan: &Plan) -> &Stage {
    stage(plan, &StageName::Target("dev".to_owned()))
}

#[test]
fn all_groups_and_extras_are_in_it() {
    let pyproject = format!(
        "{PYPROJECT}[project.optional-dependencies]\nfast = []\n[tool.poetry.group.Dev.dependencies]\nb = \"1\"\n"
    );
    let packages = package("a", "a-1-py3-none-any.whl", "")
        + &package("b", "b-1-py3-none-any.whl", "").replace("\"main\"", "\"Dev\"");
    // Neither who runs what nor what is tested matters here.
    let build_file = "[runtime]\npackages = [\"libpq5\"]\nentrypoint = [\"serve\"]\nsmoke-test = [\"serve\"]\nmax-size = \"1MB\"\nexpose = [8000]\n[runtime.healthcheck]\ncmd = [\"x\"]\n";
    let plan = desk(build_file, &pyproject, &packages);
    assert!(plan.checks.is_empty());
    let installed = stage(&plan, &StageName::Deps).steps.last().unwrap();
    assert_eq!(
        installed.title,
        "poetry install --only Dev,main --extras fast (2 packages)"
    );
    let image = image(&plan);
    assert_eq!(image.from, Base::Stage(StageName::Builder));
    assert_eq!(
        titles(image),
        [
            "apt-get install libpq5",
            "add Poetry",
            "add the user app (10001:10001)",
            "copy the environment",
            "copy the project",
            "install the project, editable",
        ]
    );
    let install = run(image.steps.last().unwrap());
    assert!(
        install
            .command
            .ends_with(&["--with", "Dev", "--all-extras", "--no-ansi"].map(str::to_owned))
    );
    assert_eq!(install.user.as_deref(), Some("10001:10001"));
    let settings = &plan.settings;
    assert_eq!(settings.cmd.as_deref().unwrap(), ["/bin/bash"]);
    assert_eq!(settings.entrypoint.as_deref().unwrap(), [""; 0]);
    assert_eq!(
        (&settings.expose[..], &settings.healthcheck),
        (&[8000][..], &None)
    );
}

#[test]
fn the_project_is_there_whole_and_is_the_users() {
    let source = "[package.source]\ntype = \"directory\"\nurl = \"../shared\"\n";
    let plan = desk("", PYPROJECT, &package("shared", "", source));
    let copies: Vec<&Copy> = image(&plan)
        .steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::Copy(copy) => Some(copy),
            _ => None,
        })
        .collect();
    assert!(copies.iter().all(|copy| copy.owner == (10001, 10001)));
    let to: Vec<&str> = copies.iter().map(|copy| copy.dest.as_str()).collect();
    assert_eq!(to, ["/app/.venv", "/app", "/shared"]);
    let Origin::Context(files) = &copies[1].from else {
        panic!("{:?}", copies[1].from);
    };
    assert!(files.include.is_empty());
    // Whatever the ignore file leaves out, this is a project of Poetry's.
    let last: Vec<&str> = files
        .exclude
        .iter()
        .rev()
        .take(4)
        .rev()
        .map(String::as_str)
        .collect();
    assert_eq!(
        last,
        ["*", "!pyproject.toml", "!poetry.lock", "!poetry.toml"]
    );
    assert!(!files.exclude.contains(&"poetry.lock".to_owned()));
    assert_eq!(plan.expected.len(), 1);
}

#[test]
fn no_secret_is_in_it() {
    let build_file = "[poetry]\nmirror = \"https://mirror/simple\"\nca-bundle = \"secret:ca\"\n";
    let plan = desk(
        build_file,
        PYPROJECT,
        &package("a", "a-1-py3-none-any.whl", ""),
    );
    let env = &plan.settings.env;
    assert_eq!(env["POETRY_PYPI_MIRROR_URL"], "https://mirror/simple/");
    assert!(!env.contains_key("REQUESTS_CA_BUNDLE"));
    let build_file = build_file.replace("secret:ca", "/etc/ca.pem");
    let plan = desk(
        &build_file,
        PYPROJECT,
        &package("a", "a-1-py3-none-any.whl", ""),
    );
    assert_eq!(plan.settings.env["REQUESTS_CA_BUNDLE"], "/etc/ca.pem");
}
