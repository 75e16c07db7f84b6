//! A small package index (PEP 503).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;

use super::archive::{sha256, wheel};
use super::http::{Response, serve};

/// An index of wheels that build containers reach as the host `index`.
pub(crate) struct Index {
    port: u16,
    nonce: u64,
    served: Arc<Served>,
}

/// A wheel on an index.
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
}

impl Index {
    /// Starts an index that runs until the tests end.
    pub(crate) fn start() -> Self {
        Self::private("")
    }

    /// Starts an index that requires `credentials`, `USER:PASSWORD`.
    pub(crate) fn private(credentials: &str) -> Self {
        // No two indexes publish the same version, so no cache of an earlier test or run has it.
        static NONCE: AtomicU64 = AtomicU64::new(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let started = u64::try_from(now.as_millis()).unwrap();
        let nonce = started * 100 + NONCE.fetch_add(1, Ordering::Relaxed) % 100;

        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = Arc::new(Served {
            credentials: credentials.to_owned(),
            ..Served::default()
        });
        let index = Self {
            port,
            nonce,
            served: Arc::clone(&served),
        };
        serve(listener, move |path, headers| served.answer(path, headers));
        index
    }

    /// Serves the index over TLS, with a self-signed certificate, until the result is dropped.
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
        let (port, certificate) = line.trim().split_once(' ').unwrap();
        TlsProxy {
            process,
            index: format!("https://index:{port}/simple"),
            certificate: std::fs::read_to_string(certificate).unwrap(),
        }
    }

    /// Publishes a wheel whose version begins with `version`; its module has the text `body`.
    pub(crate) fn publish(&self, name: &str, version: &str, body: &str) -> Published {
        let version = format!("{version}.{}", self.nonce);
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
        let module = (format!("{name}/__init__.py"), body.to_owned());
        let (file, bytes) = wheel(name, &version, &metadata, vec![module]);
        let path = format!("/wheels/{file}");
        let published = Published {
            name: name.to_owned(),
            sha256: sha256(&bytes),
            index: format!("http://index:{}/simple", self.port),
            version,
            file,
        };
        self.served.wheels.lock().unwrap().insert(path, bytes);
        published
    }

    /// The wheels that were downloaded since the last call.
    pub(crate) fn downloads(&self) -> Vec<String> {
        let mut downloads = std::mem::take(&mut *self.served.downloads.lock().unwrap());
        downloads.sort();
        downloads
    }
}

/// See [`Index::over_tls`].
pub(crate) struct TlsProxy {
    process: Child,
    /// The address of the index over TLS.
    pub(crate) index: String,
    /// Its certificate in PEM.
    pub(crate) certificate: String,
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
        if !self.credentials.is_empty() && !headers.iter().any(|header| self.is_key(header)) {
            return Response::empty("401 Unauthorized");
        }
        let wheels = self.wheels.lock().unwrap();
        if let Some(name) = path.strip_prefix("/simple/") {
            let wheels = wheels.iter();
            return Response::page(
                name.trim_end_matches('/'),
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

    fn is_key(&self, header: &str) -> bool {
        let key = base64::engine::general_purpose::STANDARD.encode(&self.credentials);
        header
            .split_once(": Basic ")
            .is_some_and(|(name, said)| name.eq_ignore_ascii_case("authorization") && said == key)
    }
}
