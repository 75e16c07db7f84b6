//! `FROM`: the base image, and the Python in its tag.

use crate::dockerfile::Expanded;
use crate::project::PythonVersion;

/// The names of Docker's official image of Python.
const PYTHON: [&str; 5] = [
    "python",
    "library/python",
    "docker.io/python",
    "docker.io/library/python",
    "public.ecr.aws/docker/library/python",
];
/// Images without a Python.
const BARE: [&str; 6] = [
    "alpine",
    "buildpack-deps",
    "busybox",
    "debian",
    "fedora",
    "ubuntu",
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// The official image of Python.
    Python {
        /// The release in the tag; `None` if it names no release of Python 3.
        version: Option<String>,
        /// What follows it, such as `slim-trixie`; empty for the full image.
        variant: String,
    },
    /// Another image.
    Image(String),
    /// An image of a system, in which the Dockerfile installs Python.
    Bare(String),
    Scratch,
}

impl Base {
    pub(super) fn of(base: &Expanded) -> Self {
        let (value, template) = (base.value.as_str(), base.template.as_str());
        if value == "scratch" {
            return Self::Scratch;
        }
        let pinned = value.contains('@');
        let (name, tag) = split(value);
        if PYTHON.contains(&name) && !pinned && !template.starts_with('$') {
            let (version, variant) = tag.split_once('-').unwrap_or((tag, ""));
            let reference = split_reference(template);
            let is_version = PythonVersion::parse(version).is_some();
            // `python:slim`
            let variant = if is_version || version == "3" {
                variant
            } else {
                tag
            };
            let kept = reference.filter(|(_, value)| split_argument(value, version));
            return Self::Python {
                version: is_version
                    .then(|| kept.map_or_else(|| version.to_owned(), |(template, _)| template)),
                variant: if variant == "latest" { "" } else { variant }.to_owned(),
            };
        }
        let short = name.rsplit('/').next().unwrap_or_default();
        if BARE.contains(&short)
            && name
                .trim_start_matches("docker.io/")
                .trim_start_matches("library/")
                == short
        {
            return Self::Bare(template.to_owned());
        }
        Self::Image(template.to_owned())
    }
}

/// The name and the tag.
fn split(image: &str) -> (&str, &str) {
    let image = image.split('@').next().unwrap_or_default();
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, "latest"),
    }
}

/// The reference to a build argument that the tag starts with, with braces, and what follows it.
fn split_reference(template: &str) -> Option<(String, String)> {
    let (_, tag) = template.rsplit_once(':')?;
    let end = tag.find('}')?;
    let reference = tag.get(..=end).filter(|text| text.starts_with("${"))?;
    Some((reference.to_owned(), tag.get(end + 1..)?.to_owned()))
}

/// Whether the reference is the whole version: a `-` or nothing follows it. An argument whose value has a `-` is more than that.
fn split_argument(rest: &str, version: &str) -> bool {
    (rest.is_empty() || rest.starts_with('-')) && !version.contains('-')
}

/// The release of Debian in a variant.
pub(super) fn release(variant: &str) -> Option<&str> {
    let known = ["trixie", "bookworm", "bullseye", "buster"];
    known.into_iter().find(|release| variant.contains(release))
}

pub(super) fn is_slim(variant: &str) -> bool {
    variant.starts_with("slim")
}

pub(super) fn is_full(variant: &str) -> bool {
    variant.is_empty() || known_release(variant)
}

fn known_release(variant: &str) -> bool {
    release(variant) == Some(variant)
}
