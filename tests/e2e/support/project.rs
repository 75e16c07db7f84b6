//! Projects in directories of their own.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use testkit::dedent;

use super::build::Build;
use super::index::Published;
use super::published;

/// The build file's name.
const BUILD_FILE: &str = "poetry.build.toml";

/// Added to build files on machines where Poetry reaches its default index only through a mirror.
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

/// The mirror of this machine, if it needs one.
pub(crate) fn mirror() -> Option<String> {
    std::env::var("PYPI_MIRROR")
        .ok()
        .filter(|mirror| !mirror.is_empty())
}

/// The options with which pip installs from it in an image of this machine.
pub(crate) fn pip_options() -> String {
    mirror().map_or(String::new(), |mirror| {
        format!("--cert=/etc/ssl/certs/ca-certificates.crt --index-url={mirror} ")
    })
}

/// A base image for `linux/amd64` and `linux/arm64`.
pub(crate) fn platforms_image() -> String {
    std::env::var("PLATFORMS_IMAGE").unwrap_or_else(|_| "python:3.13-platforms".to_owned())
}

/// A project in a directory that is removed with it.
pub(crate) struct Project {
    directory: TempDir,
}

impl Project {
    /// An empty directory.
    pub(crate) fn empty() -> Self {
        Self {
            directory: TempDir::with_prefix("poetry-frontend-").unwrap(),
        }
    }

    /// A copy of a directory of `tests/projects`, built with the frontend under test.
    pub(crate) fn of(name: &str) -> Self {
        let project = Self::copy_of(&Path::new("tests/projects").join(name));
        let text = project.read(BUILD_FILE);
        let (_, rest) = text.split_once('\n').unwrap();
        project.write(BUILD_FILE, &format!("# syntax={}\n{rest}", frontend()));
        project
    }

    /// A copy of a directory of the repository, as it is.
    pub(crate) fn copy_of(directory: &Path) -> Self {
        let project = Self::empty();
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(directory);
        copy(&from, project.path());
        project
    }

    /// Copies its files into another project.
    pub(crate) fn copy_to(&self, other: &Self) {
        copy(self.path(), other.path());
    }

    /// The files of a project, built with the frontend under test.
    pub(crate) fn with(files: &testkit::Project) -> Self {
        let project = Self::empty();
        files.write_to(project.path());
        project.build_file(&files.build_file());
        project
    }

    /// A package under `src` with one script, both called `name`, that prints "hello", and an empty build file.
    pub(crate) fn package(name: &str, dependencies: &[&Published]) -> Self {
        Self::with(&Self::files(name, dependencies))
    }

    /// The files of [`Project::package`], to add to.
    pub(crate) fn files(name: &str, dependencies: &[&Published]) -> testkit::Project {
        published::package(name, dependencies)
    }

    /// A unique package whose command prints the environment of the step that built its wheel, as JSON.
    pub(crate) fn inspector() -> Self {
        let project = testkit::Project::new("inspector")
            .python(">=3.13,<3.14")
            .script("inspector", "inspector:main")
            .build_system([], "backend")
            .in_build_system("backend-path = [\".\"]")
            .with_file("backend.py", include_str!("inspector.py"))
            .with_file("nonce", &super::nonce().to_string());
        Self::with(&project)
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Removes a file or a directory.
    pub(crate) fn remove(&self, path: &str) -> &Self {
        let path = self.path().join(path);
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

    /// Writes the build file: the `syntax` line, `text`, and the mirror of this machine. The text may be an
    /// indented block.
    pub(crate) fn build_file(&self, text: &str) -> &Self {
        let text = dedent(text);
        let machine = if mirror().is_some() { MIRROR } else { "" };
        self.bare_build_file(&format!("{text}{machine}"))
    }

    /// Writes the build file: the `syntax` line and `text`.
    pub(crate) fn bare_build_file(&self, text: &str) -> &Self {
        let text = dedent(text);
        self.write(BUILD_FILE, &format!("# syntax={}\n{text}", frontend()))
    }

    /// Locks again after an edit of `pyproject.toml`.
    pub(crate) fn lock(&self, packages: &[&Published]) -> &Self {
        self.lock_from("index", packages)
    }

    /// The same with packages of the index that the project calls `name`.
    pub(crate) fn lock_from(&self, name: &str, packages: &[&Published]) -> &Self {
        let lock = published::lock(name, packages).text(&self.read("pyproject.toml"));
        self.write("poetry.lock", &lock)
    }

    /// Changes the dependencies of a project made by [`Project::package`].
    pub(crate) fn depend_on(&self, name: &str, dependencies: &[&Published]) -> &Self {
        let files = Self::files(name, dependencies);
        self.write("pyproject.toml", &files.pyproject())
            .write("poetry.lock", &files.lock())
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
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
