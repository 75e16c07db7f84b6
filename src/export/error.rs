//! Plans that cannot be exported.

use crate::plan::StageName;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A verification continues after a step that changed its files from outside.
    #[error("the step `{0}` cannot be expressed in a Dockerfile")]
    NoDockerfile(String),
    #[error(
        "`{0}` has a line break or another control character, which a Dockerfile cannot express"
    )]
    Control(String),
    #[error("stage `{0}` is used before it is defined")]
    NoStage(StageName),
}
