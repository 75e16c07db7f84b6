//! What every build and most subrequests start from.

use std::borrow::Cow;

use crate::gateway::request::Options;
use crate::gateway::transport::Engine;

use super::files::Files;
use super::images::Images;
use super::main_context::MainContext;

/// The engine, the options, and what the main context holds.
pub(crate) struct Inputs<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) options: Cow<'a, Options>,
    pub(crate) main: MainContext,
    pub(crate) files: Files,
    pub(crate) images: Images<'a>,
}
