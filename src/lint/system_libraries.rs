//! Packages that are known to need system libraries, which slim images do not have.

use std::collections::BTreeSet;

use crate::build_file::Located;
use crate::diagnostics::{Warning, listed};
use crate::project::{LockedPackage, normalised};
use crate::rules::Rule;

use super::warning::warning;
use crate::resolve::Resolved;

/// A package and the Debian packages that it needs. Names are prefixes where Debian releases differ.
struct Known {
    package: &'static str,
    /// Needed to compile it, if the lock has no compatible wheel.
    build: &'static [&'static str],
    runtime: &'static [&'static str],
    /// Whether its wheels bundle the libraries.
    bundled: bool,
}

const fn known(
    package: &'static str,
    build: &'static [&'static str],
    runtime: &'static [&'static str],
    bundled: bool,
) -> Known {
    Known {
        package,
        build,
        runtime,
        bundled,
    }
}

/// A compiler; any of these replaces any other.
const COMPILERS: [&str; 3] = ["gcc", "build-essential", "clang"];

const TABLE: [Known; 15] = [
    known("cairosvg", &[], &["libcairo2"], false),
    known(
        "lxml",
        &["gcc", "libc6-dev", "libxml2-dev", "libxslt1-dev"],
        &["libxml2", "libxslt1.1"],
        true,
    ),
    known(
        "mysqlclient",
        &[
            "gcc",
            "libc6-dev",
            "pkg-config",
            "default-libmysqlclient-dev",
        ],
        &["libmariadb3"],
        false,
    ),
    known("opencv-python", &[], &["libgl1", "libglib2.0-0"], false),
    known(
        "psycopg2",
        &["gcc", "libc6-dev", "libpq-dev"],
        &["libpq5"],
        false,
    ),
    known(
        "psycopg-c",
        &["gcc", "libc6-dev", "libpq-dev"],
        &["libpq5"],
        false,
    ),
    known(
        "pycurl",
        &["gcc", "libc6-dev", "libcurl4-openssl-dev", "libssl-dev"],
        &["libcurl4"],
        true,
    ),
    known(
        "pygraphviz",
        &["gcc", "libc6-dev", "libgraphviz-dev"],
        &["graphviz"],
        false,
    ),
    known("pyodbc", &["g++", "unixodbc-dev"], &["libodbc2"], true),
    known(
        "python-ldap",
        &["gcc", "libc6-dev", "libldap2-dev", "libsasl2-dev"],
        &["libldap"],
        false,
    ),
    known("python-magic", &[], &["libmagic1"], false),
    known(
        "python-snappy",
        &["g++", "libsnappy-dev"],
        &["libsnappy1"],
        true,
    ),
    known("uwsgi", &["gcc", "libc6-dev"], &[], true),
    known(
        "weasyprint",
        &[],
        &["libpango-1.0-0", "libpangoft2-1.0-0"],
        false,
    ),
    known(
        "xmlsec",
        &["gcc", "libc6-dev", "pkg-config", "libxmlsec1-dev"],
        &["libxmlsec1-openssl"],
        true,
    ),
];

/// The system packages that a package needs and the build file does not install.
struct Missing<'a> {
    package: &'a LockedPackage,
    build: Vec<&'static str>,
    runtime: Vec<&'static str>,
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
    let variant = resolved.file.python.variant.as_ref();
    let slim = variant.is_none_or(|variant| variant.value.starts_with("slim"));
    if resolved.file.runtime.base.is_some() || resolved.file.build.base.is_some() || !slim {
        return Vec::new();
    }
    let packages = resolved.project.packages(&resolved.selection);
    packages
        .filter_map(|package| {
            let name = normalised(&package.name);
            let known = TABLE.iter().find(|known| known.package == name)?;
            let fits = package.wheels().next().is_some()
                && resolved
                    .python
                    .is_some_and(|python| package.has_wheel_for(python));
            let of = |needed: bool, names: &[&'static str], installed: &[Located<String>]| {
                let names = names.iter().copied().filter(|_| needed);
                names
                    .filter(|name| !is_installed(name, installed))
                    .collect::<Vec<_>>()
            };
            let build = of(!fits, known.build, &resolved.file.build.packages);
            let loads = !(fits && known.bundled);
            let runtime = of(loads, known.runtime, &resolved.file.runtime.packages);
            (!build.is_empty() || !runtime.is_empty()).then_some(Missing {
                package,
                build,
                runtime,
            })
        })
        .collect()
}

fn is_installed(name: &str, installed: &[Located<String>]) -> bool {
    let has = |name: &str| {
        installed
            .iter()
            .any(|package| package.value.starts_with(name))
    };
    let compiler = COMPILERS.contains(&name) && COMPILERS.into_iter().any(has);
    compiler || (name == "libc6-dev" && has("build-essential")) || has(name)
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
        let psycopg2 = || Package::new("psycopg2", "1").sdist();
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
    fn a_dependency_with_all_it_needs_is_not_reported() {
        let both = r#"
            [build]
            packages = ["gcc", "libc6-dev", "libpq-dev"]
            [runtime]
            packages = ["libpq5"]
        "#;
        let sdist = |name: &str| Package::new(name, "1").sdist();
        for (build_file, package) in [
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
            assert!(
                warnings(&project).is_empty(),
                "{build_file}{}",
                project.lock()
            );
        }
        let compiled = service().locked(sdist("lxml"));
        assert_eq!(warnings(&compiled).len(), 1);
    }
}
