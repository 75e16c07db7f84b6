//! A small package index (PEP 503).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;

use super::wheel::{sha256, wheel};

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
    /// What a client must say of itself, as `USER:PASSWORD`; empty: nothing.
    credentials: String,
    wheels: Mutex<BTreeMap<String, Vec<u8>>>,
    downloads: Mutex<Vec<String>>,
}

impl Index {
    /// Starts one, which ends with the test run.
    pub(crate) fn start() -> Self {
        Self::private("")
    }

    /// Starts one that answers only those who say `credentials`, `USER:PASSWORD`.
    pub(crate) fn private(credentials: &str) -> Self {
        // No two indexes publish the same version, so that no cache of an earlier test or run has it.
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
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = Arc::clone(&served);
                // A client that hangs up is its own affair.
                thread::spawn(move || served.answer(stream));
            }
        });
        index
    }

    /// Publishes a wheel whose version begins with `version`; its module has the text `body`.
    pub(crate) fn publish(&self, name: &str, version: &str, body: &str) -> Published {
        let version = format!("{version}.{}", self.nonce);
        let bytes = wheel(name, &version, body);
        let file = format!("{name}-{version}-py3-none-any.whl");
        let published = Published {
            name: name.to_owned(),
            sha256: sha256(&bytes),
            index: format!("http://index:{}/simple", self.port),
            version,
            file: file.clone(),
        };
        self.served.wheels.lock().unwrap().insert(file, bytes);
        published
    }

    /// The wheels that were downloaded since this was last asked.
    pub(crate) fn downloads(&self) -> Vec<String> {
        let mut downloads = std::mem::take(&mut *self.served.downloads.lock().unwrap());
        downloads.sort();
        downloads
    }
}

impl Served {
    fn answer(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let request = lines.next().transpose()?.unwrap_or_default();
        let mut allowed = self.credentials.is_empty();
        while let Some(header) = lines.next().transpose()?.filter(|line| !line.is_empty()) {
            allowed |= self.is_key(&header);
        }
        let path = request.split(' ').nth(1).unwrap_or_default();
        let (status, kind, body) = match self.page(path).filter(|_| allowed) {
            Some((kind, body)) => ("200 OK", kind, body),
            None if !allowed => ("401 Unauthorized", "text/plain", Vec::new()),
            None => ("404 Not Found", "text/plain", Vec::new()),
        };
        let mut stream = stream;
        write!(
            stream,
            "HTTP/1.1 {status}\r\nWWW-Authenticate: Basic realm=\"index\"\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        )?;
        if !request.starts_with("HEAD ") {
            stream.write_all(&body)?;
        }
        stream.flush()
    }

    fn is_key(&self, header: &str) -> bool {
        let key = base64::engine::general_purpose::STANDARD.encode(&self.credentials);
        header
            .split_once(": Basic ")
            .is_some_and(|(name, said)| name.eq_ignore_ascii_case("authorization") && said == key)
    }

    fn page(&self, path: &str) -> Option<(&'static str, Vec<u8>)> {
        let wheels = self.wheels.lock().unwrap();
        if let Some(file) = path.strip_prefix("/wheels/") {
            let body = wheels.get(file)?.clone();
            self.downloads.lock().unwrap().push(file.to_owned());
            return Some(("application/octet-stream", body));
        }
        let name = path.strip_prefix("/simple/")?.trim_end_matches('/');
        let mut page = String::from("<!DOCTYPE html>\n");
        for (file, bytes) in wheels.iter() {
            if file.split('-').next() == Some(name) {
                let digest = sha256(bytes);
                writeln!(
                    page,
                    "<a href=\"/wheels/{file}#sha256={digest}\">{file}</a>"
                )
                .ok()?;
            }
        }
        Some(("text/html", page.into_bytes()))
    }
}
