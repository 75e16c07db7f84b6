//! A project: its files as a whole.

mod pyproject;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::text::{pair, quote};
use crate::{Dependency, Lock, Package, dedent};

const PYPROJECT: &str = "pyproject.toml";
const LOCK: &str = "poetry.lock";
const BUILD_FILE: &str = "poetry.build.toml";
const IGNORE_FILE: &str = ".dockerignore";

/// A Poetry project, whose files are made when they are asked for.
///
/// Methods that are called like a key set or add to it; those that begin with `with_` set the text of a whole file, which
/// may be an indented block (see [`dedent`]).
#[derive(Clone, Debug)]
pub struct Project {
    spelling: Spelling,
    name: String,
    version: Option<String>,
    python: Option<String>,
    dependencies: Option<Vec<String>>,
    dynamic: Vec<String>,
    standard_lines: String,
    optional_dependencies: Lists,
    groups: Lists,
    scripts: Vec<(String, String)>,
    tool_lines: String,
    packages: Vec<String>,
    poetry_dependencies: Vec<(String, Dependency)>,
    extras: Lists,
    poetry_groups: Vec<Group>,
    indexes: String,
    build_system: Option<BuildSystem>,
    end: String,
    lock: Lock,
    files: BTreeMap<String, String>,
    /// Files that are not there.
    without: BTreeSet<String>,
}

type Lists = Vec<(String, Vec<String>)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    /// `[project]`, PEP 621.
    Standard,
    /// `[tool.poetry]` alone.
    Poetry,
}

/// A group of `[tool.poetry.group]`.
#[derive(Clone, Debug)]
struct Group {
    name: String,
    dependencies: Vec<(String, Dependency)>,
}

#[derive(Clone, Debug)]
struct BuildSystem {
    requires: Vec<String>,
    backend: String,
    lines: String,
}

fn owned<const N: usize>(items: [&str; N]) -> Vec<String> {
    items.map(str::to_owned).to_vec()
}

impl Project {
    /// A package in the standard spelling (PEP 621), as Poetry 2 makes it: `[project]` with version 0.1.0, `>=3.11` and no
    /// dependencies, and poetry-core to build it. Its build file is empty, and its lock is fresh.
    pub fn new(name: &str) -> Self {
        Self::spelt(
            Spelling::Standard,
            name,
            ">=3.11",
            "poetry-core>=2.0.0,<3.0.0",
        )
    }

    /// The same in Poetry's own spelling, as Poetry 1 makes it: `[tool.poetry]` alone, with `^3.11`.
    pub fn poetry(name: &str) -> Self {
        Self::spelt(Spelling::Poetry, name, "^3.11", "poetry-core")
    }

    fn spelt(spelling: Spelling, name: &str, python: &str, core: &str) -> Self {
        Self {
            spelling,
            name: name.to_owned(),
            version: Some("0.1.0".to_owned()),
            python: Some(python.to_owned()),
            dependencies: (spelling == Spelling::Standard).then(Vec::new),
            dynamic: Vec::new(),
            standard_lines: String::new(),
            optional_dependencies: Vec::new(),
            groups: Vec::new(),
            scripts: Vec::new(),
            tool_lines: String::new(),
            packages: Vec::new(),
            poetry_dependencies: Vec::new(),
            extras: Vec::new(),
            poetry_groups: Vec::new(),
            indexes: String::new(),
            build_system: Some(BuildSystem {
                requires: owned([core]),
                backend: "poetry.core.masonry.api".to_owned(),
                lines: String::new(),
            }),
            end: String::new(),
            lock: Lock::new(),
            files: BTreeMap::new(),
            without: BTreeSet::new(),
        }
    }

    /// Another name.
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Sets `version`.
    pub fn version(mut self, version: &str) -> Self {
        self.version = Some(version.to_owned());
        self
    }

    /// Leaves out `version`.
    pub fn without_version(mut self) -> Self {
        self.version = None;
        self
    }

    /// Sets `requires-python`, or `python` of `[tool.poetry.dependencies]`.
    pub fn python(mut self, constraint: &str) -> Self {
        self.python = Some(constraint.to_owned());
        self
    }

    /// Says nothing of Python.
    pub fn without_python(mut self) -> Self {
        self.python = None;
        self
    }

    /// Adds a requirement, such as `humanize>=4`, to `dependencies` of `[project]`.
    pub fn dependency(mut self, requirement: &str) -> Self {
        let dependencies = self.dependencies.get_or_insert_default();
        dependencies.push(requirement.to_owned());
        self
    }

    /// Leaves `dependencies` out of `[project]`, where there would be an empty list.
    pub fn without_dependencies(mut self) -> Self {
        self.dependencies = None;
        self
    }

    /// Adds a key to `dynamic` of `[project]`. `dependencies` then has no list there.
    pub fn dynamic(mut self, name: &str) -> Self {
        self.dynamic.push(name.to_owned());
        self
    }

    /// Adds an extra to `[project.optional-dependencies]`.
    pub fn optional_dependencies<const N: usize>(
        mut self,
        extra: &str,
        requirements: [&str; N],
    ) -> Self {
        let requirements = owned(requirements);
        self.optional_dependencies
            .push((extra.to_owned(), requirements));
        self
    }

    /// Adds a group to `[dependency-groups]` (PEP 735). An item such as `{ include-group = "lint" }` stays as it is.
    pub fn group<const N: usize>(mut self, name: &str, requirements: [&str; N]) -> Self {
        self.groups.push((name.to_owned(), owned(requirements)));
        self
    }

    /// Adds a script, such as `serve` with the target `service.web:main`.
    pub fn script(mut self, name: &str, target: &str) -> Self {
        self.scripts.push((name.to_owned(), target.to_owned()));
        self
    }

    /// Removes the scripts.
    pub fn without_scripts(mut self) -> Self {
        self.scripts.clear();
        self
    }

    /// Adds lines of TOML to the keys of `[project]`.
    pub fn in_project(mut self, lines: &str) -> Self {
        self.standard_lines += &lined(lines);
        self
    }

    /// Adds to `[tool.poetry.dependencies]`. A string is a version constraint.
    pub fn poetry_dependency(mut self, name: &str, dependency: impl Into<Dependency>) -> Self {
        let dependency = (name.to_owned(), dependency.into());
        self.poetry_dependencies.push(dependency);
        self
    }

    /// Adds an extra to `[tool.poetry.extras]`.
    pub fn extra<const N: usize>(mut self, name: &str, packages: [&str; N]) -> Self {
        self.extras.push((name.to_owned(), owned(packages)));
        self
    }

    /// Adds to `[tool.poetry.group.GROUP.dependencies]`. A string is a version constraint.
    pub fn poetry_group(
        mut self,
        group: &str,
        name: &str,
        dependency: impl Into<Dependency>,
    ) -> Self {
        let dependency = (name.to_owned(), dependency.into());
        match self.poetry_groups.iter_mut().find(|one| one.name == group) {
            Some(group) => group.dependencies.push(dependency),
            None => self.poetry_groups.push(Group {
                name: group.to_owned(),
                dependencies: vec![dependency],
            }),
        }
        self
    }

    /// Adds a `[[tool.poetry.source]]` that all packages may come from.
    pub fn index(self, name: &str, url: &str) -> Self {
        self.index_with(name, url, "")
    }

    /// Adds a `[[tool.poetry.source]]` for the dependencies that name it.
    pub fn explicit_index(self, name: &str, url: &str) -> Self {
        self.index_with(name, url, "priority = \"explicit\"")
    }

    /// Adds a `[[tool.poetry.source]]` with more lines of TOML, such as its priority.
    pub fn index_with(mut self, name: &str, url: &str, lines: &str) -> Self {
        if !self.indexes.is_empty() {
            self.indexes.push('\n');
        }
        let lines = pair("name", name) + &pair("url", url) + &lined(lines);
        self.indexes += &format!("[[tool.poetry.source]]\n{lines}");
        self
    }

    /// Adds to `packages` of `[tool.poetry]`.
    pub fn package(mut self, include: &str) -> Self {
        let package = format!("{{ include = {} }}", quote(include));
        self.packages.push(package);
        self
    }

    /// Adds to `packages` of `[tool.poetry]`, with the directory that it is in.
    pub fn package_from(mut self, include: &str, from: &str) -> Self {
        let (include, from) = (quote(include), quote(from));
        let package = format!("{{ include = {include}, from = {from} }}");
        self.packages.push(package);
        self
    }

    /// Sets `package-mode = false`: there is nothing to build, so no `[build-system]` either.
    pub fn no_package(self) -> Self {
        self.in_tool_poetry("package-mode = false")
            .without_build_system()
    }

    /// Sets `requires-poetry`.
    pub fn requires_poetry(self, constraint: &str) -> Self {
        let line = pair("requires-poetry", constraint);
        self.in_tool_poetry(&line)
    }

    /// Adds lines of TOML to the keys of `[tool.poetry]`.
    pub fn in_tool_poetry(mut self, lines: &str) -> Self {
        self.tool_lines += &lined(lines);
        self
    }

    /// Another `[build-system]`.
    pub fn build_system<const N: usize>(mut self, requires: [&str; N], backend: &str) -> Self {
        self.build_system = Some(BuildSystem {
            requires: owned(requires),
            backend: backend.to_owned(),
            lines: String::new(),
        });
        self
    }

    /// Adds lines of TOML, such as `backend-path`, to `[build-system]`.
    pub fn in_build_system(mut self, lines: &str) -> Self {
        if let Some(system) = &mut self.build_system {
            system.lines += &lined(lines);
        }
        self
    }

    /// Leaves out `[build-system]`.
    pub fn without_build_system(mut self) -> Self {
        self.build_system = None;
        self
    }

    /// Adds lines of TOML to the end of `pyproject.toml`, such as the table of another tool.
    pub fn at_end(mut self, lines: &str) -> Self {
        self.end += &lined(lines);
        self
    }

    /// Adds a package to the lock.
    pub fn locked(mut self, package: Package) -> Self {
        self.lock = self.lock.package(package);
        self
    }

    /// Adds a locked package that the project depends on.
    pub fn needs(self, package: Package) -> Self {
        let name = package.name.clone();
        let known = self.dependencies.iter().flatten().any(|one| *one == name);
        let project = if known { self } else { self.dependency(&name) };
        project.locked(package)
    }

    /// The Poetry that writes the lock.
    pub fn locked_by(mut self, poetry: &str) -> Self {
        self.lock = self.lock.by(poetry);
        self
    }

    /// Another lock.
    pub fn with_locked(mut self, lock: Lock) -> Self {
        self.lock = lock;
        self
    }

    /// Gives the lock the content hash of another project.
    pub fn stale(mut self) -> Self {
        self.lock = self.lock.stale();
        self
    }

    /// Another text of `pyproject.toml`. The lock is fresh for it.
    pub fn with_pyproject(self, text: &str) -> Self {
        self.with_file(PYPROJECT, text)
    }

    /// Another text of `poetry.lock`.
    pub fn with_lock(self, text: &str) -> Self {
        self.with_file(LOCK, text)
    }

    /// The text of `poetry.build.toml`.
    pub fn with_build_file(self, text: &str) -> Self {
        self.with_file(BUILD_FILE, text)
    }

    /// The text of `.dockerignore`.
    pub fn with_ignore_file(self, text: &str) -> Self {
        self.with_file(IGNORE_FILE, text)
    }

    /// Adds or replaces a file.
    pub fn with_file(mut self, path: &str, text: &str) -> Self {
        self.without.remove(path);
        self.files.insert(path.to_owned(), dedent(text));
        self
    }

    /// Removes a file, such as `poetry.lock`.
    pub fn without_file(mut self, path: &str) -> Self {
        self.files.remove(path);
        self.without.insert(path.to_owned());
        self
    }

    /// The text of `pyproject.toml`.
    pub fn pyproject(&self) -> String {
        let text = self.files.get(PYPROJECT).cloned();
        text.unwrap_or_else(|| self.written_pyproject())
    }

    /// The text of `poetry.lock`.
    pub fn lock(&self) -> String {
        let text = self.files.get(LOCK).cloned();
        text.unwrap_or_else(|| self.lock.text(&self.pyproject()))
    }

    /// The text of `poetry.build.toml`.
    pub fn build_file(&self) -> String {
        self.files.get(BUILD_FILE).cloned().unwrap_or_default()
    }

    /// All files by their paths.
    pub fn files(&self) -> BTreeMap<String, String> {
        let made = [
            (PYPROJECT, self.pyproject()),
            (LOCK, self.lock()),
            (BUILD_FILE, self.build_file()),
        ];
        let made = made.map(|(path, text)| (path.to_owned(), text));
        let mut files: BTreeMap<String, String> = made.into_iter().collect();
        files.extend(self.files.clone());
        files.retain(|path, _| !self.without.contains(path));
        files
    }

    /// Writes all files into a directory.
    pub fn write_to(&self, directory: &Path) {
        for (path, text) in self.files() {
            let path = directory.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
}

/// Lines that end with a line break.
fn lined(lines: &str) -> String {
    let mut lines = dedent(lines);
    if !lines.is_empty() && !lines.ends_with('\n') {
        lines.push('\n');
    }
    lines
}
