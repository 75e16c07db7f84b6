//! Patterns in which `*` stands for any characters.

/// Whether all of `text` matches.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, expected) in [
            ("python:3.13", "python:3.13", true),
            ("python:3.13", "python:3.13-slim", false),
            ("python:3.*", "python:3.13-slim", true),
            ("registry.example/*", "registry.example/a/b:1", true),
            ("registry.example/*", "registry.example.evil/a", false),
            ("*:latest", "python:latest", true),
            ("*:latest", "python:latest-slim", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "abc", true),
            ("a*a", "a", false),
            ("a**a", "aa", true),
            ("*", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
