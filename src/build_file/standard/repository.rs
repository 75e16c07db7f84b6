//! One spelling of a repository's URL.

/// The host and path, such as `github.com/example/billing`: without scheme, user, port, query and `.git`.
pub(super) fn normalised(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').unwrap_or((rest, "")),
        // `git@HOST:PATH`, or no scheme.
        None => match url.split_once([':', '/']) {
            Some((host, path)) => (host, path),
            None => (url, ""),
        },
    };
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let path = path.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let text = format!("{}/{path}", host.to_ascii_lowercase());
    text.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::normalised;

    #[test]
    fn spellings_of_one_repository_are_equal() {
        for url in [
            "https://git.example/corp/billing",
            "https://git.example/corp/billing.git",
            "https://user:token@GIT.example:8443/corp/billing.git/",
            "https://git.example/corp/billing.git?branch=main#v1:sub",
            "ssh://git@git.example:22/corp/billing.git",
            "git@git.example:corp/billing.git",
            "git.example/corp/billing",
        ] {
            assert_eq!(normalised(url), "git.example/corp/billing", "{url}");
        }
        assert_eq!(normalised("https://git.example/"), "git.example");
        assert_eq!(normalised("https://git.example"), "git.example");
        assert_eq!(normalised(""), "");
    }
}
