//! Credentials of package indexes.

use super::*;

/// The stage, variable and id of each secret, and whether the build fails without it.
fn secrets(plan: &Plan) -> Vec<(String, String, String, bool)> {
    let steps = plan
        .stages
        .iter()
        .flat_map(|stage| stage.steps.iter().map(move |step| (stage, step)));
    steps
        .filter_map(|(stage, step)| match &step.action {
            Action::Run(run) => Some((stage, &run.secrets)),
            _ => None,
        })
        .flat_map(|(stage, secrets)| secrets.iter().map(move |secret| (stage, secret)))
        .map(|(stage, secret)| {
            (
                stage.name.to_string(),
                secret.variable.clone(),
                secret.id.clone(),
                secret.required_at.is_some(),
            )
        })
        .collect()
}

/// A project with this package, two indexes and the default one.
fn with_indexes(package: Package) -> Project {
    app()
        .needs(package)
        .index("my-corp", "http://i/")
        .explicit_index("other", "http://o/")
        .at_end(
            r#"
            [[tool.poetry.source]]
            name = "PyPI"
            "#,
        )
}

/// What a stage sees of an index, in variables that begin with `variables`.
fn expected(
    stage: &str,
    variables: &str,
    index: &str,
    username: &str,
    required: bool,
) -> [(String, String, String, bool); 2] {
    let password = format!("{index}-password");
    [("USERNAME", username), ("PASSWORD", &password)].map(|(what, id)| {
        (
            stage.to_owned(),
            format!("{variables}_{what}"),
            id.to_owned(),
            required,
        )
    })
}

const NAMED: &str = r#"
    [indexes.my-corp]
    username-secret = "user"
"#;

#[test]
fn only_the_layer_of_an_index_sees_its_credentials() {
    let project = with_indexes(Package::new("b", "1").index("my-corp", "http://i/"))
        .needs(Package::new("c", "1").index("other", "http://o/"));
    let layers = |username: &str, required: bool| {
        [
            expected("deps-2", "INDEX", "my-corp", username, required),
            expected("deps-3", "INDEX", "other", "other-username", false),
        ]
        .concat()
    };
    let by_default = plan_of(&project);
    assert_eq!(secrets(&by_default), layers("my-corp-username", false));
    assert!(by_default.requirements.is_empty());
    // It asks no other index, so nobody can answer in place of this one.
    let urls = super::layers(&by_default)
        .into_iter()
        .map(|layer| words(run(&layer.steps[0]))[4].clone());
    assert_eq!(urls.collect::<Vec<_>>(), ["", "http://i/", "http://o/"]);

    let named = plan_of(&project.with_build_file(NAMED));
    assert_eq!(secrets(&named), layers("user", true));
    assert_eq!(
        named.requirements.into_keys().collect::<Vec<_>>(),
        ["my-corp-password", "user"].map(|id| Requirement::Secret(id.to_owned()))
    );
}

#[test]
fn without_a_package_of_the_index_no_step_sees_its_credentials() {
    let project = with_indexes(Package::new("b", "1")).with_build_file(NAMED);
    let plan = plan_of(&project);
    assert_eq!(secrets(&plan), []);
    assert!(plan.requirements.is_empty());
}

#[test]
fn only_the_step_in_which_poetry_installs_sees_the_credentials_of_an_index() {
    let sdist = Package::new("b", "1").sdist().index("my-corp", "http://i/");
    let project = with_indexes(sdist);
    let poetry = |username: &str, required: bool| {
        [
            ("POETRY_HTTP_BASIC_MY_CORP", "my-corp", username, required),
            ("POETRY_HTTP_BASIC_OTHER", "other", "other-username", false),
        ]
        .map(|(variables, index, username, required)| {
            expected("deps-poetry", variables, index, username, required)
        })
        .concat()
    };
    let by_default = plan_of(&project);
    assert_eq!(secrets(&by_default), poetry("my-corp-username", false));
    assert!(by_default.requirements.is_empty());
    let named = plan_of(&project.with_build_file(NAMED));
    assert_eq!(secrets(&named), poetry("user", true));
    assert_eq!(
        named.requirements[&Requirement::Secret("user".to_owned())].to_string(),
        "poetry.build.toml:1: the secret `user` was not provided\n  hint: add `--secret id=user,env=VARIABLE` or `--secret id=user,src=FILE` to the command"
    );
}
