//! A command: its help, its arguments and its function.

use std::ffi::OsString;

use super::arguments::{Arguments, Operand, Opt};
use super::error::Error;

pub(super) const NAME: &str = "poetry-frontend";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Success,
    /// The user's files have errors or warnings.
    Problems,
}

pub(super) struct Command {
    pub(super) name: &'static str,
    /// What it does, in one sentence.
    pub(super) about: &'static str,
    pub(super) details: &'static str,
    pub(super) operands: &'static [Operand],
    pub(super) options: &'static [&'static [Opt]],
    pub(super) run: fn(&Arguments) -> Result<Outcome, Error>,
}

impl Command {
    /// Parses the arguments that follow the command's name.
    pub(super) fn parse(
        &self,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Arguments, Error> {
        Arguments::parse(self.name, self.operands, self.options, arguments)
    }
}
