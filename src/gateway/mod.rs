//! The engine's side: the only part of the frontend that talks to anyone.
//!
//! A build is one conversation: greet, read the files, plan, look up the base images and what the plan expects of the
//! context, solve, return.

mod checks;
mod contexts;
mod engine;
mod failure;
mod files;
mod git_address;
mod images;
mod limits;
mod main_context;
mod options;
mod platforms;
mod sbom;
mod subrequests;
mod warnings;
mod wire;

use std::io;

use buildkit_proto::gateway::Result as BuildResult;

use crate::image::Platform;
use crate::plan::Request;

use engine::Engine;
use options::Options;

pub use failure::{Error, Failure};

/// Whether an engine started this process.
#[must_use]
pub fn called() -> bool {
    std::env::var_os("BUILDKIT_SESSION_ID").is_some()
}

/// Reads the environment that an engine gives, and nothing else.
///
/// # Errors
/// It makes no sense, or asks for what is not supported.
pub fn check_options(environment: impl Iterator<Item = (String, String)>) -> Result<(), Error> {
    Options::read(environment).map(drop)
}

/// Builds what the engine asks for, and tells it the outcome.
///
/// # Errors
/// The connection failed, so that nobody could be told. A build that failed is no error here.
pub fn serve() -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?
        .block_on(async {
            let client = wire::connect().await?;
            let options = Options::read(std::env::vars());
            let cache_imports = match &options {
                Ok(options) => options.cache_imports.clone(),
                Err(_) => Vec::new(),
            };
            let engine = Engine::greet(client, cache_imports)
                .await
                .map_err(|failure| io::Error::other(failure.to_status().message))?;
            let outcome = match options {
                Ok(options) => build(&engine, &options).await,
                Err(error) => Err(error.into()),
            };
            engine
                .finish(outcome.map_err(|failure| failure.to_status()))
                .await
                .map_err(io::Error::other)
        })
}

async fn build(engine: &Engine, options: &Options) -> Result<BuildResult, Failure> {
    if let Some(name) = &options.subrequest {
        return subrequests::answer(engine, options, name).await;
    }
    let sources = main_context::find(engine, options).await?;
    let files = files::read(engine, &sources).await?;
    platforms::build(engine, options, &sources, &files).await
}

/// What is asked for besides the files.
fn request(options: &Options, platform: &Platform, ignore: &[String]) -> Request {
    Request {
        target: options.target.clone(),
        platform: platform.clone(),
        labels: options.labels.clone(),
        source: options.source.clone(),
        revision: options.revision.clone(),
        cache_namespace: options.cache_namespace.clone(),
        contexts: contexts::keys(options, platform).into_keys().collect(),
        ignore: ignore.to_vec(),
        checks: options.checks.clone(),
    }
}
