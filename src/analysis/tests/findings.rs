//! Errors and warnings of all files are found in one run.

use super::*;

#[test]
fn files_that_cannot_be_read_are_errors() {
    let unreadable = [
        (".dockerignore", Unreadable::Link),
        ("poetry.lock", Unreadable::Special),
    ];
    let files = InputFiles {
        name: DEFAULT_NAME.to_owned(),
        unreadable: unreadable.map(|(name, why)| (name.to_owned(), why)).into(),
        ..InputFiles::default()
    };
    let errors = files.parse(&BTreeMap::new()).unwrap_err().to_string();
    assert_eq!(
        errors,
        "poetry.build.toml:1: `.dockerignore` is a link to a file outside the build context\n  hint: replace the link with the file, or build from a directory that contains both\n\
         poetry.build.toml:1: `poetry.lock` is not a regular file\n  hint: replace it with a regular file"
    );
}

#[test]
fn errors_and_warnings_of_all_files_are_reported_in_one_run() {
    let examine = |project: &Project| {
        let files = InputFiles::from(project);
        let (plan, findings) = files.inspect(&BTreeMap::new()).plan(&request());
        let findings = findings.sorted();
        let rule = |one: &crate::diagnostics::Diagnostic| one.rule.map(crate::rules::Rule::id);
        let errors: Vec<_> = findings.errors.iter().map(rule).collect();
        let warnings: Vec<_> = findings.warnings.iter().map(|one| one.rule.id()).collect();
        (errors, warnings, plan.is_some())
    };
    let project = bare().without_scripts().stale();
    let unreadable = project
        .clone()
        .with_build_file("[x]\n")
        .with_lock("[metadata\n");
    assert_eq!(examine(&unreadable), (vec![None, None], vec![], false));
    let token = r#"
        [runtime]
        env = { API_TOKEN = "a" }
    "#;
    let (errors, warnings, _) = examine(&project.clone().with_build_file(token));
    assert_eq!(errors, [None, Some("StaleLock")]);
    assert_eq!(warnings, ["SecretInEnv"]);
    let correct = project.with_build_file(
        r#"
        [runtime]
        env = { API_TOKEN = "a" }
        entrypoint = ["sh"]
        [check]
        skip = ["StaleLock"]
        "#,
    );
    assert_eq!(examine(&correct), (vec![], vec!["SecretInEnv"], true));
}
