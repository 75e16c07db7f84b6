//! Values of variables with references that nothing replaces.

use crate::diagnostics::Warning;
use crate::resolve::Resolved;
use crate::rules::Rule;

use super::warning::warning;

pub(super) fn find(resolved: &Resolved<'_>) -> Vec<Warning> {
    let file = resolved.file;
    let variables = file.runtime.env.iter();
    let variables = variables.chain(&file.build.env).chain(&file.source.env);
    let variables = variables.chain(&file.apt_env);
    let variables = variables.chain(file.hooks.iter().flat_map(|hook| &hook.env));
    let found = variables.filter_map(|(name, value)| {
        let reference = reference(name, &value.value)?;
        let hint = if name == "PATH" {
            "write all directories: those of the base image, and `/app/.venv/bin` first".to_owned()
        } else {
            format!("write the whole value of `{name}`")
        };
        Some(warning(
            Rule::UnexpandedVariable,
            &value.span,
            format!(
                "`{reference}` in `{name}` stays as it is: values of variables are not expanded"
            ),
            hint,
        ))
    });
    found.collect()
}

/// A reference to the variable itself, or to one that paths start with.
fn reference(name: &str, value: &str) -> Option<String> {
    for part in value.split([':', '=']) {
        if part == "~" || part.starts_with("~/") {
            return Some("~".to_owned());
        }
        let Some(rest) = part.strip_prefix('$') else {
            continue;
        };
        let inner = rest.strip_prefix('{').unwrap_or(rest);
        let end = inner.find(|char: char| !char.is_ascii_alphanumeric() && char != '_');
        let variable = &inner[..end.unwrap_or(inner.len())];
        if variable == name || ["HOME", "PATH", "PWD", "PYTHONPATH", "USER"].contains(&variable) {
            let closing = if inner.len() < rest.len() { "}" } else { "" };
            let opening = if closing.is_empty() { "" } else { "{" };
            return Some(format!("${opening}{variable}{closing}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::fixture::warnings_with;

    #[test]
    fn references_that_nothing_replaces_are_reported() {
        let text = r#"
            [build]
            env = { CFLAGS = "-O2", CPATH = "/x:$CPATH" }
            [runtime.env]
            PATH = "/opt/tools/bin:$PATH"
            PYTHONPATH = "/app/src:$${PYTHONPATH}"
            HOME = "~"
            DATA = "$HOME/data"
            GREETING = "pay $5 to $USERS, a $HOME"
            COST = "5$"
            "#;
        let end = "stays as it is: values of variables are not expanded";
        assert_eq!(
            warnings_with(text),
            [
                (2, "`$CPATH` in `CPATH`"),
                (4, "`$PATH` in `PATH`"),
                (5, "`${PYTHONPATH}` in `PYTHONPATH`"),
                (6, "`~` in `HOME`"),
                (7, "`$HOME` in `DATA`"),
            ]
            .map(|(line, what)| format!(
                "poetry.build.toml:{line} UnexpandedVariable: {what} {end}"
            ))
        );
    }
}
