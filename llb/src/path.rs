//! Paths inside file trees.

/// Makes `path` absolute and removes `.`, `..` and doubled slashes, without accessing the file
/// system.
///
/// A relative path starts at the root of the tree; `..` does not leave it.
pub(crate) fn absolute(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    format!("/{}", parts.join("/"))
}

/// Like [`absolute`], but keeps a trailing `/` or `/.`, which denotes a directory (`normalizePath`
/// in BuildKit's `client/llb/fileop.go`).
pub(crate) fn absolute_destination(path: &str) -> String {
    let mut cleaned = absolute(path);
    let suffix = if path.ends_with('/') {
        "/"
    } else if path.ends_with("/.") {
        "/."
    } else {
        return cleaned;
    };
    if cleaned == "/" {
        cleaned.pop();
    }
    cleaned + suffix
}

#[cfg(test)]
mod tests {
    use super::{absolute, absolute_destination};

    #[test]
    fn absolute_resolves_dots_and_stays_inside() {
        for (path, expected) in [
            ("", "/"),
            (".", "/"),
            ("/", "/"),
            ("a", "/a"),
            ("./a//b/", "/a/b"),
            ("/a/./b/../c", "/a/c"),
            ("../../a", "/a"),
            ("/a/..", "/"),
        ] {
            assert_eq!(absolute(path), expected, "{path:?}");
        }
    }

    #[test]
    fn destination_keeps_its_directory_mark() {
        for (path, expected) in [
            ("/", "/"),
            ("/.", "/."),
            (".", "/"),
            ("a", "/a"),
            ("a/", "/a/"),
            ("/a/b/.", "/a/b/."),
            ("/a/../", "/"),
            ("/a/..", "/"),
        ] {
            assert_eq!(absolute_destination(path), expected, "{path:?}");
        }
    }
}
