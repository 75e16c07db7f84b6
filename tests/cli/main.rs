//! The command line, as a user calls it: the real program, on real files, without an engine.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod bake;
mod check;
mod diff;
#[path = "../support/generated.rs"]
mod generated;
mod help;
mod init;
mod moving;
mod plan;
mod resolved;
mod standard;
mod support;
