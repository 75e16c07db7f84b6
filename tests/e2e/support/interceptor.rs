//! A network that intercepts TLS.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::build::Build;

/// A proxy that decrypts what goes through it. Stopped on drop.
pub(crate) struct Interceptor {
    process: Child,
    port: String,
    log: PathBuf,
    /// The certificate of its authority, in PEM.
    pub(crate) authority: String,
}

impl Interceptor {
    /// One that intercepts everything.
    pub(crate) fn start() -> Self {
        Self::of(&[])
    }

    /// One that intercepts what goes to the host `index`.
    pub(crate) fn of_index() -> Self {
        Self::of(&["index"])
    }

    fn of(hosts: &[&str]) -> Self {
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/e2e/support/interceptor.py"
        );
        let mut process = Command::new("python3")
            .arg(script)
            .args(hosts)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let [port, authority, log] = words[..] else {
            panic!("{line:?}");
        };
        Self {
            process,
            port: port.to_owned(),
            log: log.into(),
            authority: std::fs::read_to_string(authority).unwrap(),
        }
    }

    /// The build in this network.
    pub(crate) fn around<'a>(&self, build: Build<'a>) -> Build<'a> {
        build.with(&format!(
            "--build-arg=HTTPS_PROXY=http://index:{}",
            self.port
        ))
    }

    /// Whether it has seen a request to the host `index`, or to another one, with this in its path.
    pub(crate) fn has_seen(&self, in_index: bool, path: &str) -> bool {
        let log = std::fs::read_to_string(&self.log).unwrap();
        log.lines()
            .any(|line| line.starts_with("index ") == in_index && line.contains(path))
    }
}

impl Drop for Interceptor {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let Some(directory) = self.log.parent() {
            let _ = std::fs::remove_dir_all(directory);
        }
    }
}
