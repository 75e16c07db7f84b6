//! A Poetry project: what `pyproject.toml` and `poetry.lock` say, as typed values with their locations. Each document is
//! parsed once, here; no other module sees its TOML.
//!
//! Parses bytes and never opens a file. Poetry documents the formats in `src/poetry/json/schemas/poetry.json` and
//! `src/poetry/packages/locker.py`.

mod content_hash;
mod dependencies;
mod environment;
mod error;
mod graph;
mod input;
mod installed;
mod lock;
mod marker;
mod name;
mod origin;
mod pep440;
#[expect(
    clippy::module_inception,
    reason = "`Project` is in the file of its name"
)]
mod project;
mod pyproject;
mod reduced;
mod remote;
mod requirement;
mod roots;
mod scripts;
mod selection;
mod settings;
mod tables;
mod version;
mod version_from_git;
mod wheel_files;
mod wheel_tags;

#[cfg(test)]
mod tests;

pub use content_hash::content_hash;
pub use dependencies::{Dependency, DependencyList, Group, NeededBy};
pub use environment::{Environment, Libc};
pub use error::Error;
pub use input::{IGNORE, LOCK, PYPROJECT, SETTINGS};
pub use installed::{Installed, Resolution};
pub use lock::{Lock, LockedPackage};
pub use marker::{Residue, marker_holds, residue};
pub(crate) use name::{normalised, requirement_name};
pub use origin::PackageOrigin;
pub use pep440::{Version, VersionConstraint};
pub use project::Project;
pub use pyproject::{Index, Pyproject};
pub use reduced::ReducedProject;
pub use remote::{Remote, has_credentials, split_port, without_credentials};
pub use scripts::Script;
pub use selection::{MAIN, Selection};
pub use settings::Settings;
pub use version::{KNOWN_PYTHONS, OLDEST_POETRY, PoetryVersion, PythonVersion, Release};
pub use version_from_git::VersionFromGit;
pub use wheel_files::{PackageInclude, WheelFiles};
pub use wheel_tags::best_of;
