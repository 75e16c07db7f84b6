//! Base images: Alpine, `latest` and missing digests.

use crate::build_file::CopySource;
use crate::diagnostics::{Span, Warning};
use crate::rules::Rule;

use super::warning::warning;
use crate::resolve::Resolved;

/// The default base is exempt: it is meant to receive updates.
pub(super) fn find(resolved: &Resolved<'_>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let variant = resolved.file.python.variant.as_ref();
    if let Some(variant) = variant.filter(|variant| variant.value.contains("alpine")) {
        warnings.push(alpine(&variant.value, &variant.span));
    }
    let bases = [&resolved.file.build.base, &resolved.file.runtime.base];
    let bases = bases.into_iter().flatten();
    let bases = bases.map(|base| (&base.value, &base.span, true));
    let copied = resolved
        .file
        .copies
        .iter()
        .filter_map(|copy| match &copy.from {
            CopySource::Image(image) => Some((&image.value, &image.span, false)),
            _ => None,
        });
    for (image, span, is_base) in bases.chain(copied) {
        let shown = image.familiar();
        if is_base && shown.contains("alpine") {
            warnings.push(alpine(&shown, span));
        }
        if image.is_pinned() {
            continue;
        }
        if image.tag() == Some("latest") {
            let what = format!("`{shown}` changes with every release");
            let hint = "use the tag of a specific release";
            warnings.push(warning(Rule::LatestTag, span, what, hint));
        }
        let what = format!("`{shown}` can change without notice: it has no digest");
        let hint = format!("add the digest: `{shown}@sha256:...`");
        warnings.push(warning(Rule::BaseNotPinned, span, what, hint));
    }
    warnings
}

fn alpine(shown: &str, span: &Span) -> Warning {
    let what = format!("`{shown}` is an Alpine image: it has no apt, and few wheels support it");
    let hint = "use the default, or another image based on Debian";
    warning(Rule::AlpineBase, span, what, hint)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::warnings_with;

    #[test]
    fn bases_that_can_change_or_are_alpine() {
        assert_eq!(
            warnings_with(
                r#"
                [runtime]

                base = "python:alpine"
                "#
            ),
            [
                "poetry.build.toml:3 AlpineBase: `python:alpine` is an Alpine image: it has no apt, and few wheels support it",
                "poetry.build.toml:3 BaseNotPinned: `python:alpine` can change without notice: it has no digest",
            ]
        );
        assert_eq!(
            warnings_with(
                r#"
                [python]
                variant = "alpine3.20"
                "#
            ),
            [
                "poetry.build.toml:2 AlpineBase: `alpine3.20` is an Alpine image: it has no apt, and few wheels support it"
            ]
        );
        assert_eq!(
            warnings_with(
                r#"
                [check]
                skip = ["BaseNotPinned"]
                [runtime]
                base = "registry.example/python"
                "#
            ),
            [
                "poetry.build.toml:4 LatestTag: `registry.example/python:latest` changes with every release"
            ]
        );
        assert_eq!(
            warnings_with(
                r#"
                [[copy]]
                from = "image:node:20-alpine"
                src = "/x"
                dest = "/x"
                "#
            ),
            [
                "poetry.build.toml:2 BaseNotPinned: `node:20-alpine` can change without notice: it has no digest"
            ]
        );
        let pinned = format!(
            r#"
            [runtime]
            base = "python@sha256:{}"
            "#,
            "a".repeat(64)
        );
        for right in [
            "",
            r#"
            [python]
            variant = "slim-bookworm"
            "#,
            &pinned,
        ] {
            assert!(warnings_with(right).is_empty(), "{right}");
        }
    }
}
