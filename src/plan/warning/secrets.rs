//! Secrets in what is stored with the image: environment variables and build arguments.

use crate::diagnostics::Warning;
use crate::rules::{Rule, is_secret_name, is_secret_value};

use super::super::Inputs;
use super::warning;

pub(super) fn find(inputs: &Inputs<'_>) -> Vec<Warning> {
    let variables = inputs.file.runtime.env.iter();
    let in_env = variables.filter_map(|(name, value)| {
        let secret = is_secret_name(name) && is_free_text(&value.value);
        (secret || is_secret_value(&value.value)).then(|| {
            warning(
                Rule::SecretInEnv,
                &value.place,
                format!(
                    "`{name}` looks like a secret, and everybody who has the image could read it"
                ),
                format!("remove it here, and give it to the container: `docker run --env {name}`"),
            )
        })
    });
    let in_args = inputs.file.arguments.iter().filter_map(|(name, argument)| {
        let default = argument.default.as_deref();
        if !is_secret_name(name) && !default.is_some_and(is_secret_value) {
            return None;
        }
        Some(warning(
            Rule::SecretInArg,
            &argument.place,
            format!("the build argument `{name}` looks like a secret, and is stored with the image"),
            "give the step that needs it a secret instead: `secrets` of a hook, and `--secret id=...`",
        ))
    });
    in_env.chain(in_args).collect()
}

/// Whether a value could be a password: not a switch, a number or a path.
fn is_free_text(value: &str) -> bool {
    let plain = ["", "true", "false", "yes", "no"].contains(&value.to_ascii_lowercase().as_str());
    !plain && !value.starts_with('/') && value.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{plan, told};

    #[test]
    fn secrets_in_env_are_told_without_their_values() {
        let text = "[runtime.env]\nPORT = \"8000\"\nAPI_KEY = \"hidden\"\nDATABASE_URL = \"postgresql://me:hidden@db/app\"\nTOKEN_FILE = \"/run/secrets/token\"\nSECRET_KEY = \"\"\n";
        assert_eq!(
            told(text),
            [
                "poetry.build.toml:3 SecretInEnv: `API_KEY` looks like a secret, and everybody who has the image could read it",
                "poetry.build.toml:4 SecretInEnv: `DATABASE_URL` looks like a secret, and everybody who has the image could read it",
            ]
        );
        for warning in plan(text, super::super::fixture::PYPROJECT, "", &[]).warnings {
            assert!(!warning.place.document().shown().contains("hidden"));
        }
    }

    #[test]
    fn secrets_in_args() {
        assert_eq!(
            told("[args]\nNAME = { default = \"\" }\nNPM_TOKEN = { default = \"\" }\n"),
            [
                "poetry.build.toml:3 SecretInArg: the build argument `NPM_TOKEN` looks like a secret, and is stored with the image"
            ]
        );
    }
}
