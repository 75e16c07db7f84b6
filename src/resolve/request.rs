//! The options of a build.

use std::collections::BTreeMap;

use crate::build_file::{Date, RuleSwitches, Subject};
use crate::image::Platform;
use crate::plan::BuildPlatform;
use crate::project::Project;

use super::addresses::Addresses;

/// Everything that a build is given in addition to the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `--target`; `None` is the runtime image.
    pub target: Option<String>,
    pub platform: Platform,
    pub build_platform: BuildPlatform,
    pub labels: BTreeMap<String, String>,
    /// The repository that the client builds from, without credentials.
    pub source: Option<String>,
    /// The commit that the client builds from.
    pub revision: Option<String>,
    /// Prefix of every cache mount's id: `NAMESPACE/id`.
    pub cache_namespace: Option<String>,
    /// Names of named contexts.
    pub contexts: Vec<String>,
    /// The patterns of the ignore file, in order.
    pub ignore: Vec<String>,
    /// Combined with `[check]` of the build file.
    pub rules: RuleSwitches,
    /// The repository that the exceptions of a standard are compared with.
    pub repository: Option<String>,
    /// The day that the exceptions of a standard are compared with.
    pub today: Option<Date>,
    /// Whether the engine can merge file systems. Otherwise it copies the layers one after the other.
    pub merges: bool,
    /// Where the wheels are that the engine downloads.
    pub addresses: Addresses,
    /// Whether the licences of the installed packages are asked for.
    pub lists_licenses: bool,
}

impl Request {
    /// The defaults for a platform.
    #[must_use]
    pub fn on(platform: Platform) -> Self {
        Self {
            target: None,
            platform,
            build_platform: BuildPlatform::Image,
            labels: BTreeMap::new(),
            source: None,
            revision: None,
            cache_namespace: None,
            contexts: Vec::new(),
            ignore: Vec::new(),
            rules: RuleSwitches::default(),
            repository: None,
            today: None,
            merges: true,
            addresses: Addresses::default(),
            lists_licenses: false,
        }
    }

    /// What a standard is applied to.
    pub(crate) fn subject<'a>(&'a self, project: &'a Project) -> Subject<'a> {
        Subject {
            project: project.pyproject.name.as_deref(),
            repository: self.repository.as_deref(),
            today: self.today,
        }
    }
}
