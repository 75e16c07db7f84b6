//! The frontend's image.

/// The name to write into files. Its tag follows the fixes of this release.
pub(super) const FRONTEND: &str = concat!(
    "org/poetry-frontend:",
    env!("CARGO_PKG_VERSION_MAJOR"),
    ".",
    env!("CARGO_PKG_VERSION_MINOR")
);
