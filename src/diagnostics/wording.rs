//! Names in sentences, and suggestions for misspelt ones.

/// Longer words get no suggestions.
const MAX_WORD: usize = 64;

/// The candidate most similar to `word`, if one is similar enough to suggest.
#[must_use]
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A comparison needs memory proportional to the product of the lengths.
    let is_short = |text: &str| text.len() <= MAX_WORD;
    candidates
        .into_iter()
        .filter(|candidate| is_short(word) && is_short(candidate))
        .map(|candidate| {
            (
                strsim::normalized_damerau_levenshtein(word, candidate),
                candidate,
            )
        })
        .filter(|(score, _)| *score >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Names in a sentence: "`a`, `b` and `c`".
#[must_use]
pub fn listed<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    joined(names, "and").unwrap_or_else(|| "none".to_owned())
}

/// Alternatives in a sentence: "`a`, `b` or `c`".
#[must_use]
pub fn either<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    joined(names, "or").unwrap_or_default()
}

fn joined<S: AsRef<str>>(names: impl IntoIterator<Item = S>, conjunction: &str) -> Option<String> {
    let mut names: Vec<String> = names
        .into_iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    let last = names.pop()?;
    Some(if names.is_empty() {
        last
    } else {
        format!("{} {conjunction} {last}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_similar_words_are_suggested() {
        assert_eq!(closest("verson", ["version", "variant"]), Some("version"));
        assert_eq!(closest("zzz", ["version", "variant"]), None);
    }

    #[test]
    fn long_words_get_no_suggestions() {
        let long = "x".repeat(MAX_WORD + 1);
        assert_eq!(closest(&long, [&*long]), None);
        assert_eq!(closest("x", [&*long]), None);
    }

    #[test]
    fn names_are_listed_in_a_sentence() {
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(listed([""; 0]), "none");
        assert_eq!(either(["a", "b"]), "`a` or `b`");
        assert_eq!(either(["a"]), "`a`");
    }
}
