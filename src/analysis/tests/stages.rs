//! Which stages an image has, and what is in them.

use insta::assert_snapshot;

use super::*;

#[test]
fn an_empty_build_file_builds_the_whole_image() {
    let plan = plan("");
    assert_snapshot!(outline(&plan), @r"
        base from python:3.13-slim-trixie
        deps-environment from base
          create the virtual environment
        uv from base
          install uv 0.13.9
        deps-1 from base
          install a
        wheel-tools from base
          install poetry-core 2.5.0
        source from base
          write the reduced pyproject.toml
          copy the source
          build and install the wheel
        runtime from python:3.13-slim-trixie
          add the user app (10001:10001)
          copy the virtual environment
          copy a
          copy the installed project
    ");
    let settings = &plan.settings;
    assert_eq!(settings.entrypoint, Some(vec!["serve".to_owned()]));
    assert_eq!(settings.user.as_deref(), Some("10001:10001"));
    assert_eq!(settings.workdir.as_deref(), Some("/app"));
}

#[test]
fn poetry_is_installed_only_if_it_is_needed() {
    let has_poetry = |project: &Project| {
        let names = stage_names(&plan_of(project));
        names.contains(&"poetry".to_owned())
    };
    assert!(!has_poetry(&app()));
    assert!(!has_poetry(&bare()));
    assert!(has_poetry(&app().with_build_file(BY_POETRY)));
    assert!(has_poetry(&app_with_sdist()));
    // Poetry runs the build backends of other projects.
    let setuptools = app().build_system(["setuptools"], "setuptools.build_meta");
    assert!(has_poetry(&setuptools));
    assert!(has_poetry(
        &bare()
            .dependency("b")
            .needs(Package::new("b", "1").directory("libs/b"))
    ));
    assert!(!has_poetry(&setuptools.with_build_file(
        r#"
            [source]
            install = "copy"
            [runtime]
            entrypoint = ["x"]
            "#
    )));
}

#[test]
fn with_poetry_as_the_installer_it_installs_everything() {
    assert_snapshot!(outline(&plan(BY_POETRY)), @r"
        base from python:3.13-slim-trixie
        poetry from base
          install Poetry 2.1.3
        builder from base
        uv from base
          install uv 0.13.9
        deps-poetry from builder
          write the reduced pyproject.toml and poetry.lock
          poetry install --only main (1 package)
        wheel-tools from base
          install poetry-core 2.5.0
        source from base
          write the reduced pyproject.toml
          copy the source
          build and install the wheel
        runtime from python:3.13-slim-trixie
          add the user app (10001:10001)
          copy the environment
          copy the installed project
    ");
}

#[test]
fn the_stages_of_tools_contain_nothing_of_the_project() {
    let other = Project::new("other")
        .python(">=3.11,<3.14")
        .dependency("b")
        .script("run", "other:main")
        .needs(Package::new("b", "2"))
        .needs(Package::new("c", "2").sdist())
        .with_build_file(
            r#"
            [runtime]
            packages = ["tini"]
            "#,
        );
    let one = app().needs(Package::new("c", "1").sdist());
    let plans = [plan_of(&one), plan_of(&other)];
    for name in [StageName::Poetry, StageName::Uv, StageName::WheelTools] {
        let [one, other] = plans.each_ref().map(|plan| stage(plan, &name));
        assert_eq!(one.from, other.from);
        assert_eq!(one.steps[0].action, other.steps[0].action);
    }
}

#[test]
fn source_changes_do_not_invalidate_the_dependencies() {
    let plan = plan_of(&app().needs(Package::new("b", "1").sdist()));
    let mut stages = vec![StageName::Source];
    for stage in &plan.stages {
        let mut steps = stage.steps.iter();
        let copies = steps.any(|step| context_files(step).is_some());
        assert_eq!(copies, stages.contains(&stage.name), "{}", stage.name);
        // Nor does one start from or copy from a stage that does.
        if stage.dependencies().any(|name| stages.contains(name)) {
            stages.push(stage.name.clone());
        }
    }
    assert_eq!(stages, [StageName::Source, StageName::Runtime]);
}

#[test]
fn a_target_builds_only_the_stages_it_needs() {
    let of = |name: &str| {
        plan_for(&app(), &target(name))
            .map(|plan| (stage_names(&plan).join(" "), plan.settings.entrypoint))
    };
    assert_eq!(
        of("deps").unwrap(),
        (
            "base builder deps-environment uv deps-1 deps".to_owned(),
            None
        )
    );
    assert_eq!(of("builder").unwrap(), ("base builder".to_owned(), None));
    assert_eq!(of("poetry").unwrap(), ("base poetry".to_owned(), None));
    // These targets need no command for a container.
    let scriptless = app().without_scripts();
    assert!(plan_for(&scriptless, &target("deps")).is_ok());
    assert_eq!(
        of("").unwrap().0,
        "base deps-environment uv deps-1 wheel-tools source runtime"
    );
    assert_eq!(
        of("test").unwrap_err().to_string(),
        "there is no target `test`\n  hint: use one of these targets: `runtime`, `deps`, `builder`, `poetry` and `dev`"
    );
}
