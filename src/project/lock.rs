//! `poetry.lock`, versions 2.0 and 2.1.

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer, ValueDeserializer};

use super::version::{Constraint, PoetryVersion, PythonVersion};
use super::{Error, constraint, toml_error};
use crate::diagnostics::{Diagnostics, Document, Place, Problem};

/// A lock file.
#[derive(Clone, Debug, PartialEq)]
pub struct Lock {
    /// The text.
    pub document: Document,
    /// The Poetry that wrote it, from its first line; `None` where the line does not say.
    pub writer: Option<PoetryVersion>,
    /// The lock's version, such as `2.1`.
    pub version: String,
    /// The Python that the lock was made for, as it is written.
    pub python_versions: Option<String>,
    /// What each extra adds, by name.
    pub extras: toml::Table,
    /// The hash of what the lock was made from, and where it stands.
    pub content_hash: Option<(String, Place)>,
    /// The Python that the lock was made for.
    pub python: Option<(Constraint, Place)>,
    /// The locked packages in the file's order.
    pub packages: Vec<LockedPackage>,
}

/// A package of the lock.
#[derive(Clone, Debug, PartialEq)]
pub struct LockedPackage {
    /// All that the lock says of it.
    pub table: toml::Table,
    /// The name.
    pub name: String,
    /// The dependency groups that need it; `None` in a lock that does not say (version 2.0).
    pub groups: Option<Vec<String>>,
    /// The kind of place that it comes from.
    pub source: SourceKind,
    /// The address of that place, or its path from the lock's; empty for the default index.
    pub url: String,
    /// The file names of its wheels.
    pub wheels: Vec<String>,
    /// Where it stands in the lock.
    pub place: Place,
}

/// The kinds of places that packages come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A package index.
    Index,
    /// A folder with a project.
    Directory,
    /// A wheel or source archive in the file system.
    File,
    /// A Git repository.
    Git,
    /// A wheel or source archive at an address.
    Url,
}

#[derive(Deserialize)]
struct File {
    /// Read one by one, if it is a list.
    #[serde(default, rename = "package")]
    _packages: Vec<IgnoredAny>,
    metadata: Metadata,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Package {
    name: String,
    groups: Option<Vec<String>>,
    #[serde(default)]
    files: Vec<PackageFile>,
    source: Option<Source>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct PackageFile {
    file: String,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Source {
    #[serde(rename = "type")]
    kind: String,
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Metadata {
    lock_version: String,
    python_versions: Option<Spanned<String>>,
    content_hash: Option<Spanned<String>>,
}

/// More than any project has; each has steps of its own.
const MOST_PATHS: usize = 250;

impl Lock {
    pub(super) fn parse(document: &Document) -> Result<Self, Diagnostics> {
        let wrong = |error| toml_error(document, &error);
        let mut whole = DeTable::parse(document.text()).map_err(wrong)?;
        known_version(document, whole.get_ref())?;
        // Each is let go of when it has been read: what a reader has takes much more than what it leaves.
        let all = match whole.get_mut().get_mut("package").map(Spanned::get_mut) {
            Some(DeValue::Array(all)) => std::mem::replace(all, DeArray::new()),
            _ => DeArray::new(),
        };
        let mut packages = Vec::with_capacity(all.len());
        for one in all {
            let place = document.place(one.span());
            let package = match Package::read(one.get_ref()) {
                Some(package) => package,
                None => {
                    Package::deserialize(ValueDeserializer::from(one.clone())).map_err(wrong)?
                }
            };
            let table = toml::Table::deserialize(ValueDeserializer::from(one));
            packages.push(package_of(place, package, table.map_err(wrong)?));
        }
        let mut file = DeTable::new();
        for key in ["metadata", "package"] {
            file.extend(whole.get_mut().remove_entry(key));
        }
        let file = Deserializer::from(Spanned::new(whole.span(), file));
        let File { metadata, .. } = File::deserialize(file).map_err(wrong)?;
        let is_path = |package: &&LockedPackage| {
            matches!(package.source, SourceKind::Directory | SourceKind::File)
        };
        if let Some(package) = packages.iter().filter(is_path).nth(MOST_PATHS) {
            return Err(Error::TooManyPaths(MOST_PATHS).at(&package.place).into());
        }
        let extras = whole.get_mut().remove("extras");
        let extras = extras.map(|all| toml::Table::deserialize(ValueDeserializer::from(all)));
        Ok(Self {
            document: document.clone(),
            extras: extras.transpose().map_err(wrong)?.unwrap_or_default(),
            writer: writer(document.text()),
            version: metadata.lock_version,
            python_versions: metadata
                .python_versions
                .as_ref()
                .map(|text| text.get_ref().clone()),
            content_hash: metadata
                .content_hash
                .map(|hash| (hash.get_ref().clone(), document.place(hash.span()))),
            python: metadata
                .python_versions
                .as_ref()
                .and_then(|text| constraint(document, text)),
            packages,
        })
    }
}

impl Package {
    /// What deserialising gives, without the copy that it takes; `None` leaves the rest to that, a mistake's words as well.
    fn read(value: &DeValue<'_>) -> Option<Self> {
        let text = |value: &Spanned<DeValue<'_>>| value.get_ref().as_str().map(str::to_owned);
        let table = value.as_table()?;
        let list = |key| match table.get(key) {
            Some(value) => value.get_ref().as_array().map(Some),
            None => Some(None),
        };
        let groups = match list("groups")? {
            Some(groups) => Some(groups.iter().map(text).collect::<Option<_>>()?),
            None => None,
        };
        let files = list("files")?.into_iter().flatten();
        let file = |value: &Spanned<DeValue<'_>>| {
            let file = text(value.get_ref().get("file")?)?;
            Some(PackageFile { file })
        };
        Some(Self {
            name: text(table.get("name")?)?,
            groups,
            files: files.map(file).collect::<Option<_>>()?,
            source: match table.get("source") {
                Some(source) => {
                    let source = source.get_ref().as_table()?;
                    let said = |key| source.get(key).map_or(Some(String::new()), text);
                    Some(Source {
                        kind: said("type")?,
                        url: said("url")?,
                    })
                }
                None => None,
            },
        })
    }
}

/// Looked at before anything else: an older lock has another shape.
fn known_version(document: &Document, table: &DeTable<'_>) -> Result<(), Diagnostics> {
    let metadata = table.get("metadata");
    let version = metadata.and_then(|metadata| metadata.get_ref().get("lock-version"));
    match version.and_then(|version| version.get_ref().as_str()) {
        // What has no version is reported as malformed.
        None | Some("2.0" | "2.1") => Ok(()),
        Some(unknown) => {
            let text = document.text();
            let line = text.find("lock-version").unwrap_or_default();
            let end = text[line..].find('\n').map_or(text.len(), |end| line + end);
            Err(Error::LockVersion(unknown.to_owned())
                .at(&document.place(line..end))
                .into())
        }
    }
}

fn package_of(place: Place, package: Package, table: toml::Table) -> LockedPackage {
    let source = package.source.unwrap_or_default();
    LockedPackage {
        table,
        source: match source.kind.as_str() {
            "directory" => SourceKind::Directory,
            "file" => SourceKind::File,
            "git" => SourceKind::Git,
            "url" => SourceKind::Url,
            _ => SourceKind::Index,
        },
        url: source.url,
        name: package.name,
        groups: package.groups,
        wheels: package
            .files
            .into_iter()
            .map(|file| file.file)
            .filter(|file| has_extension(file, "whl"))
            .collect(),
        place,
    }
}

impl Lock {
    /// The comment that the file begins with, which names the Poetry that wrote it.
    #[must_use]
    pub fn head(&self) -> &str {
        let text = self.document.text();
        match text.find('\n') {
            Some(end) if text.starts_with('#') => &text[..=end],
            _ => "",
        }
    }
}

fn has_extension(file: &str, extension: &str) -> bool {
    std::path::Path::new(file)
        .extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

/// The release in `# This file is automatically @generated by Poetry 2.1.3 and should ...`.
fn writer(text: &str) -> Option<PoetryVersion> {
    let line = text.lines().next()?.strip_prefix('#')?;
    let (_, after) = line.split_once("by Poetry ")?;
    PoetryVersion::parse(after.split_whitespace().next()?)
}

impl LockedPackage {
    /// Whether a wheel of it fits this Python on Linux. A package without any wheel for Linux says nothing about
    /// Python (it is built from source, or belongs to another system), so it fits.
    ///
    /// Wheel names: PEP 427, tags: PEP 425.
    #[must_use]
    pub fn has_wheel_for(&self, python: PythonVersion) -> bool {
        let mut on_linux = self
            .wheels
            .iter()
            .filter_map(|file| Tags::of(file))
            .filter(Tags::on_linux)
            .peekable();
        on_linux.peek().is_none() || on_linux.any(|tags| tags.fits(python.minor))
    }
}

struct Tags<'a> {
    python: &'a str,
    abi: &'a str,
    platform: &'a str,
}

impl<'a> Tags<'a> {
    fn of(file: &'a str) -> Option<Self> {
        let mut parts = file.get(..file.len().checked_sub(4)?)?.rsplit('-');
        let platform = parts.next()?;
        let abi = parts.next()?;
        let python = parts.next()?;
        Some(Self {
            python,
            abi,
            platform,
        })
    }

    fn on_linux(&self) -> bool {
        self.platform
            .split('.')
            .any(|one| one == "any" || one.starts_with("manylinux") || one.starts_with("linux"))
    }

    fn fits(&self, minor: u32) -> bool {
        self.python.split('.').any(|tag| {
            let Some((implementation, of)) = tag.split_at_checked(2) else {
                return false;
            };
            let of_minor: Option<u32> = of.strip_prefix('3').and_then(|minor| minor.parse().ok());
            match implementation {
                "py" => of == "3" || of_minor.is_some_and(|of| of <= minor),
                "cp" if self
                    .abi
                    .split('.')
                    .any(|abi| abi == "abi3" || abi == "none") =>
                {
                    of_minor.is_some_and(|of| of <= minor)
                }
                "cp" => of_minor == Some(minor) && self.abi != format!("cp3{minor}t"),
                _ => false,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(wheels: &[&str]) -> Vec<u32> {
        let package = LockedPackage {
            table: toml::Table::new(),
            name: "p".into(),
            groups: None,
            source: SourceKind::Index,
            url: String::new(),
            wheels: wheels.iter().map(|&file| file.to_owned()).collect(),
            place: Document::new("poetry.lock", "toml", "").first_line(),
        };
        (10..=15)
            .filter(|minor| package.has_wheel_for(PythonVersion::minor(*minor)))
            .collect()
    }

    #[test]
    fn wheels_decide_which_python_fits() {
        let all: Vec<u32> = (10..=15).collect();
        assert_eq!(fits(&[]), all);
        assert_eq!(fits(&["p-1-py3-none-any.whl"]), all);
        assert_eq!(fits(&["p-1-py2.py3-none-any.whl"]), all);
        assert_eq!(fits(&["p-1-cp312-cp312-win_amd64.whl"]), all);
        assert_eq!(
            fits(&[
                "p-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
                "p-1-cp312-cp312-manylinux_2_17_x86_64.whl",
                "p-1-cp314-cp314t-manylinux_2_17_x86_64.whl",
                "p-1-cp315-cp315-musllinux_1_2_x86_64.whl",
            ]),
            [11, 12]
        );
        assert_eq!(
            fits(&["p-1-cp312-abi3-manylinux_2_17_x86_64.whl"]),
            [12, 13, 14, 15]
        );
    }

    #[test]
    fn a_package_is_read_as_it_is_deserialised() {
        let mut mistakes = 0;
        for text in [
            "name = 'a'",
            "name = 'a'\ngroups = ['main', 'dev']\nmore = 1",
            "name = 'a'\ngroups = []\nfiles = [{ file = 'a.whl', hash = 'sha256:0' }]",
            "name = 'a'\nsource = {}",
            "name = 'a'\nsource = { type = 'git', url = 'b', reference = 'c' }",
            "",
            "name = 1",
            "name = 'a'\ngroups = 'main'",
            "name = 'a'\ngroups = [1]",
            "name = 'a'\nfiles = {}",
            "name = 'a'\nfiles = ['a.whl']",
            "name = 'a'\nfiles = [{ hash = 'sha256:0' }]",
            "name = 'a'\nfiles = [{ file = 1 }]",
            "name = 'a'\nsource = 'git'",
            "name = 'a'\nsource = { type = 1 }",
        ] {
            let table = DeTable::parse(text).unwrap();
            let read = Package::read(&DeValue::Table(table.get_ref().clone()));
            let deserialised = Package::deserialize(Deserializer::from(table)).ok();
            mistakes += usize::from(deserialised.is_none());
            assert_eq!(read, deserialised, "{text}");
        }
        assert_eq!(mistakes, 10);
    }

    #[test]
    fn the_first_line_names_the_writer() {
        let of = |line: &str| writer(line).map(|version| version.to_string());
        assert_eq!(
            of(
                "# This file is automatically @generated by Poetry 2.1.3 and should not be changed by hand.\n"
            ),
            Some("2.1.3".into())
        );
        assert_eq!(
            of("# This file is automatically @generated by Poetry and should not\n"),
            None
        );
        assert_eq!(of("[[package]]\n"), None);
        assert_eq!(of(""), None);
    }
}
