//! A web server with files and Git repositories.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::http::{Response, serve};

/// Serves the files of a directory to the engine until the test run ends.
pub(crate) struct FileServer {
    port: u16,
    directory: TempDir,
}

impl FileServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let directory = TempDir::new().unwrap();
        let root = directory.path().to_owned();
        serve(listener, move |path, _| {
            let path = path.split('?').next().unwrap_or_default();
            match fs::read(root.join(path.trim_start_matches('/'))) {
                Ok(bytes) => Response::file(bytes),
                Err(_) => Response::empty("404 Not Found"),
            }
        });
        Self { port, directory }
    }

    /// Adds a file and returns its address.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> String {
        fs::write(self.directory.path().join(name), bytes).unwrap();
        self.address(name)
    }

    /// Adds a repository whose branch `main` has the files of a directory; returns its address and commit.
    #[track_caller]
    pub(crate) fn put_repository(&self, files: &Path) -> (String, String) {
        let repository = self.directory.path().join("app.git");
        let git = |arguments: &[&str]| {
            let output = Command::new("git")
                .args([
                    "-c",
                    "user.name=tests",
                    "-c",
                    "user.email=tests@example.com",
                ])
                .arg(format!("--git-dir={}", repository.display()))
                .arg(format!("--work-tree={}", files.display()))
                .args(arguments)
                .output()
                .unwrap();
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        git(&["init", "--quiet", "--initial-branch=main"]);
        git(&["config", "core.bare", "false"]);
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "--message=all"]);
        git(&["update-server-info"]);
        (self.address("app.git"), git(&["rev-parse", "HEAD"]))
    }

    /// The address that a file has or would have.
    pub(crate) fn address(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/{name}", self.port)
    }
}

/// A tar archive of a directory.
pub(crate) fn archive(directory: &Path) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_dir_all(".", directory).unwrap();
    archive.into_inner().unwrap()
}
