//! A small package index (PEP 503).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use testkit::dedent;

use super::archive::{sha256, wheel};
use super::default_index::default_index;
use super::docker::run;
use super::http::{Response, serve};
use super::project::mirror;

/// An index of wheels and source distributions that build containers reach as the host `index`.
pub(crate) struct Index {
    host: String,
    port: u16,
    nonce: u64,
    served: Arc<Served>,
}

/// A wheel or a source distribution on an index.
#[derive(Clone)]
pub(crate) struct Published {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) file: String,
    pub(crate) sha256: String,
    /// The index's address.
    pub(crate) index: String,
}

#[derive(Default)]
struct Served {
    /// The credentials that a client must send, as `USER:PASSWORD`; empty for none.
    credentials: String,
    /// Files by path.
    wheels: Mutex<BTreeMap<String, Vec<u8>>>,
    downloads: Mutex<Vec<String>>,
    requests: Mutex<Vec<Asked>>,
    /// The index that has all other packages.
    upstream: Option<String>,
    /// Links to files elsewhere, by package.
    links: Mutex<BTreeMap<String, String>>,
    gate: Gate,
}

/// A request to an index.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    /// The credentials that the client sent, as `USER:PASSWORD`.
    pub(crate) credentials: String,
}

/// Lets requests pass unless it is closed.
#[derive(Default)]
struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Default)]
struct GateState {
    closed: bool,
    waiting: usize,
}

impl Gate {
    fn set(&self, closed: bool) {
        self.state.lock().unwrap().closed = closed;
        self.changed.notify_all();
    }

    fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.waiting += 1;
        self.changed.notify_all();
        state = self
            .changed
            .wait_while(state, |state| state.closed)
            .unwrap();
        state.waiting -= 1;
    }
}

/// See [`Index::stall`].
pub(crate) struct Stalled<'a> {
    gate: &'a Gate,
}

impl Stalled<'_> {
    /// Waits until a client waits for a response; fails the test if there is none.
    #[track_caller]
    pub(crate) fn wait_for_a_client(&self) {
        let state = self.gate.state.lock().unwrap();
        let limit = Duration::from_secs(120);
        let (state, waited) = self
            .gate
            .changed
            .wait_timeout_while(state, limit, |state| state.waiting == 0)
            .unwrap();
        // A poisoned lock would make `drop` panic as well, which ends all tests.
        drop(state);
        assert!(!waited.timed_out(), "nothing asked the index");
    }
}

impl Drop for Stalled<'_> {
    fn drop(&mut self) {
        self.gate.set(false);
    }
}

impl Index {
    /// Starts an index that runs until the tests end.
    pub(crate) fn start() -> Self {
        Self::private("")
    }

    /// Starts an index that requires `credentials`, `USER:PASSWORD`.
    pub(crate) fn private(credentials: &str) -> Self {
        Self::serving(Served {
            credentials: credentials.to_owned(),
            ..Served::default()
        })
    }

    /// Starts an index that sends clients to the default index of this machine for all packages that it does not have.
    pub(crate) fn mirror() -> Self {
        let upstream = mirror().unwrap_or_else(default_index);
        Self::serving(Served {
            upstream: Some(upstream),
            ..Served::default()
        })
    }

    /// Starts an index at an address that the engine itself reaches too.
    pub(crate) fn of_this_machine() -> Self {
        Self::of_this_machine_for("")
    }

    /// The same with `credentials`, `USER:PASSWORD`.
    pub(crate) fn of_this_machine_for(credentials: &str) -> Self {
        let gateway = "{{range .IPAM.Config}}{{.Gateway}}{{end}}";
        let host = run(&["network", "inspect", "bridge", "--format", gateway]);
        let host = String::from_utf8(host).unwrap();
        Self {
            host: host.trim().to_owned(),
            ..Self::private(credentials)
        }
    }

    fn serving(served: Served) -> Self {
        // No two indexes publish the same version, so no cache of an earlier test or run has it.
        static NONCE: AtomicU64 = AtomicU64::new(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let started = u64::try_from(now.as_millis()).unwrap();
        let nonce = started * 100 + NONCE.fetch_add(1, Ordering::Relaxed) % 100;

        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = Arc::new(served);
        let index = Self {
            host: "index".to_owned(),
            port,
            nonce,
            served: Arc::clone(&served),
        };
        serve(listener, move |path, headers| served.answer(path, headers));
        index
    }

    /// Serves the index over TLS, with an authority of its own, until the result is dropped.
    pub(crate) fn over_tls(&self) -> TlsProxy {
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/e2e/support/tls_proxy.py"
        );
        let mut process = Command::new("python3")
            .args([script, &self.port.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let (port, authority) = line.trim().split_once(' ').unwrap();
        TlsProxy {
            process,
            index: format!("https://index:{port}/simple"),
            authority: std::fs::read_to_string(authority).unwrap(),
        }
    }

    /// Its address in build containers.
    pub(crate) fn address(&self) -> String {
        format!("http://{}:{}/simple", self.host, self.port)
    }

    /// A version that begins with `version`, and that no other index has.
    pub(crate) fn version(&self, version: &str) -> String {
        format!("{version}.{}", self.nonce)
    }

    /// Publishes a wheel whose version begins with `version`; its module has the text `body`.
    pub(crate) fn publish(&self, name: &str, version: &str, body: &str) -> Published {
        self.publish_with(name, version, &[(&format!("{name}/__init__.py"), body)])
    }

    /// Publishes a wheel with these files besides its metadata.
    pub(crate) fn publish_with(
        &self,
        name: &str,
        version: &str,
        files: &[(&str, &str)],
    ) -> Published {
        let version = self.version(version);
        let metadata = metadata(name, &version);
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        let (file, bytes) = wheel(name, &version, &metadata, files.collect());
        self.publish_file(name, &version, &file, bytes)
    }

    /// Publishes a source distribution. While its wheel is built, the function `module` of `payload.py` runs, and returns
    /// the text of its module. The build requires no package.
    pub(crate) fn publish_sdist(
        &self,
        name: &str,
        version: &str,
        payload: &[(&str, &str)],
    ) -> Published {
        let version = self.version(version);
        let metadata = metadata(name, &version);
        let backend = backend(name, &version);
        let system =
            "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n";
        let own = [
            ("PKG-INFO", metadata.as_str()),
            ("pyproject.toml", system),
            ("backend.py", &backend),
        ];
        let mut sources = tar::Builder::new(Vec::new());
        for (path, text) in own.iter().chain(payload) {
            let text = dedent(text);
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len().try_into().unwrap());
            header.set_mode(0o644);
            let path = format!("{name}-{version}/{path}");
            sources
                .append_data(&mut header, path, text.as_bytes())
                .unwrap();
        }
        let bytes = gzip(&sources.into_inner().unwrap());
        self.publish_file(name, &version, &format!("{name}-{version}.tar.gz"), bytes)
    }

    /// Publishes a package with a licence expression.
    pub(crate) fn publish_licensed(&self, name: &str, licence: &str) -> Published {
        let version = self.version("1.0");
        let metadata = format!(
            "Metadata-Version: 2.4\nName: {name}\nVersion: {version}\nLicense-Expression: {licence}\n"
        );
        let files = vec![(format!("{name}/__init__.py"), String::new())];
        let (file, bytes) = wheel(name, &version, &metadata, files);
        self.publish_file(name, &version, &file, bytes)
    }

    /// Publishes a file of a package in exactly this version.
    pub(crate) fn publish_file(
        &self,
        name: &str,
        version: &str,
        file: &str,
        bytes: Vec<u8>,
    ) -> Published {
        let path = format!("/wheels/{file}");
        let published = Published {
            name: name.to_owned(),
            sha256: sha256(&bytes),
            index: self.address(),
            version: version.to_owned(),
            file: file.to_owned(),
        };
        self.served.wheels.lock().unwrap().insert(path, bytes);
        published
    }

    /// Links to a file that stays on its own index.
    pub(crate) fn link(&self, published: &Published) -> Published {
        let Published { file, sha256, .. } = published;
        let url = published.url();
        let link = format!("<!DOCTYPE html>\n<a href=\"{url}#sha256={sha256}\">{file}</a>\n");
        let mut links = self.served.links.lock().unwrap();
        links.insert(published.name.clone(), link);
        Published {
            index: self.address(),
            ..published.clone()
        }
    }

    /// Answers no request until the result is dropped.
    pub(crate) fn stall(&self) -> Stalled<'_> {
        let gate = &self.served.gate;
        gate.set(true);
        Stalled { gate }
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Asked> {
        self.served.requests.lock().unwrap().clone()
    }

    /// The wheels that were downloaded since the last call.
    pub(crate) fn downloads(&self) -> Vec<String> {
        let mut downloads = std::mem::take(&mut *self.served.downloads.lock().unwrap());
        downloads.sort();
        downloads
    }
}

impl Published {
    /// The address of its file.
    pub(crate) fn url(&self) -> String {
        let host = self.index.trim_end_matches("/simple");
        format!("{host}/wheels/{}", self.file)
    }
}

/// A build backend, `backend.py`, whose wheel has one module: the text that the function `module` of `payload.py` returns.
pub(crate) fn backend(name: &str, version: &str) -> String {
    include_str!("backend.py")
        .replace("@NAME@", name)
        .replace("@VERSION@", version)
}

fn metadata(name: &str, version: &str) -> String {
    format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = Command::new("gzip")
        .arg("-nc")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Source distributions of tests fit into the pipe's buffer.
    gzip.stdin.take().unwrap().write_all(bytes).unwrap();
    gzip.wait_with_output().unwrap().stdout
}

/// See [`Index::over_tls`].
pub(crate) struct TlsProxy {
    process: Child,
    /// The address of the index over TLS.
    pub(crate) index: String,
    /// The certificate of its authority, in PEM.
    pub(crate) authority: String,
}

impl TlsProxy {
    /// The authorities of the machine, and its own.
    pub(crate) fn bundle(&self) -> String {
        let known = std::fs::read_to_string("/etc/ssl/certs/ca-certificates.crt").unwrap();
        format!("{known}\n{}", self.authority)
    }
}

impl Drop for TlsProxy {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Served {
    /// The response for `/simple/NAME/` or a wheel.
    fn answer(&self, path: &str, headers: &[String]) -> Response {
        self.gate.pass();
        let credentials = headers.iter().find_map(|header| credentials(header));
        let credentials = credentials.unwrap_or_default();
        let is_known = self.credentials.is_empty() || credentials == self.credentials;
        self.requests.lock().unwrap().push(Asked {
            path: path.to_owned(),
            credentials,
        });
        if !is_known {
            return Response::empty("401 Unauthorized");
        }
        let wheels = self.wheels.lock().unwrap();
        if let Some(name) = path.strip_prefix("/simple/") {
            let name = name.trim_end_matches('/');
            if let Some(link) = self.links.lock().unwrap().get(name) {
                return Response::of("text/html", link.clone().into_bytes());
            }
            if let Some(upstream) = &self.upstream
                && !wheels
                    .keys()
                    .any(|path| path.starts_with(&format!("/wheels/{name}-")))
            {
                return Response::redirect(&format!("{}/{name}/", upstream.trim_end_matches('/')));
            }
            let wheels = wheels.iter();
            return Response::page(
                name,
                wheels.map(|(path, bytes)| (path.as_str(), bytes.as_slice())),
            );
        }
        let Some(wheel) = wheels.get(path) else {
            return Response::empty("404 Not Found");
        };
        let file = path.trim_start_matches("/wheels/").to_owned();
        self.downloads.lock().unwrap().push(file);
        Response::file(wheel.clone())
    }
}

/// The user and the password in a header.
fn credentials(header: &str) -> Option<String> {
    let (name, encoded) = header.split_once(": Basic ")?;
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded);
    name.eq_ignore_ascii_case("authorization")
        .then(|| String::from_utf8(decoded.unwrap()).unwrap())
}
