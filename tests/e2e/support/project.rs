//! Projects in folders of their own.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::build::Build;
use super::index::Published;
use super::poetry;

/// The build file's name.
const BUILD_FILE: &str = "poetry.build.toml";

/// Put after a build file's own text where Poetry reaches its default index through a mirror only.
const MIRROR: &str = "\
[poetry]
mirror = \"${PYPI_MIRROR}\"
ca-bundle = \"/etc/ssl/certs/ca-certificates.crt\"
[args.PYPI_MIRROR]
default = \"\"
";

/// The image of the frontend under test.
pub(crate) fn frontend() -> String {
    std::env::var("FRONTEND_IMAGE")
        .unwrap_or_else(|_| "127.0.0.1:5000/poetry-frontend:dev".to_owned())
}

/// The mirror that this machine needs, if it does.
pub(crate) fn mirror() -> Option<String> {
    std::env::var("PYPI_MIRROR")
        .ok()
        .filter(|mirror| !mirror.is_empty())
}

/// A base image that is there for `linux/amd64` and for `linux/arm64`.
pub(crate) fn platforms_image() -> String {
    std::env::var("PLATFORMS_IMAGE").unwrap_or_else(|_| "python:3.13-platforms".to_owned())
}

/// A project; its folder goes with it.
pub(crate) struct Project {
    folder: TempDir,
}

impl Project {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self {
            folder: TempDir::with_prefix("poetry-frontend-").unwrap(),
        }
    }

    /// A copy of a folder of `tests/projects`, built with the frontend under test.
    pub(crate) fn of(name: &str) -> Self {
        let project = Self::copy_of(&Path::new("tests/projects").join(name));
        let text = project.read(BUILD_FILE);
        let (_, rest) = text.split_once('\n').unwrap();
        project.write(BUILD_FILE, &format!("# syntax={}\n{rest}", frontend()));
        project
    }

    /// A copy of a folder of the repository, as it is.
    pub(crate) fn copy_of(folder: &Path) -> Self {
        let project = Self::empty();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        copy(&from, project.folder());
        project
    }

    /// A package under `src` with one script, both called `name`, that says "hello", and an empty build file.
    pub(crate) fn package(name: &str, dependencies: &[&Published]) -> Self {
        let project = Self::empty();
        project.write("pyproject.toml", &poetry::pyproject(name, dependencies));
        project.lock(dependencies);
        project.write(
            &format!("src/{name}/__init__.py"),
            "def main():\n    print('hello')\n",
        );
        project.build_file("");
        project
    }

    /// A package whose command prints, in JSON, what the step saw that built its wheel. No other project has the same.
    pub(crate) fn inspector() -> Self {
        let project = Self::empty();
        let pyproject = "[project]\nname = \"inspector\"\nversion = \"1.0\"\nrequires-python = \">=3.13,<3.14\"\n\n[project.scripts]\ninspector = \"inspector:main\"\n\n[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n";
        project
            .write("pyproject.toml", pyproject)
            .write("backend.py", include_str!("inspector.py"))
            .write("nonce", &super::nonce().to_string())
            .lock(&[])
            .build_file("");
        project
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder().join(path)).unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.folder().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Removes a file, or a folder with all that is in it.
    pub(crate) fn remove(&self, path: &str) -> &Self {
        let path = self.folder().join(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        self
    }

    /// Replaces `old`, which must be there, in a file.
    #[track_caller]
    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) -> &Self {
        let text = self.read(path);
        assert!(text.contains(old), "{path} has no {old:?}");
        self.write(path, &text.replace(old, new))
    }

    /// Writes the build file: the line that names the frontend, `text`, and what this machine needs.
    pub(crate) fn build_file(&self, text: &str) -> &Self {
        let machine = if mirror().is_some() { MIRROR } else { "" };
        self.bare_build_file(&format!("{text}{machine}"))
    }

    /// Writes the build file: the line that names the frontend, and `text`.
    pub(crate) fn bare_build_file(&self, text: &str) -> &Self {
        self.write(BUILD_FILE, &format!("# syntax={}\n{text}", frontend()))
    }

    /// Renews the lock after an edit of `pyproject.toml`.
    pub(crate) fn lock(&self, packages: &[&Published]) -> &Self {
        self.lock_from("index", packages)
    }

    /// The same with packages of the source with this name.
    pub(crate) fn lock_from(&self, source: &str, packages: &[&Published]) -> &Self {
        let lock = poetry::lock(&self.read("pyproject.toml"), source, packages);
        self.write("poetry.lock", &lock)
    }

    /// Changes the dependencies of a project made by [`Project::package`].
    pub(crate) fn depend_on(&self, name: &str, dependencies: &[&Published]) -> &Self {
        self.write("pyproject.toml", &poetry::pyproject(name, dependencies))
            .lock(dependencies)
    }

    /// `docker buildx build -f poetry.build.toml .`
    pub(crate) fn build(&self) -> Build<'_> {
        Build::new(self, BUILD_FILE)
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
