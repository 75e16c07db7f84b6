//! What installs each package: uv, if a locked wheel fits the image, or else Poetry.

use std::fmt;

use crate::build_file::{ImageSpec, Installer};
use crate::image::{ImageReference, Platform};
use crate::plan::{PackageInstaller, PlannedPackage};
use crate::project::{
    Environment, Installed, Libc, LockedPackage, PackageOrigin, PoetryVersion, Project,
    PythonVersion, Resolution, Selection, Settings, normalised, requirement_name,
};

use super::layers::{self, Layer};

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
    /// All packages, sorted by name.
    pub(crate) fn planned(&self, project: &Project, selection: &Selection) -> Vec<PlannedPackage> {
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
            let packages = project.packages(selection);
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

/// Plugins that add commands or build the project, and take no part in installing packages.
const HARMLESS_PLUGINS: [&str; 6] = [
    "poetry-dynamic-versioning",
    "poetry-plugin-bundle",
    "poetry-plugin-export",
    "poetry-plugin-pypi-mirror",
    "poetry-plugin-shell",
    "poetry-plugin-up",
];

/// What is known about the target.
pub(crate) struct Target<'a> {
    pub(crate) file: &'a ImageSpec,
    pub(crate) python: Option<PythonVersion>,
    pub(crate) poetry: PoetryVersion,
    pub(crate) platform: &'a Platform,
    /// The base images of the builder and the runtime.
    pub(crate) bases: [&'a ImageReference; 2],
}

pub(crate) fn choose<'a>(
    project: &'a Project,
    selection: &Selection,
    target: &Target<'_>,
) -> Packages<'a> {
    let environment = match environment(project, target) {
        Ok(environment) => environment,
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
    let resolution = resolution(project, target.poetry);
    for Installed { package, marker } in project.installed(selection, &environment, resolution) {
        let reason = match package.origin {
            // Built and installed in a stage of its own.
            PackageOrigin::Directory => continue,
            PackageOrigin::Git => Reason::Git,
            PackageOrigin::Url => Reason::Url,
            PackageOrigin::File => Reason::File,
            PackageOrigin::Index => {
                let hashes = package.wheels_for(&environment);
                if !hashes.is_empty() {
                    let mut hashes: Vec<&str> = hashes.into_iter().map(|(_, hash)| hash).collect();
                    hashes.sort_unstable();
                    wheels.push(layers::Wheel {
                        package,
                        marker,
                        hashes,
                    });
                    continue;
                }
                Reason::NoWheel(environment.python, target.platform.clone())
            }
        };
        by_poetry.push(ByPoetry {
            package,
            marker,
            reason,
        });
    }
    Packages {
        layers: layers::divide(wheels, &target.file.dependencies.layers),
        by_poetry,
        all_by_poetry: None,
    }
}

/// Before Poetry 2.3, `installer.re-resolve` is on unless the project turns it off.
fn resolution(project: &Project, poetry: PoetryVersion) -> Resolution {
    let setting = project.settings.as_ref().and_then(Settings::re_resolve);
    if setting.unwrap_or(poetry < PoetryVersion::new(2, 3, 0)) {
        Resolution::Again
    } else {
        Resolution::Locked
    }
}

/// The environment that wheels are chosen for, or why Poetry has to choose.
fn environment(project: &Project, target: &Target<'_>) -> Result<Environment, Reason> {
    if target.file.dependencies.installer == Installer::Poetry {
        return Err(Reason::Configured);
    }
    let machine = match target.platform.architecture.as_str() {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        _ => return Err(Reason::Platform(target.platform.clone())),
    };
    let settings = project.settings.iter().flat_map(Settings::keys);
    for key in settings {
        if !HARMLESS_SETTINGS.contains(&key.as_str()) {
            return Err(Reason::Setting(key));
        }
    }
    let plugins = target.file.poetry.plugins.iter();
    let plugins = plugins.map(|plugin| requirement_name(&plugin.value));
    let required = project.pyproject.required_plugins.iter();
    for name in plugins.chain(required.map(|name| normalised(name))) {
        if !HARMLESS_PLUGINS.contains(&name.as_str()) {
            return Err(Reason::Plugin(name));
        }
    }
    Ok(Environment {
        python: target.python.ok_or(Reason::UnknownPython)?,
        machine: machine.to_owned(),
        libc: libc(target.bases),
    })
}

/// The C library that both bases have, as far as their tags say. Wheels that need a newer one are left to Poetry, which asks
/// the image itself.
fn libc(bases: [&ImageReference; 2]) -> Libc {
    const RELEASES: [(&str, Libc); 4] = [
        ("alpine", Libc::Musl(1, 2)),
        ("trixie", Libc::Glibc(2, 41)),
        ("bookworm", Libc::Glibc(2, 36)),
        ("bullseye", Libc::Glibc(2, 31)),
    ];
    const OF_OTHERS: Libc = Libc::Glibc(2, 28);
    let row = |base: &ImageReference| {
        let tag = base.familiar();
        let row = RELEASES.iter().rposition(|(name, _)| tag.contains(name));
        row.unwrap_or(RELEASES.len())
    };
    // The later row is the older library.
    let [build, runtime] = bases.map(row);
    let older = RELEASES.get(build.max(runtime));
    older.map_or(OF_OTHERS, |(_, libc)| *libc)
}
