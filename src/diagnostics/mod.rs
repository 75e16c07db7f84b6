//! What a user is told: a place in one of their files, what is wrong, and how to mend it.
//!
//! Every concern has its own error enum that implements [`Problem`]; this module turns each into a
//! [`Diagnostic`] and renders it once for everybody: [`Diagnostics`]'s `Display` is what a terminal shows, and
//! `gateway` sends the same text to the engine together with the source ranges. What can be built all the same is a
//! [`Warning`].

mod document;
mod findings;
mod render;
mod weight;

use std::fmt;

use crate::rules::Rule;

pub use document::{Document, Place, Position};
pub use findings::{Findings, range, source};
pub use render::Colour;
pub(crate) use weight::Limits;
pub use weight::TooMuch;

/// Nobody mends more at once.
pub(crate) const MOST: usize = 100;

/// An error that knows how a user mends it. `Display` says what is wrong in one sentence.
pub trait Problem: std::error::Error {
    /// One sentence that says what to do.
    fn hint(&self) -> String;

    /// The rule that is broken, if it is one that users can look up.
    fn rule(&self) -> Option<Rule> {
        None
    }

    /// The diagnostic of this problem at `place`.
    fn at(&self, place: &Place) -> Diagnostic {
        Diagnostic {
            place: Some(place.clone()),
            what: self.to_string(),
            hint: self.hint(),
            rule: self.rule(),
        }
    }

    /// The diagnostic of this problem where no file is to blame.
    fn nowhere(&self) -> Diagnostic {
        Diagnostic {
            place: None,
            what: self.to_string(),
            hint: self.hint(),
            rule: self.rule(),
        }
    }
}

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where it is, if a file is to blame.
    pub place: Option<Place>,
    /// What is wrong, one sentence.
    pub what: String,
    /// How to mend it, one sentence.
    pub hint: String,
    /// The rule that is broken, if it has one.
    pub rule: Option<Rule>,
}

/// Something that can be built but should be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The rule that is broken.
    pub rule: Rule,
    /// Where.
    pub place: Place,
    /// What is wrong, one sentence.
    pub what: String,
    /// How to mend it, one sentence.
    pub hint: String,
}

impl Warning {
    /// The same as a mistake, for builds in which a warning is one.
    #[must_use]
    pub fn as_mistake(&self) -> Diagnostic {
        Diagnostic {
            place: Some(self.place.clone()),
            what: format!("{} ({})", self.what, self.rule),
            hint: self.hint.clone(),
            rule: Some(self.rule),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}:{}: ", place.document().name(), place.start().line)?;
        }
        write!(f, "{}\n  hint: {}", self.what, self.hint)
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(one: Diagnostic) -> Self {
        Self(vec![one])
    }
}

/// One or more mistakes: the failure type of every pure step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// `Ok` when nothing was found, else everything found, in the order of the files' lines.
    ///
    /// # Errors
    /// When `found` is not empty.
    pub fn check(mut found: Vec<Diagnostic>) -> Result<(), Self> {
        if found.is_empty() {
            return Ok(());
        }
        found.sort_by_key(|one| {
            one.place
                .as_ref()
                .map(|place| (place.document().name().to_owned(), place.span().start))
        });
        found.dedup();
        found.truncate(MOST);
        Err(Self(found))
    }

    /// The mistakes, at least one.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, one) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{one}")?;
        }
        Ok(())
    }
}

/// The candidate closest to `word`, if one is close enough to be what was meant.
#[must_use]
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
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

/// Names as a sentence shows them: "`a`, `b` and `c`".
#[must_use]
pub fn listed<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> String {
    let names: Vec<String> = names
        .into_iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    match names.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("`{0}` is wrong")]
    struct Wrong(&'static str);

    impl Problem for Wrong {
        fn hint(&self) -> String {
            format!("write something else than `{}`", self.0)
        }
    }

    #[test]
    fn a_place_a_sentence_and_a_hint() {
        let document = Document::new("poetry.build.toml", "toml", "a = 1\nb = 2\n");
        let shown = Wrong("b").at(&document.place(6..7)).to_string();
        assert_eq!(
            shown,
            "poetry.build.toml:2: `b` is wrong\n  hint: write something else than `b`"
        );
    }

    #[test]
    fn several_mistakes_come_in_the_order_of_the_lines_and_once() {
        let document = Document::new("f", "toml", "a\nb\n");
        let second = Wrong("second").at(&document.place(2..3));
        let first = Wrong("first").at(&document.place(0..1));
        let all = Diagnostics::check(vec![second.clone(), first, second]).unwrap_err();
        let whats: Vec<&str> = all.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(whats, ["`first` is wrong", "`second` is wrong"]);
    }

    #[test]
    fn a_far_word_suggests_nothing() {
        assert_eq!(closest("verson", ["version", "variant"]), Some("version"));
        assert_eq!(closest("zzz", ["version", "variant"]), None);
    }
}
