use serde_json::{Value, json};

use super::*;
use crate::plan::ListedOrigin;

const EPOCH: &str = "1970-01-01T00:00:00Z";

fn package(name: &str, version: &str, needs: &[&str]) -> ListedPackage {
    ListedPackage {
        name: name.to_owned(),
        version: version.to_owned(),
        needs: needs.iter().map(ToString::to_string).collect(),
        ..ListedPackage::default()
    }
}

fn listing(packages: Vec<ListedPackage>) -> Listing {
    let first = packages.first().map(|first| first.name.clone());
    let needs: Vec<&str> = first.iter().map(String::as_str).collect();
    Listing {
        project: package("My-App", "2.0", &needs),
        packages,
    }
}

fn document(listing: &Listing, system: &System) -> Value {
    let platform = Platform::parse("linux/arm64").unwrap();
    spdx(listing, &[], system, &platform, EPOCH)
}

fn purls(document: &Value) -> Vec<&str> {
    let packages = document["packages"].as_array().unwrap().iter();
    packages
        .filter_map(|package| package["externalRefs"][0]["referenceLocator"].as_str())
        .collect()
}

#[test]
fn a_document_lists_the_project_and_what_it_needs() {
    let mut first = package("httpx", "0.28.1", &["idna", "h11"]);
    first.sha256 = Some("ab".repeat(32));
    first.groups = vec!["main".to_owned()];
    first.extras = vec!["web".to_owned()];
    let listing = listing(vec![first, package("idna", "3.10", &[])]);
    let document = document(&listing, &System::default());
    assert_eq!(document["spdxVersion"], "SPDX-2.3");
    assert_eq!(document["creationInfo"]["created"], EPOCH);
    assert_eq!(document["name"], "My-App for linux/arm64");
    let [project, httpx, idna] = [0, 1, 2].map(|index| &document["packages"][index]);
    assert_eq!(project["versionInfo"], "2.0");
    assert_eq!(httpx["checksums"][0]["checksumValue"], "ab".repeat(32));
    assert_eq!(httpx["comment"], "groups: main; extras: web");
    assert_eq!(idna["name"], "idna");
    assert_eq!(idna.get("checksums"), None);
    let relationships = document["relationships"].as_array().unwrap().iter();
    let relationships: Vec<String> = relationships
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap().replace("SPDXRef-", "");
            format!(
                "{} {} {}",
                text("spdxElementId"),
                text("relationshipType"),
                text("relatedSpdxElement")
            )
        })
        .collect();
    // What is not installed is no relation.
    assert_eq!(
        relationships,
        [
            "DOCUMENT DESCRIBES project",
            "project DEPENDS_ON python-httpx-0.28.1",
            "python-httpx-0.28.1 DEPENDS_ON python-idna-3.10",
        ]
    );
}

#[test]
fn origins_are_part_of_package_urls() {
    let of = |origin| {
        let mut package = package("Some_Name", "1.0+cpu", &[]);
        package.origin = origin;
        let document = document(&listing(vec![package]), &System::default());
        purls(&document)[0].to_owned()
    };
    let url = |text: &str| text.to_owned();
    for (origin, expected) in [
        (None, "pkg:pypi/some-name@1.0%2Bcpu"),
        (
            Some(ListedOrigin::Index(url("https://index.example/simple"))),
            "pkg:pypi/some-name@1.0%2Bcpu?repository_url=https://index.example/simple",
        ),
        (
            Some(ListedOrigin::Git(
                url("https://git.example/a b.git"),
                url("0123"),
            )),
            "pkg:pypi/some-name@1.0%2Bcpu?vcs_url=git%2Bhttps://git.example/a%20b.git%400123",
        ),
        (
            Some(ListedOrigin::Download(url("https://files.example/a.whl?b"))),
            "pkg:pypi/some-name@1.0%2Bcpu?download_url=https://files.example/a.whl%3Fb",
        ),
        (
            Some(ListedOrigin::Local(url("../shared"))),
            "pkg:pypi/some-name@1.0%2Bcpu",
        ),
    ] {
        assert_eq!(of(origin), expected);
    }
}

#[test]
fn system_packages_come_from_dpkg() {
    let system = System {
        release: "PRETTY_NAME=\"Debian\"\nID=debian\nVERSION_ID=\"13\"\n".to_owned(),
        dpkg: "Package: libc6\nStatus: install ok installed\nArchitecture: arm64\nSource: glibc\nVersion: 2.41-12\nDescription: GNU\n library: x\n\n\
               Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n\
               Package: apt\nStatus: install ok installed\nArchitecture: all\nVersion: 1:3.0~rc\n\n\
               Package: login\nStatus: install ok installed\nArchitecture: all\nSource: util-linux (2.41-4+b1)\nVersion: 1:4\n"
            .to_owned(),
        python: Some("3.13.5".to_owned()),
    };
    let document = document(&listing(Vec::new()), &system);
    assert_eq!(
        purls(&document),
        [
            "pkg:generic/python@3.13.5",
            "pkg:deb/debian/apt@1:3.0~rc?arch=all&distro=debian-13",
            "pkg:deb/debian/libc6@2.41-12?arch=arm64&distro=debian-13&upstream=glibc",
            "pkg:deb/debian/login@1:4?arch=all&distro=debian-13&upstream=util-linux%402.41-4%2Bb1",
        ]
    );
}

#[test]
fn identifiers_are_unique_and_valid_whatever_a_file_says() {
    let hostile =
        "Package: a\u{7}\"/b\nStatus: install ok installed\nVersion: <1> & \\\n\nnothing\n\n:\n";
    let system = System {
        release: "ID\n=\n".to_owned(),
        dpkg: hostile.to_owned(),
        python: None,
    };
    let two = vec![package("a", "1", &[]), package("a", "2", &[])];
    let document = document(&listing(two), &system);
    let mut ids: Vec<&str> = document["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| package["SPDXID"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 5);
    for id in &ids {
        let rest = id.strip_prefix("SPDXRef-").unwrap();
        let is_valid = |char: char| char.is_ascii_alphanumeric() || ".-".contains(char);
        assert!(!rest.is_empty() && rest.chars().all(is_valid), "{id}");
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5);
}

#[test]
fn the_namespace_depends_on_the_content_alone() {
    let namespace = |version: &str, created: &str| {
        let listing = listing(vec![package("a", version, &[])]);
        let platform = Platform::parse("linux/arm64").unwrap();
        let document = spdx(&listing, &[], &System::default(), &platform, created);
        document["documentNamespace"].clone()
    };
    assert_eq!(
        namespace("1", EPOCH),
        namespace("1", "2026-01-01T00:00:00Z")
    );
    assert_ne!(namespace("1", EPOCH), namespace("2", EPOCH));
    assert_ne!(namespace("1", EPOCH), json!(null));
}

#[test]
fn licences_are_what_the_packages_declare() {
    let listing = listing(vec![
        package("Idna", "3.10", &[]),
        package("words", "1", &[]),
        package("other", "1", &[]),
    ]);
    let report = br#"
        {"name": "idna", "version": "3.10", "license": "MIT License"}
        {"name": "words", "version": "1", "license": "custom"}
    "#;
    let statements = crate::licenses::statements(report);
    let platform = Platform::parse("linux/amd64").unwrap();
    let document = spdx(&listing, &statements, &System::default(), &platform, EPOCH);
    let declared = [1, 2, 3].map(|index| document["packages"][index]["licenseDeclared"].clone());
    assert_eq!(declared, ["MIT", "NOASSERTION", "NOASSERTION"]);
    assert_eq!(document["packages"][2]["licenseComments"], "custom");
    assert_eq!(document["packages"][3].get("licenseComments"), None);
}
