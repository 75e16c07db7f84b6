//! The packages of a Debian system (`dpkg`, `lib/dpkg/parsedump.h`: paragraphs of fields).

use std::collections::BTreeMap;

use serde_json::Value;

use super::entry::{entry, id};
use super::purl;
use crate::image::Platform;

/// The installed packages, sorted by name.
pub(super) fn packages(status: &str, release: &str, platform: &Platform) -> Vec<Value> {
    let release = os_release(release);
    let of_release = |key: &str| release.get(key).copied().unwrap_or_default();
    let (distribution, version) = (of_release("ID"), of_release("VERSION_ID"));
    let distribution = if distribution.is_empty() {
        "debian"
    } else {
        distribution
    };
    let named = [distribution, version];
    let named = named.into_iter().filter(|part| !part.is_empty());
    let distro = named.collect::<Vec<_>>().join("-");
    // By name and architecture, of which a system can have several.
    let mut found = BTreeMap::new();
    for paragraph in status.split("\n\n") {
        let fields = fields(paragraph);
        let field = |key: &str| fields.get(key).copied().unwrap_or_default();
        let is_installed = field("Status").ends_with(" installed");
        let (name, version) = (field("Package"), field("Version"));
        if !is_installed || name.is_empty() || version.is_empty() {
            continue;
        }
        let architecture = match field("Architecture") {
            "" => platform.architecture.as_str(),
            given => given,
        };
        let purl = purl::debian(
            distribution,
            name,
            version,
            &[
                ("arch", architecture),
                ("distro", &distro),
                ("upstream", &source(field("Source"))),
            ],
        );
        let id = id(&format!("system-{name}-{architecture}"));
        let described = entry(&id, name, version, Some(&purl));
        found.insert((name.to_owned(), architecture.to_owned()), described);
    }
    found.into_values().collect()
}

/// The source package, with its version if it is another one: `NAME (VERSION)` becomes `NAME@VERSION`, as Syft writes it. Scanners
/// look there for the vulnerabilities of a package, because Debian lists them by source package.
fn source(field: &str) -> String {
    match field.split_once(' ') {
        Some((name, version)) => format!("{name}@{}", version.trim_matches(['(', ')'])),
        None => field.to_owned(),
    }
}

/// The fields of a paragraph; of one with several lines, the first.
fn fields(paragraph: &str) -> BTreeMap<&str, &str> {
    let lines = paragraph.lines();
    let fields = lines.filter(|line| !line.starts_with([' ', '\t']));
    fields
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key, value.trim()))
        .collect()
}

/// The variables of `/etc/os-release`.
fn os_release(text: &str) -> BTreeMap<&str, &str> {
    let lines = text.lines().filter_map(|line| line.split_once('='));
    lines
        .map(|(key, value)| (key.trim(), value.trim().trim_matches(['"', '\''])))
        .collect()
}
