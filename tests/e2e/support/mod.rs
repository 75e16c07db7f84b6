//! Projects, builds, images and servers for the end-to-end tests.

mod apt;
#[path = "../../support/archive.rs"]
mod archive;
mod build;
#[path = "../../support/default_index.rs"]
mod default_index;
pub(crate) mod docker;
pub(crate) mod fake_engine;
mod file_server;
mod git_server;
#[path = "../../support/http.rs"]
mod http;
mod image;
mod index;
mod interceptor;
mod project;
mod published;

use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) use apt::AptArchive;
pub(crate) use archive::{sha256, tagged_wheel, wheel};
pub(crate) use build::{Build, Built};
pub(crate) use default_index::default_index;
pub(crate) use docker::{docker, merges};
pub(crate) use file_server::{FileServer, archive};
pub(crate) use git_server::GitServer;
pub(crate) use image::{File, Image, files_of, holds};
pub(crate) use index::{Index, Published, backend};
pub(crate) use interceptor::Interceptor;
pub(crate) use project::{Project, frontend, mirror, pip_options, platforms_image};

/// A reference with a unique tag, in the registry of the frontend's image.
pub(crate) fn in_registry(name: &str) -> String {
    let frontend = frontend();
    let registry = frontend.split('/').next().filter(|host| host.contains(':'));
    let registry = registry.unwrap_or("127.0.0.1:5000");
    format!("{registry}/poetry-frontend-test/{name}:{}", nonce())
}

/// A unique number: nothing that contains it is in a cache.
pub(crate) fn nonce() -> u128 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap().as_nanos()
}
