//! The reduced project: a `pyproject.toml` and a `poetry.lock` that say what is installed and nothing else.
//!
//! Poetry installs the same from this pair as from the user's own files, but a version bump, a new readme, a setting of
//! another tool, a comment, a reordered table or a dependency of an unselected group leaves the pair unchanged. Its text is
//! therefore the cache key of the dependencies.

mod lock_text;
mod packages;
mod pair;
mod pinned;
mod pyproject;
mod tables;
mod wheel;

pub use pair::ReducedProject;
pub(super) use pair::reduced;
pub(super) use pinned::pinned;
pub(super) use pyproject::adds_details;
pub(super) use wheel::reduced_for_wheel;
