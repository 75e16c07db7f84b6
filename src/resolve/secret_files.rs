//! Secret files and virtual environments.

use crate::paths::Pattern;

/// Names of secret files, which the source excludes by default.
pub(crate) const SECRET_FILES: [&str; 11] = [
    ".env",
    ".env.local",
    ".env.*.local",
    ".netrc",
    ".pypirc",
    ".git-credentials",
    "id_rsa",
    "id_ecdsa",
    "id_ed25519",
    "*.pem",
    "*.key",
];
/// Directory names of virtual environments.
const VIRTUAL_ENVIRONMENTS: [&str; 3] = [".venv", "venv", "virtualenv"];

/// Whether a path or pattern names a secret file.
pub(crate) fn is_secret_file(path: &str) -> bool {
    let name = name_of(path);
    SECRET_FILES
        .iter()
        .any(|known| Pattern::new(known).matches(name))
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
        ] {
            assert!(is_secret_file(path), "{path}");
        }
        for path in ["env", ".env.example", "pem", "src", "id_rsa.pub", ""] {
            assert!(!is_secret_file(path), "{path}");
        }
    }
}
