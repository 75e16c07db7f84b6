//! Software bills of materials as SPDX 2.3 documents: the project, its locked packages, and the packages of the system.
//!
//! Pure, and equal input gives equal bytes: the creation time is `SOURCE_DATE_EPOCH`, and the namespace a hash of the
//! content.

mod debian;
mod entry;
mod purl;

use serde_json::{Value, json};

use crate::digest::sha256;
use crate::image::Platform;
use crate::licenses::Statement;
use crate::plan::{ListedPackage, Listing};
use crate::project::normalised;

use entry::{entry, id, relationship};

/// What the files of an image say about its system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct System {
    /// `/etc/os-release`.
    pub(crate) release: String,
    /// `/var/lib/dpkg/status`; empty if the image has none.
    pub(crate) dpkg: String,
    /// The Python of an official image, which is no system package.
    pub(crate) python: Option<String>,
}

/// The type of the document as an in-toto predicate.
pub(crate) const PREDICATE: &str = "https://spdx.dev/Document";

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const PROJECT: &str = "SPDXRef-project";
const SYSTEM: &str = "SPDXRef-system";

/// The document of an image; `created` is its creation time in the format of RFC 3339.
pub(crate) fn spdx(
    listing: &Listing,
    statements: &[Statement],
    system: &System,
    platform: &Platform,
    created: &str,
) -> Value {
    let mut packages = vec![project(&listing.project)];
    let mut relationships = vec![relationship(DOCUMENT, "DESCRIBES", PROJECT)];
    relationships.extend(needs(PROJECT, &listing.project, listing));
    for package in &listing.packages {
        packages.push(locked(package, statements));
        relationships.extend(needs(&id_of(package), package, listing));
    }
    let of_system = debian::packages(&system.dpkg, &system.release, platform);
    let python = system.python.as_deref().map(python);
    let of_system: Vec<Value> = python.into_iter().chain(of_system).collect();
    if !of_system.is_empty() {
        relationships.push(relationship(DOCUMENT, "DESCRIBES", SYSTEM));
        packages.push(entry(SYSTEM, "system", "", None));
    }
    for package in of_system {
        let id = package["SPDXID"].as_str().unwrap_or_default();
        relationships.push(relationship(SYSTEM, "CONTAINS", id));
        packages.push(package);
    }
    let content = json!([packages, relationships, platform.to_string()]);
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": format!("{} for {platform}", listing.project.name),
        "documentNamespace": format!("urn:poetry-frontend:sbom:{}", sha256(content.to_string().as_bytes())),
        "creationInfo": {
            "created": created,
            "creators": [format!("Tool: poetry-frontend-{}", env!("CARGO_PKG_VERSION"))],
        },
        "packages": packages,
        "relationships": relationships,
    })
}

fn project(project: &ListedPackage) -> Value {
    let mut described = entry(PROJECT, &project.name, &project.version, None);
    described["primaryPackagePurpose"] = json!("APPLICATION");
    if let Some(licence) = &project.licence {
        described["licenseComments"] = json!(licence);
    }
    described
}

fn locked(package: &ListedPackage, statements: &[Statement]) -> Value {
    let purl = purl::python(package);
    let mut described = entry(
        &id_of(package),
        &package.name,
        &package.version,
        Some(&purl),
    );
    if let Some(sha256) = &package.sha256 {
        described["checksums"] = json!([{ "algorithm": "SHA256", "checksumValue": sha256 }]);
    }
    let name = normalised(&package.name);
    let statement = statements.iter().find(|one| normalised(&one.name) == name);
    if let Some(statement) = statement {
        match statement.known() {
            Some(known) => described["licenseDeclared"] = json!(known.text),
            None if statement.words().is_empty() => {}
            None => described["licenseComments"] = json!(statement.words()),
        }
    }
    let asked_for = [("groups", &package.groups), ("extras", &package.extras)];
    let asked_for: Vec<String> = asked_for
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(kind, names)| format!("{kind}: {}", names.join(", ")))
        .collect();
    if !asked_for.is_empty() {
        described["comment"] = json!(asked_for.join("; "));
    }
    described
}

fn python(version: &str) -> Value {
    let purl = format!("pkg:generic/python@{version}");
    entry("SPDXRef-system-python", "python", version, Some(&purl))
}

/// What a package depends on.
fn needs<'a>(
    id: &'a str,
    package: &'a ListedPackage,
    listing: &'a Listing,
) -> impl Iterator<Item = Value> + 'a {
    let all = listing.packages.iter();
    let needed = all.filter(|other| package.needs.contains(&normalised(&other.name)));
    needed.map(move |other| relationship(id, "DEPENDS_ON", &id_of(other)))
}

fn id_of(package: &ListedPackage) -> String {
    let name = normalised(&package.name);
    id(&format!("python-{name}-{}", package.version))
}

#[cfg(test)]
mod tests;
