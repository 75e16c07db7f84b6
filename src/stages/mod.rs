//! Plans the stages of an image. Each stage of the picture has its own file.
//!
//! ```text
//! base image ─┬── uv, wheel-tools     pinned tools that install and build wheels
//!             │     ┆ (mounted, never copied)
//!             ├── deps-environment    the empty virtual environment
//!             ├── deps-N              locked wheels, one stage for each layer
//!             ├── source              the project's wheel, if poetry-core builds it
//!             ├── poetry              Poetry in its own virtual environment, mounted where it is needed
//!             ├── builder             system packages for building, `git` if the lock needs it
//!             │     ├── deps-poetry   what Poetry installs: packages without a wheel, from Git, or all
//!             │     ├── builder-hooks downloads and the like, which reach the image as outputs of hooks
//!             │     ├── deps          all layers of the environment, for hooks and as a target
//!             │     ├── NAME          the wheel of each path dependency
//!             │     └── source        the project's wheel, if another backend builds it
//!             ├── runtime             system packages, user, then: the layers, copied files, the project
//!             │     ┆ (must succeed, but the image contains nothing of them)
//!             │     └── verifications a target's `run`, the smoke test, the image size
//!             └ (builder) ─ dev       all dependencies, Poetry, the project in editable mode
//! ```
//!
//! Hooks that change the project's files run in the stage `source-hooks`, which adds these files to `deps`; `source` then
//! builds what they leave in `source-files`. Hooks that need the project run in the stage `project`, which adds the project
//! and the image's system packages to `deps`. All other hooks are steps of the stages above. The files of the build context
//! that a hook asks for are mounted from stages of their own, `inputs-N`.
//!
//! If the engine has another platform than the image, the stages that need no emulation start from `build-base`, the same base
//! image for the engine's platform: those above `poetry` in the picture, and whatever changes the image from outside.

mod builder;
mod deps;
mod dev;
mod layers;
mod layout;
mod licenses;
mod listing;
mod path_dependencies;
mod poetry;
mod project;
mod requirements;
mod runtime;
mod settings;
mod source;
mod source_hooks;
mod verifications;
mod vex;
mod wheel;

use crate::build_file::HookPoint;
use crate::diagnostics::{Diagnostics, printable};
use crate::plan::{ContextFiles, LicenseRules, Plan, Settings, StageName, needed_for};
use crate::project::{Project, normalised};
use crate::resolve::{Request, Resolved, Target, all_errors};
use crate::rules::Rule;
use crate::steps::{fetch, hooks};

use layout::Layout;

/// The stages with hooks that the image may not need: nothing of the builder is in an image of wheels alone.
fn hooked(resolved: &Resolved<'_>) -> Vec<StageName> {
    let has = |point| !hooks::steps(resolved, point).is_empty();
    let builder = has(HookPoint::AfterPackages).then_some(StageName::Builder);
    let deps = has(HookPoint::BeforeInstall).then_some(StageName::Deps);
    builder.into_iter().chain(deps).collect()
}

/// A plan, and what it was made from.
pub(crate) struct Planned<'a> {
    /// The plan, without warnings.
    pub(crate) plan: Plan,
    pub(crate) resolved: Resolved<'a>,
    /// The project's source in the build context, if the image contains it.
    pub(crate) source: Option<ContextFiles>,
}

/// The Python of the image, and why.
fn python(resolved: &Resolved<'_>) -> Option<String> {
    let (version, reason) = (resolved.python?, resolved.python_reason.as_ref()?);
    Some(format!("{version}, {reason}"))
}

/// Plans the image of a target.
///
/// # Errors
/// All contradictions in the files, and all settings that are required but missing.
pub(crate) fn plan<'a>(
    target: &Target<'a>,
    project: &'a Project,
    request: &'a Request,
) -> Result<Planned<'a>, Diagnostics> {
    let mut errors = Vec::new();
    let resolved = Resolved::new(target, project, request, &mut errors);
    // Only an image needs an entrypoint.
    let settings = if target.is_image() {
        settings::settings(target.file, project, request, &mut errors)
    } else if target.is_for_development() {
        resolved.as_ref().map(dev::settings)
    } else {
        Some(Settings {
            labels: request.labels.clone(),
            ..Settings::default()
        })
    };
    let (Some(resolved), Some(settings)) = (resolved, settings) else {
        return Err(all_errors(errors));
    };
    let layout = Layout::new(&resolved, &mut errors);
    Diagnostics::fail_if_any(errors)?;
    let mut stages = layout.stages;
    let verifying = verifications::plan(&resolved, target, &settings);
    // The image awaits some.
    let mut verifications = verifications::among(&stages);
    verifications.extend(verifying.iter().map(|stage| stage.name.clone()));
    stages.extend(verifying);
    // A hook without outputs may be a test of the project.
    let project = StageName::Project;
    let has_project = stages.iter().any(|stage| stage.name == project);
    verifications.extend(has_project.then_some(project));
    if target.is_image() {
        verifications.extend(hooked(&resolved));
    }
    let results = verifications.iter().chain([&target.stage]).cloned();
    let needed = needed_for(results.collect(), &stages);
    stages.retain(|stage| needed.contains(&stage.name));
    // Every client shows the titles.
    for step in stages.iter_mut().flat_map(|stage| &mut stage.steps) {
        step.title = printable(&step.title);
    }
    let vex = vex::of(&resolved, target);
    let vex_expected = vex.as_ref().map(vex::expected);
    let plan = Plan {
        requirements: requirements::of(&stages, resolved.is_enabled(Rule::MissingSecret)),
        stages,
        result: target.stage.clone(),
        platform: request.platform.clone(),
        build_platform: resolved.build_platform.clone(),
        verifications,
        settings,
        setting_spans: settings::spans(target.file, resolved.project),
        installed: resolved
            .installed_packages()
            .map(|package| normalised(&package.name))
            .collect(),
        python: python(&resolved),
        packages: resolved.packages.planned(&resolved.installed),
        licenses: LicenseRules::default(),
        listing: listing::of(&resolved, target),
        expected: layout.expected.into_iter().chain(vex_expected).collect(),
        vex,
        warnings: Vec::new(),
        warn_if_missing: Vec::new(),
        executables: Vec::new(),
        wheel: None,
        repository: None,
        rules: resolved.rules.clone(),
        fetched_at: fetch::asked_at(&resolved),
    };
    Ok(Planned {
        plan,
        resolved,
        source: layout.source,
    })
}
