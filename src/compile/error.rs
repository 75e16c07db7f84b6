//! Plans that cannot be compiled.

use crate::plan::StageName;

/// An inconsistent plan, which is a bug in the planner or in the caller of [`compile`](super::compile).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("image `{0}` was not resolved")]
    NoImage(String),
    #[error("named context `{0}` does not exist")]
    NoContext(String),
    #[error("stage `{0}` is used before it is defined")]
    NoStage(StageName),
}
