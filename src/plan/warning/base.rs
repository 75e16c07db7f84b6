//! Base images: Alpine, `latest`, no digest.

use crate::build_file::CopySource;
use crate::diagnostics::{Place, Warning};
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
    let bases = [&inputs.file.build.base, &inputs.file.runtime.base];
    let bases = bases.into_iter().flatten();
    let bases = bases.map(|base| (&base.value, &base.place, true));
    let copied = inputs
        .file
        .copies
        .iter()
        .filter_map(|copy| match &copy.from {
            CopySource::Image(image) => Some((&image.value, &image.place, false)),
            _ => None,
        });
    for (image, place, is_base) in bases.chain(copied) {
        let shown = image.familiar();
        if is_base && shown.contains("alpine") {
            found.push(alpine(&shown, place));
        }
        if image.is_pinned() {
            continue;
        }
        if image.tag() == Some("latest") {
            let what = format!("`{shown}` is another image after each release");
            let hint = "name the tag of a release";
            found.push(warning(Rule::LatestTag, place, what, hint));
        }
        let what = format!("`{shown}` may be another image tomorrow: it has no digest");
        let hint = format!("add it: `{shown}@sha256:...`");
        found.push(warning(Rule::BaseNotPinned, place, what, hint));
    }
    found
}

fn alpine(shown: &str, place: &Place) -> Warning {
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
        assert_eq!(
            told("[[copy]]\nfrom = \"image:node:20-alpine\"\nsrc = \"/x\"\ndest = \"/x\"\n"),
            [
                "poetry.build.toml:2 BaseNotPinned: `node:20-alpine` may be another image tomorrow: it has no digest"
            ]
        );
        let pinned = format!("[runtime]\nbase = \"python@sha256:{}\"\n", "a".repeat(64));
        for right in ["", "[python]\nvariant = \"slim-bookworm\"\n", &pinned] {
            assert!(told(right).is_empty(), "{right}");
        }
    }
}
