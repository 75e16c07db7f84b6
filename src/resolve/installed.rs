//! What the selection installs in the image. Everything that depends on the installed packages asks this.

use crate::image::{ImageReference, Platform};
use crate::project::{
    Environment, Installed, Libc, PoetryVersion, Project, PythonVersion, Resolution, Selection,
    Settings,
};

/// What decides which packages a selection installs, besides Python.
pub(super) struct Context<'a> {
    pub(super) poetry: PoetryVersion,
    pub(super) platform: &'a Platform,
    /// The base images of the builder and the runtime.
    pub(super) bases: [&'a ImageReference; 2],
}

impl Context<'_> {
    /// The packages, in the order of the lock.
    pub(super) fn installed<'a>(
        &self,
        project: &'a Project,
        selection: &Selection,
        environment: &Environment,
    ) -> Vec<Installed<'a>> {
        project.installed(selection, environment, resolution(project, self.poetry))
    }

    /// Whether extras that are not selected add to what is installed.
    pub(super) fn needs_other_extras(
        &self,
        project: &Project,
        selection: &Selection,
        environment: &Environment,
    ) -> bool {
        let resolution = resolution(project, self.poetry);
        project.needs_other_extras(selection, environment, resolution)
    }

    /// The environment of an image with this Python.
    pub(super) fn environment(&self, python: Option<PythonVersion>) -> Environment {
        Environment {
            python,
            machine: machine(self.platform).to_owned(),
            libc: libc(self.bases),
        }
    }
}

/// Before Poetry 2.3, `installer.re-resolve` is on unless the project turns it off.
fn resolution(project: &Project, poetry: PoetryVersion) -> Resolution {
    if poetry < PoetryVersion::new(2, 0, 0) {
        return Resolution::AgainByNames;
    }
    let setting = project.settings.as_ref().and_then(Settings::re_resolve);
    if setting.unwrap_or(poetry < PoetryVersion::new(2, 3, 0)) {
        Resolution::Again
    } else {
        Resolution::Locked
    }
}

/// The machine of a platform as Python names it.
pub(super) fn machine(platform: &Platform) -> &str {
    match (platform.architecture.as_str(), platform.variant.as_str()) {
        ("amd64", _) => "x86_64",
        ("arm64", _) => "aarch64",
        ("386", _) => "i686",
        ("arm", "v5" | "v6") => "armv6l",
        ("arm", _) => "armv7l",
        (other, _) => other,
    }
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
