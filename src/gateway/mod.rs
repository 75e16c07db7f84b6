//! The engine's side: the only part of the frontend that does I/O.
//!
//! A build reads the request, gathers its inputs, plans and compiles, has the engine build the result, and returns it.

mod build;
mod inputs;
mod request;
mod subrequests;
mod transport;

use std::io;

use buildkit_proto::gateway::Result as BuildResult;

use inputs::Inputs;
use request::Options;
use transport::Engine;

pub use transport::{Error, Failure};

/// Whether an engine started this process.
#[must_use]
pub fn called() -> bool {
    std::env::var_os("BUILDKIT_SESSION_ID").is_some()
}

/// Checks the options that an engine would pass in these environment variables.
///
/// # Errors
/// An option has an invalid or unsupported value.
pub fn check_options(environment: impl Iterator<Item = (String, String)>) -> Result<(), Error> {
    Options::read(environment).map(drop)
}

/// Answers the engine's request, with an error if need be.
///
/// # Errors
/// The connection failed, so that nothing could be returned. A failed build is not an error here.
pub fn serve() -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?
        .block_on(async {
            let client = transport::connect().await?;
            let options = Options::read(std::env::vars());
            let cache_imports = match &options {
                Ok(options) => options.cache_imports.clone(),
                Err(_) => Vec::new(),
            };
            let engine = Engine::greet(client, cache_imports)
                .await
                .map_err(|failure| io::Error::other(failure.into_status().message))?;
            let outcome = match options {
                Ok(options) => answer(&engine, &options).await,
                Err(error) => Err(error.into()),
            };
            engine
                .finish(outcome.map_err(Failure::into_status))
                .await
                .map_err(io::Error::other)
        })
}

async fn answer(engine: &Engine, options: &Options) -> Result<BuildResult, Failure> {
    match &options.subrequest {
        Some(name) => subrequests::answer(engine, options, name).await,
        None => build::build(&Inputs::gather(engine, options).await?).await,
    }
}
