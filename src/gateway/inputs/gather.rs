//! What every build and most subrequests start from.

use crate::gateway::request::Options;
use crate::gateway::transport::{Engine, Failure};

use super::files::{self, Files};
use super::images::Images;
use super::main_context::{self, MainContext};

/// The engine, the options, and what the main context holds.
pub(crate) struct Inputs<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) options: &'a Options,
    pub(crate) main: MainContext,
    pub(crate) files: Files,
    pub(crate) images: Images<'a>,
}

impl<'a> Inputs<'a> {
    /// Finds the build context and reads the files that define the build.
    pub(crate) async fn gather(engine: &'a Engine, options: &'a Options) -> Result<Self, Failure> {
        let main = main_context::find(engine, options).await?;
        let files = files::read(engine, &main).await?;
        Ok(Self {
            engine,
            options,
            main,
            files,
            images: Images::new(engine, options.resolve_mode),
        })
    }
}
