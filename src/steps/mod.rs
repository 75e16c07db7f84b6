//! Steps that are used in several stages, by kind.

pub(crate) mod apt;
pub(crate) mod certificates;
pub(crate) mod copies;
pub(crate) mod credentials;
pub(crate) mod fetch;
mod files;
pub(crate) mod git;
pub(crate) mod hints;
mod hook_inputs;
pub(crate) mod hooks;
pub(crate) mod poetry;
pub(crate) mod tools;
pub(crate) mod user;
