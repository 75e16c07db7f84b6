//! Errors and warnings, each with its location and hint.

use std::fmt;

use super::document::Span;
use super::printable::printable;
use crate::rules::{Rule, Severity};

/// How many errors or warnings are reported at once.
pub(crate) const MAX_REPORTED: usize = 100;

/// An error with a hint. `Display` states the problem in one sentence.
pub trait Problem: std::error::Error {
    /// How to fix it, in one sentence.
    fn hint(&self) -> String;

    /// The rule that is violated, if users can look it up.
    fn rule(&self) -> Option<Rule> {
        None
    }

    fn at(&self, span: &Span) -> Diagnostic {
        Diagnostic {
            span: Some(span.clone()),
            ..self.without_span()
        }
    }

    /// For a problem that is not in a file.
    fn without_span(&self) -> Diagnostic {
        Diagnostic {
            span: None,
            message: printable(&self.to_string()),
            hint: printable(&self.hint()),
            rule: self.rule(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `None` if the error is not in a file.
    pub span: Option<Span>,
    /// The problem, in one sentence.
    pub message: String,
    /// How to fix it, in one sentence.
    pub hint: String,
    pub rule: Option<Rule>,
}

/// A likely problem that does not fail the build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub rule: Rule,
    pub span: Span,
    /// The problem, in one sentence.
    pub message: String,
    /// How to fix it, in one sentence.
    pub hint: String,
}

impl Warning {
    #[must_use]
    pub fn new(rule: Rule, span: Span, message: &str, hint: &str) -> Self {
        Self {
            rule,
            span,
            message: printable(message),
            hint: printable(hint),
        }
    }

    /// A rule that is off by default warns once it is enabled.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self.rule.severity() {
            Severity::Off => Severity::Warning,
            severity => severity,
        }
    }

    /// The error to report if warnings fail the build.
    #[must_use]
    pub fn into_error(&self) -> Diagnostic {
        Diagnostic {
            span: Some(self.span.clone()),
            message: format!("{} ({})", self.message, self.rule),
            hint: self.hint.clone(),
            rule: Some(self.rule),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(span) = &self.span {
            write!(f, "{}:{}: ", span.document().name(), span.start().line)?;
        }
        write!(f, "{}\n  hint: {}", self.message, self.hint)
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(error: Diagnostic) -> Self {
        Self(vec![error])
    }
}

/// One or more errors: the error type of every pure function.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// # Errors
    /// The errors, sorted by file and line and without duplicates, if there are any.
    pub fn fail_if_any(mut errors: Vec<Diagnostic>) -> Result<(), Self> {
        if errors.is_empty() {
            return Ok(());
        }
        errors.sort_by_key(|error| {
            error
                .span
                .as_ref()
                .map(|span| (span.document().name().to_owned(), span.range().start))
        });
        errors.dedup();
        errors.truncate(MAX_REPORTED);
        Err(Self(errors))
    }

    pub(crate) fn map(self, change: impl FnMut(Diagnostic) -> Diagnostic) -> Self {
        Self(self.0.into_iter().map(change).collect())
    }

    /// Together with other errors.
    pub(crate) fn with(self, more: Vec<Diagnostic>) -> Self {
        let all: Vec<Diagnostic> = self.0.into_iter().chain(more).collect();
        Self::fail_if_any(all).err().unwrap_or(Self(Vec::new()))
    }

    /// At least one error.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::Document;
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("`{0}` is wrong")]
    struct Wrong(&'static str);

    impl Problem for Wrong {
        fn hint(&self) -> String {
            format!("remove `{}`", self.0)
        }
    }

    #[test]
    fn an_error_is_shown_with_its_location_and_hint() {
        let document = Document::new("poetry.build.toml", "toml", "a = 1\nb = 2\n");
        let text = Wrong("b").at(&document.span(6..7)).to_string();
        assert_eq!(
            text,
            "poetry.build.toml:2: `b` is wrong\n  hint: remove `b`"
        );
    }

    #[test]
    fn errors_are_sorted_by_line_and_deduplicated() {
        let document = Document::new("f", "toml", "a\nb\n");
        let second = Wrong("second").at(&document.span(2..3));
        let first = Wrong("first").at(&document.span(0..1));
        let all = Diagnostics::fail_if_any(vec![second.clone(), first, second]).unwrap_err();
        let messages: Vec<&str> = all.iter().map(|error| error.message.as_str()).collect();
        assert_eq!(messages, ["`first` is wrong", "`second` is wrong"]);
    }
}
