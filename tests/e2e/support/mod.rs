//! Projects, builds, images and a package index to test with.

#[path = "../../support/archive.rs"]
mod archive;
mod build;
mod docker;
#[path = "../../support/http.rs"]
mod http;
mod image;
mod index;
pub(crate) mod odd_engine;
mod poetry;
mod project;

pub(crate) use build::{Build, Built};
pub(crate) use image::{File, Image, files_of};
pub(crate) use index::Index;
pub(crate) use project::{Project, frontend};
