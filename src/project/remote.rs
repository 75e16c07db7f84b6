//! Addresses of Git repositories, in the forms that Git and Poetry accept
//! (poetry-core, `src/poetry/core/vcs/git.py`; Git, `Documentation/urls.adoc`).

/// The protocol and host of a repository. A host includes the port if the address has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remote {
    /// `ssh://USER@HOST/PATH` or `USER@HOST:PATH`.
    Ssh { host: String },
    /// `https://HOST/PATH`, or `http`.
    Http { scheme: &'static str, host: String },
    /// Anything else, which takes no credentials.
    Other,
}

impl Remote {
    #[must_use]
    pub fn parse(url: &str) -> Self {
        if let Some((scheme, rest)) = url.split_once("://") {
            let host = host_of(rest);
            let scheme = scheme.to_ascii_lowercase();
            return match scheme.strip_prefix("git+").unwrap_or(&scheme) {
                "ssh" => Self::Ssh { host },
                "https" => Self::Http {
                    scheme: "https",
                    host,
                },
                "http" => Self::Http {
                    scheme: "http",
                    host,
                },
                _ => Self::Other,
            };
        }
        // Git's rule: with a `/` before the first `:`, it is a path.
        match url.split_once(':') {
            Some((before, _)) if !before.is_empty() && !before.contains('/') => Self::Ssh {
                host: host_of(before),
            },
            _ => Self::Other,
        }
    }
}

/// `HOST[:PORT]` in the rest of an address after its scheme.
fn host_of(rest: &str) -> String {
    let authority = authority(rest);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    host.to_ascii_lowercase()
}

/// Splits `HOST[:PORT]`. An IPv6 address is in brackets.
#[must_use]
pub fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    }
}

fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Removes user and password from an address; the user of an SCP-like address such as `git@HOST:PATH` is not a secret.
#[must_use]
pub fn without_credentials(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

/// Whether an address embeds credentials: a password, or over HTTP also a user name, which can be a token.
#[must_use]
pub fn has_credentials(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let Some((user, _)) = authority(rest).rsplit_once('@') else {
        return false;
    };
    let scheme = scheme.trim().to_ascii_lowercase();
    let scheme = scheme.strip_prefix("git+").unwrap_or(&scheme);
    matches!(scheme, "http" | "https") || user.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_split_into_protocol_and_host() {
        let ssh = |host: &str| Remote::Ssh { host: host.into() };
        let http = |scheme, host: &str| Remote::Http {
            scheme,
            host: host.into(),
        };
        for (url, remote) in [
            ("git@git.example:team/lib.git", ssh("git.example")),
            ("git.example:lib.git", ssh("git.example")),
            ("ssh://git@Git.Example/lib.git", ssh("git.example")),
            (
                "ssh://git@git.example:2222/lib.git",
                ssh("git.example:2222"),
            ),
            ("git+ssh://git@git.example/lib", ssh("git.example")),
            ("SSH://git@git.example/lib", ssh("git.example")),
            ("git+HTTPS://git.example/lib", http("https", "git.example")),
            ("https://git.example/lib.git", http("https", "git.example")),
            (
                "https://me:word@git.example:8443/lib",
                http("https", "git.example:8443"),
            ),
            ("http://git.example?lib", http("http", "git.example")),
            ("git://git.example/lib.git", Remote::Other),
            ("file:///srv/lib.git", Remote::Other),
            ("/srv/odd:lib.git", Remote::Other),
            ("./lib:x", Remote::Other),
            (":", Remote::Other),
            ("", Remote::Other),
        ] {
            assert_eq!(Remote::parse(url), remote, "{url}");
        }
    }

    #[test]
    fn embedded_credentials_are_detected() {
        for url in [
            "https://me:word@git.example/lib",
            "http://token@git.example",
            "HTTPS://me:word@git.example/lib",
            "git+https://token@git.example/lib",
            "git+ssh://me:word@git.example/lib",
            "SSH://me:word@git.example/lib",
            "ftp://me:word@files.example/lib",
        ] {
            assert!(has_credentials(url), "{url}");
        }
        for url in [
            "https://git.example/lib@v1",
            "https://git.example?at=me@x",
            "ssh://git@git.example/lib",
            "git+SSH://git@git.example/lib",
            "git@git.example:lib",
        ] {
            assert!(!has_credentials(url), "{url}");
        }
    }
}
