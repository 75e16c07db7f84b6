//! Projects, builds, images and a package index to test with.

mod build;
mod docker;
mod git_server;
mod image;
mod index;
pub(crate) mod odd_engine;
mod poetry;
mod project;
mod wheel;

pub(crate) use build::{Build, Built};
pub(crate) use git_server::GitServer;
pub(crate) use image::{File, Image, files_of};
pub(crate) use index::Index;
pub(crate) use project::{Project, frontend};
