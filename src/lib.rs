//! A BuildKit frontend that builds images of Poetry projects.
//!
//! One direction: [`gateway`] reads, [`build_file`] and [`project`] parse, [`plan`] decides, [`compile`] writes LLB,
//! and [`gateway`] solves. Everything between the two ends is pure.

pub mod build_file;
pub mod check;
pub mod cli;
pub mod compile;
pub mod diagnostics;
pub mod gateway;
pub mod image;
pub mod plan;
pub mod project;
pub mod rules;
