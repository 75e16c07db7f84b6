//! Addresses of Git repositories with what is wanted of them, such as `https://HOST/PATH.git#REF:FOLDER` or
//! `https://HOST/PATH.git?branch=REF&subdir=FOLDER` (`frontend/dockerfile/dfgitutil/git_ref.go`).

use buildkit_llb::GitSource;
use percent_encoding::percent_decode_str;

use super::options::flag;

/// A repository and what is wanted of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct GitAddress {
    remote: String,
    reference: String,
    folder: String,
    checksum: String,
    times: String,
    keep_git_dir: bool,
    skip_submodules: bool,
    fetch_by_commit: bool,
}

impl GitAddress {
    /// Reads an address; `None` is one of something else than a repository.
    ///
    /// # Errors
    /// What is wrong with the query, as the end of a sentence.
    pub(super) fn parse(text: &str) -> Option<Result<Self, String>> {
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
        let (reference, folder) = fragment.split_once(':').unwrap_or((fragment, ""));
        let mut address = Self {
            remote: remote.to_owned(),
            reference: reference.to_owned(),
            folder: cleaned(folder),
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
                flag(text).ok_or_else(|| format!("`{key}` is `{text}`, neither true nor false"))
            }
        };
        let once = |known: &mut String, value: String| {
            if value.is_empty() {
                return Err(format!("`{key}` has no value"));
            }
            if !known.is_empty() && *known != value {
                return Err(format!("`{key}` says `{value}`, something else `{known}`"));
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
            "subdir" => once(&mut self.folder, cleaned(&value)),
            "checksum" | "commit" => once(&mut self.checksum, value),
            "mtime" if ["checkout", "commit"].contains(&value.as_str()) => {
                once(&mut self.times, value)
            }
            "mtime" => Err(format!(
                "`mtime` is `{value}`, neither `checkout` nor `commit`"
            )),
            "keep-git-dir" => flag(&value).map(|keep| self.keep_git_dir = keep),
            "submodules" => flag(&value).map(|fetch| self.skip_submodules = !fetch),
            "fetch-by-commit" => flag(&value).map(|fetch| self.fetch_by_commit = fetch),
            _ => Err(format!("`{key}` means nothing")),
        }
    }

    /// The same with the folder `.git`, if `keep`.
    pub(super) fn keeping_git_dir(mut self, keep: bool) -> Self {
        self.keep_git_dir |= keep;
        self
    }

    /// The files.
    pub(super) fn source(self) -> GitSource {
        GitSource::new(self.remote)
            .reference(self.reference)
            .folder(self.folder)
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

/// The folder in its shortest spelling; it does not lead out of the repository.
fn cleaned(folder: &str) -> String {
    let mut parts = Vec::new();
    for part in folder.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> GitAddress {
        GitAddress::parse(text).unwrap().unwrap()
    }

    #[test]
    fn what_is_a_repository_and_what_is_not() {
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
    fn fragment_and_query_say_the_same() {
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
    fn what_a_query_must_not_say() {
        for (query, why) in [
            ("x=1", "`x` means nothing"),
            (
                "ref=a&branch=b",
                "`branch` says `refs/heads/b`, something else `a`",
            ),
            ("subdir=", "`subdir` has no value"),
            (
                "mtime=now",
                "`mtime` is `now`, neither `checkout` nor `commit`",
            ),
            (
                "submodules=2",
                "`submodules` is `2`, neither true nor false",
            ),
        ] {
            let text = format!("https://git.example/app.git?{query}");
            assert_eq!(GitAddress::parse(&text), Some(Err(why.to_owned())));
        }
    }
}
