//! Which Poetry installs, and with which settings.

use testkit::dedent;

use super::*;

#[test]
fn poetry_matches_the_lock_and_the_project() {
    let version = |project: &Project| {
        let plan = plan_for(project, &target("poetry")).unwrap();
        titles(stage(&plan, &StageName::Poetry))[0].to_owned()
    };
    let chosen = bare().with_build_file(
        r#"
        [poetry]
        version = "2.4.1"
        "#,
    );
    for (project, title) in [
        (bare(), "install Poetry 2.1.3"),
        (bare().requires_poetry(">=2.2"), "install Poetry 2.2.0"),
        (
            bare().with_locked(Lock::new().by("1.5.1")),
            "install Poetry 1.8.5",
        ),
        (
            bare().with_locked(Lock::new().by_unknown()),
            "install Poetry 2.1.4",
        ),
        (chosen, "install Poetry 2.4.1"),
    ] {
        assert_eq!(version(&project), title);
    }
}

#[test]
fn every_step_that_uses_an_index_uses_the_mirror() {
    let build_file = r#"
        [poetry]
        mirror = "http://m/simple"
    "#;
    let by_uv = plan(build_file);
    let uv = &last_run(&by_uv, &StageName::Uv).env;
    assert_eq!(uv["PIP_INDEX_URL"], "http://m/simple/");
    let layer = run(&layers(&by_uv)[0].steps[0]);
    for install in [layer, last_run(&by_uv, &StageName::WheelTools)] {
        assert_eq!(words(install)[4], "http://m/simple/");
    }

    let project = app_with_sdist()
        .build_system(["setuptools"], "setuptools.build_meta")
        .with_build_file(build_file);
    let plan = plan_of(&project);
    let poetry = run(&stage(&plan, &StageName::Poetry).steps[0]);
    assert_eq!(poetry.env["PIP_INDEX_URL"], "http://m/simple/");
    assert_eq!(
        words(poetry)[1..],
        ["poetry==2.1.3", "poetry-plugin-pypi-mirror==0.6.5"]
    );
    for name in [StageName::PoetryDeps, StageName::Source] {
        let env = &last_run(&plan, &name).env;
        assert_eq!(env["POETRY_PYPI_MIRROR_URL"], "http://m/simple/");
    }
}

#[test]
fn poetry_toml_applies_to_the_installation() {
    let settings = |project: &Project| -> Vec<(String, String)> {
        let plan = plan_of(project);
        let files = written(&plan).iter();
        files
            .filter(|file| file.path.ends_with("poetry.toml"))
            .map(|file| (file.path.clone(), file.content.clone()))
            .collect()
    };
    let app = || app().with_build_file(BY_POETRY);
    assert_eq!(settings(&app()), []);
    let project = app().with_file(
        "poetry.toml",
        r#"
        # only this
        [installer]
        no-binary = ["a"] # why
        "#,
    );
    assert_eq!(
        settings(&project),
        [(
            "/app/poetry.toml".to_owned(),
            dedent(
                r#"
                [installer]
                no-binary = ["a"]
                "#
            )
        )]
    );
    let error = errors_of(&app().with_file("poetry.toml", "[installer"));
    assert!(
        error.starts_with("poetry.toml:1: cannot parse this file: "),
        "{error}"
    );
}

#[test]
fn credentials_in_poetry_toml_are_refused() {
    for (settings, line, key) in [
        ("[http-basic.corp]\nusername = \"me\"\n", 1, "http-basic"),
        ("http-basic.corp.password = \"hidden\"\n", 1, "http-basic"),
        (
            "cache-dir = \"x\"\n[pypi-token]\npypi = \"hidden\"\n",
            2,
            "pypi-token",
        ),
        (
            "[repositories.corp]\nurl = \"HTTPS://me:hidden@index.example/\"\n",
            2,
            "repositories.corp.url",
        ),
    ] {
        let errors = errors_of(&app().with_file("poetry.toml", settings));
        let start = format!("poetry.toml:{line}: `{key}` holds credentials");
        assert!(errors.starts_with(&start), "{errors}");
        assert!(!errors.contains("hidden"), "{errors}");
    }
    let without = "[repositories.corp]\nurl = \"https://index.example/\"\n";
    plan_of(&app().with_file("poetry.toml", without));
}

#[test]
fn poetry_toml_can_add_the_packages_of_the_image_to_the_environment() {
    let option = |value: bool| {
        let settings = format!("[virtualenvs.options]\nsystem-site-packages = {value}\n");
        let plan = plan_of(&app().with_file("poetry.toml", &settings));
        let install = last_run(&plan, &StageName::PoetryDeps);
        install.env.get("VENV_OPTION").cloned()
    };
    assert_eq!(option(true).as_deref(), Some("--system-site-packages"));
    assert_eq!(option(false), None);
}
