//! A plan: all stages of a build, and the image config.

use std::collections::{BTreeMap, BTreeSet};

use crate::build_file::RuleSwitches;
use crate::diagnostics::{Diagnostic, Span, Warning};
use crate::image::{ImageReference, Platform};

use super::build_platform::BuildPlatform;
use super::copy::ContextFiles;
use super::expectation::{Executable, Expected, WarnIfMissing};
use super::license_rules::LicenseRules;
use super::listing::Listing;
use super::package::PlannedPackage;
use super::requirement::Requirement;
use super::settings::Settings;
use super::stage::Stage;
use super::stage_name::StageName;
use super::step::Input;
use super::vex_file::VexFile;

/// The file at the root of a verification in which it reports packages that install different files at one path. Each line
/// has two packages, a path, and the number of further paths, separated by tabs.
pub const OVERLAPS: &str = "poetry-frontend-overlaps";

/// The list in the output of a stage that asks an index for the addresses of wheels.
pub const ADDRESSES: &str = "addresses.json";

/// The file at the root of a verification with what the installed packages say about their licences.
pub const LICENSES: &str = "poetry-frontend-licenses";

/// The name of that verification.
pub(crate) const LICENSES_STAGE: &str = "licenses";

/// All stages of a build, with the config of the image: what a multi-stage Dockerfile describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// In dependency order: a stage depends only on earlier ones.
    pub stages: Vec<Stage>,
    /// The stage that the build exports.
    pub result: StageName,
    /// The image's platform.
    pub platform: Platform,
    pub build_platform: BuildPlatform,
    /// Stages that must also succeed, although the image contains nothing of them.
    pub verifications: Vec<StageName>,
    pub settings: Settings,
    /// Where the user sets variables and labels, by their keys: `env.NAME` and `labels.NAME`.
    pub setting_spans: BTreeMap<String, Span>,
    /// Why the image has this Python; `None` if only its base decides.
    pub python: Option<String>,
    /// The normalised names of all locked packages of the image.
    pub installed: BTreeSet<String>,
    /// The locked packages of the image, except path dependencies that are projects.
    pub packages: Vec<PlannedPackage>,
    /// What a standard says about licences.
    pub licenses: LicenseRules,
    /// What the software bill of materials lists; `None` if there is none.
    pub listing: Option<Listing>,
    /// The document about vulnerabilities; `None` if there is none.
    pub vex: Option<VexFile>,
    /// Files that the contexts must contain.
    pub expected: Vec<Expected>,
    /// What the client must provide, each with the error if it does not.
    pub requirements: BTreeMap<Requirement, Diagnostic>,
    pub warnings: Vec<Warning>,
    pub warn_if_missing: Vec<WarnIfMissing>,
    pub executables: Vec<Executable>,
    /// The source that poetry-core makes the project's wheel from, and where it is set.
    pub wheel: Option<(ContextFiles, Span)>,
    /// The source with the repository that the project's version comes from, and where the project asks for it.
    pub repository: Option<(ContextFiles, Span)>,
    pub rules: RuleSwitches,
    /// Where the user wants the engine to download wheels.
    pub fetched_at: Option<Span>,
}

impl Plan {
    /// The named contexts that steps copy from or that must contain files.
    #[must_use]
    pub fn contexts(&self) -> BTreeSet<&str> {
        let copied = self.context_parts();
        let copied = copied.filter_map(|(files, _)| files.context.as_deref());
        let expected = self.expected.iter();
        let expected = expected.filter_map(|expected| expected.files.context.as_deref());
        copied.chain(expected).collect()
    }

    /// The stages whose steps become layers of the image, from the base up.
    pub fn image_stages(&self) -> impl Iterator<Item = &Stage> {
        let mut chain = Vec::new();
        let mut next = Some(&self.result);
        while let Some(stage) =
            next.and_then(|name| self.stages.iter().find(|stage| stage.name == *name))
        {
            chain.push(stage);
            next = stage.from.stage();
        }
        chain.into_iter().rev()
    }

    /// The context files that steps copy, each once, with the span of the first step that copies them.
    pub fn context_parts(&self) -> impl Iterator<Item = (&ContextFiles, &Span)> {
        self.parts_of(|_| true)
    }

    /// The same without those that only hooks see.
    pub fn installed_parts(&self) -> impl Iterator<Item = (&ContextFiles, &Span)> {
        self.parts_of(|stage| !stage.name.is_hook_inputs())
    }

    fn parts_of(
        &self,
        is_read: impl Fn(&Stage) -> bool,
    ) -> impl Iterator<Item = (&ContextFiles, &Span)> {
        let stages = self.stages.iter().filter(move |stage| is_read(stage));
        let steps = stages.flat_map(|stage| &stage.steps);
        let parts = steps.flat_map(|step| {
            step.inputs().filter_map(|input| match input {
                Input::Context(files) => Some((files, &step.span)),
                _ => None,
            })
        });
        let mut seen = Vec::new();
        parts.filter(move |(files, _)| {
            let new = !seen.contains(files);
            seen.push(*files);
            new
        })
    }

    /// The images that stages start from or copy from, each once, with the span that selects it.
    pub fn images(&self) -> impl Iterator<Item = (&ImageReference, &Span)> {
        let mut seen = Vec::new();
        self.stages
            .iter()
            .flat_map(Stage::images)
            .filter(move |(reference, _)| {
                let new = !seen.contains(*reference);
                seen.push((*reference).clone());
                new
            })
    }
}
