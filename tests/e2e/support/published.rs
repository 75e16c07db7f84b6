//! Projects with packages of an [`Index`](super::Index).

use testkit::{Dependency, Lock, Package, Project};

use super::index::Published;

/// The Python of the test projects.
const PYTHON: &str = ">=3.13,<3.14";

/// A package under `src` with one script, both called `name`, that prints "hello". It has no build file.
pub(super) fn package(name: &str, dependencies: &[&Published]) -> Project {
    let mut project = Project::new(name)
        .python(PYTHON)
        .script(name, &format!("{name}:main"))
        .with_file(
            &format!("src/{name}/__init__.py"),
            "def main():\n    print('hello')\n",
        )
        .with_locked(lock("index", dependencies))
        .without_file("poetry.build.toml");
    for one in dependencies {
        project = project
            .dependency(&format!("{} (=={})", one.name, one.version))
            .poetry_dependency(&one.name, Dependency::from_index("index"));
    }
    match dependencies.first() {
        Some(first) => project.explicit_index("index", &format!("{}/", first.index)),
        None => project,
    }
}

/// A lock of these packages from the index that the project calls `name`.
pub(super) fn lock(name: &str, packages: &[&Published]) -> Lock {
    packages
        .iter()
        .fold(Lock::new(), |lock, one| lock.package(one.package(name)))
}

impl Published {
    /// Its entry in a lock, from the index that the project calls `name`.
    pub(crate) fn package(&self, name: &str) -> Package {
        Package::new(&self.name, &self.version)
            .file(&self.file, &self.sha256)
            .index(name, &self.index)
    }
}
