//! Environment markers (PEP 508), evaluated for extras only.

use std::collections::BTreeSet;

use super::name::normalised;

/// Whether a marker can be true with these extras in some environment. A marker with unknown syntax can.
pub(super) fn can_hold(marker: &str, extras: &BTreeSet<String>) -> bool {
    let tokens = tokens(marker);
    let mut reader = Reader {
        tokens: &tokens,
        extras,
    };
    let value = reader.any();
    value != Some(false) || !reader.tokens.is_empty()
}

/// Parentheses, quoted strings (with their quotes), words and operators.
fn tokens(marker: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = marker.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '(' | ')' => 1,
            '\'' | '"' => rest[1..].find(first).map_or(rest.len(), |end| end + 2),
            _ => rest
                .find(|char: char| char.is_whitespace() || "()'\"".contains(char))
                .unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(end);
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens
}

/// Evaluates in three-valued logic: `None` depends on the environment.
struct Reader<'a> {
    tokens: &'a [&'a str],
    extras: &'a BTreeSet<String>,
}

impl Reader<'_> {
    fn next_is(&mut self, token: &str) -> bool {
        let is = self.tokens.first() == Some(&token);
        if is {
            self.tokens = &self.tokens[1..];
        }
        is
    }

    fn any(&mut self) -> Option<bool> {
        let mut value = self.all();
        while self.next_is("or") {
            value = match (value, self.all()) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), other) | (other, Some(false)) => other,
                _ => None,
            };
        }
        value
    }

    fn all(&mut self) -> Option<bool> {
        let mut value = self.one();
        while self.next_is("and") {
            value = match (value, self.one()) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), other) | (other, Some(true)) => other,
                _ => None,
            };
        }
        value
    }

    fn one(&mut self) -> Option<bool> {
        if self.next_is("(") {
            let value = self.any();
            return if self.next_is(")") { value } else { None };
        }
        let end = self
            .tokens
            .iter()
            .position(|token| matches!(*token, "and" | "or" | ")"))
            .unwrap_or(self.tokens.len());
        let (comparison, rest) = self.tokens.split_at(end);
        self.tokens = rest;
        let (["extra", operator, name] | [name, operator, "extra"]) = comparison else {
            return None;
        };
        let selected = self
            .extras
            .contains(&normalised(name.trim_matches(['"', '\''])));
        match *operator {
            "==" => Some(selected),
            "!=" => Some(!selected),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_evaluated_for_extras() {
        let extras = BTreeSet::from(["a-b".to_owned()]);
        for (marker, expected) in [
            ("extra == \"a-b\"", true),
            ("extra == 'A_b'", true),
            ("extra == \"c\"", false),
            ("extra != \"c\"", true),
            ("\"c\" == extra", false),
            ("python_version >= \"3.10\"", true),
            ("extra == \"c\" or python_version >= \"3.10\"", true),
            ("extra == \"c\" and python_version >= \"3.10\"", false),
            (
                "(extra == \"c\" or extra == \"d\") and sys_platform == \"a or b\"",
                false,
            ),
            (
                "extra == \"c\" or extra == \"a-b\" and os_name == \"posix\"",
                true,
            ),
            ("platform_system not in \"x\" and extra == \"c\"", false),
            ("", true),
            ("(extra == \"c\"", true),
            ("extra == \"c\") or", true),
            ("extra ==", true),
            ("'", true),
        ] {
            assert_eq!(can_hold(marker, &extras), expected, "{marker}");
        }
    }
}
