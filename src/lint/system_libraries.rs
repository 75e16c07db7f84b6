//! Packages that are known to need system libraries, which slim images do not have.

use std::collections::BTreeSet;

use crate::build_file::Located;
use crate::diagnostics::{Warning, listed};
use crate::image::ImageReference;
use crate::project::{LockedPackage, normalised};
use crate::rules::Rule;

use super::warning::warning;
use crate::resolve::Resolved;

/// A Debian release with images of Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebianRelease {
    Trixie,
    Bookworm,
}

impl DebianRelease {
    /// The release of an image, as far as its tag says: tags without a name follow the current release.
    fn of(image: &ImageReference) -> Self {
        if image.familiar().contains("bookworm") {
            Self::Bookworm
        } else {
            Self::Trixie
        }
    }
}

/// The names of a Debian package in the releases.
#[derive(Clone, Copy)]
struct Debian {
    trixie: &'static str,
    bookworm: &'static str,
}

impl Debian {
    /// Whether it has the headers of a library of a package.
    fn is_headers(self) -> bool {
        self.trixie.ends_with("-dev") && self.trixie != LIBC.trixie
    }

    fn name(self, release: DebianRelease) -> &'static str {
        match release {
            DebianRelease::Trixie => self.trixie,
            DebianRelease::Bookworm => self.bookworm,
        }
    }
}

const fn same(name: &'static str) -> Debian {
    Debian {
        trixie: name,
        bookworm: name,
    }
}

const fn renamed(bookworm: &'static str, trixie: &'static str) -> Debian {
    Debian { trixie, bookworm }
}

/// A package and the Debian packages that it needs.
struct Known {
    package: &'static str,
    /// Needed to compile it, if the lock has no wheel for the image.
    build: &'static [Debian],
    runtime: &'static [Debian],
    /// Whether its wheels bundle the libraries.
    bundled: bool,
}

const fn known(
    package: &'static str,
    build: &'static [Debian],
    runtime: &'static [Debian],
    bundled: bool,
) -> Known {
    Known {
        package,
        build,
        runtime,
        bundled,
    }
}

/// Debian packages, each with those that replace it.
const REPLACED_BY: [(&str, &[&str]); 8] = [
    ("default-libmysqlclient-dev", &["libmariadb-dev-compat"]),
    ("g++", &["build-essential", "clang"]),
    ("gcc", &["g++", "build-essential", "clang"]),
    ("libc6-dev", &["g++", "build-essential"]),
    ("libcurl4-openssl-dev", &["libcurl4-gnutls-dev"]),
    ("libgl1", &["libgl1-mesa-glx"]),
    ("libldap2-dev", &["libldap-dev"]),
    ("pkg-config", &["pkgconf"]),
];

const GCC: Debian = same("gcc");
const LIBC: Debian = same("libc6-dev");
const PKG_CONFIG: Debian = same("pkg-config");
const CAIRO: Debian = same("libcairo2");
const GLIB: Debian = renamed("libglib2.0-0", "libglib2.0-0t64");

const TABLE: [Known; 27] = [
    known("cairosvg", &[], &[CAIRO], false),
    known(
        "dbus-python",
        &[
            GCC,
            LIBC,
            PKG_CONFIG,
            same("libdbus-1-dev"),
            same("libglib2.0-dev"),
        ],
        &[same("libdbus-1-3"), GLIB],
        false,
    ),
    known(
        "gssapi",
        &[GCC, LIBC, same("libkrb5-dev")],
        &[same("libgssapi-krb5-2")],
        false,
    ),
    known(
        "libvirt-python",
        &[GCC, LIBC, PKG_CONFIG, same("libvirt-dev")],
        &[same("libvirt0")],
        false,
    ),
    known(
        "lxml",
        &[GCC, LIBC, same("libxml2-dev"), same("libxslt1-dev")],
        &[same("libxml2"), same("libxslt1.1")],
        true,
    ),
    known(
        "mysqlclient",
        &[GCC, LIBC, PKG_CONFIG, same("default-libmysqlclient-dev")],
        &[same("libmariadb3")],
        false,
    ),
    known("opencv-python", &[], &[same("libgl1"), GLIB], false),
    known("pdf2image", &[], &[same("poppler-utils")], false),
    known(
        "psycopg-c",
        &[GCC, LIBC, same("libpq-dev")],
        &[same("libpq5")],
        false,
    ),
    known(
        "psycopg2",
        &[GCC, LIBC, same("libpq-dev")],
        &[same("libpq5")],
        false,
    ),
    known(
        "pyaudio",
        &[GCC, LIBC, same("portaudio19-dev")],
        &[same("libportaudio2")],
        false,
    ),
    known(
        "pycairo",
        &[GCC, LIBC, PKG_CONFIG, same("libcairo2-dev")],
        &[CAIRO],
        false,
    ),
    known(
        "pycurl",
        &[GCC, LIBC, same("libcurl4-openssl-dev"), same("libssl-dev")],
        &[renamed("libcurl4", "libcurl4t64")],
        true,
    ),
    known("pyenchant", &[], &[same("libenchant-2-2")], false),
    known(
        "pygraphviz",
        &[GCC, LIBC, PKG_CONFIG, same("libgraphviz-dev")],
        &[same("graphviz")],
        false,
    ),
    known(
        "pylibmc",
        &[GCC, LIBC, same("libmemcached-dev"), same("zlib1g-dev")],
        &[renamed("libmemcached11", "libmemcached11t64")],
        true,
    ),
    known(
        "pyodbc",
        &[same("g++"), same("unixodbc-dev")],
        &[same("libodbc2")],
        true,
    ),
    known("pytesseract", &[], &[same("tesseract-ocr")], false),
    known(
        "python-ldap",
        &[GCC, LIBC, same("libldap2-dev"), same("libsasl2-dev")],
        &[renamed("libldap-2.5-0", "libldap2"), same("libsasl2-2")],
        false,
    ),
    known(
        "python-magic",
        &[],
        &[renamed("libmagic1", "libmagic1t64")],
        false,
    ),
    known(
        "python-snappy",
        &[same("g++"), same("libsnappy-dev")],
        &[same("libsnappy1v5")],
        true,
    ),
    known("pyzbar", &[], &[renamed("libzbar0", "libzbar0t64")], false),
    known("sounddevice", &[], &[same("libportaudio2")], false),
    known(
        "systemd-python",
        &[GCC, LIBC, PKG_CONFIG, same("libsystemd-dev")],
        &[same("libsystemd0")],
        false,
    ),
    known("uwsgi", &[GCC, LIBC], &[], true),
    known(
        "weasyprint",
        &[],
        &[same("libpango-1.0-0"), same("libpangoft2-1.0-0")],
        false,
    ),
    known(
        "xmlsec",
        &[
            GCC,
            LIBC,
            PKG_CONFIG,
            same("libxmlsec1-dev"),
            same("libxmlsec1-openssl"),
        ],
        &[renamed("libxmlsec1-openssl", "libxmlsec1t64-openssl")],
        true,
    ),
];

/// All Debian packages of the table, by the names of a release.
pub(crate) fn debian_packages(release: DebianRelease) -> BTreeSet<&'static str> {
    let packages = TABLE
        .iter()
        .flat_map(|known| known.build.iter().chain(known.runtime));
    packages.map(|package| package.name(release)).collect()
}

/// The system packages that a package needs and the build file does not install.
struct Missing<'a> {
    package: &'a LockedPackage,
    build: Vec<&'static str>,
    runtime: Vec<&'static str>,
}

/// Whether it is known what a package needs, by its normalised name.
pub(super) fn is_known(package: &str) -> bool {
    TABLE.iter().any(|known| known.package == package)
}

pub(super) fn find(resolved: &Resolved<'_>) -> Vec<Warning> {
    missing(resolved)
        .iter()
        .map(|missing| report(resolved, missing))
        .collect()
}

/// The missing Debian packages, for the builder and for the image.
pub(crate) fn system_packages(resolved: &Resolved<'_>) -> [BTreeSet<&'static str>; 2] {
    let mut all = [BTreeSet::new(), BTreeSet::new()];
    for package in missing(resolved) {
        all[0].extend(package.build);
        all[1].extend(package.runtime);
    }
    all
}

fn missing<'a>(resolved: &'a Resolved<'_>) -> Vec<Missing<'a>> {
    // The contents of other images are unknown.
    let own_base = resolved.file.runtime.base.is_some() || resolved.file.build.base.is_some();
    if own_base || !resolved.has_slim_variant() {
        return Vec::new();
    }
    let file = resolved.file;
    let release = DebianRelease::of(&resolved.base);
    let packages = resolved.installed_packages();
    packages
        .filter_map(|package| {
            let name = normalised(&package.name);
            let known = TABLE.iter().find(|known| known.package == name)?;
            let fits = !package.wheels_for(&resolved.environment).is_empty();
            let of = |needed: bool, names: &[Debian], installed: &[Located<String>]| {
                let names = names.iter().filter(|_| needed);
                let missing = names.filter(|package| !is_installed(**package, installed));
                missing
                    .map(|package| package.name(release))
                    .collect::<Vec<_>>()
            };
            let build = of(!fits, known.build, &file.build.packages);
            let loads = !(fits && known.bundled);
            // The headers of a library depend on it.
            let mut headers = known.build.iter().filter(|one| one.is_headers());
            let has_headers = headers.any(|one| is_installed(*one, &file.runtime.packages));
            let runtime = of(loads && !has_headers, known.runtime, &file.runtime.packages);
            (!build.is_empty() || !runtime.is_empty()).then_some(Missing {
                package,
                build,
                runtime,
            })
        })
        .collect()
}

/// Whether the packages, such as `libpq5=15.*` or `gcc:amd64`, contain this one or one that replaces it.
fn is_installed(package: Debian, installed: &[Located<String>]) -> bool {
    let has = |name: &str| {
        installed.iter().any(|one| {
            let end = one.value.find(['=', ':', '/']);
            &one.value[..end.unwrap_or(one.value.len())] == name
        })
    };
    let others = REPLACED_BY.iter().find(|(name, _)| *name == package.trixie);
    let others = others.into_iter().flat_map(|(_, others)| others.iter());
    [package.trixie, package.bookworm]
        .into_iter()
        .chain(others.copied())
        .any(has)
}

fn report(resolved: &Resolved<'_>, missing: &Missing<'_>) -> Warning {
    let list = |names: &[&str]| {
        let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
        format!("`packages = [{}]`", quoted.join(", "))
    };
    let (need, hint) = match (missing.build.as_slice(), missing.runtime.as_slice()) {
        (build, []) => (
            format!("{} to compile", listed(build)),
            format!("add {} to `[build]`", list(build)),
        ),
        ([], runtime) => (
            format!("{} to run", listed(runtime)),
            format!("add {} to `[runtime]`", list(runtime)),
        ),
        (build, runtime) => (
            format!(
                "{} to compile, and {} to run",
                listed(build),
                listed(runtime)
            ),
            format!(
                "add {} to `[build]`, and {} to `[runtime]`",
                list(build),
                list(runtime)
            ),
        ),
    };
    let plural = if missing.build.len() + missing.runtime.len() == 1 {
        ""
    } else {
        "s"
    };
    warning(
        Rule::SystemLibrary,
        resolved.project.location_of(missing.package),
        format!(
            "`{}` needs the system package{plural} {need}",
            missing.package.name
        ),
        hint,
    )
}

#[cfg(test)]
mod tests {
    use testkit::Package;

    use super::super::fixture::{plan, service, warnings};

    #[test]
    fn missing_system_packages_are_reported_where_the_project_declares_the_dependency() {
        // Its only wheels are for Windows.
        let psycopg2 = || {
            let sdist = Package::new("psycopg2", "1").sdist();
            sdist.wheel_for("cp313-cp313-win_amd64")
        };
        let project = service()
            .without_dependencies()
            .in_project(
                r#"
                dependencies = [
                  "a",
                  "psycopg2 (>=2.9)",
                ]
                "#,
            )
            .locked(psycopg2());
        assert_eq!(
            warnings(&project),
            [
                "pyproject.toml:7 SystemLibrary: `psycopg2` needs the system packages `gcc`, `libc6-dev` and `libpq-dev` to compile, and `libpq5` to run"
            ]
        );
        let hint = plan(&project).warnings[0].hint.clone();
        assert_eq!(
            hint,
            "add `packages = [\"gcc\", \"libc6-dev\", \"libpq-dev\"]` to `[build]`, and `packages = [\"libpq5\"]` to `[runtime]`"
        );
        let build = r#"
            [build]
            packages = ["build-essential", "libpq-dev=15.*"]
        "#;
        assert_eq!(
            warnings(&service().locked(psycopg2()).with_build_file(build)),
            ["poetry.lock:3 SystemLibrary: `psycopg2` needs the system package `libpq5` to run"]
        );
    }

    #[test]
    fn debian_packages_have_the_names_of_the_release() {
        let magic = service().locked(Package::new("python-magic", "1"));
        let needs = |name: &str| {
            format!(
                "poetry.lock:3 SystemLibrary: `python-magic` needs the system package `{name}` to run"
            )
        };
        assert_eq!(warnings(&magic), [needs("libmagic1t64")]);
        let bookworm = r#"
            [python]
            variant = "slim-bookworm"
            "#;
        assert_eq!(
            warnings(&magic.with_build_file(bookworm)),
            [needs("libmagic1")]
        );
    }

    #[test]
    fn a_dependency_with_all_it_needs_is_not_reported() {
        let both = r#"
            [build]
            packages = ["gcc", "libc6-dev", "libpq-dev"]
            [runtime]
            packages = ["libpq5"]
        "#;
        let sdist = |name: &str| Package::new(name, "1").sdist();
        let headers = r#"
            [build]
            packages = ["build-essential", "libldap-dev", "libsasl2-dev"]
            [runtime]
            packages = ["libldap2-dev:amd64"]
        "#;
        let windows = |name: &str| sdist(name).wheel_for("cp313-cp313-win_amd64");
        for (build_file, package) in [
            (both, windows("psycopg2")),
            (headers, sdist("python-ldap")),
            (both, sdist("psycopg2")),
            (
                r#"
                [python]
                variant = "bookworm"
                "#,
                sdist("psycopg2"),
            ),
            ("", sdist("psycopg2").group("dev")),
            ("", Package::new("lxml", "1")),
            ("", sdist("psycopg2-binary")),
        ] {
            let project = service().locked(package).with_build_file(build_file);
            let found = warnings(&project);
            let is_of_rule = |line: &String| line.contains("SystemLibrary");
            assert!(
                !found.iter().any(is_of_rule),
                "{build_file}{}",
                project.lock()
            );
        }
        let compiled = service().locked(sdist("lxml"));
        assert_eq!(warnings(&compiled).len(), 1);
    }
}
