//! The product on one page: what image a build file, a project and a request make.
//!
//! A [`Plan`] is a value: stages of steps, the image's settings, and what the build context must hold. It knows
//! neither LLB nor the engine, and making it does no I/O. Each stage has a file of its own:
//!
//! ```text
//! base image ── poetry    Poetry in a virtual environment of its own, shared by all projects
//!     │             ┆ (mounted, never copied)
//!     ├──────── builder   system packages for building, `git` where the lock needs it
//!     │             ├──── deps     the locked dependencies in /app/.venv
//!     │             ├──── NAME     the wheel of each path dependency
//!     │             └──── source   the project's wheel, installed into a tree of its own
//!     ├──────── runtime   system packages, user, then: the environment, copied files, the project
//!     │             ┆ (what must succeed in it, though nothing of it stays)
//!     │             └──── checks   a target's command, the smoke test, the size
//!     └ (builder) ─ dev   all dependencies, Poetry, the project editable
//! ```
//!
//! A hook that needs the project gets a stage `project`: `deps` with the project beside the dependencies. All others are
//! steps of the stages above.

mod apt;
mod builder;
mod checks;
mod choice;
mod copies;
mod credentials;
mod deps;
mod development;
mod error;
mod facts;
mod git;
mod hooks;
mod layout;
mod paths;
mod poetry;
mod runtime;
mod source;
mod stage;
mod warning;
mod wheel;

use std::collections::{BTreeMap, BTreeSet};

use crate::build_file::{BUILT_IN_TARGETS, BuildFile, Healthcheck, InstallMode, Located, Switches};
use crate::diagnostics::{Diagnostic, Diagnostics, Place, Problem, Warning};
use crate::image::{ImageReference, Platform};
use crate::project::{PoetryVersion, Project, PythonVersion, Selection};
use crate::rules::Rule;

use git::Repository;
use layout::Layout;
use paths::PathDependency;

pub use error::Error;
pub use facts::Cause;
pub use stage::{
    Action, Base, CacheSharing, ContextFiles, Copy, Mount, Network, NewFile, Origin, Run,
    SecretVariable, Stage, StageName, Step, download_name,
};
pub use warning::{
    ContextFile, SourceFile, Suspected, dev_only_imports, in_context, python_sources,
};

/// Where the project lives in the image.
const PROJECT_DIR: &str = "/app";
/// Where its virtual environment is, in the builder and in the image alike: environments cannot be moved.
const VENV: &str = "/app/.venv";

/// What a build asks for besides the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The stage to build; `None` is the runtime image.
    pub target: Option<String>,
    /// What the image runs on.
    pub platform: Platform,
    /// Labels of the image, by name.
    pub labels: BTreeMap<String, String>,
    /// The address of the repository that the client builds from, without credentials.
    pub source: Option<String>,
    /// The commit that the client builds.
    pub revision: Option<String>,
    /// Put before every cache mount's id, as `NS/id`.
    pub cache_namespace: Option<String>,
    /// The names of the named contexts.
    pub contexts: Vec<String>,
    /// The patterns of the ignore file, in its order.
    pub ignore: Vec<String>,
    /// Which rules are looked at, besides what the build file says.
    pub checks: Switches,
}

impl Request {
    /// What a command asks for that says nothing but the platform.
    #[must_use]
    pub fn on(platform: Platform) -> Self {
        Self {
            target: None,
            platform,
            labels: BTreeMap::new(),
            source: None,
            revision: None,
            cache_namespace: None,
            contexts: Vec::new(),
            ignore: Vec::new(),
            checks: Switches::default(),
        }
    }
}

/// An image to be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The stages in an order in which each needs only earlier ones.
    pub stages: Vec<Stage>,
    /// The stage that is the image.
    pub result: StageName,
    /// The stages that must be built as well, though nothing of them is in the image.
    pub checks: Vec<StageName>,
    /// The settings of the image.
    pub settings: Settings,
    /// The groups and extras that are installed.
    pub selection: Selection,
    /// What the build context must hold for the steps to mean anything.
    pub expected: Vec<Expected>,
    /// What the client must have, and what the user is told when it has not.
    pub needs: BTreeMap<Need, Diagnostic>,
    /// What can be built but should be looked at.
    pub warnings: Vec<Warning>,
    /// What is to be looked at unless the build context holds something.
    pub suspected: Vec<Suspected>,
    /// Which rules are looked at, and whether a warning is a mistake.
    pub switches: Switches,
}

/// Something of the client's that a command needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// A secret, by its id.
    Secret(String),
    /// An SSH agent, by its id.
    Agent(String),
    /// That commands may use the engine's own network.
    HostNetwork,
}

/// The settings that the image adds to its base's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `UID:GID`; `None` leaves the base's.
    pub user: Option<String>,
    /// The working directory; `None` leaves the base's.
    pub workdir: Option<String>,
    /// Directories put before the base's `PATH`.
    pub path: Vec<String>,
    /// Environment variables, by name.
    pub env: BTreeMap<String, String>,
    /// The command; `None` leaves the base's, an empty one removes it.
    pub entrypoint: Option<Vec<String>>,
    /// The default arguments; `None` leaves the base's unless there is an entrypoint.
    pub cmd: Option<Vec<String>>,
    /// TCP ports.
    pub expose: Vec<u16>,
    /// Labels, by name.
    pub labels: BTreeMap<String, String>,
    /// How an engine sees that the service is well; `None` leaves the base's.
    pub healthcheck: Option<Healthcheck>,
    /// The signal that ends the service; `None` leaves the base's.
    pub stop_signal: Option<String>,
    /// Paths of volumes.
    pub volumes: Vec<String>,
}

/// What a project needs that its build file does not name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// The Python that is chosen.
    pub python: Option<PythonVersion>,
    /// The Debian packages that compiling the dependencies is known to need.
    pub build: BTreeSet<&'static str>,
    /// The Debian packages that the dependencies are known to load.
    pub runtime: BTreeSet<&'static str>,
}

/// Something that the build context must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Patterns of which at least one must match.
    pub any_of: Vec<String>,
    /// The files that it is looked for in.
    pub files: ContextFiles,
    /// What the user is told when none does.
    pub otherwise: Diagnostic,
}

/// What the stages are made from.
struct Inputs<'a> {
    /// The file with all its targets.
    whole: &'a BuildFile,
    /// What the target says.
    file: &'a BuildFile,
    /// The stage that is wanted.
    result: StageName,
    /// The targets that copy from this one.
    above: Vec<StageName>,
    /// The stage that makes the final image, be that the result or not.
    image: StageName,
    project: &'a Project,
    request: &'a Request,
    install: InstallMode,
    base: ImageReference,
    base_place: Place,
    /// Unknown where a base is given without a version.
    python: Option<PythonVersion>,
    poetry: PoetryVersion,
    selection: Selection,
    checks: Switches,
    /// The path dependencies that are projects.
    folders: Vec<PathDependency>,
    /// The path dependencies that are wheels or source archives.
    archives: Vec<PathDependency>,
    /// The Git dependencies.
    repositories: Vec<Repository>,
}

impl Plan {
    /// Plans the image.
    ///
    /// # Errors
    /// The files contradict each other or leave something open that has no good default; all such mistakes at once.
    pub fn new(
        file: &BuildFile,
        project: &Project,
        request: &Request,
    ) -> Result<Self, Diagnostics> {
        let mut found = Vec::new();
        let target = match target(file, request.target.as_deref()) {
            Ok(target) => target,
            Err(error) => return Err(error.nowhere().into()),
        };
        let file = target.file;
        let inputs = Inputs::new(&target, project, request, &mut found);
        // What the container runs matters only where there is to be one.
        let settings = if target.is_image() {
            runtime::settings(file, project, request, &mut found)
        } else if target.is_for_development() {
            inputs.as_ref().map(development::settings)
        } else {
            Some(Settings {
                labels: request.labels.clone(),
                ..Settings::default()
            })
        };
        let (Some(inputs), Some(settings)) = (inputs, settings) else {
            return Err(all(found));
        };
        let layout = Layout::new(&inputs, &mut found);
        Diagnostics::check(found)?;
        let mut stages = layout.stages;

        let mut warnings = warning::find(&inputs);
        let last = stages.last().map_or(&[][..], |stage| &stage.steps);
        warnings.extend(warning::in_steps(&inputs, last));
        let suspected = layout
            .source
            .map(|files| warning::suspected(&inputs, &files));

        let checks = checks::plan(&inputs, &target, &settings);
        stages.extend(checks.iter().cloned());
        let mut checks: Vec<StageName> = checks.into_iter().map(|check| check.name).collect();
        // A hook whose outputs nobody wants may be there to fail.
        let project = StageName::Project;
        checks.extend(
            stages
                .iter()
                .any(|stage| stage.name == project)
                .then_some(project),
        );
        let wanted = checks.iter().chain([&target.stage]).cloned();
        let needed = stage::needed_for(wanted.collect(), &stages);
        stages.retain(|stage| needed.contains(&stage.name));
        Ok(Self {
            needs: needs(&stages, inputs.looks_at(Rule::MissingSecret)),
            stages,
            result: target.stage,
            checks,
            settings,
            selection: inputs.selection.clone(),
            expected: layout.expected,
            warnings,
            suspected: suspected.unwrap_or_default(),
            switches: inputs.checks.clone(),
        })
    }

    /// The named contexts that the steps copy from, or that are looked into.
    #[must_use]
    pub fn contexts(&self) -> BTreeSet<&str> {
        let copied = self.context_parts();
        let copied = copied.filter_map(|(files, _)| files.context.as_deref());
        let expected = self.expected.iter();
        let expected = expected.filter_map(|one| one.files.context.as_deref());
        copied.chain(expected).collect()
    }

    /// The stages whose steps are the image's own layers, from the base on.
    pub fn image_stages(&self) -> impl Iterator<Item = &Stage> {
        let mut chain = Vec::new();
        let mut next = Some(&self.result);
        while let Some(stage) =
            next.and_then(|name| self.stages.iter().find(|stage| stage.name == *name))
        {
            chain.push(stage);
            next = match &stage.from {
                Base::Stage(name) => Some(name),
                Base::Image(_) => None,
            };
        }
        chain.into_iter().rev()
    }

    /// What can be told of files that nothing can be planned for: they have mistakes.
    #[must_use]
    pub fn warnings_of(file: &BuildFile, project: &Project, request: &Request) -> Vec<Warning> {
        let target = target(file, request.target.as_deref());
        let target = target.unwrap_or_else(|_| Target::new(file, StageName::Runtime));
        let inputs = Inputs::new(&target, project, request, &mut Vec::new());
        inputs.map_or_else(Vec::new, |inputs| warning::find(&inputs))
    }

    /// What the project needs, whatever else the build file says.
    #[must_use]
    pub fn defaults(file: &BuildFile, project: &Project, request: &Request) -> Defaults {
        let target = Target::new(file, StageName::Runtime);
        let inputs = Inputs::new(&target, project, request, &mut Vec::new());
        inputs.map_or_else(Defaults::default, |inputs| {
            let [build, runtime] = warning::system_packages(&inputs);
            Defaults {
                python: inputs.python,
                build,
                runtime,
            }
        })
    }

    /// The parts of build contexts that steps copy from, each once, with the place that asks for it.
    pub fn context_parts(&self) -> impl Iterator<Item = (&ContextFiles, &Place)> {
        let mut seen = Vec::new();
        let steps = self.stages.iter().flat_map(|stage| &stage.steps);
        steps
            .flat_map(|step| {
                let copies = step.action.copies().iter();
                copies.filter_map(|copy| match &copy.from {
                    Origin::Context(files) => Some((files, &step.place)),
                    _ => None,
                })
            })
            .filter(move |(files, _)| {
                let new = !seen.contains(files);
                seen.push(*files);
                new
            })
    }

    /// The images that the stages begin with or copy from, each once, with the place that asks for it.
    pub fn images(&self) -> impl Iterator<Item = (&ImageReference, &Place)> {
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

impl<'a> Inputs<'a> {
    fn new(
        target: &Target<'a>,
        project: &'a Project,
        request: &'a Request,
        found: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let checks = target.file.check.clone().and(&request.checks);
        let mut mistakes = Vec::new();
        let inputs = Self::checked(target, project, request, checks.clone(), &mut mistakes);
        let looked_at = |rule: Option<Rule>| rule.is_none_or(|rule| checks.looks_at(rule));
        found.extend(mistakes.into_iter().filter(|one| looked_at(one.rule)));
        inputs
    }

    /// The same with all that is wrong, be it looked at or not.
    fn checked(
        target: &Target<'a>,
        project: &'a Project,
        request: &'a Request,
        checks: Switches,
        found: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let file = target.file;
        let selection = choice::selection(file, project, found);
        let checked = checks.looks_at(Rule::PythonNotAllowed);
        let python = found_or(target.python(project, &selection, checked), found);
        let selection = if target.is_for_development() {
            development::selection(project)
        } else {
            selection
        };
        let poetry = found_or(choice::poetry(file, project), found);
        let install = found_or(choice::install(file, project), found);
        let (python, poetry, install) = (python?, poetry?, install?);
        let ports = runtime::closed_ports(file);
        let lock = [
            choice::misfit(file, project, poetry, python),
            choice::stale(project, poetry),
        ];
        found.extend(lock.into_iter().flatten().chain(ports));
        let (folders, archives) = paths::find(project, &selection, request, found);
        let (base, base_place) = choice::base(file, python);
        Some(Self {
            whole: target.whole,
            file,
            result: target.stage.clone(),
            above: Vec::new(),
            image: match &target.stage {
                name @ StageName::Target(_) => name.clone(),
                _ => StageName::Runtime,
            },
            project,
            request,
            install,
            base,
            base_place,
            python,
            poetry,
            folders,
            archives,
            repositories: git::find(project, &selection),
            selection,
            checks,
        })
    }

    fn looks_at(&self, rule: Rule) -> bool {
        self.checks.looks_at(rule)
    }

    /// The image that the builder starts from.
    fn build_base(&self) -> &ImageReference {
        let asked = self.file.build.base.as_ref();
        asked.map_or(&self.base, |base| &base.value)
    }

    /// The variables of `[build]`.
    fn build_env(&self) -> impl Iterator<Item = (String, String)> {
        let env = self.file.build.env.iter();
        env.map(|(name, value)| (name.clone(), value.value.clone()))
    }

    /// The id of a cache mount.
    fn cache_id(&self, name: &str) -> String {
        match &self.request.cache_namespace {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name.to_owned(),
        }
    }

    /// A cache mount that is apart for each Python and platform.
    fn cache(&self, name: &str, target: &str, sharing: CacheSharing) -> Mount {
        Mount::Cache {
            id: self.cache_id(&format!("poetry-frontend/{name}-{}", self.cache_scope())),
            target: target.to_owned(),
            sharing,
        }
    }

    /// The part of a cache's id that keeps apart what is built for different Pythons and platforms.
    fn cache_scope(&self) -> String {
        let python = match self.python {
            Some(python) => format!("python3.{}", python.minor),
            None => self.build_base().to_string(),
        };
        format!("{python}-{}", self.request.platform)
    }
}

/// What the client must have, with its secrets or without.
fn needs(stages: &[Stage], secrets: bool) -> BTreeMap<Need, Diagnostic> {
    let steps = stages.iter().flat_map(|stage| &stage.steps);
    let needs = steps.flat_map(Step::needs);
    needs
        .filter(|(need, _)| secrets || !matches!(need, Need::Secret(_)))
        .collect()
}

/// What is to be built.
struct Target<'a> {
    /// The file with all its targets.
    whole: &'a BuildFile,
    /// What the target says.
    file: &'a BuildFile,
    /// The stage that is the image.
    stage: StageName,
    /// The command that must succeed in a container of the image.
    run: Option<&'a Located<Vec<String>>>,
}

impl<'a> Target<'a> {
    fn new(file: &'a BuildFile, stage: StageName) -> Self {
        Self {
            file,
            stage,
            run: None,
            whole: file,
        }
    }

    /// The Python that is installed for. Unless the target has a base of its own, it is that of the main image: what is
    /// tested is what runs.
    fn python(
        &self,
        project: &Project,
        selection: &Selection,
        checked: bool,
    ) -> Result<Option<PythonVersion>, Diagnostic> {
        let [own, main] = [self.file, self.whole].map(|file| file.runtime.base.as_ref());
        if own.map(|base| &base.value) != main.map(|base| &base.value) {
            return choice::python(self.file, project, selection, checked);
        }
        // Mistakes in it are those of the main image.
        let selection = choice::selection(self.whole, project, &mut Vec::new());
        choice::python(self.whole, project, &selection, checked)
    }

    /// Whether it is an image to be run, and no part of the builder.
    fn is_image(&self) -> bool {
        let image = matches!(self.stage, StageName::Runtime | StageName::Target(_));
        image && !self.is_for_development()
    }

    fn is_for_development(&self) -> bool {
        is_for_development(&self.stage)
    }
}

fn target<'a>(whole: &'a BuildFile, name: Option<&str>) -> Result<Target<'a>, Error> {
    let stage = match name.unwrap_or_default() {
        "" | "runtime" => StageName::Runtime,
        "deps" => StageName::Deps,
        "builder" => StageName::Builder,
        development::NAME => StageName::Target(development::NAME.to_owned()),
        name => {
            let Some(target) = whole.targets.get(name) else {
                let known = BUILT_IN_TARGETS.into_iter();
                let known = known.chain(whole.targets.keys().map(String::as_str));
                return Err(Error::UnknownTarget {
                    name: name.to_owned(),
                    known: known.map(str::to_owned).collect(),
                });
            };
            return Ok(Target {
                whole,
                file: &target.file,
                stage: StageName::Target(name.to_owned()),
                run: target.run.as_ref(),
            });
        }
    };
    Ok(Target::new(whole, stage))
}

/// No target of the file has this name.
fn is_for_development(stage: &StageName) -> bool {
    matches!(stage, StageName::Target(name) if name == development::NAME)
}

fn found_or<T>(result: Result<T, Diagnostic>, found: &mut Vec<Diagnostic>) -> Option<T> {
    result.map_err(|diagnostic| found.push(diagnostic)).ok()
}

fn all(found: Vec<Diagnostic>) -> Diagnostics {
    match Diagnostics::check(found) {
        Err(all) => all,
        // Every `None` above was pushed with its reason.
        Ok(()) => Error::Nothing.nowhere().into(),
    }
}

#[cfg(test)]
mod tests;
