//! A Git host in a container.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::docker::{self, docker};
use super::image::Image;

const SERVER: &str = include_str!("git_server.py");

/// A host with one repository, that of the package `library`, which build containers reach as the host `index`. Removed
/// on drop.
pub(crate) struct GitServer {
    container: String,
    /// The id of the only commit.
    pub(crate) commit: String,
    /// Files for clients.
    client: TempDir,
}

impl GitServer {
    /// Starts one; `library` is the text of the package's module, and `token` the password for HTTPS.
    pub(crate) fn start(library: &str, token: &str) -> Self {
        let image = Image::from_dockerfile(&format!(
            "FROM python:3.13-slim-trixie\n\
             RUN apt-get update && apt-get install --yes --no-install-recommends git openssh-server openssl\n\
             COPY <<'SERVER' /git_server.py\n{SERVER}\nSERVER\n\
             ENTRYPOINT [\"python3\", \"/git_server.py\"]\n"
        ));
        let created = docker::run(&[
            "create",
            "--interactive",
            "--publish=22",
            "--publish=443",
            image.tag(),
            token,
        ]);
        let container = String::from_utf8(created).unwrap().trim().to_owned();
        let mut server = Self {
            container,
            commit: String::new(),
            client: TempDir::new().unwrap(),
        };
        let mut start = docker(&["start", "--attach", "--interactive", &server.container])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        start
            .stdin
            .take()
            .unwrap()
            .write_all(library.as_bytes())
            .unwrap();
        // It keeps running without its terminal.
        let begun = Instant::now();
        while !server.fetch("ready") {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "the Git server does not start"
            );
            sleep(Duration::from_millis(100));
        }
        let _ = start.kill();
        let _ = start.wait();
        for what in ["commit", "key", "host_key", "certificate"] {
            assert!(server.fetch(what), "{what}");
        }
        server.commit = server.read("commit");
        server
    }

    /// The address over SSH.
    pub(crate) fn ssh(&self) -> String {
        format!("ssh://git@{}/srv/git/library.git", self.ssh_host())
    }

    /// `HOST:PORT` of it.
    pub(crate) fn ssh_host(&self) -> String {
        self.host("22")
    }

    /// The address over HTTPS.
    pub(crate) fn https(&self) -> String {
        format!("https://{}/library.git", self.https_host())
    }

    /// `HOST:PORT` of it.
    pub(crate) fn https_host(&self) -> String {
        self.host("443")
    }

    /// The file with the private key of its user.
    pub(crate) fn key(&self) -> PathBuf {
        self.client.path().join("key")
    }

    /// Its public host key.
    pub(crate) fn host_key(&self) -> String {
        self.read("host_key")
    }

    /// Its certificate.
    pub(crate) fn certificate(&self) -> String {
        self.read("certificate")
    }

    fn read(&self, what: &str) -> String {
        let text = fs::read_to_string(self.client.path().join(what)).unwrap();
        text.trim().to_owned()
    }

    fn host(&self, port: &str) -> String {
        let printed = String::from_utf8(docker::run(&["port", &self.container, port])).unwrap();
        let port = printed
            .lines()
            .next()
            .and_then(|line| line.rsplit(':').next());
        format!("index:{}", port.unwrap())
    }

    /// Copies one of the files for clients, if it exists already.
    fn fetch(&self, what: &str) -> bool {
        let from = format!("{}:/client/{what}", self.container);
        let to: &Path = self.client.path();
        let copied = docker(&["cp", &from])
            .arg(to)
            .stderr(Stdio::null())
            .output();
        copied.unwrap().status.success()
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        let _ = docker(&["rm", "--force", "--volumes", &self.container]).output();
    }
}
