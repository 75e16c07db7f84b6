use crate::diagnostics::{Span, Warning};
use crate::rules::Rule;

pub(super) fn warning(
    rule: Rule,
    span: &Span,
    message: impl AsRef<str>,
    hint: impl AsRef<str>,
) -> Warning {
    Warning::new(rule, span.clone(), message.as_ref(), hint.as_ref())
}
