//! A small package index over HTTP (PEP 503).

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use super::archive::sha256;

/// A response.
pub(crate) struct Response {
    status: &'static str,
    kind: &'static str,
    body: Vec<u8>,
    /// Where the client is to ask instead.
    location: String,
}

impl Response {
    /// Content of a media type.
    pub(crate) fn of(kind: &'static str, body: Vec<u8>) -> Self {
        Self {
            status: "200 OK",
            kind,
            body,
            location: String::new(),
        }
    }

    pub(crate) fn file(body: Vec<u8>) -> Self {
        Self::of("application/octet-stream", body)
    }

    /// The page of a package: links to its files among `files`.
    pub(crate) fn page<'a>(
        package: &str,
        files: impl Iterator<Item = (&'a str, &'a [u8])>,
    ) -> Self {
        let mut page = String::from("<!DOCTYPE html>\n");
        for (path, bytes) in files {
            let file = path.rsplit('/').next().unwrap_or_default();
            let name = file.split('-').next().unwrap_or_default();
            if name.replace(['_', '.'], "-").to_ascii_lowercase() == package {
                let digest = sha256(bytes);
                writeln!(page, "<a href=\"{path}#sha256={digest}\">{file}</a>").unwrap();
            }
        }
        Self::of("text/html", page.into_bytes())
    }

    /// A status without content.
    pub(crate) fn empty(status: &'static str) -> Self {
        Self {
            status,
            kind: "text/plain",
            body: Vec::new(),
            location: String::new(),
        }
    }

    /// Sends the client elsewhere.
    #[allow(dead_code, reason = "only some tests need it")]
    pub(crate) fn redirect(location: &str) -> Self {
        Self {
            location: location.to_owned(),
            ..Self::empty("302 Found")
        }
    }
}

/// Calls `answer` with the path and headers of each request until the test run ends.
pub(crate) fn serve(
    listener: TcpListener,
    answer: impl Fn(&str, &[String]) -> Response + Send + Sync + 'static,
) {
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            // Ignore clients that hang up.
            thread::spawn(move || talk(stream, &*answer));
        }
    });
}

fn talk(
    mut stream: TcpStream,
    answer: &impl Fn(&str, &[String]) -> Response,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let mut headers = Vec::new();
    while let Some(header) = lines.next().transpose()?.filter(|line| !line.is_empty()) {
        headers.push(header);
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let Response {
        status,
        kind,
        body,
        location,
    } = answer(path, &headers);
    let more = if status.starts_with("401") {
        "WWW-Authenticate: Basic realm=\"index\"\r\n".to_owned()
    } else if location.is_empty() {
        String::new()
    } else {
        format!("Location: {location}\r\n")
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{more}Content-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    if !request.starts_with("HEAD ") {
        stream.write_all(&body)?;
    }
    stream.flush()
}
