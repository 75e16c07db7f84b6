//! A BuildKit frontend that builds images of Poetry projects.
//!
//! Data flows in one direction: [`gateway`] reads the files, [`build_file`] and [`project`] parse them, [`resolve`] chooses
//! versions and images, `stages` makes a [`plan`], [`compile`] turns it into LLB, and [`gateway`] solves that. Everything
//! between reading and solving is pure.

#![allow(
    missing_docs,
    reason = "this crate is an application; only `buildkit-llb` and `buildkit-proto` are published"
)]

pub mod analysis;
pub mod build_file;
pub mod cli;
pub mod compile;
pub mod diagnostics;
pub mod digest;
pub mod dockerfile;
pub mod export;
pub mod gateway;
pub mod image;
mod licenses;
mod lint;
pub mod moving;
pub mod paths;
pub mod plan;
mod policy;
pub mod project;
pub mod resolve;
pub mod rules;
mod sbom;
mod scripts;
mod stages;
mod steps;
mod vex;
