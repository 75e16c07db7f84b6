//! Decides everything that the files leave open: the target, Python, Poetry, groups and extras, base images, install mode.

mod addresses;
mod base;
mod context_files;
pub(crate) mod entrypoint;
pub(crate) mod environment;
mod error;
mod hooks;
mod install;
mod installed;
mod layers;
mod packages;
mod path_dependencies;
mod poetry;
mod ports;
mod python;
mod repositories;
mod request;
mod resolved;
mod secret_files;
mod selection;
mod spans;
mod target;

pub use addresses::{Addresses, InvalidList};
pub(crate) use context_files::{GIT, context_files, nothing_included, package_files};
pub use error::Error;
pub(crate) use error::file_and_line;
pub(crate) use layers::Layer;
pub(crate) use repositories::Repository;
pub use request::Request;
pub(crate) use resolved::{Resolved, all_errors, ok_or_push};
pub(crate) use secret_files::{is_secret_file, is_virtual_environment, may_have_secrets};
pub(crate) use target::{Target, is_for_development, target};
