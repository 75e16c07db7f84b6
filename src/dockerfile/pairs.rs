//! The words of `ENV`, `LABEL` and `ARG`, with their quotes.

use super::error::Error;

/// Splits at white space outside quotes.
pub(super) fn words(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match quote {
            None if char.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            None if matches!(char, '"' | '\'') => quote = Some(char),
            Some(open) if char == open => quote = None,
            _ => {}
        }
        word.push(char);
        if char == escape && quote != Some('\'') {
            word.extend(chars.next());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The names and values, not yet expanded. `NAME VALUE` without `=` is one pair.
pub(super) fn pairs(text: &str, escape: char) -> Result<Vec<(String, String)>, Error> {
    let words = words(text, escape);
    let Some(first) = words.first() else {
        return Ok(Vec::new());
    };
    if !first.contains('=') {
        let rest = text.trim_start().get(first.len()..).unwrap_or_default();
        return match rest.trim() {
            "" => Err(Error::NotAPair(first.clone())),
            value => Ok(vec![(first.clone(), value.to_owned())]),
        };
    }
    let pair = |word: &String| match word.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Error::NotAPair(word.clone())),
    };
    words.iter().map(pair).collect()
}
