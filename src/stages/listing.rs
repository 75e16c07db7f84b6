//! The software bill of materials.

use crate::build_file::InstallMode;
use crate::plan::{ListedOrigin, ListedPackage, Listing};
use crate::project::{LockedPackage, PackageOrigin, normalised, without_credentials};
use crate::resolve::{Resolved, Target};

/// What the document of an image lists; `None` without one.
pub(super) fn of(resolved: &Resolved<'_>, target: &Target<'_>) -> Option<Listing> {
    if !resolved.file.runtime.sbom || !target.is_image() {
        return None;
    }
    let mut packages: Vec<ListedPackage> = resolved
        .installed_packages()
        .map(|package| listed(resolved, package))
        .collect();
    packages.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    Some(Listing {
        project: project(resolved, &packages),
        packages,
    })
}

fn project(resolved: &Resolved<'_>, packages: &[ListedPackage]) -> ListedPackage {
    let pyproject = &resolved.project.pyproject;
    let asked_for = |package: &&ListedPackage| {
        pyproject.dependency(&normalised(&package.name)).is_some()
            && resolved.install != InstallMode::None
    };
    let needs = packages.iter().filter(asked_for);
    ListedPackage {
        name: pyproject.title.clone().unwrap_or_else(|| "app".to_owned()),
        version: pyproject.version.clone().unwrap_or_default(),
        licence: pyproject.license.as_ref().map(|one| one.value.clone()),
        needs: needs.map(|package| normalised(&package.name)).collect(),
        ..ListedPackage::default()
    }
}

fn listed(resolved: &Resolved<'_>, package: &LockedPackage) -> ListedPackage {
    let groups = package.groups.iter().flatten();
    let selected = |group: &&String| resolved.selection.groups.contains(&normalised(group));
    let name = normalised(&package.name);
    let extras = resolved.project.extras_with(&name);
    let extras = extras.filter(|extra| resolved.selection.extras.contains(&normalised(extra)));
    let installed = |name: &String| {
        let mut packages = resolved.installed_packages();
        packages.any(|package| normalised(&package.name) == *name)
    };
    ListedPackage {
        name: package.name.clone(),
        version: package.version().to_owned(),
        origin: origin(package),
        sha256: sha256(resolved, package),
        licence: None,
        groups: groups.filter(selected).cloned().collect(),
        extras: extras.map(str::to_owned).collect(),
        needs: package.needs().filter(installed).collect(),
    }
}

fn origin(package: &LockedPackage) -> Option<ListedOrigin> {
    let address = || without_credentials(&package.url);
    match package.origin {
        PackageOrigin::Index => package
            .index()
            .map(|(_, url)| ListedOrigin::Index(without_credentials(url))),
        PackageOrigin::Git => {
            let commit = package.commit().unwrap_or_default();
            Some(ListedOrigin::Git(address(), commit.to_owned()))
        }
        PackageOrigin::Url => Some(ListedOrigin::Download(address())),
        PackageOrigin::File | PackageOrigin::Directory => {
            Some(ListedOrigin::Local(package.url.clone()))
        }
    }
}

/// Of the wheel that fits the image, or else of the only sdist.
fn sha256(resolved: &Resolved<'_>, package: &LockedPackage) -> Option<String> {
    let wheel = package.best_wheel(&resolved.environment);
    let hash = if let Some((_, hash)) = wheel {
        hash
    } else {
        resolved.python?;
        let mut sdists = package.sdists();
        sdists.next().filter(|_| sdists.next().is_none())?
    };
    Some(hash.strip_prefix("sha256:")?.to_owned())
}
