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
            expose = [8000, "5353/udp"]
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
    let ports: Vec<String> = settings.expose.iter().map(ToString::to_string).collect();
    assert_eq!(ports, ["8000/tcp", "5353/udp"]);
    assert_eq!(settings.healthcheck, None);
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

#[test]
fn dev_has_the_volumes_and_writable_directories() {
    let plan = dev(&app().with_build_file(
        r#"
        [runtime]
        init = true
        upgrade = true
        writable = ["/app/cache", "/srv/files"]
        volumes = ["/data"]
        [target.dev]
        runtime.workdir = "/work"
        runtime.volumes = ["/data", "/more"]
        "#,
    ));
    let image = image(&plan);
    let add_user = image
        .steps
        .iter()
        .find(|step| step.title.starts_with("add the user"));
    let words = words(run(add_user.unwrap()));
    let expected = [
        "/home/app",
        "/app",
        "/app/cache",
        "/srv/files",
        "/data",
        "/more",
        "/work",
    ];
    assert!(words.ends_with(&expected.map(str::to_owned)), "{words:?}");
    assert_eq!(titles(image)[0], "apt-get upgrade and install tini");
    let settings = &plan.settings;
    assert_eq!(settings.volumes, ["/data", "/more"]);
    assert_eq!(settings.workdir.as_deref(), Some("/work"));
    assert_eq!(settings.entrypoint.as_deref().unwrap(), ["tini", "--"]);
    assert_eq!(settings.cmd.as_deref().unwrap(), ["/bin/bash"]);
}

#[test]
fn dev_can_have_other_groups_than_all() {
    let project = app()
        .optional_dependencies("fast", [])
        .optional_dependencies("slow", [])
        .poetry_group("Dev", "b", "1")
        .poetry_group("docs", "c", "1")
        .locked(Package::new("b", "1").group("Dev"))
        .locked(Package::new("c", "1").group("docs"));
    for (dependencies, installed, options) in [
        (
            "",
            "install a, b and 1 more",
            "--with Dev,docs --all-extras",
        ),
        (
            "without = ['docs']",
            "install a and b",
            "--with Dev --without docs --all-extras",
        ),
        (
            "groups = ['main', 'docs']\nextras = ['slow']",
            "install a and c",
            "--with docs --without Dev --extras slow",
        ),
        (
            "groups = ['dev']",
            "install b",
            "--with Dev --without docs,main",
        ),
    ] {
        let build_file = format!(
            "[dependencies]\ngroups = ['main']\n[target.dev.dependencies]\n{dependencies}\n"
        );
        let plan = dev(&project.clone().with_build_file(&build_file));
        let [layer] = layers(&plan)[..] else {
            panic!("{:?}", stage_names(&plan))
        };
        assert_eq!(titles(layer), [installed]);
        let install = words(run(image(&plan).steps.last().unwrap())).join(" ");
        let install = install.split("install ").last().unwrap();
        assert_eq!(install, format!("{options} --no-ansi"), "{dependencies}");
    }
}

#[test]
fn dev_has_copies_and_hooks() {
    let text = r#"
        [runtime]
        entrypoint = ["serve"]
        [[copy]]
        src = "start.sh"
        dest = "/usr/local/bin/"
        [[copy]]
        src = "site"
        dest = "/app/site"
        [[hook]]
        at = "after-source"
        run = ["collect"]
        outputs = ["/app/static"]
        [[target.dev.hook]]
        at = "final"
        run = ["finish"]
        "#;
    let plan = dev(&app().with_build_file(text));
    let image = image(&plan);
    assert_snapshot!(titles(image).join("\n"), @r"
    add Poetry
    add the user app (10001:10001)
    copy the environment
    copy start.sh to /usr/local/bin/
    copy site to /app/site
    copy /app/static
    copy the project
    install the project in editable mode
    hook: finish
    ");
    let owners = image.steps.iter().flat_map(|step| match &step.action {
        Action::Copy(copy) => std::slice::from_ref(copy),
        Action::CopyAll(copies) => copies,
        _ => &[],
    });
    // Files in the project's directory belong to the user.
    for copy in owners {
        let root = copy.dest.starts_with("/usr");
        assert_eq!(copy.owner == (0, 0), root, "{copy:?}");
    }
    // The hook needs the project, whose files the context must then have.
    assert!(stage_names(&plan).contains(&"project".to_owned()));
    assert_eq!(plan.expected.len(), 3);

    let without = format!(
        "{}\n[target.dev]\nwithout = ['copy', 'hook']\n",
        text.trim_end()
    );
    let without = without.replace("[[target.dev.hook]]", "[[target.other.hook]]");
    let plan = dev(&app().with_build_file(&without));
    let stages = stage_names(&plan);
    assert!(!stages.contains(&"project".to_owned()), "{stages:?}");
    assert!(plan.expected.is_empty());
}

#[test]
fn dev_has_the_source_as_hooks_leave_it() {
    let plan = dev(&app().with_build_file(
        r#"
        [[hook]]
        at = "before-source"
        run = ["generate"]
        [target.dev.source]
        env = { KIND = "dev" }
        "#,
    ));
    let image = image(&plan);
    let at = |title: &str| titles(image).iter().position(|one| *one == title).unwrap();
    let changed = at("copy what hooks made of the source");
    assert_eq!(changed, at("copy the project") + 1);
    let Action::Copy(copy) = &image.steps[changed].action else {
        panic!("{:?}", image.steps[changed]);
    };
    assert_eq!(copy.from, CopyFrom::Stage(StageName::ChangedSource));
    assert_eq!((copy.dest.as_str(), copy.owner), ("/app", (10001, 10001)));
    // The files that the hook works on must be in the build context.
    assert_eq!(plan.expected.len(), 1);
    let install = run(image.steps.last().unwrap());
    assert_eq!(install.env["KIND"], "dev");
}

#[test]
fn dev_can_be_verified() {
    let plan = dev(&app().with_build_file(
        r#"
        [runtime]
        smoke-test = ["serve"]
        [target.dev]
        run = [["pytest"], ["mypy"]]
        runtime.smoke-test = ["true"]
        runtime.max-size = "1GB"
        "#,
    ));
    let names: Vec<String> = plan.verifications.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["run-1", "run-2", "smoke-test", "max-size"]);
    let pytest = stage(&plan, &plan.verifications[0]);
    assert_eq!(pytest.from, Base::Stage(plan.result.clone()));
    let pytest = run(&pytest.steps[0]);
    assert_eq!(pytest.env["HOME"], "/home/app");
    assert_eq!(pytest.user.as_deref(), Some("10001:10001"));
    // The development image is writable.
    let smoke_test = stage(&plan, &plan.verifications[2]);
    assert_eq!(run(&smoke_test.steps[0]).read_only, None);
}
