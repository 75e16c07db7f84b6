//! The result of compiling a plan.

use std::collections::BTreeMap;

use buildkit_llb::{Definition, Output};
use serde_json::Value;

use crate::plan::{KnownFailure, Requirement, StageName};

/// A compiled plan.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The graph of the image.
    pub definition: Definition,
    /// Outputs that must be solved too, although the image contains nothing of them.
    pub verifications: Vec<Output>,
    /// The output of each stage except the image's.
    pub stage_outputs: BTreeMap<StageName, Output>,
    pub image: Output,
    /// The image without the layers that are merged over it, which have no file of the system. To read a file of a merge, an engine
    /// writes all of it to disk.
    pub system: Output,
    /// `None` if the plan needs nothing from the client.
    pub probes: Option<Probes>,
    /// The steps, by the digests of their ops.
    pub steps: BTreeMap<String, StepInfo>,
    pub config: Value,
    /// The config of the image that the image starts from.
    pub base_config: Value,
}

/// What the error of a failed step says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepInfo {
    /// The name in the progress, such as `[deps 2/3] poetry install`.
    pub name: String,
    /// The hints for failures whose reason the step's script reports.
    pub hints: BTreeMap<KnownFailure, String>,
    /// Whether it is a wheel that the engine downloads; `name` is the name of the file.
    pub is_download: bool,
}

/// Commands that do nothing, but fail if the client does not provide what the plan requires.
#[derive(Clone, Debug)]
pub struct Probes {
    /// Has all requirements. A success is cached until a step that has requirements changes.
    pub combined: Output,
    /// One probe for each requirement; never cached.
    pub separate: BTreeMap<Requirement, Output>,
}
