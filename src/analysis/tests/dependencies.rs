//! How dependencies are installed.

use super::*;

#[test]
fn caches_are_separate_for_each_python_platform_and_namespace() {
    let caches = |request: &Request, build_file: &str| -> Vec<(String, CacheSharing)> {
        let plan = plan_for(&app().with_build_file(build_file), request).unwrap();
        let mounts = run(&stage(&plan, &StageName::Deps).steps[1]).mounts.iter();
        mounts
            .filter_map(|mount| match mount {
                Mount::Cache { id, sharing, .. } => Some((id.clone(), *sharing)),
                _ => None,
            })
            .collect()
    };
    let amd = request();
    let arm = Request {
        platform: Platform::parse("linux/arm64").unwrap(),
        cache_namespace: Some("ns".into()),
        ..request()
    };
    assert_eq!(
        caches(&amd, ""),
        [
            (
                "poetry-frontend/pypoetry-python3.13-linux/amd64".to_owned(),
                CacheSharing::Locked
            ),
            (
                "poetry-frontend/bytecode-python3.13-linux/amd64".to_owned(),
                CacheSharing::Shared
            )
        ]
    );
    let older = r#"
        [python]
        version = "3.11"
    "#;
    for (request, build_file, namespace, scope) in [
        (&arm, "", "ns/", "python3.13-linux/arm64"),
        (&amd, older, "", "python3.11-linux/amd64"),
    ] {
        let ids: Vec<String> = caches(request, build_file)
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        assert_eq!(
            ids,
            ["pypoetry", "bytecode"]
                .map(|name| format!("{namespace}poetry-frontend/{name}-{scope}"))
        );
    }
}

#[test]
fn bytecode_is_compiled_during_the_installation_or_not_at_all() {
    const SCRIPT: &str = "/opt/poetry-frontend/compile_bytecode.py";
    let install = [
        "/opt/poetry/bin/python",
        "/opt/poetry-frontend/locked_files.py",
        "install",
        "--only",
        "main",
        "--no-root",
        "--no-directory",
        "--no-ansi",
    ];
    let compiler = [
        "python3",
        "-sS",
        SCRIPT,
        ".venv",
        "/var/cache/poetry-frontend",
    ];
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
        let plan = plan(build_file);
        assert_eq!(
            written(&plan).iter().any(|file| file.path == SCRIPT),
            compiled
        );
        let run = run(&stage(&plan, &StageName::Deps).steps[1]);
        let words = words(run);
        let (script, command) = words.split_at(1);
        assert_eq!(script, ["install-dependencies"]);
        let compiler: &[_] = if compiled { &compiler } else { &[] };
        assert_eq!(command, [compiler, &install].concat());
        let caches = run.mounts.iter();
        let caches = caches.filter(|mount| matches!(mount, Mount::Cache { .. }));
        assert_eq!(caches.count(), 1 + usize::from(compiled));
        // The project's own wheel is treated alike, whatever the environment of the base.
        let no_bytecode = &last_run(&plan, &StageName::Source).env["PYTHONDONTWRITEBYTECODE"];
        assert_eq!(no_bytecode.is_empty(), compiled);
    }
}

#[test]
fn a_project_without_main_dependencies_gets_an_empty_environment() {
    let plan = plan_of(&bare());
    let deps = stage(&plan, &StageName::Deps);
    assert_eq!(titles(deps)[1], "create an empty virtual environment");
    assert!(
        !words(run(&deps.steps[1]))[1..]
            .iter()
            .any(|arg| arg.contains("install"))
    );
}

#[test]
fn packages_with_urls_are_installed_one_after_another() {
    let index = || Package::new("index", "1");
    let git = || Package::new("git", "1").git("https://x/y", "0123");
    let url = || Package::new("url", "1").url("https://x/y-1-py3-none-any.whl");
    for (packages, parallel) in [
        (vec![index(), Package::new("other", "1")], true),
        (vec![index(), git()], true),
        (vec![url(), index(), git()], false),
    ] {
        let plan = plan_of(
            &packages
                .into_iter()
                .fold(bare().dependency("index"), Project::locked),
        );
        let env = &last_run(&plan, &StageName::Deps).env;
        assert_eq!(!env.contains_key("POETRY_INSTALLER_PARALLEL"), parallel);
    }
}

/// The plan of a project with a path dependency, in a build with these named contexts.
fn with_path_dependency(path: &str, contexts: &[&str]) -> Result<Plan, Diagnostics> {
    let request = Request {
        contexts: contexts.iter().map(|&name| name.to_owned()).collect(),
        ..request()
    };
    let library = Package::new("my-lib", "1").directory(path);
    plan_for(&bare().dependency("my-lib").locked(library), &request)
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
            "base poetry builder deps my-lib source runtime"
        );
        let library = stage(&plan, &StageName::Path("my-lib".to_owned()));
        let files = context_files(&library.steps[1]).unwrap();
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
    let plan = plan_of(&bare().dependency("a").locked(archive));
    assert_eq!(
        titles(stage(&plan, &StageName::Deps))[1],
        "copy vendor/a-1-py3-none-any.whl"
    );
    assert_eq!(plan.expected[0].any_of, ["vendor/a-1-py3-none-any.whl"]);
}
