//! Writes a plan as a Dockerfile, a tree, a chart or JSON, and compares two plans.

mod causes;
mod chart;
mod diff;
mod dockerfile;
mod error;
mod json;
mod tree;

pub(crate) use chart::{mermaid, svg};
pub(crate) use diff::{Compared, Side, changed_settings, compare, rendered as rendered_diff};
pub use dockerfile::{MatchedPath, dockerfile, ignore_file};
pub use error::Error;
pub(crate) use json::json;
pub(crate) use tree::tree;

#[cfg(test)]
mod tests;
