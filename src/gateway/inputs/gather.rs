//! Gathers what a build starts from.

use std::borrow::Cow;

use crate::gateway::request::Options;
use crate::gateway::transport::{Engine, Failure};

use super::found::Inputs;
use super::images::Images;
use super::{epoch, files, main_context};

impl<'a> Inputs<'a> {
    /// Finds the build context and reads the files that define the build.
    pub(crate) async fn gather(engine: &'a Engine, options: &'a Options) -> Result<Self, Failure> {
        let main = main_context::find(engine, options).await?;
        let files = files::read(engine, &main).await?;
        let mut inputs = Self {
            engine,
            options: Cow::Borrowed(options),
            main,
            files,
            images: Images::new(engine, options.resolve_mode),
        };
        if let Some(resolved) = epoch::resolved(&inputs).await? {
            inputs.options = Cow::Owned(resolved);
        }
        Ok(inputs)
    }
}
