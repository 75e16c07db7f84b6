//! The base image of the builder and the runtime.

use crate::build_file::ImageSpec;
use crate::diagnostics::Span;
use crate::image::ImageReference;
use crate::project::PythonVersion;

/// The names of Debian releases in tags.
const DEBIAN: [&str; 3] = ["trixie", "bookworm", "bullseye"];
/// The release of official images whose tag names none.
const CURRENT_DEBIAN: &str = DEBIAN[0];

/// Small, on the current Debian, and with glibc, which most wheels need.
const DEFAULT_VARIANT: &str = "slim-trixie";

/// The base image, and the span that selects it.
pub(crate) fn choose(file: &ImageSpec, python: Option<PythonVersion>) -> (ImageReference, Span) {
    if let Some(base) = &file.runtime.base {
        return (base.value.clone(), base.span.clone());
    }
    let variant = file.python.variant.as_ref();
    let tag = format!(
        "{}-{}",
        python.map_or_else(|| "3".to_owned(), |version| version.to_string()),
        variant.map_or(DEFAULT_VARIANT, |variant| &variant.value)
    );
    let version = file.python.version.as_ref().map(|version| &version.span);
    let span = version.or(variant.map(|variant| &variant.span)).cloned();
    (
        file.images.pin(&ImageReference::official("python", &tag)),
        span.unwrap_or_else(|| file.whole()),
    )
}

/// Whether Debian packages for one image can be installed in the other: they are the same, or have the same Debian release,
/// as far as their tags say.
pub(super) fn have_same_debian(one: &ImageReference, other: &ImageReference) -> bool {
    one == other || debian(one).is_some_and(|release| debian(other) == Some(release))
}

fn debian(image: &ImageReference) -> Option<&'static str> {
    let name = image.familiar();
    let named = DEBIAN.into_iter().find(|release| name.contains(release));
    let is_current = name.starts_with("python:") && !name.contains("alpine");
    named.or_else(|| is_current.then_some(CURRENT_DEBIAN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_releases_are_compared_by_the_tags_of_the_images() {
        let same = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|name| ImageReference::parse(name).unwrap());
            have_same_debian(&one, &other)
        };
        assert!(same("org/python:3", "org/python:3"));
        assert!(same("python:3.13", "python:3.13-slim-trixie"));
        assert!(same("org/build:bookworm", "python:3.13-slim-bookworm"));
        assert!(!same("python:3.13-bookworm", "python:3.13-slim-trixie"));
        assert!(!same("org/build:1", "python:3.13-slim-trixie"));
        assert!(!same("org/build:1", "org/run:1"));
        assert!(!same("python:3.13-alpine", "python:3.13-slim-trixie"));
    }
}
