//! Names of distributions, extras and groups.

/// The normalised name (PEP 503).
pub(crate) fn normalised(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for char in name.chars() {
        let char = if matches!(char, '_' | '.') {
            '-'
        } else {
            char.to_ascii_lowercase()
        };
        if char != '-' || !out.ends_with('-') {
            out.push(char);
        }
    }
    out
}

/// Whether a distribution can have the name (PEP 508).
pub(super) fn is_name(name: &str) -> bool {
    spelled_name(name) == name
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.ends_with(|last: char| last.is_ascii_alphanumeric())
}

/// Whether a distribution can have the version: releases before PEP 440 have other forms, but the same characters.
pub(super) fn is_version(version: &str) -> bool {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || ".!+-_~".contains(char);
    version.chars().all(is_plain)
}

/// The name that a requirement (PEP 508) starts with, as spelled.
pub(super) fn spelled_name(requirement: &str) -> &str {
    let in_name = |char: char| char.is_ascii_alphanumeric() || "-._".contains(char);
    let end = requirement.find(|char| !in_name(char));
    &requirement[..end.unwrap_or(requirement.len())]
}

/// The normalised name that a requirement starts with.
pub(crate) fn requirement_name(requirement: &str) -> String {
    normalised(spelled_name(requirement))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised() {
        for (name, expected) in [
            ("My.App", "my-app"),
            ("a__b.-c", "a-b-c"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(normalised(name), expected);
        }
    }

    #[test]
    fn a_requirement_starts_with_a_name() {
        for (requirement, expected) in [
            ("My_Lib", "my-lib"),
            ("lib[extra]>=1", "lib"),
            ("lib (>=1) ; os_name == 'x'", "lib"),
            ("lib@https://x/y", "lib"),
            ("@", ""),
        ] {
            assert_eq!(requirement_name(requirement), expected);
        }
    }
}
