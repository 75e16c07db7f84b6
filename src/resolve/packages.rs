//! What installs each package: uv, if a locked wheel fits the image, or else Poetry.

use std::fmt;

use crate::build_file::{ImageSpec, Installer};
use crate::image::Platform;
use crate::plan::{BuildPlatform, PackageInstaller, PlannedPackage};
use crate::project::{
    Environment, Installed, LockedPackage, PackageOrigin, Project, PythonVersion, Settings,
    normalised, requirement_name,
};

use super::layers::{self, Layer};
use super::request::Request;

/// The packages of an image.
pub(crate) struct Packages<'a> {
    /// The wheels that uv installs, by layer.
    pub(crate) layers: Vec<Layer<'a>>,
    /// The packages that Poetry installs.
    pub(crate) by_poetry: Vec<ByPoetry<'a>>,
    /// Why Poetry installs all packages.
    pub(crate) all_by_poetry: Option<Reason>,
}

/// A package that Poetry installs.
pub(crate) struct ByPoetry<'a> {
    pub(crate) package: &'a LockedPackage,
    /// A marker that only the image's Python can evaluate.
    pub(crate) marker: Option<String>,
    pub(crate) reason: Reason,
}

/// Why Poetry installs a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Configured,
    UnknownPython,
    Platform(Platform),
    /// A key of `poetry.toml`.
    Setting(String),
    /// A variable of `[build] env`, from which Poetry reads a setting.
    Variable(String),
    Plugin(String),
    Git,
    Url,
    File,
    NoWheel(PythonVersion, Platform),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Configured => f.write_str("`installer` is `poetry`"),
            Self::UnknownPython => {
                f.write_str("the Python of the base image is unknown; set `version` in `[python]`")
            }
            Self::Platform(platform) => write!(f, "uv is not available for {platform}"),
            Self::Setting(key) => write!(f, "`poetry.toml` sets `{key}`"),
            Self::Variable(name) => write!(f, "`env` of `[build]` sets `{name}`"),
            Self::Plugin(name) => write!(f, "the plugin `{name}` may take part"),
            Self::Git => f.write_str("from a Git repository"),
            Self::Url => f.write_str("from a URL"),
            Self::File => f.write_str("from a file"),
            Self::NoWheel(python, platform) => {
                write!(f, "no locked wheel for Python {python} on {platform}")
            }
        }
    }
}

impl Packages<'_> {
    /// Where steps run whose result is the same on every platform, given where the build would run them: uv must choose the
    /// same wheels there.
    pub(super) fn build_platform(
        &self,
        wanted: &BuildPlatform,
        environment: &Environment,
    ) -> BuildPlatform {
        let wanted = wanted.clone();
        if !matches!(wanted, BuildPlatform::Engine(_)) {
            return wanted;
        }
        let mut wheels = self.layers.iter().flat_map(|layer| &layer.wheels);
        match wheels.find_map(|wheel| wheel.needs_platform(environment)) {
            Some(reason) => wanted.emulated(reason),
            None => wanted,
        }
    }

    /// All packages, sorted by name.
    pub(crate) fn planned(&self, selected: &[Installed<'_>]) -> Vec<PlannedPackage> {
        let planned = |package: &LockedPackage, installer| PlannedPackage {
            name: package.name.clone(),
            version: package.version().to_owned(),
            installer,
        };
        let by_poetry = |package: &LockedPackage, reason: &Reason| {
            let reason = reason.to_string();
            planned(package, PackageInstaller::Poetry { reason })
        };
        let mut all: Vec<PlannedPackage> = Vec::new();
        if let Some(reason) = &self.all_by_poetry {
            let packages = selected.iter().map(|one| one.package);
            let packages = packages.filter(|package| package.origin != PackageOrigin::Directory);
            all.extend(packages.map(|package| by_poetry(package, reason)));
        }
        let rest = self.by_poetry.iter();
        all.extend(rest.map(|one| by_poetry(one.package, &one.reason)));
        for (index, layer) in self.layers.iter().enumerate() {
            let wheels = layer.wheels.iter();
            let installer = PackageInstaller::Uv { layer: index + 1 };
            all.extend(wheels.map(|wheel| planned(wheel.package, installer.clone())));
        }
        all.sort_by(|one, other| one.name.cmp(&other.name));
        all
    }
}

/// The architectures that uv is pinned for.
const UV_PLATFORMS: [&str; 2] = ["amd64", "arm64"];

/// Settings of `poetry.toml` that do not change what is installed.
const HARMLESS_SETTINGS: [&str; 14] = [
    "cache-dir",
    "data-dir",
    "experimental.system-git-client",
    "installer.max-workers",
    "installer.parallel",
    "installer.re-resolve",
    "keyring.enabled",
    "requests.max-retries",
    "solver.lazy-wheel",
    "system-git-client",
    "virtualenvs.create",
    "virtualenvs.in-project",
    "virtualenvs.path",
    "virtualenvs.prompt",
];

/// The settings that a variable must be of, to change what is installed.
const INSTALLING_SETTINGS: [&str; 2] = ["POETRY_INSTALLER_", "POETRY_VIRTUALENVS_"];

/// Whether Poetry reads a setting from the variable that changes what is installed.
fn changes_installation(variable: &str) -> bool {
    let harmless = |key: &str| {
        let key = key.to_uppercase().replace(['.', '-'], "_");
        variable.strip_prefix("POETRY_") == Some(&key)
    };
    INSTALLING_SETTINGS
        .iter()
        .any(|start| variable.starts_with(start))
        && !HARMLESS_SETTINGS.iter().any(|key| harmless(key))
}

/// A plugin that takes part in building the project, and not in installing packages.
const DYNAMIC_VERSIONING: &str = "poetry-dynamic-versioning";

/// Plugins that add commands, and take no part in installing packages or building the project.
const NOT_FOR_BUILDING: [&str; 5] = [
    "poetry-plugin-bundle",
    "poetry-plugin-export",
    "poetry-plugin-pypi-mirror",
    "poetry-plugin-shell",
    "poetry-plugin-up",
];

/// Whether Poetry has plugins that may take part when the project is built.
pub(super) fn has_build_plugins(file: &ImageSpec, project: &Project) -> bool {
    let mut names = plugins(file, project);
    names.any(|name| !NOT_FOR_BUILDING.contains(&name.as_str()))
}

/// The normalised names of all plugins.
pub(super) fn plugins(file: &ImageSpec, project: &Project) -> impl Iterator<Item = String> {
    let plugins = file.poetry.plugins.iter();
    let plugins = plugins.map(|plugin| requirement_name(&plugin.value));
    let required = project.pyproject.required_plugins.iter();
    plugins.chain(required.map(|name| normalised(name)))
}

pub(super) fn choose<'a>(
    file: &ImageSpec,
    project: &Project,
    request: &Request,
    installed: &[Installed<'a>],
    environment: &Environment,
) -> Packages<'a> {
    let platform = &request.platform;
    let python = match wheels_are_known(file, project, platform, environment) {
        Ok(python) => python,
        Err(reason) => {
            return Packages {
                layers: Vec::new(),
                by_poetry: Vec::new(),
                all_by_poetry: Some(reason),
            };
        }
    };
    let mut wheels = Vec::new();
    let mut by_poetry = Vec::new();
    for Installed { package, marker } in installed {
        let (package, marker) = (*package, marker.clone());
        let reason = match package.origin {
            // Built and installed in a stage of its own.
            PackageOrigin::Directory => continue,
            PackageOrigin::Git => Reason::Git,
            PackageOrigin::Url => Reason::Url,
            PackageOrigin::File => Reason::File,
            PackageOrigin::Index => {
                let files = package.wheels_for(environment);
                if !files.is_empty() {
                    wheels.push(layers::Wheel {
                        package,
                        marker,
                        files,
                    });
                    continue;
                }
                Reason::NoWheel(python, platform.clone())
            }
        };
        by_poetry.push(ByPoetry {
            package,
            marker,
            reason,
        });
    }
    Packages {
        layers: layers::divide(wheels, &file.dependencies.layers, request.merges),
        by_poetry,
        all_by_poetry: None,
    }
}

/// The Python that wheels are chosen for, or why Poetry has to choose.
fn wheels_are_known(
    file: &ImageSpec,
    project: &Project,
    platform: &Platform,
    environment: &Environment,
) -> Result<PythonVersion, Reason> {
    if file.dependencies.installer == Installer::Poetry {
        return Err(Reason::Configured);
    }
    if !UV_PLATFORMS.contains(&platform.architecture.as_str()) {
        return Err(Reason::Platform(platform.clone()));
    }
    let settings = project.settings.iter().flat_map(Settings::keys);
    for key in settings {
        if !HARMLESS_SETTINGS.contains(&key.as_str()) {
            return Err(Reason::Setting(key));
        }
    }
    let mut variables = file.build.env.keys();
    if let Some(name) = variables.find(|name| changes_installation(name)) {
        return Err(Reason::Variable(name.clone()));
    }
    for name in plugins(file, project) {
        if name != DYNAMIC_VERSIONING && !NOT_FOR_BUILDING.contains(&name.as_str()) {
            return Err(Reason::Plugin(name));
        }
    }
    environment.python.ok_or(Reason::UnknownPython)
}
