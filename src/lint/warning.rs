use crate::diagnostics::{Span, Warning};
use crate::rules::Rule;

pub(super) fn warning(
    rule: Rule,
    span: &Span,
    message: String,
    hint: impl Into<String>,
) -> Warning {
    Warning {
        rule,
        span: span.clone(),
        message,
        hint: hint.into(),
    }
}
