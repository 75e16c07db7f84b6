//! Ignore files (`.dockerignore`): which part of a folder a build does not see.

/// Reads an ignore file's patterns into the form that engines match: `#` lines and empty ones gone, paths cleaned,
/// a leading `/` dropped, `!` kept in front (`moby/patternmatcher`, `ignorefile/ignorefile.go`).
#[must_use]
pub fn ignore_patterns(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .filter_map(|line| {
            let (negated, pattern) = match line.strip_prefix('!') {
                Some(pattern) => (true, pattern.trim()),
                None => (false, line),
            };
            let pattern = clean(pattern);
            if pattern.is_empty() {
                return None;
            }
            Some(if negated {
                format!("!{pattern}")
            } else {
                pattern
            })
        })
        .collect()
}

/// Resolves `.`, `..` and repeated slashes; `.` alone stays.
fn clean(pattern: &str) -> String {
    if pattern.is_empty() {
        return String::new();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            // Nothing is above the root.
            ".." if pattern.starts_with('/') => {}
            part => parts.push(part),
        }
    }
    match (parts.is_empty(), pattern.starts_with('/')) {
        (true, true) => String::new(),
        (true, false) => ".".to_owned(),
        _ => parts.join("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_cleaned_as_docker_does() {
        let text = "\u{feff}# comment\n\n  *  \n!/src/\n! a/../b//c\n./d/.\n/\n #not a comment\r\n";
        assert_eq!(
            ignore_patterns(text.as_bytes()),
            ["*", "!src", "!b/c", "d", "#not a comment"]
        );
        assert_eq!(ignore_patterns(b".\n../x\n\xff"), [".", "../x", "\u{fffd}"]);
    }
}
