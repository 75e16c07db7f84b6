//! Images that a real engine builds from real projects, and their containers; and the requests that an engine gets,
//! recorded by a fake one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper that fails, fails the test"
)]

mod agreement;
mod bases;
mod command_line;
mod compose;
mod containerd_store;
mod contexts;
mod copies;
mod cross_platform;
#[allow(dead_code, reason = "the tests of the pages use the rest")]
#[path = "../support/documented.rs"]
mod documented;
mod documents;
mod empty_engine;
mod errors;
mod examples;
mod fake_engine;
mod fetch;
mod freshness;
mod git_dependencies;
mod hello_world;
mod hook_files;
mod hooks;
mod image_content;
mod include;
mod init;
mod isolation;
mod layers;
mod limits;
#[allow(dead_code, reason = "the tests of the pages use the rest")]
#[path = "../support/markdown.rs"]
mod markdown;
mod moving;
mod network;
mod outputs;
mod package;
mod path_dependencies;
mod platforms;
mod policies;
mod practices;
mod private_index;
mod process;
mod read_only;
mod rebuild;
mod rego;
mod release;
mod runtime;
mod standard;
mod subrequests;
mod subrequests_check;
mod support;
mod system_packages;
mod targets;
mod tls;
mod versions;
mod without_the_frontend;
