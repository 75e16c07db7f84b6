//! What the user's command asks for, as the engine passes it on. Pure.

mod git_address;
mod named_contexts;
mod options;
mod resource_limits;
mod scan;
mod values;

pub(crate) use git_address::GitAddress;
pub(crate) use named_contexts::Address;
pub(crate) use options::{LICENSES_REQUEST, MAIN_CONTEXT, Options};
pub(crate) use scan::Scan;
pub(crate) use values::invalid;
