//! Secrets in environment variables and build arguments, which are stored with the image.

use crate::diagnostics::Warning;
use crate::rules::{Rule, is_secret_name, is_secret_value};

use super::warning::warning;
use crate::resolve::Resolved;

pub(super) fn find(resolved: &Resolved<'_>) -> Vec<Warning> {
    let variables = resolved.file.runtime.env.iter();
    let in_env = variables.filter_map(|(name, value)| {
        let secret = is_secret_name(name) && is_free_text(&value.value);
        (secret || is_secret_value(&value.value)).then(|| {
            warning(
                Rule::SecretInEnv,
                &value.span,
                format!("`{name}` looks like a secret, which anyone with the image could read"),
                format!("remove it here, and pass it to the container: `docker run --env {name}`"),
            )
        })
    });
    let in_args = resolved.whole.arguments.iter().filter_map(|(name, argument)| {
        let default = argument.default.as_deref();
        if !is_secret_name(name) && !default.is_some_and(is_secret_value) {
            return None;
        }
        Some(warning(
            Rule::SecretInArg,
            &argument.span,
            format!("the build argument `{name}` looks like a secret, but build arguments are stored with the image"),
            "use a secret instead: `secrets` of a hook, with `--secret id=...`",
        ))
    });
    in_env.chain(in_args).collect()
}

/// Whether a value could be a password: not a boolean, a number or a path.
fn is_free_text(value: &str) -> bool {
    let plain = ["", "true", "false", "yes", "no"].contains(&value.to_ascii_lowercase().as_str());
    !plain && !value.starts_with('/') && value.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{plan, service, warnings_with};

    #[test]
    fn secrets_in_env_are_reported_without_their_values() {
        let text = r#"
            [runtime.env]
            PORT = "8000"
            API_KEY = "hidden"
            DATABASE_URL = "postgresql://me:hidden@db/app"
            TOKEN_FILE = "/run/secrets/token"
            SECRET_KEY = ""
        "#;
        assert_eq!(
            warnings_with(text),
            [
                "poetry.build.toml:3 SecretInEnv: `API_KEY` looks like a secret, which anyone with the image could read",
                "poetry.build.toml:4 SecretInEnv: `DATABASE_URL` looks like a secret, which anyone with the image could read",
            ]
        );
        for warning in plan(&service().with_build_file(text)).warnings {
            assert!(!warning.span.document().masked().contains("hidden"));
        }
    }

    #[test]
    fn build_arguments_that_look_like_secrets_are_reported() {
        assert_eq!(
            warnings_with(
                r#"
                [args]
                NAME = { default = "" }
                NPM_TOKEN = { default = "" }
                "#
            ),
            [
                "poetry.build.toml:3 SecretInArg: the build argument `NPM_TOKEN` looks like a secret, but build arguments are stored with the image"
            ]
        );
    }
}
