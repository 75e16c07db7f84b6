//! The base image of the builder and the runtime.

use crate::build_file::ImageSpec;
use crate::diagnostics::Span;
use crate::image::ImageReference;
use crate::project::PythonVersion;

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
        ImageReference::official("python", &tag),
        span.unwrap_or_else(|| file.whole()),
    )
}
