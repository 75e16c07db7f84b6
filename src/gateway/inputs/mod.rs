//! What a build reads: the build context, the named contexts, the files in them, and images.

mod epoch;
mod files;
mod found;
mod gather;
mod images;
mod main_context;
mod named_contexts;
mod parts;
mod remote;

pub(crate) use found::Inputs;
pub(crate) use images::Images;
pub(crate) use named_contexts::{NamedContext, load};
pub(crate) use parts::Parts;
