//! A container without an engine: a command that runs in a mount namespace, with a temporary directory as its file system
//! and the programs of this machine mounted into it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");
/// Directories of a system's programs. Where `/bin` and others are links, the container has the same links.
const SYSTEM: [&str; 7] = [
    "/usr/bin",
    "/usr/lib",
    "/usr/lib64",
    "/bin",
    "/lib",
    "/lib64",
    "/usr/libexec",
];
/// Programs of a test, before all others on the PATH.
pub(crate) const PROGRAMS: &str = "/programs";

pub(crate) struct Container {
    directory: TempDir,
    /// Directories of this machine, and where they are mounted.
    mounts: Vec<(PathBuf, String)>,
    path: String,
    env: Vec<(&'static str, &'static str)>,
    workdir: &'static str,
}

/// What a script did.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{}{}", self.stdout, self.stderr);
        self
    }

    /// Expects an exit code, and returns what was printed as an error.
    #[track_caller]
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self.stderr
    }
}

impl Container {
    pub(crate) fn new() -> Self {
        let directory = TempDir::with_prefix("scripts-").unwrap();
        // Users of the container can enter it.
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut container = Self {
            directory,
            mounts: Vec::new(),
            path: format!("{PROGRAMS}:/usr/local/bin:/usr/bin:/bin"),
            env: Vec::new(),
            workdir: "/",
        };
        for path in ["/tmp", "/usr/local/bin", PROGRAMS] {
            container.directory(path);
        }
        container.system("");
        container
    }

    /// Gives the file system at `root` the programs of this machine.
    pub(crate) fn system(&mut self, root: &str) {
        for path in SYSTEM {
            match fs::read_link(path) {
                Ok(target) => {
                    self.directory(&format!("{root}/usr"));
                    symlink(target, self.path(&format!("{root}{path}"))).unwrap();
                }
                Err(_) if Path::new(path).exists() => self.mount(path, &format!("{root}{path}")),
                Err(_) => {}
            }
        }
    }

    /// Gives the file system at `root` this machine's Python, as `/programs/python3`.
    pub(crate) fn python(&mut self, root: &str) {
        let executable = self.mount_python(root);
        self.directory(&format!("{root}{PROGRAMS}"));
        self.link(&format!("{root}{PROGRAMS}/python3"), &executable);
    }

    /// Mounts this machine's Python below `root`, and returns the path of its executable there.
    pub(crate) fn mount_python(&mut self, root: &str) -> String {
        let print = "import sys; print(sys.base_prefix); print(sys._base_executable)";
        let output = Command::new("python3")
            .args(["-c", print])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let (prefix, executable) = text.trim_end().split_once('\n').unwrap();
        if prefix != "/usr" {
            self.mount(prefix, &format!("{root}{prefix}"));
        }
        executable.to_owned()
    }

    fn mount(&mut self, source: &str, target: &str) {
        self.mounts.push((source.into(), target.to_owned()));
    }

    pub(crate) fn set_path(&mut self, path: &str) {
        path.clone_into(&mut self.path);
    }

    pub(crate) fn set_env(&mut self, name: &'static str, value: &'static str) {
        self.env.push((name, value));
    }

    pub(crate) fn set_workdir(&mut self, path: &'static str) {
        self.directory(path);
        self.workdir = path;
    }

    /// Where this machine has a file of the container.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.directory.path().join(path.trim_start_matches('/'))
    }

    pub(crate) fn directory(&self, path: &str) {
        fs::create_dir_all(self.path(path)).unwrap();
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // A link would be followed out of the container.
        assert!(!path.is_symlink(), "{}", path.display());
        fs::write(path, text).unwrap();
    }

    /// A shell script that stands in for a program.
    pub(crate) fn program(&self, path: &str, text: &str) {
        self.write(path, &format!("#!/bin/sh\n{text}\n"));
        self.set_mode(path, 0o755);
    }

    pub(crate) fn set_mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(crate) fn mode(&self, path: &str) -> u32 {
        fs::metadata(self.path(path)).unwrap().mode() & 0o7777
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        fs::symlink_metadata(self.path(path)).is_ok()
    }

    #[track_caller]
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn link(&self, path: &str, target: &str) {
        symlink(target, self.path(path)).unwrap();
    }

    /// Runs a shell script of `src/scripts/`, with `sh -eu` like in a build.
    pub(crate) fn sh(&self, script: &str, args: &[&str]) -> Ran {
        self.run(&["sh", "-eu", &self.script(script)], args)
    }

    /// Runs a Python script of `src/scripts/`.
    pub(crate) fn py(&self, script: &str, args: &[&str]) -> Ran {
        self.run(&["python3", &self.script(script)], args)
    }

    /// Writes a script of `src/scripts/` into the container, and returns its path there.
    pub(crate) fn script(&self, name: &str) -> String {
        let path = format!("/run/{name}");
        let file = Path::new(REPOSITORY).join("src/scripts").join(name);
        self.write(&path, &fs::read_to_string(file).unwrap());
        path
    }

    pub(crate) fn run(&self, command: &[&str], args: &[&str]) -> Ran {
        let mut unshare = Command::new("unshare");
        unshare.arg("--mount");
        if !is_root() {
            unshare.arg("--map-root-user");
        }
        unshare
            .args(["sh", "-eu"])
            .arg(Path::new(REPOSITORY).join("tests/scripts/container.sh"))
            .arg(self.directory.path());
        for (source, target) in &self.mounts {
            unshare.arg(source).arg(target);
        }
        unshare
            .args(["--", "/usr/bin/env", "-i", "-C", self.workdir])
            .arg(format!("PATH={}", self.path))
            .args(
                self.env
                    .iter()
                    .map(|(name, value)| format!("{name}={value}")),
            )
            .args(command)
            .args(args);
        let output = unshare.output().unwrap();
        let ran = Ran::from(output);
        assert!(
            !ran.stderr.starts_with("unshare: ") && !ran.stderr.starts_with("mount: "),
            "these tests need mount namespaces, as root or with unprivileged user namespaces: {}",
            ran.stderr
        );
        ran
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// An id for users of the container, and the same id outside. Only root can have containers with several users.
pub(crate) fn user() -> (&'static str, u32) {
    if is_root() {
        ("10001", 10001)
    } else {
        ("0", fs::metadata("/proc/self").unwrap().uid())
    }
}
