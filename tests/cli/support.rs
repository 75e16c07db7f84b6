//! The program, and directories with projects to run it in.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use testkit::{Package, Project};

/// A package with one script and no dependencies.
pub(crate) fn service() -> Project {
    Project::new("service")
        .script("serve", "service.web:main")
        .with_file("service/web.py", "def main(): pass\n")
        .with_build_file("# syntax=org/poetry-frontend\n")
}

/// The same with one dependency, locked at this version.
pub(crate) fn service_with_humanize(version: &str) -> Project {
    service()
        .dependency("humanize")
        .locked(Package::new("humanize", version).python(">=3.9"))
}

/// A directory with a project, removed on drop.
pub(crate) struct Checkout(TempDir);

impl Checkout {
    pub(crate) fn of(project: &Project) -> Self {
        let checkout = Self::empty();
        checkout.put(project);
        checkout
    }

    pub(crate) fn empty() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Replaces the files with those of `project`; other files stay.
    pub(crate) fn put(&self, project: &Project) {
        project.write_to(self.path());
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// Runs the program in the directory.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        run_in(self.path(), arguments)
    }

    pub(crate) fn git(&self, arguments: &[&str]) {
        let output = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.org"])
            .args(arguments)
            .current_dir(self.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// Runs the program once in a new directory with the project.
pub(crate) fn run_on(project: &Project, arguments: &[&str]) -> Ran {
    Checkout::of(project).run(arguments)
}

/// What the program did.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// What it printed; fails the test if it failed or printed an error.
    #[track_caller]
    pub(crate) fn printed(self) -> String {
        assert_eq!(
            (self.code, self.stderr.as_str()),
            (0, ""),
            "{}",
            self.stdout
        );
        self.stdout
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

pub(crate) fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_poetry-frontend"));
    command
        .args(arguments)
        .current_dir(directory)
        .env_remove("BUILDKIT_SESSION_ID")
        .env_remove("NO_COLOR");
    command
}

pub(crate) fn run_in(directory: &Path, arguments: &[&str]) -> Ran {
    command(directory, arguments).output().unwrap().into()
}

/// Runs the program in the directory of this package.
pub(crate) fn run(arguments: &[&str]) -> Ran {
    run_in(Path::new(env!("CARGO_MANIFEST_DIR")), arguments)
}
