//! What a user sees: images built by a real engine out of real projects, and the containers that run from them; and
//! what an engine sees, where only a made-up one can show it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper that fails, fails the test"
)]

mod bases;
mod command_line;
mod compose;
mod containerd_store;
mod contexts;
mod copies;
mod empty_engine;
mod examples;
mod freshness;
mod git_dependencies;
mod hello_world;
mod hooks;
mod image_content;
mod include;
mod init;
mod limits;
mod mistakes;
mod network;
mod odd_engines;
mod outputs;
mod package;
mod path_dependencies;
mod platforms;
mod practices;
mod private_index;
mod process;
mod rebuild;
mod runtime;
mod subrequests;
mod subrequests_check;
mod support;
mod system_packages;
mod targets;
mod without_the_frontend;
