//! Plans that cannot be exported.

use crate::diagnostics::Problem;
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
    #[error("a Dockerfile cannot express the label `{0}`")]
    LabelName(String),
    #[error("an option of a Dockerfile cannot hold `{0}`")]
    InOption(String),
    #[error("this build has a line of more than 64 KiB, which a Dockerfile cannot have")]
    LongLine,
    #[error("stage `{0}` is used before it is defined")]
    NoStage(StageName),
}

impl Problem for Error {
    fn hint(&self) -> String {
        match self {
            Self::NoDockerfile(_) | Self::Control(_) | Self::LongLine => {
                "build it with this frontend"
            }
            Self::LabelName(_) => "use a name without `=`, or build it with this frontend",
            Self::InOption(_) => "use ASCII characters, or build it with this frontend",
            Self::NoStage(_) => "report this as a bug in the frontend",
        }
        .into()
    }
}
