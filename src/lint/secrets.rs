//! Secrets in environment variables and build arguments, which are stored with the image.

use crate::build_file::Command;
use crate::diagnostics::{Span, Warning};
use crate::rules::{Rule, has_secret, is_free_text, is_secret, is_secret_name, is_secret_value};

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
    in_env
        .chain(in_args)
        .chain(in_other_values(resolved))
        .collect()
}

/// Secrets in values that are stored in the image's config, its history or the build cache.
fn in_other_values(resolved: &Resolved<'_>) -> Vec<Warning> {
    let file = resolved.file;
    let report = |what: String, span: &Span| {
        warning(
            Rule::SecretInBuildFile,
            span,
            format!(
                "{what} looks like a secret, which is stored with the image or in the build cache"
            ),
            "remove it here; a build gets secrets with `secrets` of a hook or with `[indexes]`, and a container from its environment",
        )
    };
    let mut warnings = Vec::new();
    let build = file.build.env.iter();
    let build = build.chain(&file.source.env).chain(&file.apt_env);
    let build = build.filter(|(name, value)| is_secret(name, &value.value));
    warnings.extend(build.map(|(name, value)| report(format!("`{name}`"), &value.span)));
    for hook in &file.hooks {
        let variables = hook.env.iter();
        let secret = variables.filter(|(name, value)| is_secret(name, &value.value));
        warnings.extend(
            secret.map(|(name, value)| report(format!("`{name}` of the hook"), &value.span)),
        );
        let in_run = match &hook.run {
            Command::Exec(words) => words.iter().any(|word| has_secret(word)),
            Command::Script(script) => has_secret(script),
        };
        if in_run {
            warnings.push(report("a part of `run`".to_owned(), &hook.span));
        }
    }
    let runtime = &file.runtime;
    let commands = [
        ("entrypoint", runtime.entrypoint.as_ref()),
        ("cmd", runtime.cmd.as_ref()),
        ("smoke-test", runtime.smoke_test.as_ref()),
    ];
    let commands = commands.into_iter();
    let commands = commands.filter_map(|(key, command)| {
        let command = command?;
        Some((key, &command.value, &command.span))
    });
    let whole = resolved.whole;
    let targets = whole.targets.values().chain([&whole.dev]);
    let runs = targets.flat_map(|target| &target.run);
    let commands = commands.chain(runs.map(|run| ("run", &run.value, &run.span)));
    let health = runtime.healthcheck.as_ref();
    let health = health.map(|check| ("healthcheck", &check.value.cmd, &check.span));
    for (key, words, span) in commands.chain(health) {
        if words.iter().any(|word| has_secret(word)) {
            warnings.push(report(format!("a part of `{key}`"), span));
        }
    }
    let labels = runtime.labels.iter();
    let labels = labels.filter(|(_, value)| has_secret(&value.value));
    warnings.extend(labels.map(|(name, value)| report(format!("the label `{name}`"), &value.span)));
    warnings
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
    fn secrets_elsewhere_are_reported_without_their_values() {
        let token = format!("ghp_{}", "a".repeat(36));
        let text = format!(
            r#"
            [build.env]
            PIP_EXTRA_INDEX_URL = "https://robot:hunter2@pypi.example/simple"
            API_TOKEN = "abcdefgh"
            DEBUG_TOKEN = "true"
            [apt]
            env = {{ APT_TOKEN = "abcdefgh", ACCEPT_EULA = "Y" }}
            [[hook]]
            at = "after-packages"
            run = "curl -H 'Authorization: {token}' https://x.example"
            env = {{ DB_PASSWORD = "swordfish" }}
            [runtime]
            entrypoint = ["serve"]
            cmd = ["--token={token}", "--dsn", "postgres://h/db"]
            labels = {{ "build.token" = "{token}" }}
            healthcheck = {{ cmd = ["check", "-u", "a:{token}"] }}
            "#
        );
        let end = "looks like a secret, which is stored with the image or in the build cache";
        assert_eq!(
            warnings_with(&text),
            [
                (2, "`PIP_EXTRA_INDEX_URL`"),
                (3, "`API_TOKEN`"),
                (6, "`APT_TOKEN`"),
                (9, "a part of `run`"),
                (10, "`DB_PASSWORD` of the hook"),
                (13, "a part of `cmd`"),
                (14, "the label `build.token`"),
                (15, "a part of `healthcheck`"),
            ]
            .map(|(line, what)| format!(
                "poetry.build.toml:{line} SecretInBuildFile: {what} {end}"
            ))
        );
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
