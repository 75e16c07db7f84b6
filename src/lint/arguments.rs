//! Build arguments that have no effect.

use crate::diagnostics::{Warning, closest};
use crate::resolve::Resolved;
use crate::rules::Rule;

use super::warning::warning;

pub(super) fn find(resolved: &Resolved<'_>) -> Vec<Warning> {
    let file = resolved.whole;
    let declared = || file.arguments.keys().map(String::as_str);
    let unknown = file.unknown_arguments.iter();
    unknown
        .map(|name| {
            let hint = match closest(name, declared()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("add `{name} = {{ default = \"\" }}` to `[args]`, or leave it out"),
            };
            warning(
                Rule::UnknownBuildArg,
                &file.whole(),
                format!("the build argument `{name}` has no effect: `[args]` does not declare it"),
                hint,
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::fixture::{line, service};
    use crate::analysis::{self, InputFiles};
    use crate::image::Platform;
    use crate::resolve::Request;

    #[test]
    fn arguments_that_are_not_declared_are_reported() {
        let project = service().with_build_file(
            r#"
            [args]
            EXTRAS = { default = "" }
            "#,
        );
        let given = [
            "EXTRA",
            "EXTRAS",
            "GIT",
            "HTTP_PROXY",
            "https_proxy",
            "BUILDKIT_X",
        ];
        let given = given.map(|name| (name.to_owned(), String::new()));
        let files = InputFiles::from(&project);
        let parsed = files.parse(&BTreeMap::from(given)).unwrap();
        let request = Request::on(Platform::parse("linux/amd64").unwrap());
        let plan = analysis::plan(&parsed.file, &parsed.project, &request).unwrap();
        let found = plan.warnings.iter();
        let found: Vec<_> = found.map(|one| (line(one), one.hint.as_str())).collect();
        let text = |name: &str| {
            format!(
                "poetry.build.toml:1 UnknownBuildArg: the build argument `{name}` has no effect: `[args]` does not declare it"
            )
        };
        assert_eq!(
            found,
            [
                (text("EXTRA"), "did you mean `EXTRAS`?"),
                (
                    text("GIT"),
                    "add `GIT = { default = \"\" }` to `[args]`, or leave it out"
                ),
            ]
        );
    }
}
