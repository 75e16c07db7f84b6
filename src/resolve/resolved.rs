//! The decisions for a target, from which its stages are made.

use std::fmt;

use crate::build_file::{BuildFile, HookPoint, ImageSpec, InstallMode, RuleSwitches, plain};
use crate::diagnostics::{Diagnostic, Diagnostics, Problem, Span};
use crate::digest::sha256;
use crate::image::ImageReference;
use crate::plan::{BuildPlatform, CacheSharing, Mount, StageName};
use crate::project::{
    Environment, Installed, LockedPackage, PoetryVersion, Project, PythonVersion, Selection,
};
use crate::rules::Rule;

use super::error::Error;
use super::installed::{Context, machine};
use super::packages::{self, Packages};
use super::path_dependencies::{self, PathDependency};
use super::repositories::{self, Repository};
use super::request::Request;
use super::target::Target;
use super::{base, install, poetry, ports, python, selection};

/// Everything that was decided for a target.
pub(crate) struct Resolved<'a> {
    /// The build file with all targets.
    pub(crate) whole: &'a BuildFile,
    /// The settings of the target.
    pub(crate) file: &'a ImageSpec,
    /// The stage to build.
    pub(crate) result: StageName,
    /// The targets that copy from this one, directly or indirectly.
    pub(crate) copied_by: Vec<StageName>,
    /// The stage of the final image; `result` may be an earlier stage.
    pub(crate) image: StageName,
    pub(crate) project: &'a Project,
    pub(crate) request: &'a Request,
    /// Where steps run whose result is the same on every platform.
    pub(crate) build_platform: BuildPlatform,
    pub(crate) install: InstallMode,
    pub(crate) base: ImageReference,
    pub(crate) base_span: Span,
    /// Unknown if `base` is set without a version.
    pub(crate) python: Option<PythonVersion>,
    /// Why this Python.
    pub(crate) python_reason: Option<python::Reason>,
    pub(crate) poetry: PoetryVersion,
    pub(crate) selection: Selection,
    pub(crate) rules: RuleSwitches,
    /// Path dependencies that are projects.
    pub(crate) directories: Vec<PathDependency>,
    /// Path dependencies that are wheels or sdists.
    pub(crate) archives: Vec<PathDependency>,
    /// Git dependencies.
    pub(crate) repositories: Vec<Repository>,
    /// What wheels and markers are selected for.
    pub(crate) environment: Environment,
    /// What the selection installs.
    pub(crate) installed: Vec<Installed<'a>>,
    /// What installs the packages.
    pub(crate) packages: Packages<'a>,
    /// Whether Poetry has plugins that may take part when the project is built.
    pub(crate) has_build_plugins: bool,
    /// Whether extras that are not selected add to what is installed.
    pub(crate) needs_other_extras: bool,
}

impl<'a> Resolved<'a> {
    pub(crate) fn new(
        target: &Target<'a>,
        project: &'a Project,
        request: &'a Request,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let rules = target.whole.rules.clone().and(&request.rules);
        let rules = match &target.whole.standard {
            Some(followed) => followed.standard.enforce(rules, request.subject(project)),
            None => rules,
        };
        let mut all = Vec::new();
        let resolved = Self::with_all_errors(target, project, request, rules.clone(), &mut all);
        let is_enabled = |rule: Option<Rule>| rule.is_none_or(|rule| rules.is_enabled(rule));
        errors.extend(all.into_iter().filter(|error| is_enabled(error.rule)));
        resolved
    }

    /// Like `new`, but includes errors of disabled rules.
    fn with_all_errors(
        target: &Target<'a>,
        project: &'a Project,
        request: &'a Request,
        rules: RuleSwitches,
        errors: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let file = target.file;
        let default = if target.is_for_development() {
            selection::DefaultGroups::All
        } else {
            selection::DefaultGroups::Main
        };
        let selection = selection::choose(file, project, default, errors);
        let must_be_allowed = rules.is_enabled(Rule::PythonNotAllowed);
        let poetry = ok_or_push(poetry::choose(file, project), errors);
        let install = ok_or_push(install::choose(file, project), errors);
        // The tag of a default image names its Debian release, whichever Python it has.
        let (any_base, _) = base::choose(file, None);
        let build_base = file.build.base.as_ref();
        let build_base = build_base.map_or(&any_base, |base| &base.value);
        let context = Context {
            poetry: poetry?,
            platform: &request.platform,
            bases: [build_base, &any_base],
        };
        let python = python::of_target(target, project, &selection, &context, must_be_allowed);
        let python = ok_or_push(python, errors);
        let (python, install) = (python?, install?);
        let (python, python_reason) = match python {
            Some(python) => (Some(python.version), Some(python.reason)),
            None => (None, None),
        };
        let poetry = context.poetry;
        errors.extend(install::invalid_scripts(project, install));
        let ports = ports::privileged(file);
        let lock = [
            poetry::misfit(file, project, poetry, python),
            poetry::stale(project, poetry),
        ];
        errors.extend(lock.into_iter().flatten().chain(ports));
        let environment = context.environment(python);
        let installed = context.installed(project, &selection, &environment);
        let needs_other_extras = context.needs_other_extras(project, &selection, &environment);
        let (directories, archives) = path_dependencies::find(&installed, request, errors);
        let (base, base_span) = base::choose(file, python);
        let packages = packages::choose(file, project, request, &installed, &environment);
        let build_platform = packages.build_platform(&request.build_platform, &environment);
        Some(Self {
            whole: target.whole,
            file,
            result: target.stage.clone(),
            copied_by: Vec::new(),
            image: match &target.stage {
                name @ StageName::Target(_) => name.clone(),
                _ => StageName::Runtime,
            },
            project,
            request,
            build_platform,
            install,
            base,
            base_span,
            python,
            python_reason,
            poetry,
            directories,
            archives,
            repositories: repositories::find(&installed),
            environment,
            installed,
            packages,
            has_build_plugins: packages::has_build_plugins(file, project),
            needs_other_extras,
            selection,
            rules,
        })
    }

    /// The packages that the selection installs, in the order of the lock.
    pub(crate) fn installed_packages(&self) -> impl Iterator<Item = &'a LockedPackage> {
        self.installed.iter().map(|one| one.package)
    }

    /// The names of the packages of an index that have to be built, because no wheel fits; none if the Python is unknown.
    pub(crate) fn built_from_source(&self) -> Vec<&'a str> {
        let packages = self.packages_from_source();
        packages.map(|package| package.name.as_str()).collect()
    }

    /// The packages of an index that have to be built; none if the Python is unknown.
    pub(crate) fn packages_from_source(&self) -> impl Iterator<Item = &'a LockedPackage> {
        let packages = self.installed_packages();
        packages.filter(|package| self.python.is_some() && package.must_be_built(&self.environment))
    }

    pub(crate) fn is_enabled(&self, rule: Rule) -> bool {
        self.rules.is_enabled(rule)
    }

    /// Whether Poetry has this plugin, by its normalised name.
    pub(crate) fn has_plugin(&self, name: &str) -> bool {
        packages::plugins(self.file, self.project).any(|plugin| plugin == name)
    }

    /// The base image of the builder.
    pub(crate) fn build_base(&self) -> &ImageReference {
        let configured = self.file.build.base.as_ref();
        configured.map_or(&self.base, |base| &base.value)
    }

    /// The stage to start from where the result is the same on every platform, and to change files of the image from.
    pub(crate) fn portable_base(&self) -> StageName {
        match self.build_platform {
            BuildPlatform::Engine(_) => StageName::BuildBase,
            BuildPlatform::Image | BuildPlatform::Emulated { .. } => StageName::Base,
        }
    }

    /// What the pinned tools are chosen for: the platform that they run on.
    pub(crate) fn tool_environment(&self) -> Environment {
        let mut environment = self.environment.clone();
        if let BuildPlatform::Engine(engine) = &self.build_platform {
            machine(engine).clone_into(&mut environment.machine);
        }
        environment
    }

    /// Whether the builder can have the Debian packages of the image.
    pub(crate) fn builder_has_same_debian(&self) -> bool {
        base::have_same_debian(self.build_base(), &self.base)
    }

    /// The variables of `[build]`.
    pub(crate) fn build_env(&self) -> impl Iterator<Item = (String, String)> {
        plain(&self.file.build.env)
    }

    /// The variables of `[source]`, which are for the project's wheel alone.
    pub(crate) fn source_env(&self) -> impl Iterator<Item = (String, String)> {
        plain(&self.file.source.env)
    }

    /// Whether the image has the tag of a slim variant, whatever its base is.
    pub(crate) fn has_slim_variant(&self) -> bool {
        let variant = self.file.python.variant.as_ref();
        variant.is_none_or(|variant| variant.value.starts_with("slim"))
    }

    /// The id of a cache mount, in the namespace of the request.
    pub(crate) fn cache_id(&self, name: &str) -> String {
        match &self.request.cache_namespace {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name.to_owned(),
        }
    }

    /// What tells this project from others on the same engine: its name, or what it locks.
    pub(crate) fn identity(&self) -> String {
        if let Some(name) = &self.project.pyproject.name {
            return name.clone();
        }
        let locked = self.project.lock.packages.iter();
        let locked: Vec<_> = locked.map(|one| (&one.name, one.version())).collect();
        let digest = sha256(format!("{locked:?}").as_bytes());
        format!("unnamed-{}", &digest[..16])
    }

    /// A cache mount of this project alone, on this platform. `scope` is whatever else its content depends on.
    pub(crate) fn cache(
        &self,
        name: &str,
        scope: &impl fmt::Debug,
        target: &str,
        sharing: CacheSharing,
    ) -> Mount {
        let project = self.identity();
        // A project with the same name and other indexes must not get packages without their credentials.
        let indexes = self.project.pyproject.indexes.iter();
        let indexes: Vec<_> = indexes.map(|index| (&index.name, &index.url)).collect();
        let scope = format!("{:?}", (&self.request.platform, indexes, scope));
        let scope = sha256(scope.as_bytes());
        let id = format!(
            "poetry-frontend/{}/{project}-{}",
            name.trim_start_matches('/'),
            &scope[..16]
        );
        Mount::Cache {
            id: self.cache_id(&id),
            target: target.to_owned(),
            sharing,
            span: None,
        }
    }

    /// What makes the builder: a wheel that is compiled in one builder may not run in another.
    pub(crate) fn builder_scope(&self) -> impl fmt::Debug {
        let file = self.file;
        let packages: Vec<_> = file
            .build
            .packages
            .iter()
            .map(|one| one.value.clone())
            .collect();
        let sources: Vec<_> = file
            .apt_sources
            .values()
            .map(|source| source.uri.clone())
            .collect();
        let env: Vec<_> = self.build_env().chain(plain(&file.apt_env)).collect();
        let hooks = file.hooks.iter().filter(|hook| {
            matches!(hook.at, HookPoint::AfterPackages | HookPoint::BeforeInstall)
                && !hook.runs_apart()
        });
        let hooks: Vec<_> = hooks.map(|hook| hook.run.clone()).collect();
        let mirror = file
            .poetry
            .mirror
            .as_ref()
            .map(|mirror| mirror.value.clone());
        let base = (self.build_base().to_string(), self.python);
        (base, packages, sources, env, hooks, mirror)
    }
}

/// Moves an error into `errors`.
pub(crate) fn ok_or_push<T>(
    result: Result<T, Diagnostic>,
    errors: &mut Vec<Diagnostic>,
) -> Option<T> {
    result.map_err(|diagnostic| errors.push(diagnostic)).ok()
}

/// The errors of a plan that could not be made.
pub(crate) fn all_errors(errors: Vec<Diagnostic>) -> Diagnostics {
    match Diagnostics::fail_if_any(errors) {
        Err(errors) => errors,
        // Cannot happen: whatever returns `None` has pushed an error.
        Ok(()) => Error::NothingPlanned.without_span().into(),
    }
}
