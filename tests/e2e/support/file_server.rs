//! A web server with a few files, and repositories on it.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::http::{Response, serve};

/// Serves the files of a folder to the engine, to the end of the test run.
pub(crate) struct FileServer {
    port: u16,
    folder: TempDir,
}

impl FileServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let folder = TempDir::new().unwrap();
        let root = folder.path().to_owned();
        serve(listener, move |path, _| {
            let path = path.split('?').next().unwrap_or_default();
            match fs::read(root.join(path.trim_start_matches('/'))) {
                Ok(bytes) => Response::file(bytes),
                Err(_) => Response::empty("404 Not Found"),
            }
        });
        Self { port, folder }
    }

    /// Puts a file there; gives its address.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> String {
        fs::write(self.folder.path().join(name), bytes).unwrap();
        self.address(name)
    }

    /// Puts a repository there, whose branch `main` has the files of a folder; gives its address and the id of the commit.
    #[track_caller]
    pub(crate) fn put_repository(&self, files: &Path) -> (String, String) {
        let repository = self.folder.path().join("app.git");
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

    fn address(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/{name}", self.port)
    }
}

/// A tar archive of a folder.
pub(crate) fn archive(folder: &Path) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_dir_all(".", folder).unwrap();
    archive.into_inner().unwrap()
}
