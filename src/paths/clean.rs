//! The shortest spelling of a path.

/// The shortest spelling of a path, found without looking at any file: no `.`, no empty part, and `..` only where a
/// relative path leads out of its directory. The root stays `/`, and a path to nowhere else is `.`.
#[must_use]
pub fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            // Nothing is above the root.
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    match (absolute, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

/// The shortest spelling of a relative path that stays in its directory, which is `.` itself; `None` for an absolute
/// path and for one that leads out.
#[must_use]
pub fn inside(path: &str) -> Option<String> {
    let cleaned = clean(path);
    let leads_out = cleaned.starts_with('/') || cleaned == ".." || cleaned.starts_with("../");
    (!leads_out).then_some(cleaned)
}

/// Whether a clean path is the directory or below it. Everything is below `/`, `.` and the empty path.
#[must_use]
pub fn within(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    if matches!(directory, "" | ".") {
        return true;
    }
    path.strip_prefix(directory)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether one of two clean paths is the other or below it.
#[must_use]
pub fn overlap(one: &str, other: &str) -> bool {
    within(one, other) || within(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling() {
        for (path, expected) in [
            ("", "."),
            (".", "."),
            ("./", "."),
            ("./app", "app"),
            ("app/", "app"),
            ("a//b/./c", "a/b/c"),
            ("a/../b", "b"),
            ("a/..", "."),
            ("..", ".."),
            ("../x", "../x"),
            ("a/../../x", "../x"),
            ("../../x/..", "../.."),
            ("/", "/"),
            ("//a/", "/a"),
            ("/../a", "/a"),
            ("[id].txt", "[id].txt"),
            ("**/*.py", "**/*.py"),
        ] {
            assert_eq!(clean(path), expected, "{path:?}");
        }
    }

    #[test]
    fn a_path_is_inside_its_directory_or_not() {
        for (path, expected) in [
            ("a/../b/", Some("b")),
            ("./app", Some("app")),
            ("a/..", Some(".")),
            ("", Some(".")),
            ("..a", Some("..a")),
            ("..", None),
            ("a/../../b", None),
            ("/a", None),
        ] {
            assert_eq!(inside(path).as_deref(), expected, "{path:?}");
        }
    }

    #[test]
    fn a_directory_holds_itself_and_what_is_below() {
        for (path, directory, expected) in [
            ("a", "a", true),
            ("a/b", "a", true),
            ("a/b", "a/", true),
            ("ab", "a", false),
            ("a", "a/b", false),
            ("/app", "/", true),
            ("/app/x", "/app", true),
            ("/application", "/app", false),
            ("a", ".", true),
            ("a", "", true),
        ] {
            assert_eq!(within(path, directory), expected, "{path} {directory}");
        }
    }
}
