//! The target `dev`.

use insta::assert_snapshot;

use super::*;

/// The plan of the target `dev`, in a build with the named context `shared`.
fn dev(project: &Project) -> Plan {
    let request = Request {
        contexts: vec!["shared".to_owned()],
        ..target("dev")
    };
    plan_for(project, &request).unwrap()
}

fn image(plan: &Plan) -> &Stage {
    stage(plan, &StageName::Target("dev".to_owned()))
}

#[test]
fn dev_has_all_groups_extras_and_tools() {
    let project = app()
        .optional_dependencies("fast", [])
        .poetry_group("Dev", "b", "1")
        .locked(Package::new("b", "1").group("Dev"))
        .with_build_file(
            r#"
            [runtime]
            packages = ["libpq5"]
            entrypoint = ["serve"]
            smoke-test = ["serve"]
            max-size = "1MB"
            expose = [8000]
            [runtime.healthcheck]
            cmd = ["x"]
            "#,
        );
    let plan = dev(&project);
    // It is not the image that is deployed, so nothing verifies it.
    assert!(plan.verifications.is_empty());
    let [layer] = layers(&plan)[..] else {
        panic!("{:?}", stage_names(&plan))
    };
    assert_eq!(titles(layer), ["install a and b"]);
    let by_poetry = project.clone().with_build_file(BY_POETRY);
    let by_poetry = dev(&by_poetry);
    let installed = stage(&by_poetry, &StageName::PoetryDeps).steps.last();
    assert_eq!(
        installed.unwrap().title,
        "poetry install --only Dev,main --extras fast (2 packages)"
    );
    let image = image(&plan);
    assert_eq!(image.from, Base::Stage(StageName::Builder));
    assert_snapshot!(titles(image).join("\n"), @r"
        apt-get install libpq5
        add Poetry
        add the user app (10001:10001)
        copy the environment
        copy the project
        install the project in editable mode
    ");
    let install = run(image.steps.last().unwrap());
    assert!(
        words(install)
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
fn dev_has_the_whole_project_owned_by_the_user() {
    let project = bare()
        .dependency("shared")
        .locked(Package::new("shared", "1").directory("../shared"))
        .with_ignore_file("*\n");
    let plan = dev(&project);
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
    let CopyFrom::Context(files) = &copies[1].from else {
        panic!("{:?}", copies[1].from);
    };
    assert!(files.include.is_empty());
    // Poetry needs these files even if the ignore file excludes them.
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
fn dev_contains_no_secrets() {
    let env = |ca_bundle: &str| {
        let build_file = format!(
            r#"
            [poetry]
            mirror = "https://mirror/simple"
            ca-bundle = {ca_bundle:?}
            "#
        );
        dev(&app().with_build_file(&build_file)).settings.env
    };
    let secret = env("secret:ca");
    assert_eq!(secret["POETRY_PYPI_MIRROR_URL"], "https://mirror/simple/");
    assert!(!secret.contains_key("REQUESTS_CA_BUNDLE"));
    assert_eq!(env("/etc/ca.pem")["REQUESTS_CA_BUNDLE"], "/etc/ca.pem");
}
