//! How dependencies are installed.

use std::collections::BTreeSet;

use testkit::Dependency;

use super::*;

#[test]
fn the_cache_of_poetry_is_of_one_project_with_one_builder() {
    let id = |project: &Project, request: &Request| {
        let plan = plan_for(project, request).unwrap();
        let caches = caches(last_run(&plan, &StageName::PoetryDeps))
            .into_iter()
            .map(|(id, target, sharing)| (id.to_owned(), target.to_owned(), sharing));
        let [(id, target, sharing)] = &caches.collect::<Vec<_>>()[..] else {
            panic!("one cache")
        };
        assert_eq!(target, "/var/cache/pypoetry");
        // `run_poetry.py` locks it.
        assert_eq!(*sharing, CacheSharing::Shared);
        id.clone()
    };
    let amd = request();
    let project = app_with_sdist();
    let known = id(&project, &amd);
    let scope = known.strip_prefix("poetry-frontend/pypoetry/app-").unwrap();
    assert_eq!(scope.len(), 16);

    // What is installed does not matter.
    for same in [
        project.clone().version("2"),
        project.clone().needs(Package::new("b", "1").sdist()),
        project.clone().with_build_file(
            r#"
            [runtime]
            packages = ["tini"]
            "#,
        ),
    ] {
        assert_eq!(id(&same, &amd), known);
    }
    let mut ids = vec![known.clone()];
    ids.push(id(&project.clone().name("other"), &amd));
    ids.push(id(&project.clone().index("corp", "https://i/simple"), &amd));
    for build_file in [
        r#"
        [python]
        version = "3.11"
        "#,
        r#"
        [python]
        variant = "slim-bookworm"
        "#,
        r#"
        [build]
        packages = ["gcc"]
        "#,
        r#"
        [build]
        env = { CFLAGS = "-O3" }
        "#,
        r#"
        [poetry]
        mirror = "https://m/simple"
        "#,
        r#"
        [[hook]]
        at = "before-install"
        run = "x"
        "#,
    ] {
        ids.push(id(&project.clone().with_build_file(build_file), &amd));
    }
    let arm = Request {
        platform: Platform::parse("linux/arm64").unwrap(),
        ..request()
    };
    ids.push(id(&project, &arm));
    let different: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(different.len(), ids.len(), "{ids:?}");

    let namespace = Request {
        cache_namespace: Some("ns".into()),
        ..request()
    };
    assert_eq!(id(&project, &namespace), format!("ns/{known}"));
}

#[test]
fn bytecode_is_compiled_during_the_installation_or_not_at_all() {
    const SCRIPT: &str = "/run/compile_bytecode.py";
    for (build_file, compiled) in [
        ("", true),
        (
            r"
            [dependencies]
            compile = true
            ",
            true,
        ),
        (
            r"
            [dependencies]
            compile = false
            ",
            false,
        ),
    ] {
        let compile = if compiled { "1" } else { "" };
        let project = app().needs(Package::new("b", "1").sdist());
        let plan = plan_of(&project.with_build_file(build_file));

        let layer = run(&layers(&plan)[0].steps[0]);
        assert_eq!(
            words(layer),
            ["install-wheels", "/out", "/app/.venv", compile, ""]
        );
        let poetry = last_run(&plan, &StageName::PoetryDeps);
        let command = [
            "install-dependencies",
            "/app/.venv",
            "",
            compile,
            "/opt/poetry/bin/python",
            "-I",
            "/run/run_poetry.py",
            "install",
            "--only",
            "main",
            "--no-root",
            "--no-directory",
            "--no-ansi",
        ];
        assert_eq!(words(poetry), command);
        let source = last_run(&plan, &StageName::Source);
        assert_eq!(
            words(source),
            [
                "install-project",
                "/out",
                "/app/.venv",
                compile,
                "python3",
                "/opt/wheel-tools"
            ]
        );
        for run in [layer, poetry, source] {
            assert_eq!(file(run, SCRIPT).is_some(), compiled, "{:?}", words(run));
        }
    }
}

#[test]
fn a_project_without_main_dependencies_gets_an_empty_environment() {
    let plan = plan_of(&bare());
    let environment = stage(&plan, &StageName::Environment);
    assert_eq!(titles(environment), ["create the virtual environment"]);
    let create = run(&environment.steps[0]);
    assert_eq!(words(create), ["create-environment", "/app/.venv"]);
    assert_eq!(create.network, Network::None);
    assert!(layers(&plan).is_empty());

    // Poetry rejects a group without dependencies.
    let by_poetry = plan_of(&bare().with_build_file(BY_POETRY));
    let steps = &stage(&by_poetry, &StageName::PoetryDeps).steps;
    assert_eq!(steps[1].title, "create an empty virtual environment");
    assert_eq!(words(run(&steps[1])), ["create-environment", "/app/.venv"]);
}

#[test]
fn packages_with_urls_are_installed_one_after_another() {
    let index = || Package::new("index", "1").sdist();
    let git = || Package::new("git", "1").git("https://x/y", "0123");
    let url = || Package::new("url", "1").url("https://x/y-1-py3-none-any.whl");
    for (packages, parallel) in [
        (vec![index(), Package::new("other", "1")], true),
        (vec![index(), git()], true),
        (vec![url(), index(), git()], false),
    ] {
        let project = packages
            .into_iter()
            .fold(bare().dependency("index"), Project::needs);
        for build_file in ["", BY_POETRY] {
            let plan = plan_of(&project.clone().with_build_file(build_file));
            let env = &last_run(&plan, &StageName::PoetryDeps).env;
            assert_eq!(!env.contains_key("POETRY_INSTALLER_PARALLEL"), parallel);
        }
    }
}

/// The plan of a project with a path dependency, in a build with these named contexts.
fn with_path_dependency(path: &str, contexts: &[&str]) -> Result<Plan, Diagnostics> {
    let request = Request {
        contexts: contexts.iter().map(|&name| name.to_owned()).collect(),
        ..request()
    };
    let library = Package::new("my-lib", "1").directory(path);
    plan_for(&bare().dependency("my-lib").needs(library), &request)
}

#[test]
fn a_path_dependency_is_a_wheel_of_its_own_files() {
    for (path, contexts, context, include) in [
        ("libs/./my_lib", &[][..], None, &["libs/my_lib"][..]),
        (
            "../shared/my_lib",
            &["other", "My.Lib"],
            Some("My.Lib"),
            &[],
        ),
        ("../shared/my_lib", &["my_lib"], Some("my_lib"), &[]),
    ] {
        let plan = with_path_dependency(path, contexts).unwrap();
        assert_eq!(
            stage_names(&plan).join(" "),
            "base poetry builder deps-environment uv my-lib wheel-tools source runtime"
        );
        let library = stage(&plan, &StageName::Path("my-lib".to_owned()));
        let files = context_files(&library.steps[0]).unwrap();
        assert_eq!(files.context.as_deref(), context);
        assert_eq!(files.include, include);
        // It changes less often than the project, so its layer is below.
        assert_eq!(
            titles(stage(&plan, &StageName::Runtime))[2..],
            ["copy my-lib", "copy the installed project"]
        );
    }
}

#[test]
fn a_path_dependency_outside_the_context_needs_a_named_context() {
    assert_eq!(
        with_path_dependency("../shared/my_lib", &["other"])
            .unwrap_err()
            .to_string(),
        "poetry.lock:3: the path dependency `my-lib` is at `../shared/my_lib`, outside the build context\n  hint: add `--build-context my-lib=../shared/my_lib` to the command"
    );
}

#[test]
fn an_archive_of_the_project_is_copied_before_the_installation() {
    let archive = Package::new("a", "1").archive("vendor/a-1-py3-none-any.whl");
    let plan = plan_of(&bare().dependency("a").needs(archive));
    assert_eq!(
        titles(stage(&plan, &StageName::PoetryDeps))[1],
        "copy vendor/a-1-py3-none-any.whl"
    );
    assert_eq!(plan.expected[0].any_of, ["vendor/a-1-py3-none-any.whl"]);
}

#[test]
fn a_path_dependency_in_a_named_context_has_its_own_ignore_file() {
    let project = bare()
        .dynamic("dependencies")
        .poetry_dependency("shared", Dependency::path("../shared"))
        .locked(Package::new("shared", "1").directory("../shared"));
    let request = Request {
        contexts: vec!["shared".to_owned()],
        ignore: vec!["**/*.json".to_owned(), "*".to_owned()],
        ..request()
    };
    let plan = plan_for(&project, &request).unwrap();
    let files = plan.context_parts().map(|(files, _)| files);
    let shared = files
        .into_iter()
        .find(|files| files.context.as_deref() == Some("shared"));
    let exclude = &shared.unwrap().exclude;
    assert!(exclude.contains(&"**/.env".to_owned()), "{exclude:?}");
    for own in ["**/*.json", "*", "poetry.lock", "**/*.pem"] {
        assert!(!exclude.contains(&own.to_owned()), "{exclude:?}");
    }
}
