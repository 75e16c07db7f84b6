//! Base images: Alpine, `latest`, no digest.

use crate::diagnostics::Warning;
use crate::rules::Rule;

use super::super::Inputs;
use super::warning;

/// The default base is not looked at: nobody wrote it, and it is meant to move.
pub(super) fn find(inputs: &Inputs<'_>) -> Vec<Warning> {
    let mut found = Vec::new();
    let variant = inputs.file.python.variant.as_ref();
    if let Some(variant) = variant.filter(|variant| variant.value.contains("alpine")) {
        found.push(alpine(&variant.value, &variant.place));
    }
    if let Some(base) = &inputs.file.runtime.base {
        let (image, place) = (&base.value, &base.place);
        let shown = image.familiar();
        if shown.contains("alpine") {
            found.push(alpine(&shown, place));
        }
        if image.is_pinned() {
            return found;
        }
        if image.tag() == Some("latest") {
            let what = format!("`{shown}` is another image after each release");
            found.push(warning(
                Rule::LatestTag,
                place,
                what,
                "name the tag of a release",
            ));
        }
        let what = format!("`{shown}` may be another image tomorrow: it has no digest");
        let hint = format!("add it: `{shown}@sha256:...`");
        found.push(warning(Rule::BaseNotPinned, place, what, hint));
    }
    found
}

fn alpine(shown: &str, place: &crate::diagnostics::Place) -> Warning {
    let what = format!("`{shown}` is Alpine, which few wheels fit and which has no apt");
    let hint = "use the default, or another image of Debian's";
    warning(Rule::AlpineBase, place, what, hint)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::told;

    #[test]
    fn images_that_move_or_do_not_fit() {
        assert_eq!(
            told("[runtime]\n\nbase = \"python:alpine\"\n"),
            [
                "poetry.build.toml:3 AlpineBase: `python:alpine` is Alpine, which few wheels fit and which has no apt",
                "poetry.build.toml:3 BaseNotPinned: `python:alpine` may be another image tomorrow: it has no digest",
            ]
        );
        assert_eq!(
            told("[python]\nvariant = \"alpine3.20\"\n"),
            [
                "poetry.build.toml:2 AlpineBase: `alpine3.20` is Alpine, which few wheels fit and which has no apt"
            ]
        );
        assert_eq!(
            told(
                "[check]\nskip = [\"BaseNotPinned\"]\n[runtime]\nbase = \"registry.example/python\"\n"
            ),
            [
                "poetry.build.toml:4 LatestTag: `registry.example/python:latest` is another image after each release"
            ]
        );
        let pinned = format!("[runtime]\nbase = \"python@sha256:{}\"\n", "a".repeat(64));
        for right in ["", "[python]\nvariant = \"slim-bookworm\"\n", &pinned] {
            assert!(told(right).is_empty(), "{right}");
        }
    }
}
