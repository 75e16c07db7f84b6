//! Which stages an image has, and what is in them.

use insta::assert_snapshot;

use super::*;

#[test]
fn an_empty_build_file_builds_the_whole_image() {
    let plan = plan("");
    assert_snapshot!(outline(&plan), @r"
        base from python:3.13-slim-trixie
        poetry from base
          install Poetry 2.1.3
        builder from base
        deps from builder
          write the reduced pyproject.toml and poetry.lock
          poetry install --only main (1 package)
        source from builder
          write the installer
          copy the source
          build and install the wheel
        runtime from python:3.13-slim-trixie
          add the user app (10001:10001)
          copy the environment
          copy the installed project
    ");
    let settings = &plan.settings;
    assert_eq!(settings.entrypoint, Some(vec!["serve".to_owned()]));
    assert_eq!(settings.user.as_deref(), Some("10001:10001"));
    assert_eq!(settings.workdir.as_deref(), Some("/app"));
}

#[test]
fn the_poetry_stage_contains_nothing_of_the_project() {
    let other = Project::new("other")
        .python(">=3.11,<3.14")
        .dependency("b")
        .script("run", "other:main")
        .locked(Package::new("b", "2"))
        .with_build_file(
            r#"
            [runtime]
            packages = ["tini"]
            "#,
        );
    let plans = [plan(""), plan_of(&other)];
    let [one, other] = plans.each_ref().map(|plan| stage(plan, &StageName::Poetry));
    assert_eq!(one.from, other.from);
    assert_eq!(one.steps[0].action, other.steps[0].action);
}

#[test]
fn source_changes_do_not_invalidate_the_dependencies() {
    let plan = plan("");
    for name in [StageName::Poetry, StageName::Builder, StageName::Deps] {
        let mut steps = stage(&plan, &name).steps.iter();
        assert!(
            steps.all(|step| context_files(step).is_none()),
            "{name} copies from the context"
        );
    }
}

#[test]
fn a_target_builds_only_the_stages_it_needs() {
    let of = |name: &str| {
        plan_for(&app(), &target(name))
            .map(|plan| (stage_names(&plan).join(" "), plan.settings.entrypoint))
    };
    assert_eq!(
        of("deps").unwrap(),
        ("base poetry builder deps".to_owned(), None)
    );
    assert_eq!(of("builder").unwrap(), ("base builder".to_owned(), None));
    // These targets need no command for a container.
    let scriptless = app().without_scripts();
    assert!(plan_for(&scriptless, &target("deps")).is_ok());
    assert_eq!(of("").unwrap().0, "base poetry builder deps source runtime");
    assert_eq!(
        of("test").unwrap_err().to_string(),
        "there is no target `test`\n  hint: use one of these targets: `runtime`, `deps`, `builder` and `dev`"
    );
}
