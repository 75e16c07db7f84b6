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

#[test]
fn only_the_step_that_installs_sees_the_credentials_of_an_index() {
    let project = app().index("my-corp", "http://i/").at_end(
        r#"
        [[tool.poetry.source]]
        name = "PyPI"
        "#,
    );
    let expected = |username: &str, required| {
        [("USERNAME", username), ("PASSWORD", "my-corp-password")].map(|(what, id)| {
            (
                "deps".to_owned(),
                format!("POETRY_HTTP_BASIC_MY_CORP_{what}"),
                id.to_owned(),
                required,
            )
        })
    };
    let by_default = plan_of(&project);
    assert_eq!(secrets(&by_default), expected("my-corp-username", false));
    assert!(by_default.requirements.is_empty());
    let named = plan_of(&project.with_build_file(
        r#"
        [indexes.my-corp]
        username-secret = "user"
        "#,
    ));
    assert_eq!(secrets(&named), expected("user", true));
    assert_eq!(
        named.requirements[&Requirement::Secret("user".to_owned())].to_string(),
        "poetry.build.toml:1: the secret `user` was not provided\n  hint: add `--secret id=user,env=VARIABLE` or `--secret id=user,src=FILE` to the command"
    );
}
