use crate::diagnostics::{Span, Warning};
use crate::rules::Rule;

pub(super) fn warning(
    rule: Rule,
    span: &Span,
    message: String,
    hint: impl Into<String>,
) -> Warning {
    Warning::new(rule, span.clone(), &message, &hint.into())
}
