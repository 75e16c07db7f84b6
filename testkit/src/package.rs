//! Packages of a lock.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::Dependency;
use crate::content_hash::hex;
use crate::text::{Tables, key, list, normalized, pair, quote, strings};

/// A package of `poetry.lock`, in the main group unless it says otherwise.
///
/// A package of an index that names no file has a wheel for every platform.
#[derive(Clone, Debug)]
pub struct Package {
    pub(crate) name: String,
    version: String,
    description: String,
    optional: bool,
    python: String,
    groups: Vec<String>,
    markers: Markers,
    /// File names with their hashes.
    files: Option<Vec<(String, String)>>,
    lines: String,
    dependencies: Vec<(String, Dependency)>,
    extras: Vec<(String, Vec<String>)>,
    source: Vec<(&'static str, String)>,
}

#[derive(Clone, Debug)]
enum Markers {
    None,
    All(String),
    OfGroups(Vec<(String, String)>),
}

impl Package {
    /// A release of a package.
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            description: String::new(),
            optional: false,
            python: "*".to_owned(),
            groups: Vec::new(),
            markers: Markers::None,
            files: None,
            lines: String::new(),
            dependencies: Vec::new(),
            extras: Vec::new(),
            source: Vec::new(),
        }
    }

    /// What it says of itself.
    pub fn description(mut self, text: &str) -> Self {
        text.clone_into(&mut self.description);
        self
    }

    /// Adds a group that it belongs to. The first takes the place of `main`.
    pub fn group(mut self, name: &str) -> Self {
        self.groups.push(name.to_owned());
        self
    }

    /// Sets `optional = true`: only an extra needs it.
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The Pythons that it runs on: `python-versions`.
    pub fn python(mut self, constraint: &str) -> Self {
        constraint.clone_into(&mut self.python);
        self
    }

    /// Where it is installed.
    pub fn markers(mut self, markers: &str) -> Self {
        self.markers = Markers::All(markers.to_owned());
        self
    }

    /// Where a group installs it.
    pub fn markers_of(mut self, group: &str, markers: &str) -> Self {
        let one = (group.to_owned(), markers.to_owned());
        match &mut self.markers {
            Markers::OfGroups(all) => all.push(one),
            other => *other = Markers::OfGroups(vec![one]),
        }
        self
    }

    /// Adds a wheel for every Python and platform.
    pub fn wheel(self) -> Self {
        self.wheel_for("py3-none-any")
    }

    /// Adds a wheel with these tags, such as `cp312-cp312-manylinux_2_17_x86_64`.
    pub fn wheel_for(self, tags: &str) -> Self {
        let name = format!("{}-{}-{tags}.whl", self.stem(), self.version);
        self.made_up_file(&name)
    }

    /// Adds a source distribution.
    pub fn sdist(self) -> Self {
        let name = format!("{}-{}.tar.gz", self.stem(), self.version);
        self.made_up_file(&name)
    }

    /// Adds a file with its SHA-256 in hex.
    pub fn file(mut self, name: &str, sha256: &str) -> Self {
        let files = self.files.get_or_insert_default();
        files.push((name.to_owned(), sha256.to_owned()));
        self
    }

    /// Leaves it without files, as Poetry does where an index has none of the version left.
    pub fn no_files(mut self) -> Self {
        self.files = Some(Vec::new());
        self
    }

    /// A made-up hash that other files do not have.
    fn made_up_file(self, name: &str) -> Self {
        let hash = hex(&Sha256::digest(name));
        self.file(name, &hash)
    }

    /// Adds to its own dependencies. A string is a version constraint.
    pub fn requires(mut self, name: &str, dependency: impl Into<Dependency>) -> Self {
        self.dependencies.push((name.to_owned(), dependency.into()));
        self
    }

    /// Adds one of its extras, with requirements such as `pytest (>=7)`.
    pub fn extra<const N: usize>(mut self, name: &str, requirements: [&str; N]) -> Self {
        let requirements = requirements.map(str::to_owned).to_vec();
        self.extras.push((name.to_owned(), requirements));
        self
    }

    /// Comes from the index of the project with this name and address.
    pub fn index(self, name: &str, url: &str) -> Self {
        self.sourced("legacy", url).source_key("reference", name)
    }

    /// Comes from a commit of a Git repository.
    pub fn git(self, url: &str, commit: &str) -> Self {
        self.sourced("git", url)
            .source_key("reference", "HEAD")
            .source_key("resolved_reference", commit)
    }

    /// Is a directory: a path dependency.
    pub fn directory(self, path: &str) -> Self {
        self.sourced("directory", path)
    }

    /// Is an archive below the project: a path dependency.
    pub fn archive(self, path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        self.sourced("file", path).made_up_file(&name)
    }

    /// Is an archive at an address.
    pub fn url(self, url: &str) -> Self {
        let name = url.rsplit('/').next().unwrap_or(url).to_owned();
        self.sourced("url", url).made_up_file(&name)
    }

    /// Is in a directory of its repository or archive.
    pub fn subdirectory(self, path: &str) -> Self {
        self.source_key("subdirectory", path)
    }

    fn sourced(self, kind: &str, url: &str) -> Self {
        self.source_key("type", kind).source_key("url", url)
    }

    /// Adds to `[package.source]`.
    fn source_key(mut self, name: &'static str, text: &str) -> Self {
        self.source.retain(|(known, _)| *known != name);
        self.source.push((name, text.to_owned()));
        self
    }

    /// Sets `develop = true`, as for a directory that is installed editable.
    pub fn develop(self) -> Self {
        self.line("develop = true")
    }

    /// Adds a line of TOML to its own keys.
    pub fn line(mut self, line: &str) -> Self {
        self.lines += &format!("{line}\n");
        self
    }

    /// The name as file names have it.
    fn stem(&self) -> String {
        normalized(&self.name).replace('-', "_")
    }

    fn comes_from_an_index(&self) -> bool {
        let mut kinds = self.source.iter().filter(|(name, _)| *name == "type");
        kinds.all(|(_, kind)| kind == "legacy")
    }

    /// `with_groups`: as Poetry 2 writes it.
    pub(crate) fn text(&self, with_groups: bool) -> String {
        if self.files.is_none() && self.comes_from_an_index() {
            return self.clone().wheel().text(with_groups);
        }
        let mut own = pair("name", &self.name)
            + &pair("version", &self.version)
            + &pair("description", &self.description)
            + &format!("optional = {}\n", self.optional)
            + &pair("python-versions", &self.python);
        if with_groups {
            let main = ["main".to_owned()];
            let groups = if self.groups.is_empty() {
                &main[..]
            } else {
                &self.groups
            };
            own += &format!("groups = {}\n", strings(groups));
            match &self.markers {
                Markers::None => {}
                Markers::All(markers) => own += &pair("markers", markers),
                Markers::OfGroups(all) => {
                    let all: Vec<String> = all
                        .iter()
                        .map(|(group, markers)| format!("{} = {}", key(group), quote(markers)))
                        .collect();
                    own += &format!("markers = {{{}}}\n", all.join(", "));
                }
            }
        }
        let files = self.files.as_deref().unwrap_or_default();
        if files.is_empty() {
            own += "files = []\n";
        } else {
            let files = files.iter().map(|(name, hash)| {
                let hash = quote(&format!("sha256:{hash}"));
                format!("    {{file = {}, hash = {hash}}},\n", quote(name))
            });
            own += &format!("files = [\n{}]\n", files.collect::<String>());
        }
        own += &self.lines;

        let mut tables = Tables::default();
        tables.add("[[package]]", &own);
        let dependencies: String = self
            .dependencies
            .iter()
            .map(|(name, one)| format!("{} = {}\n", key(name), one.value("")))
            .collect();
        tables.add_filled("[package.dependencies]", &dependencies);
        let extras: String = self
            .extras
            .iter()
            .map(|(name, all)| {
                let all: Vec<String> = all.iter().map(|one| quote(one)).collect();
                format!("{} = {}\n", key(name), list(&all))
            })
            .collect();
        tables.add_filled("[package.extras]", &extras);
        let source: String = self
            .source
            .iter()
            .map(|(name, text)| pair(name, text))
            .collect();
        tables.add_filled("[package.source]", &source);
        tables.text()
    }
}

/// As Poetry 2 writes it.
impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_of_an_index_has_a_wheel() {
        let text = Package::new("My.Lib", "1.0").text(true);
        let hash = hex(&Sha256::digest("my_lib-1.0-py3-none-any.whl"));
        assert_eq!(
            text,
            format!(
                r#"[[package]]
name = "My.Lib"
version = "1.0"
description = ""
optional = false
python-versions = "*"
groups = ["main"]
files = [
    {{file = "my_lib-1.0-py3-none-any.whl", hash = "sha256:{hash}"}},
]
"#
            )
        );
    }

    #[test]
    fn everything_is_where_poetry_writes_it() {
        let package = Package::new("lib", "1.0")
            .description("One")
            .group("dev")
            .group("main")
            .optional()
            .python(">=3.9")
            .markers_of("dev", "os_name == 'x'")
            .markers_of("main", "extra == 'a'")
            .requires("b", ">=1")
            .requires("c", Dependency::version("*").optional())
            .extra("test", ["pytest (>=7)"])
            .git("https://git.example/lib.git", "0123")
            .subdirectory("python")
            .develop();
        assert_eq!(
            package.to_string(),
            r#"[[package]]
name = "lib"
version = "1.0"
description = "One"
optional = true
python-versions = ">=3.9"
groups = ["dev", "main"]
markers = {dev = "os_name == 'x'", main = "extra == 'a'"}
files = []
develop = true

[package.dependencies]
b = ">=1"
c = {version = "*", optional = true}

[package.extras]
test = ["pytest (>=7)"]

[package.source]
type = "git"
url = "https://git.example/lib.git"
reference = "HEAD"
resolved_reference = "0123"
subdirectory = "python"
"#
        );
        let old = package.text(false);
        assert!(
            !old.contains("groups =") && !old.contains("markers ="),
            "{old}"
        );
    }

    #[test]
    fn archives_are_named_by_their_addresses() {
        for package in [
            Package::new("a", "1").archive("vendor/a-1-py3-none-any.whl"),
            Package::new("a", "1").url("https://x.example/a-1-py3-none-any.whl"),
        ] {
            let text = package.text(true);
            assert!(
                text.contains("{file = \"a-1-py3-none-any.whl\", "),
                "{text}"
            );
        }
    }
}
