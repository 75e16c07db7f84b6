//! The runtime stage and its settings.

use super::*;

fn add_user(plan: &Plan) -> &Run {
    let runtime = stage(plan, &StageName::Runtime);
    let step = runtime
        .steps
        .iter()
        .find(|step| step.title.starts_with("add the user"));
    run(step.unwrap())
}

#[test]
fn init_runs_the_command_under_tini() {
    let entrypoint = |build_file: &str| plan(build_file).settings.entrypoint.unwrap();
    assert_eq!(
        entrypoint(
            r"
            [runtime]
            init = true
            "
        ),
        ["tini", "--", "serve"]
    );
    let cmd = plan(
        r#"
        [runtime]
        init = true
        packages = ["curl"]
        cmd = ["a", "b"]
        "#,
    );
    assert_eq!(cmd.settings.entrypoint.as_deref().unwrap(), ["tini", "--"]);
    assert_eq!(cmd.settings.cmd.as_deref().unwrap(), ["a", "b"]);
    let runtime = stage(&cmd, &StageName::Runtime);
    assert_eq!(runtime.steps[0].title, "apt-get install curl tini");
    assert_eq!(
        plan(
            r"
            [runtime]
            init = false
            "
        )
        .settings
        .entrypoint
        .unwrap(),
        ["serve"]
    );
}

#[test]
fn upgrade_and_packages_are_one_step() {
    let first = |build_file: &str| {
        let plan = plan(build_file);
        let step = &stage(&plan, &StageName::Runtime).steps[0];
        (step.title.clone(), step.span.start().line)
    };
    assert_eq!(
        first(
            r"
            [runtime]
            upgrade = true
            "
        ),
        ("apt-get upgrade".to_owned(), 2)
    );
    assert_eq!(
        first(
            r#"
            [runtime]
            packages = ["curl"]
            upgrade = true
            "#
        ),
        ("apt-get upgrade and install curl".to_owned(), 3)
    );
}

#[test]
fn the_user_owns_the_writable_directories() {
    let own = plan(
        r#"
        [runtime]
        writable = ["/app/data"]
        volumes = ["/srv"]
        "#,
    );
    assert!(words(add_user(&own)).ends_with(&["/app/data".to_owned(), "/srv".to_owned()]));
    let last_title = |writable: &str| {
        let plan = plan_of_copied(&format!("writable = [{writable:?}]"));
        let steps = &stage(&plan, &StageName::Runtime).steps;
        steps.last().unwrap().title.clone()
    };
    assert_eq!(last_title("/app/data"), "chown app /app/data");
    assert_eq!(last_title("/app"), "chown app /app");
    assert_eq!(last_title("/application"), "copy the source to /app");
}

#[test]
fn a_runtime_base_without_the_builders_tools_is_changed_from_outside() {
    let inside = plan("");
    assert_eq!(add_user(&inside).from_outside, None);
    let plan = plan(
        r#"
        [build]
        base = "python:3.13-trixie"
        "#,
    );
    let run = add_user(&plan);
    assert_eq!(run.from_outside, Some(StageName::Base));
    assert_eq!(words(run)[1], Run::OUTSIDE);
}

#[test]
fn build_variables_are_set_in_the_steps_that_compile() {
    let env_of = |project: &Project, name: &StageName| {
        let plan = plan_of(&project.clone().with_build_file(
            r#"
            [build]
            env = { CFLAGS = "-O3", PYTHONHASHSEED = "7" }
            "#,
        ));
        last_run(&plan, name).env.clone()
    };
    let other = app_with_sdist().build_system(["setuptools"], "setuptools.build_meta");
    for name in [StageName::PoetryDeps, StageName::Source] {
        let env = env_of(&other, &name);
        assert_eq!(env["CFLAGS"], "-O3", "{name}");
        assert_eq!(env["PYTHONHASHSEED"], "0", "{name}");
    }
    assert!(!env_of(&other, &StageName::Poetry).contains_key("CFLAGS"));
    // Nothing is compiled where uv installs wheels or poetry-core builds one.
    let layer = StageName::Layer { number: 1, of: 1 };
    for name in [StageName::Source, layer] {
        assert!(!env_of(&app(), &name).contains_key("CFLAGS"), "{name}");
    }
}

#[test]
fn apt_installs_no_recommended_packages_and_asks_nothing() {
    let plan = plan(
        r#"
        [runtime]
        packages = ["libpq5"]
        "#,
    );
    let install = run(&stage(&plan, &StageName::Runtime).steps[0]).clone();
    assert_eq!(install.env["DEBIAN_FRONTEND"], "noninteractive");
    let Command::Script(Script { text: script, .. }) = &install.command else {
        panic!("not a script")
    };
    assert!(
        script.contains("apt-get install --yes --no-install-recommends"),
        "{script}"
    );
}

#[test]
fn apt_has_its_own_variables_in_the_steps_that_install_packages() {
    let text = r#"
        [args]
        EULA = { default = "Y" }
        [apt]
        env = { ACCEPT_EULA = "${EULA}", DEBIAN_FRONTEND = "teletype" }
        [build]
        packages = ["gcc"]
        [runtime]
        packages = ["msodbcsql18"]
        [[hook]]
        at = "after-source"
        run = "x"
        "#;
    let project = app_with_sdist().with_build_file(text);
    for request in [request(), target("dev")] {
        let plan = plan_for(&project, &request).unwrap();
        let steps = plan.stages.iter().flat_map(|stage| &stage.steps);
        let runs = steps.filter_map(|step| match &step.action {
            Action::Run(run) => Some((step.title.starts_with("apt-get "), run)),
            _ => None,
        });
        let mut installing = 0;
        for (installs, run) in runs {
            let eula = run.env.get("ACCEPT_EULA").map(String::as_str);
            assert_eq!(eula, installs.then_some("Y"), "{run:?}");
            installing += usize::from(installs);
            if installs {
                assert_eq!(run.env["DEBIAN_FRONTEND"], "teletype");
            }
        }
        assert!(installing >= 2);
        assert!(!plan.settings.env.contains_key("ACCEPT_EULA"));
    }
}
