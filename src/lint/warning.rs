use crate::build_file::RuleSwitches;
use crate::diagnostics::{Diagnostic, Span, Warning};
use crate::rules::Rule;

/// Takes the warnings that fail the build out of a list, as errors.
pub(crate) fn take_fatal(warnings: &mut Vec<Warning>, rules: &RuleSwitches) -> Vec<Diagnostic> {
    let is_fatal = |warning: &mut Warning| rules.fatal.contains(&warning.rule);
    let fatal = warnings.extract_if(.., is_fatal);
    fatal.map(|warning| warning.into_error()).collect()
}

/// The first of these paths and how many more there are.
pub(super) fn first_of(paths: &[&str]) -> Option<String> {
    let (first, rest) = paths.split_first()?;
    Some(match rest {
        [] => format!("`{first}`"),
        [second] => format!("`{first}` and `{second}`"),
        more => format!("`{first}` and {} others", more.len()),
    })
}

pub(super) fn warning(
    rule: Rule,
    span: &Span,
    message: impl AsRef<str>,
    hint: impl AsRef<str>,
) -> Warning {
    Warning::new(rule, span.clone(), message.as_ref(), hint.as_ref())
}
