//! The keys of `standard.toml` and the types of their values. Users read the doc comments and examples.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::build_file::schema::{At, File, Scalar};

/// What a platform team sets for all projects that build with its frontend.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "standard.toml")]
pub(in crate::build_file) struct StandardFile {
    /// The name of the standard, which messages show. Required.
    #[schemars(required, example = &"corp-python")]
    pub(super) name: Option<At<String>>,
    /// The release of the standard.
    #[schemars(example = &"3.2")]
    pub(super) version: Option<At<String>>,
    /// The address of the team's own documentation, which errors of the standard show.
    #[schemars(example = &"https://docs.example/python")]
    pub(super) docs: Option<At<String>>,
    /// The releases of this frontend that the standard is for. Default: all.
    #[schemars(example = &">=0.1,<1")]
    pub(super) frontend: Option<At<String>>,
    /// A build file, whose keys each project's own file overrides.
    pub(super) defaults: File,
    /// Rules that each project must follow, by names of your choice. Each has exactly one of `key`, `images`, `rules` and
    /// `denied-licenses`.
    pub(super) policy: BTreeMap<String, At<PolicyTable>>,
    /// Projects that need not follow some rules for a time.
    pub(super) exception: Vec<At<ExceptionTable>>,
    /// The digests of images, by name and tag. Wherever a build uses such an image, it uses this digest.
    #[schemars(example = serde_json::json!({ "python:3.13-slim": "sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0" }))]
    pub(super) images: BTreeMap<String, At<String>>,
}

/// A rule that each project must follow.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PolicyTable {
    /// The key of the build file that the rule is about. It also holds for the same key of targets.
    #[schemars(example = &"runtime.base")]
    pub(super) key: Option<At<String>>,
    /// With `key`: whether only the standard may set it, and no project.
    #[schemars(example = true)]
    pub(super) locked: Option<At<bool>>,
    /// With `key`: whether it must be set, by the project or by the standard. A key of `[[copy]]` or `[[hook]]` must be set in
    /// each of them.
    #[schemars(example = true)]
    pub(super) required: Option<At<bool>>,
    /// With `key`: the values that it may have. `*` stands for any characters. Of a list, each item must be one of them; of a
    /// table, each name.
    #[schemars(example = ["registry.example/*", "python:3.*-slim"])]
    pub(super) allowed: Option<At<Vec<At<Scalar>>>>,
    /// With `key`: the values that it may not have, in the same form.
    #[schemars(example = ["*:latest"])]
    pub(super) denied: Option<At<Vec<At<Scalar>>>>,
    /// With `key = "python.version"` or `"poetry.version"`: the releases that an image may have, whoever chooses them.
    #[schemars(example = &">=3.12,<3.14")]
    pub(super) versions: Option<At<String>>,
    /// With `key`: the lowest number, size or count of items.
    #[schemars(example = 10000)]
    pub(super) min: Option<At<Scalar>>,
    /// With `key`: the highest number, size or count of items. 0 forbids `[[hook]]`, for example.
    #[schemars(example = &"500MB")]
    pub(super) max: Option<At<Scalar>>,
    /// The images that a build may use, the default base included. `*` stands for any characters.
    #[schemars(example = ["registry.example/*"])]
    pub(super) images: Option<At<Vec<At<String>>>>,
    /// The ids of rules of `docs/rules` that no project can skip. With `severity = "error"`, they also fail the build.
    #[schemars(example = ["SecretInEnv"])]
    pub(super) rules: Option<At<Vec<At<String>>>>,
    /// The licences that no installed package may have, as SPDX ids. `*` stands for any characters. The build reads them from
    /// the metadata of the packages.
    #[schemars(example = ["AGPL-*", "GPL-3.0-only"])]
    pub(super) denied_licenses: Option<At<Vec<At<String>>>>,
    /// With `denied-licenses`: what happens if the licence of a package is unknown. Default: nothing.
    #[schemars(example = &"warning")]
    pub(super) unknown_licenses: Option<At<PolicySeverity>>,
    /// With `denied-licenses`: packages that may have any licence.
    #[schemars(example = ["chardet"])]
    pub(super) except_packages: Option<At<Vec<At<String>>>>,
    /// Why the rule exists, or what to do instead. Errors show it.
    #[schemars(example = &"our base images have the company's certificates")]
    pub(super) message: Option<At<String>>,
    /// An address with more about the rule. Errors show it.
    #[schemars(example = &"https://docs.example/bases")]
    pub(super) docs: Option<At<String>>,
    /// What happens if a project does not follow the rule. Default: `error`; for `rules`, their own severity.
    pub(super) severity: Option<PolicySeverity>,
    /// The version of the standard from which on the rule is an error. Before, it is a warning.
    #[schemars(example = &"4.0")]
    pub(super) until: Option<At<String>>,
}

/// A project that need not follow some rules for a time. Every key is required, but only one of `project` and `repository`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ExceptionTable {
    /// The project's name in `pyproject.toml`. `*` stands for any characters.
    #[schemars(example = &"billing")]
    pub(super) project: Option<At<String>>,
    /// The repository that is built from, as host and path. `*` stands for any characters. With `project`, both must match.
    #[schemars(example = &"github.com/example/billing")]
    pub(super) repository: Option<At<String>>,
    /// The names of the rules in `[policy]`.
    #[schemars(example = ["approved-base"])]
    pub(super) policy: Option<At<Vec<At<String>>>>,
    /// Who asked for the exception.
    #[schemars(example = &"team-billing")]
    pub(super) owner: Option<At<String>>,
    /// Why it is needed.
    #[schemars(example = &"moves to the new base in May")]
    pub(super) reason: Option<At<String>>,
    /// The last day on which it holds.
    #[schemars(example = &"2027-05-31")]
    pub(super) until: Option<At<String>>,
}

/// What happens if a project does not follow a rule of the standard.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum PolicySeverity {
    /// The build fails before any step runs.
    Error,
    /// The build reports it.
    Warning,
}

/// The JSON Schema of the file.
#[must_use]
pub fn standard_json_schema() -> serde_json::Value {
    schemars::schema_for!(StandardFile).to_value()
}
