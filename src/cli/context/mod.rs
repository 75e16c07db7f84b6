//! A directory of this machine as a build context: the files that a build would see, and none outside the directory.

mod links;
mod part;
mod path;
mod read;
#[cfg(test)]
mod tests;
mod walk;

pub(super) use part::Part;
pub(super) use read::{Content, head, read};
