//! Package URLs (`package-url/purl-spec`, `types-doc`).

use crate::plan::{ListedOrigin, ListedPackage};
use crate::project::normalised;

/// The URL of a Python distribution.
pub(super) fn python(package: &ListedPackage) -> String {
    let name = normalised(&package.name);
    let version = encoded(&package.version);
    let qualifier = match &package.origin {
        None | Some(ListedOrigin::Local(_)) => String::new(),
        Some(ListedOrigin::Index(url)) => format!("?repository_url={}", encoded(url)),
        Some(ListedOrigin::Git(url, commit)) => {
            format!("?vcs_url={}", encoded(&format!("git+{url}@{commit}")))
        }
        Some(ListedOrigin::Download(url)) => format!("?download_url={}", encoded(url)),
    };
    format!("pkg:pypi/{name}@{version}{qualifier}")
}

/// The URL of a Debian package.
pub(super) fn debian(
    distribution: &str,
    name: &str,
    version: &str,
    qualifiers: &[(&str, &str)],
) -> String {
    let qualifiers: Vec<String> = qualifiers
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| format!("{key}={}", encoded(value)))
        .collect();
    let qualifiers = if qualifiers.is_empty() {
        String::new()
    } else {
        format!("?{}", qualifiers.join("&"))
    };
    format!(
        "pkg:deb/{}/{}@{}{qualifiers}",
        encoded(distribution),
        encoded(name),
        encoded(version)
    )
}

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_~:/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded += &format!("%{byte:02X}");
        }
    }
    encoded
}
