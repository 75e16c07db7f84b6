//! Packages that are built from their source, because no wheel fits the image.

use super::system_libraries;
use super::warning::warning;
use crate::diagnostics::Warning;
use crate::project::normalised;
use crate::resolve::Resolved;
use crate::rules::Rule;

/// Packages of Debian with a compiler.
const COMPILERS: [&str; 4] = ["build-essential", "clang", "g++", "gcc"];

pub(super) fn find(resolved: &Resolved<'_>) -> Vec<Warning> {
    let Some(python) = resolved.python else {
        return Vec::new();
    };
    let mut build = resolved.file.build.packages.iter();
    let has_compiler = build.any(|one| COMPILERS.iter().any(|name| one.value.starts_with(name)));
    let hint = if has_compiler {
        "a release with a wheel installs faster"
    } else {
        "if it has C code, add `packages = [\"gcc\", \"libc6-dev\"]` to `[build]`; a release with a wheel installs faster"
    };
    // Another rule says what the others need.
    let packages = resolved.packages_from_source();
    let unknown =
        packages.filter(|package| !system_libraries::is_known(&normalised(&package.name)));
    unknown
        .map(|package| {
            warning(
                Rule::BuiltFromSource,
                resolved.project.location_of(package),
                format!(
                    "`{}` {} has no wheel for Python {python} on {}, so it is built from its source",
                    package.name,
                    package.version(),
                    resolved.request.platform
                ),
                hint,
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use testkit::Package;

    use super::super::fixture::{service, warnings};

    #[test]
    fn packages_without_a_fitting_wheel_are_reported_unless_more_is_known() {
        let project = service()
            .dependency("stone")
            .locked(Package::new("stone", "1").sdist())
            .locked(
                Package::new("windows", "2")
                    .sdist()
                    .wheel_for("cp313-cp313-win_amd64"),
            )
            .locked(Package::new("fine", "1").sdist().wheel())
            .locked(Package::new("psycopg2", "1").sdist());
        let found: Vec<String> = warnings(&project)
            .into_iter()
            .filter(|line| line.contains("BuiltFromSource"))
            .collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("poetry.lock:"), "{found:?}");
        assert!(found[0].contains("`windows` 2 has no wheel"), "{found:?}");
        assert!(found[1].starts_with("pyproject.toml:"), "{found:?}");
    }
}
