//! How the project's own code gets into the image.

use super::*;

/// The step that copies the source.
fn copied_source(plan: &Plan) -> (&Copy, &ContextFiles) {
    let steps = &stage(plan, &StageName::Runtime).steps;
    let mut copies = steps.iter().filter_map(|step| match &step.action {
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
        "#,
    );
    assert!(!stage_names(&plan).contains(&"source".to_owned()));
    let (copy, files) = copied_source(&plan);
    assert_eq!(copy.dest, "/srv");
    assert_eq!(
        context_files(&stage(&plan, &StageName::Runtime).steps[2]),
        Some(files)
    );
    assert_eq!(files.include, ["app", "poetry.lock"]);
    // A file that `include` names is copied even if it is excluded by default.
    assert!(!files.exclude.contains(&"poetry.lock".to_owned()));
    assert!(files.exclude.contains(&"**/.venv".to_owned()));
    assert_eq!(plan.expected.len(), 2);
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
    let files = context_files(&stage(&plan, &StageName::Runtime).steps[2]).unwrap();
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
