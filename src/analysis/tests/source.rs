//! How the project's own code gets into the image.

use super::*;
use crate::paths::Patterns;

/// The step that copies the source from the context.
fn copied_source(plan: &Plan) -> (&Copy, &ContextFiles) {
    let steps = plan.stages.iter().flat_map(|stage| &stage.steps);
    let mut copies = steps.filter_map(|step| match &step.action {
        Action::Copy(copy) => Some((copy, context_files(step)?)),
        _ => None,
    });
    copies.next().unwrap()
}

#[test]
fn a_copied_source_is_in_the_working_directory() {
    let plan = plan(
        r#"
        [source]
        install = "copy"
        include = ["app", "poetry.lock"]
        [runtime]
        workdir = "/srv"
        entrypoint = ["python", "-m", "app"]
        [dependencies]
        compile = false
        "#,
    );
    let (copy, files) = copied_source(&plan);
    assert_eq!(copy.dest, "/out/srv");
    let last = stage(&plan, &StageName::Runtime).steps.last().unwrap();
    assert_eq!(last.title, "copy the source to /srv");
    let prepare = run(&stage(&plan, &StageName::Source).steps[1]);
    assert_eq!(words(prepare), ["prepare-source", "/out", "/srv", ""]);
    assert!(file(prepare, "/run/compile_bytecode.py").is_none());
    assert_eq!(files.include, ["app", "poetry.lock"]);
    // A file that `include` names is copied even if it is excluded by default.
    assert!(!files.exclude.contains(&"poetry.lock".to_owned()));
    assert!(files.exclude.contains(&"**/.venv".to_owned()));
    assert_eq!(plan.expected.len(), 2);
}

#[test]
fn a_copied_source_is_compiled_in_a_stage_without_the_dependencies() {
    let plan = plan(
        r#"
        [source]
        install = "copy"
        [runtime]
        workdir = "/srv"
        entrypoint = ["x"]
        "#,
    );
    let source = stage(&plan, &StageName::Source);
    assert_eq!(source.from, Base::Stage(StageName::Base));
    assert_eq!(titles(source), ["copy the source", "prepare the source"]);
    let (copy, _) = copied_source(&plan);
    assert_eq!(copy.dest, "/out/srv");
    let compile = run(&source.steps[1]);
    // The bytecode names the files where the image has them.
    assert_eq!(words(compile), ["prepare-source", "/out", "/srv", "1"]);
    assert_eq!(compile.network, Network::None);
    assert!(file(compile, "/run/compile_bytecode.py").is_some());
    let last = stage(&plan, &StageName::Runtime).steps.last().unwrap();
    let Action::Copy(copy) = &last.action else {
        panic!("{last:?}")
    };
    assert_eq!(copy.from, CopyFrom::Stage(StageName::Source));
    assert_eq!(
        (copy.src.as_str(), copy.dest.as_str()),
        ("/out/srv", "/srv")
    );
}

#[test]
fn a_project_in_non_package_mode_is_copied_as_a_whole() {
    let project = Project::poetry("app")
        .no_package()
        .poetry_dependency("a", "*")
        .with_ignore_file("secret\n!.venv\n")
        .with_build_file(
            r#"
            [runtime]
            cmd = ["python", "main.py"]
            "#,
        );
    let plan = plan_of(&project);
    let (copy, files) = copied_source(&plan);
    assert_eq!(copy.dest, "/out/app");
    assert!(files.include.is_empty());
    assert_eq!(
        files.exclude[files.exclude.len() - 2..],
        ["secret", "!.venv"]
    );
    assert_eq!(plan.settings.entrypoint, None);
}

#[test]
fn files_with_secrets_are_not_copied_unless_include_names_them() {
    let excluded = |include: &str| {
        let plan = plan(&format!(
            r#"
            [runtime]
            entrypoint = ["python"]
            [source]
            install = "copy"
            {include}
            "#
        ));
        copied_source(&plan).1.exclude.clone()
    };
    let by_default = excluded("");
    for pattern in ["**/.env", "**/id_rsa", "**/*.pem"] {
        assert!(by_default.iter().any(|one| one == pattern), "{pattern}");
    }
    let named = excluded(r#"include = ["src", "certs/ca.pem", ".venv"]"#);
    assert_eq!(named[..by_default.len()], by_default);
    assert_eq!(named[by_default.len()..], ["!certs/ca.pem", "!.venv"]);
}

#[test]
fn the_repository_is_part_of_a_whole_source_that_names_it() {
    let files = |project: &Project, include: &str, target: &Request| {
        let build_file = format!("[source]\n{include}\n[runtime]\nentrypoint = [\"x\"]\n");
        let plan = plan_for(&project.clone().with_build_file(&build_file), target).unwrap();
        let (_, files) = copied_source(&plan);
        assert!(files.include.is_empty(), "{:?}", files.include);
        Patterns::new(&files.exclude).matches(".git/HEAD")
    };
    let named = r#"include = [".", ".git"]"#;
    let development = target("dev");
    for (project, target) in [
        (app(), &request()),
        (app().no_package(), &request()),
        (app(), &development),
    ] {
        assert!(!files(&project, named, target));
        assert!(files(&project, "include = [\".\"]", target));
    }
    let ignored = app().with_ignore_file(".git\n");
    assert!(files(&ignored, named, &request()));
}

#[test]
fn variables_of_the_source_are_for_its_wheel_alone() {
    let project = app_with_sdist()
        .dependency("lib")
        .locked(Package::new("lib", "1").directory("lib"))
        .build_system(["other"], "other.backend")
        .with_build_file(
            r#"
            [args]
            VERSION = { default = "1.4.2" }
            [build]
            env = { CFLAGS = "-O2", OTHER = "1" }
            [source]
            env = { OTHER = "2", GIVEN_VERSION = "${VERSION}" }
            "#,
        );
    let plan = plan_of(&project);
    let env = |name: &StageName| {
        let env = &last_run(&plan, name).env;
        ["CFLAGS", "OTHER", "GIVEN_VERSION"].map(|name| env.get(name).cloned().unwrap_or_default())
    };
    assert_eq!(env(&StageName::Source), ["-O2", "2", "1.4.2"]);
    assert_eq!(env(&StageName::PoetryDeps), ["-O2", "1", ""]);
    assert_eq!(env(&StageName::Path("lib".to_owned())), ["-O2", "1", ""]);
}
