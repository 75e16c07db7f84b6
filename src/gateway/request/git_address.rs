//! URLs of Git repositories with a ref and a subdirectory, such as `https://HOST/PATH.git#REF:DIRECTORY` or
//! `https://HOST/PATH.git?branch=REF&subdir=DIRECTORY` (`frontend/dockerfile/dfgitutil/git_ref.go`).

use buildkit_llb::GitSource;
use percent_encoding::percent_decode_str;

use crate::paths::clean;

use super::values::flag;

/// A repository, and what to check out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GitAddress {
    remote: String,
    reference: String,
    directory: String,
    checksum: String,
    times: String,
    keep_git_dir: bool,
    skip_submodules: bool,
    fetch_by_commit: bool,
}

impl GitAddress {
    /// `None` if the text is not the URL of a repository.
    ///
    /// # Errors
    /// What is wrong with the query, as the end of a sentence.
    pub(crate) fn parse(text: &str) -> Option<Result<Self, String>> {
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (remote, query) = rest.split_once('?').unwrap_or((rest, ""));
        let is_repository = match remote.split_once("://") {
            Some(("http" | "https", path)) => {
                path.contains('/') && path.strip_suffix(".git").is_some()
            }
            Some((scheme, _)) => ["git", "ssh"].contains(&scheme),
            None => remote.starts_with("github.com/") || is_scp(remote),
        };
        if !is_repository {
            return None;
        }
        let (reference, directory) = fragment.split_once(':').unwrap_or((fragment, ""));
        let mut address = Self {
            remote: remote.to_owned(),
            reference: reference.to_owned(),
            directory: cleaned(directory),
            ..Self::default()
        };
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        for pair in pairs {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(&value.replace('+', " "))
                .decode_utf8_lossy()
                .into_owned();
            if let Err(why) = address.set(key, value) {
                return Some(Err(why));
            }
        }
        Some(Ok(address))
    }

    fn set(&mut self, key: &str, value: String) -> Result<(), String> {
        let flag = |value: &str| match value {
            "" => Ok(true),
            text => {
                flag(text).ok_or_else(|| format!("`{key}` must be true or false, not `{text}`"))
            }
        };
        let once = |known: &mut String, value: String| {
            if value.is_empty() {
                return Err(format!("`{key}` is empty"));
            }
            if !known.is_empty() && *known != value {
                return Err(format!("`{key}={value}` conflicts with `{known}`"));
            }
            *known = value;
            Ok(())
        };
        let qualified = |prefix: &str, value: String| {
            if value.is_empty() || value.starts_with(prefix) {
                value
            } else {
                format!("{prefix}{value}")
            }
        };
        match key {
            "ref" => once(&mut self.reference, value),
            "tag" => once(&mut self.reference, qualified("refs/tags/", value)),
            "branch" => once(&mut self.reference, qualified("refs/heads/", value)),
            "subdir" => once(&mut self.directory, cleaned(&value)),
            "checksum" | "commit" => once(&mut self.checksum, value),
            "mtime" if ["checkout", "commit"].contains(&value.as_str()) => {
                once(&mut self.times, value)
            }
            "mtime" => Err(format!(
                "`mtime` must be `checkout` or `commit`, not `{value}`"
            )),
            "keep-git-dir" => flag(&value).map(|keep| self.keep_git_dir = keep),
            "submodules" => flag(&value).map(|fetch| self.skip_submodules = !fetch),
            "fetch-by-commit" => flag(&value).map(|fetch| self.fetch_by_commit = fetch),
            _ => Err(format!("unknown query parameter `{key}`")),
        }
    }

    /// Keeps the directory `.git` if `keep`, or if the URL says so.
    pub(crate) fn keeping_git_dir(mut self, keep: bool) -> Self {
        self.keep_git_dir |= keep;
        self
    }

    pub(crate) fn source(self) -> GitSource {
        GitSource::new(self.remote)
            .reference(self.reference)
            .subdir(self.directory)
            .checksum(self.checksum)
            .times(self.times)
            .keep_git_dir(self.keep_git_dir)
            .skip_submodules(self.skip_submodules)
            .fetch_by_commit(self.fetch_by_commit)
    }
}

/// `USER@HOST:PATH`.
fn is_scp(remote: &str) -> bool {
    let is_name = |name: &str, more: &str| {
        let is = |char: char| char.is_ascii_alphanumeric() || more.contains(char);
        !name.is_empty() && name.chars().all(is)
    };
    remote.split_once('@').is_some_and(|(user, rest)| {
        is_name(user, "-_")
            && rest
                .split_once(':')
                .is_some_and(|(host, _)| is_name(host, "-."))
    })
}

/// Normalizes a path; `..` cannot leave the repository.
fn cleaned(directory: &str) -> String {
    let cleaned = clean(&format!("/{directory}"));
    cleaned.trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> GitAddress {
        GitAddress::parse(text).unwrap().unwrap()
    }

    #[test]
    fn which_urls_are_repositories() {
        for yes in [
            "https://git.example/team/app.git",
            "http://git.example/app.git?branch=main",
            "ssh://git@git.example/app",
            "git://git.example/app",
            "git@git.example:team/app.git#main",
            "github.com/team/app",
        ] {
            assert!(GitAddress::parse(yes).is_some(), "{yes}");
        }
        for no in [
            "https://files.example/app.tar.gz",
            "http://buildkit-session/abc",
            ".",
            "a@b/c:d",
            "https://app.git",
        ] {
            assert!(GitAddress::parse(no).is_none(), "{no}");
        }
    }

    #[test]
    fn fragment_and_query_are_equivalent() {
        let remote = "https://git.example/app.git";
        assert_eq!(
            address(&format!("{remote}#refs/heads/main:a/../services/web")),
            address(&format!("{remote}?branch=main&subdir=services%2Fweb")),
        );
        let all = address(&format!(
            "{remote}?tag=v1&commit=abc&keep-git-dir&submodules=false&mtime=commit&fetch-by-commit=1"
        ));
        let expected = GitAddress {
            remote: remote.to_owned(),
            reference: "refs/tags/v1".to_owned(),
            checksum: "abc".to_owned(),
            times: "commit".to_owned(),
            keep_git_dir: true,
            skip_submodules: true,
            fetch_by_commit: true,
            ..GitAddress::default()
        };
        assert_eq!(all, expected);
    }

    #[test]
    fn invalid_queries() {
        for (query, why) in [
            ("x=1", "unknown query parameter `x`"),
            ("ref=a&branch=b", "`branch=refs/heads/b` conflicts with `a`"),
            ("subdir=", "`subdir` is empty"),
            (
                "mtime=now",
                "`mtime` must be `checkout` or `commit`, not `now`",
            ),
            (
                "submodules=2",
                "`submodules` must be true or false, not `2`",
            ),
        ] {
            let text = format!("https://git.example/app.git?{query}");
            assert_eq!(GitAddress::parse(&text), Some(Err(why.to_owned())));
        }
    }
}
