//! The vocabulary of a build, as plain values: stages, steps, commands, mounts and copies.
//!
//! Independent of Poetry, of LLB and of the engine.

mod build_platform;
mod cache_inputs;
mod command;
mod copy;
mod emulated;
mod expectation;
mod graph;
mod hermetic;
mod known_failure;
mod license_rules;
mod listing;
mod mount;
mod package;
mod placement;
mod requirement;
mod settings;
mod stage;
mod stage_name;
mod step;
mod vex_file;

pub use build_platform::BuildPlatform;
pub use cache_inputs::Cause;
pub use command::{Command, Network, ReadOnlyRoot, Run, Script, SecretVariable};
pub use copy::{ContextFiles, Copy, CopyFrom, download_name};
pub use emulated::Emulated;
pub use expectation::{Executable, Expected, WarnIfMissing};
pub(crate) use graph::LICENSES_STAGE;
pub use graph::{ADDRESSES, LICENSES, OVERLAPS, Plan};
pub use hermetic::NetworkUse;
pub use known_failure::KnownFailure;
pub use license_rules::{LicenseOutcome, LicenseRule, LicenseRules};
pub use listing::{ListedOrigin, ListedPackage, Listing};
pub use mount::{Authorization, CacheSharing, Mount};
pub use package::{PackageInstaller, PlannedPackage};
pub use placement::Placement;
pub use requirement::Requirement;
pub use settings::Settings;
pub(crate) use stage::needed_for;
pub use stage::{Base, Stage};
pub use stage_name::StageName;
pub use step::{Action, Input, NewFile, Step};
pub use vex_file::VexFile;
