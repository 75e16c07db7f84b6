//! Secret files and virtual environments.

use std::sync::LazyLock;

use crate::paths::Patterns;

/// Secret files, by the ends of their paths. The source excludes them by default.
pub(crate) const SECRET_FILES: [&str; 29] = [
    ".env",
    ".env.local",
    ".env.*.local",
    ".env.dev",
    ".env.development",
    ".env.prod",
    ".env.production",
    ".env.staging",
    ".env.test",
    ".envrc",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".pgpass",
    ".my.cnf",
    ".htpasswd",
    ".git-credentials",
    ".aws/credentials",
    ".docker/config.json",
    ".kube/config",
    ".ssh",
    ".streamlit/secrets.toml",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "terraform.tfstate",
    "terraform.tfstate.backup",
    "*.tfvars",
];
/// Keys and certificates, which may also be package data.
pub(crate) const KEY_FILES: [&str; 4] = ["*.pem", "*.key", "*.p12", "*.pfx"];
/// Files that probably have secrets, but not so surely that they are left out.
const SUSPECTS: [&str; 10] = [
    "service-account*.json",
    "service_account*.json",
    "*-credentials.json",
    "credentials.json",
    "client_secret*.json",
    "secrets.json",
    "secrets.toml",
    "secrets.yaml",
    "secrets.yml",
    "*.env",
];
/// Directory names of virtual environments.
const VIRTUAL_ENVIRONMENTS: [&str; 3] = [".venv", "venv", "virtualenv"];

static SURE: LazyLock<Patterns> =
    LazyLock::new(|| below_any(SECRET_FILES.iter().chain(&KEY_FILES)));
static LIKELY: LazyLock<Patterns> =
    LazyLock::new(|| below_any(SECRET_FILES.iter().chain(&KEY_FILES).chain(&SUSPECTS)));

fn below_any<'a>(names: impl Iterator<Item = &'a &'static str>) -> Patterns {
    let patterns: Vec<String> = names.map(|name| format!("**/{name}")).collect();
    Patterns::new(&patterns)
}

/// Whether a path or pattern names a secret file, or one in a secret directory.
pub(crate) fn is_secret_file(path: &str) -> bool {
    SURE.matches(path.trim_end_matches("/**").trim_start_matches("**/"))
}

/// Whether a file with this path should not be in an image without a warning.
pub(crate) fn may_have_secrets(path: &str) -> bool {
    LIKELY.matches(path)
}

/// Whether a path names a virtual environment.
pub(crate) fn is_virtual_environment(path: &str) -> bool {
    VIRTUAL_ENVIRONMENTS.contains(&name_of(path))
}

fn name_of(path: &str) -> &str {
    path.trim_end_matches("/**")
        .rsplit('/')
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_with_secrets_are_recognised_by_their_names() {
        for path in [
            "a/.env",
            ".env.prod.local",
            "x.pem",
            ".pem",
            "*.key",
            "id_rsa",
            "**/.netrc",
            "home/.aws/credentials",
            ".ssh/config",
            ".env.production",
            "store.p12",
        ] {
            assert!(is_secret_file(path), "{path}");
        }
        assert!(may_have_secrets("etc/service-account-prod.json"));
        assert!(!is_secret_file("etc/service-account-prod.json"));
        for path in [
            "env",
            ".env.example",
            "pem",
            "src",
            "id_rsa.pub",
            "aws/credentials",
            "config.json",
            "",
        ] {
            assert!(!is_secret_file(path), "{path}");
        }
    }
}
