//! Writes a plan as a Dockerfile, a tree, a chart or JSON, and compares two plans. Writes the build of several targets as a
//! bake file or a Compose file.

mod bake;
mod causes;
mod chart;
mod compose;
mod diff;
mod dockerfile;
mod error;
mod invocation;
mod json;
mod tree;
mod yaml;

pub(crate) use bake::bake;
pub(crate) use chart::{mermaid, svg};
pub(crate) use compose::{Service, Watch, compose};
pub(crate) use diff::{Compared, Side, changed_settings, compare, rendered as rendered_diff};
pub use dockerfile::{MatchedPath, dockerfile, ignore_file};
pub use error::Error;
pub(crate) use invocation::{ArgumentValue, Invocation, Needs};
pub(crate) use json::json;
pub(crate) use tree::tree;

#[cfg(test)]
mod tests;
