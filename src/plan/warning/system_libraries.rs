//! Packages that are known to need system libraries, of which the slim images have none: a table, and a hint.

use std::collections::BTreeSet;

use crate::build_file::Located;
use crate::diagnostics::{Warning, listed};
use crate::project::{LockedPackage, normalised};
use crate::rules::Rule;

use super::super::Inputs;
use super::{dependencies, warning};

/// A package, what compiling it needs, and what it loads. A name ends where those of several Debian releases differ.
struct Known {
    package: &'static str,
    /// Needed where the lock has no wheel that fits.
    build: &'static [&'static str],
    runtime: &'static [&'static str],
    /// Whether its wheels have the libraries in them.
    whole_wheels: bool,
}

const fn known(
    package: &'static str,
    build: &'static [&'static str],
    runtime: &'static [&'static str],
    whole_wheels: bool,
) -> Known {
    Known {
        package,
        build,
        runtime,
        whole_wheels,
    }
}

/// What one of these is needed for is there with any of them.
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

/// What a package needs and the build file does not ask for.
struct Missing<'a> {
    package: &'a LockedPackage,
    build: Vec<&'static str>,
    runtime: Vec<&'static str>,
}

pub(super) fn find(inputs: &Inputs<'_>) -> Vec<Warning> {
    missing(inputs)
        .iter()
        .map(|one| told(inputs, one))
        .collect()
}

/// The Debian packages that the build file does not ask for and should: for the builder, and for the image.
pub(in crate::plan) fn system_packages(inputs: &Inputs<'_>) -> [BTreeSet<&'static str>; 2] {
    let mut all = [BTreeSet::new(), BTreeSet::new()];
    for one in missing(inputs) {
        all[0].extend(one.build);
        all[1].extend(one.runtime);
    }
    all
}

fn missing<'a>(inputs: &'a Inputs<'_>) -> Vec<Missing<'a>> {
    // Other images may have anything.
    let variant = inputs.file.python.variant.as_ref();
    let slim = variant.is_none_or(|variant| variant.value.starts_with("slim"));
    if inputs.file.runtime.base.is_some() || inputs.file.build.base.is_some() || !slim {
        return Vec::new();
    }
    let packages = inputs.project.packages(&inputs.selection);
    packages
        .filter_map(|package| {
            let name = normalised(&package.name);
            let known = TABLE.iter().find(|known| known.package == name)?;
            let fits = !package.wheels.is_empty()
                && inputs
                    .python
                    .is_some_and(|python| package.has_wheel_for(python));
            let of = |needed: bool, wanted: &[&'static str], asked: &[Located<String>]| {
                let wanted = wanted.iter().copied().filter(|_| needed);
                wanted
                    .filter(|name| !is_there(name, asked))
                    .collect::<Vec<_>>()
            };
            let build = of(!fits, known.build, &inputs.file.build.packages);
            let loads = !(fits && known.whole_wheels);
            let runtime = of(loads, known.runtime, &inputs.file.runtime.packages);
            (!build.is_empty() || !runtime.is_empty()).then_some(Missing {
                package,
                build,
                runtime,
            })
        })
        .collect()
}

fn is_there(wanted: &str, asked: &[Located<String>]) -> bool {
    let has = |name: &str| asked.iter().any(|one| one.value.starts_with(name));
    let compiler = COMPILERS.contains(&wanted) && COMPILERS.into_iter().any(has);
    compiler || (wanted == "libc6-dev" && has("build-essential")) || has(wanted)
}

fn told(inputs: &Inputs<'_>, one: &Missing<'_>) -> Warning {
    let list = |names: &[&str]| {
        let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
        format!("`packages = [{}]`", quoted.join(", "))
    };
    let (need, hint) = match (one.build.as_slice(), one.runtime.as_slice()) {
        (build, []) => (
            format!("{} to be compiled", listed(build)),
            format!("add {} to `[build]`", list(build)),
        ),
        ([], runtime) => (
            format!("{} to run", listed(runtime)),
            format!("add {} to `[runtime]`", list(runtime)),
        ),
        (build, runtime) => (
            format!(
                "{} to be compiled, and {} to run",
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
    let plural = if one.build.len() + one.runtime.len() == 1 {
        ""
    } else {
        "s"
    };
    warning(
        Rule::SystemLibrary,
        &dependencies::place(inputs.project, one.package),
        format!(
            "`{}` needs the system package{plural} {need}",
            one.package.name
        ),
        hint,
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{PYPROJECT, package, plan, told_of};

    #[test]
    fn what_psycopg2_needs_is_told_where_the_project_asks_for_it() {
        let pyproject = PYPROJECT.replace(
            "[project.scripts]",
            "dependencies = [\n  \"a\",\n  \"psycopg2 (>=2.9)\",\n]\n[project.scripts]",
        );
        let locked = package("psycopg2", "main", false);
        assert_eq!(
            told_of("", &pyproject, &locked),
            [
                "pyproject.toml:6 SystemLibrary: `psycopg2` needs the system packages `gcc`, `libc6-dev` and `libpq-dev` to be compiled, and `libpq5` to run"
            ]
        );
        let hint = plan("", &pyproject, &locked, &[]).warnings[0].hint.clone();
        assert_eq!(
            hint,
            "add `packages = [\"gcc\", \"libc6-dev\", \"libpq-dev\"]` to `[build]`, and `packages = [\"libpq5\"]` to `[runtime]`"
        );
        let build = "[build]\npackages = [\"build-essential\", \"libpq-dev=15.*\"]\n";
        assert_eq!(
            told_of(build, PYPROJECT, &locked),
            ["poetry.lock:2 SystemLibrary: `psycopg2` needs the system package `libpq5` to run"]
        );
    }

    #[test]
    fn what_has_all_it_needs_is_not_told() {
        let both = "[build]\npackages = [\"gcc\", \"libc6-dev\", \"libpq-dev\"]\n[runtime]\npackages = [\"libpq5\"]\n";
        let locked = package("psycopg2", "main", false);
        for (build_file, packages) in [
            (both, locked.clone()),
            ("[python]\nvariant = \"bookworm\"\n", locked.clone()),
            ("", package("psycopg2", "dev", false)),
            ("", package("lxml", "main", true)),
            ("", package("psycopg2-binary", "main", false)),
        ] {
            assert!(
                told_of(build_file, PYPROJECT, &packages).is_empty(),
                "{build_file}{packages}"
            );
        }
        assert_eq!(
            told_of("", PYPROJECT, &package("lxml", "main", false)).len(),
            1
        );
    }
}
