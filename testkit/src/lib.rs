//! Poetry projects for tests: their `pyproject.toml`, `poetry.lock`, build file and other files, in the layout that a
//! person or Poetry gives them.
//!
//! ```
//! use testkit::{Dependency, Package, Project};
//!
//! let project = Project::new("service")
//!     .python(">=3.11")
//!     .dependency("humanize>=4")
//!     .script("serve", "service.web:main")
//!     .locked(Package::new("humanize", "4.1.0").wheel())
//!     .with_build_file(
//!         r#"
//!         [runtime]
//!         expose = [8000]
//!         "#,
//!     );
//! assert!(project.lock().contains("\nname = \"humanize\"\n"));
//! assert_eq!(project.build_file(), "[runtime]\nexpose = [8000]\n");
//!
//! let legacy = Project::poetry("app")
//!     .python("^3.11")
//!     .poetry_dependency("shared", Dependency::path("libs/shared").develop())
//!     .locked_by("1.8.5")
//!     .locked(Package::new("shared", "1.0").directory("libs/shared"));
//! assert!(legacy.pyproject().contains("shared = { path = \"libs/shared\", develop = true }\n"));
//! ```
//!
//! A lock has the content hash of its `pyproject.toml`, unless it is made [`stale`](Project::stale). What no method
//! expresses can be added as lines ([`Project::in_project`], [`Package::line`]), or a whole file replaced
//! ([`Project::with_pyproject`], [`Project::with_lock`]).
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "a test that builds a project and does not use it has nothing to assert"
)]
#![allow(
    clippy::format_collect,
    reason = "reads better than a fold, and no text here is long"
)]

mod content_hash;
mod dependency;
mod lock;
mod package;
mod project;
mod text;

pub use content_hash::content_hash;
pub use dependency::Dependency;
pub use lock::Lock;
pub use package::Package;
pub use project::Project;
pub use text::dedent;
