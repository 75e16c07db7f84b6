//! Path dependencies that Poetry would install editable.

use crate::diagnostics::Warning;
use crate::project::PackageOrigin;
use crate::rules::Rule;

use super::warning::warning;
use crate::resolve::{Resolved, is_for_development};

pub(super) fn find(resolved: &Resolved<'_>) -> Vec<Warning> {
    // The image for development also has the wheel, but nobody expects the path of the checkout there.
    if is_for_development(&resolved.result) {
        return Vec::new();
    }
    let packages = resolved.installed_packages();
    let editable = packages
        .filter(|package| package.origin == PackageOrigin::Directory && package.is_editable());
    editable
        .map(|package| {
            warning(
                Rule::EditableDependency,
                resolved.project.location_of(package),
                format!("`{}` is an editable dependency, but is installed as a wheel", package.name),
                "remove `develop = true` so that development matches the image, or load its data files with `importlib.resources`",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use testkit::{Dependency, Package};

    use super::super::fixture::{service, warnings};

    #[test]
    fn editable_dependencies_are_reported_where_the_project_declares_them() {
        let project = service()
            .without_dependencies()
            .poetry_dependency("Shared", Dependency::path("libs/shared").develop());
        let shared = || Package::new("shared", "1").directory("libs/shared");
        let text =
            "EditableDependency: `shared` is an editable dependency, but is installed as a wheel";
        assert_eq!(
            warnings(&project.clone().locked(shared().develop())),
            [format!("pyproject.toml:10 {text}")]
        );
        assert_eq!(
            warnings(&service().locked(shared().develop())),
            [format!("poetry.lock:3 {text}")]
        );
        assert!(warnings(&project.locked(shared())).is_empty());
    }
}
