//! `poetry.lock`, format versions 1.1, 2.0 and 2.1.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer, ValueDeserializer};

use super::error::Error;
use super::input::{constraint, toml_error};
use super::name::{is_name, is_version, normalised, requirement_name};
use super::origin::PackageOrigin;
use super::pep440::VersionConstraint;
use super::version::PoetryVersion;
use crate::diagnostics::{Diagnostics, Document, Problem, Span};

#[derive(Clone, Debug, PartialEq)]
pub struct Lock {
    pub document: Document,
    /// The Poetry that wrote the lock, if its first line says so.
    pub writer: Option<PoetryVersion>,
    /// The version of the format, such as `2.1`.
    pub version: String,
    /// The constraint that the packages were resolved for, as written.
    pub(super) python_versions: Option<String>,
    /// The same, parsed.
    pub python: Option<(VersionConstraint, Span)>,
    /// What each extra adds.
    pub(super) extras: toml::Table,
    /// The hash of what the lock was made from.
    pub content_hash: Option<(String, Span)>,
    /// In the order of the file.
    pub packages: Vec<LockedPackage>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LockedPackage {
    /// The whole entry, which the reduced lock is made from.
    pub(super) table: toml::Table,
    pub name: String,
    /// The dependency groups that need it; `None` in locks of version 2.0, which do not list them.
    pub groups: Option<Vec<String>>,
    pub origin: PackageOrigin,
    /// The address it comes from, or its path relative to the lock; empty for the default index.
    pub url: String,
    pub span: Span,
}

#[derive(Deserialize)]
struct File {
    /// Must be a list; the packages themselves are read one by one.
    #[serde(default, rename = "package")]
    _packages: Vec<IgnoredAny>,
    metadata: Metadata,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Package {
    name: String,
    groups: Option<Vec<String>>,
    #[serde(default)]
    files: Vec<ValidFile>,
    source: Option<Source>,
}

/// A file that has a name. The names stay in the package's table: they take too much memory to be kept twice.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(from = "PackageFile")]
struct ValidFile;

#[derive(Deserialize)]
struct PackageFile {
    #[serde(rename = "file")]
    _file: String,
}

impl From<PackageFile> for ValidFile {
    fn from(_: PackageFile) -> Self {
        Self
    }
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

/// Far more path dependencies than a real project has. Each gets its own steps.
const MOST_PATHS: usize = 250;

impl Lock {
    pub(super) fn parse(document: &Document) -> Result<Self, Diagnostics> {
        let wrong = |error| toml_error(document, &error);
        let mut whole = DeTable::parse(document.text()).map_err(wrong)?;
        known_version(document, whole.get_ref())?;
        // Drops each parsed package once it is read: the parser's values take much more memory than what is kept.
        let all = match whole.get_mut().get_mut("package").map(Spanned::get_mut) {
            Some(DeValue::Array(all)) => std::mem::replace(all, DeArray::new()),
            _ => DeArray::new(),
        };
        let files = files_of_1_1(whole.get_mut()).map_err(wrong)?;
        let mut packages = Vec::with_capacity(all.len());
        for one in all {
            let span = document.span(one.span());
            let package = match Package::read(one.get_ref()) {
                Some(package) => package,
                None => {
                    Package::deserialize(ValueDeserializer::from(one.clone())).map_err(wrong)?
                }
            };
            let table = toml::Table::deserialize(ValueDeserializer::from(one));
            let mut table = table.map_err(wrong)?;
            if let Some(error) = invalid(&package, &table) {
                return Err(error.at(&span).into());
            }
            if let Some(files) = files.get(&normalised(&package.name)) {
                table.entry("files").or_insert_with(|| files.clone());
            }
            packages.push(package_of(span, package, table));
        }
        let mut file = DeTable::new();
        for key in ["metadata", "package"] {
            file.extend(whole.get_mut().remove_entry(key));
        }
        let file = Deserializer::from(Spanned::new(whole.span(), file));
        let File { metadata, .. } = File::deserialize(file).map_err(wrong)?;
        let is_path = |package: &&LockedPackage| {
            matches!(
                package.origin,
                PackageOrigin::Directory | PackageOrigin::File
            )
        };
        if let Some(package) = packages.iter().filter(is_path).nth(MOST_PATHS) {
            return Err(Error::TooManyPaths(MOST_PATHS).at(&package.span).into());
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
                .map(|hash| (hash.get_ref().clone(), document.span(hash.span()))),
            python: metadata
                .python_versions
                .as_ref()
                .map(|text| constraint(document, text))
                .transpose()?,
            packages,
        })
    }
}

/// Names and versions become lines of requirement files and arguments of commands.
fn invalid(package: &Package, table: &toml::Table) -> Option<Error> {
    let version = table.get("version").and_then(toml::Value::as_str);
    let has_control = |text: &String| text.contains(char::is_control);
    if !is_name(&package.name) {
        Some(Error::PackageName(package.name.clone()))
    } else if let Some(version) = version.filter(|version| !is_version(version)) {
        Some(Error::PackageVersion(version.to_owned()))
    } else if package
        .source
        .as_ref()
        .is_some_and(|source| has_control(&source.url))
    {
        Some(Error::Control("address"))
    } else {
        None
    }
}

impl Package {
    /// Same result as deserialising, without the copy. `None` if the value has another shape; deserialising it then gives the
    /// error.
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
            let name = value.get_ref().get("file")?.get_ref();
            name.as_str().map(|_| ValidFile)
        };
        Some(Self {
            name: text(table.get("name")?)?,
            groups,
            files: files.map(file).collect::<Option<_>>()?,
            source: match table.get("source") {
                Some(source) => {
                    let source = source.get_ref().as_table()?;
                    let get = |key| source.get(key).map_or(Some(String::new()), text);
                    Some(Source {
                        kind: get("type")?,
                        url: get("url")?,
                    })
                }
                None => None,
            },
        })
    }
}

/// The files of each package by its normalised name, where a lock of version 1.1 has them. Later ones list them with the
/// packages.
fn files_of_1_1(whole: &mut DeTable<'_>) -> Result<BTreeMap<String, toml::Value>, toml::de::Error> {
    let metadata = whole.get_mut("metadata");
    let metadata = metadata.and_then(|metadata| match metadata.get_mut() {
        DeValue::Table(metadata) => Some(metadata),
        _ => None,
    });
    let Some(files) = metadata.and_then(|metadata| metadata.remove("files")) else {
        return Ok(BTreeMap::new());
    };
    let files = toml::Table::deserialize(ValueDeserializer::from(files))?;
    let files = files.into_iter();
    Ok(files
        .map(|(name, files)| (normalised(&name), files))
        .collect())
}

/// Checked first, because older locks have another structure.
fn known_version(document: &Document, table: &DeTable<'_>) -> Result<(), Diagnostics> {
    let metadata = table.get("metadata");
    let version = metadata.and_then(|metadata| metadata.get_ref().get("lock-version"));
    match version.and_then(|version| version.get_ref().as_str()) {
        // A missing version is reported as malformed.
        None | Some("1.1" | "2.0" | "2.1") => Ok(()),
        Some(unknown) => {
            let text = document.text();
            let line = text.find("lock-version").unwrap_or_default();
            let end = text[line..].find('\n').map_or(text.len(), |end| line + end);
            Err(Error::LockVersion(unknown.to_owned())
                .at(&document.span(line..end))
                .into())
        }
    }
}

fn package_of(span: Span, package: Package, table: toml::Table) -> LockedPackage {
    let source = package.source.unwrap_or_default();
    LockedPackage {
        table,
        origin: PackageOrigin::of_locked(&source.kind),
        url: source.url,
        name: package.name,
        groups: package.groups,
        span,
    }
}

impl Lock {
    /// The version of a lock with the same packages: here, each package has its own files.
    pub(super) fn written_version(&self) -> &str {
        match self.version.as_str() {
            "1.1" => "2.0",
            version => version,
        }
    }

    /// The comment on the first line, which names the Poetry that wrote the lock.
    pub(super) fn head(&self) -> &str {
        let text = self.document.text();
        match text.find('\n') {
            Some(end) if text.starts_with('#') => &text[..=end],
            _ => "",
        }
    }
}

impl LockedPackage {
    /// Whether Poetry would install it in editable mode.
    #[must_use]
    pub fn is_editable(&self) -> bool {
        self.table.get("develop").and_then(toml::Value::as_bool) == Some(true)
    }

    /// The version as written; empty if the lock has none.
    #[must_use]
    pub fn version(&self) -> &str {
        self.text("version").unwrap_or_default()
    }

    /// `NAME VERSION`.
    #[must_use]
    pub fn release(&self) -> String {
        format!("{} {}", self.name, self.version())
    }

    /// The name and URL of the index it comes from; `None` for the default index and other origins.
    #[must_use]
    pub fn index(&self) -> Option<(&str, &str)> {
        let source = self.table.get("source")?;
        let text = |key| source.get(key)?.as_str();
        (text("type")? == "legacy").then_some((text("reference")?, text("url")?))
    }

    /// Its files with their hashes, such as `sha256:0123`. A file of an index always has a hash.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.table.get("files").and_then(toml::Value::as_array);
        files.into_iter().flatten().filter_map(|file| {
            let hash = file.get("hash").and_then(toml::Value::as_str);
            Some((file.get("file")?.as_str()?, hash.unwrap_or_default()))
        })
    }

    /// The file names of its wheels.
    pub fn wheels(&self) -> impl Iterator<Item = &str> {
        let files = self.files().map(|(file, _)| file);
        files.filter(|file| has_extension(file, "whl"))
    }

    /// The hashes of its files that are no wheels.
    pub fn sdists(&self) -> impl Iterator<Item = &str> {
        let files = self.files();
        let sdists = files.filter(|(file, _)| !has_extension(file, "whl"));
        sdists.map(|(_, hash)| hash)
    }

    /// Whether only extras need it.
    pub(super) fn is_optional(&self) -> bool {
        self.table.get("optional").and_then(toml::Value::as_bool) == Some(true)
    }

    /// The Pythons that it runs on.
    pub(super) fn python_versions(&self) -> Option<&str> {
        self.text("python-versions")
    }

    /// Its own dependencies by their names as spelled.
    pub(super) fn dependencies(&self) -> impl Iterator<Item = (&str, &toml::Value)> {
        let dependencies = self
            .table
            .get("dependencies")
            .and_then(toml::Value::as_table);
        let dependencies = dependencies.into_iter().flatten();
        dependencies.map(|(name, value)| (name.as_str(), value))
    }

    /// The normalised names of the packages in one of its extras.
    pub(super) fn names_in_extra(&self, extra: &str) -> impl Iterator<Item = String> {
        let extras = self.table.get("extras").and_then(toml::Value::as_table);
        let named = extras.into_iter().flatten();
        let named = named.filter(move |(name, _)| normalised(name) == extra);
        let requirements = named.filter_map(|(_, list)| list.as_array()).flatten();
        requirements.filter_map(|one| one.as_str().map(requirement_name))
    }

    /// The branch, tag or commit that the project names, or the name of the index.
    pub(super) fn reference(&self) -> Option<&str> {
        self.table.get("source")?.get("reference")?.as_str()
    }

    /// The commit of a repository.
    #[must_use]
    pub fn commit(&self) -> Option<&str> {
        self.table
            .get("source")?
            .get("resolved_reference")?
            .as_str()
    }

    /// The normalised names of the packages that it depends on, in some environment or with some extra.
    pub fn needs(&self) -> impl Iterator<Item = String> {
        self.dependencies().map(|(name, _)| normalised(name))
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.table.get(key)?.as_str()
    }
}

/// The marker under which a group needs a locked package; `None` means always.
pub(super) fn marker_of<'a>(package: &'a toml::Table, group: &str) -> Option<&'a str> {
    match package.get("markers")? {
        toml::Value::String(marker) => Some(marker),
        toml::Value::Table(markers) => markers.get(group)?.as_str(),
        _ => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_a_package_gives_the_same_as_deserialising_it() {
        let mut errors = 0;
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
            errors += usize::from(deserialised.is_none());
            assert_eq!(read, deserialised, "{text}");
        }
        assert_eq!(errors, 10);
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
