//! A Dockerfile as typed instructions with their locations. Variables are replaced as Docker does it, where it does it.
//!
//! The syntax is in Docker's Dockerfile reference; what it leaves open is in BuildKit's `frontend/dockerfile/shell`.

mod error;
mod instruction;
mod lines;
mod pairs;
mod parse;
#[cfg(test)]
mod tests;
mod variables;

pub use error::Error;
pub use instruction::{
    Command, CopiedSource, Copying, Dockerfile, Health, Instruction, Kind, Running, Stage,
};
pub use variables::{Expanded, Scope};
