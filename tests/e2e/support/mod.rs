//! Projects, builds, images and a package index to test with.

mod apt;
#[path = "../../support/archive.rs"]
mod archive;
mod build;
pub(crate) mod docker;
mod file_server;
mod git_server;
#[path = "../../support/http.rs"]
mod http;
mod image;
mod index;
pub(crate) mod odd_engine;
mod poetry;
mod project;

use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) use apt::AptArchive;
pub(crate) use archive::sha256;
pub(crate) use build::{Build, Built};
pub(crate) use docker::docker;
pub(crate) use file_server::{FileServer, archive};
pub(crate) use git_server::GitServer;
pub(crate) use image::{File, Image, files_of, holds};
pub(crate) use index::Index;
pub(crate) use project::{Project, frontend, mirror, platforms_image};

/// A reference in the registry that the frontend's image is in, with a tag that no other test has.
pub(crate) fn in_registry(name: &str) -> String {
    let frontend = frontend();
    let registry = frontend.split('/').next().filter(|host| host.contains(':'));
    let registry = registry.unwrap_or("127.0.0.1:5000");
    format!("{registry}/poetry-frontend-test/{name}:{}", nonce())
}

/// A number that no earlier run had: what has it in it, no cache has.
pub(crate) fn nonce() -> u128 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap().as_nanos()
}
