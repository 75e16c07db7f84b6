//! Addresses of locked wheels, as an index has them.

use std::collections::BTreeMap;
use std::net::TcpListener;

use serde_json::{Value, json};

use super::container::{Container, Ran};
use super::http::{Response, serve};

/// An index with these pages: by path, the media type and the content.
struct Index {
    address: String,
}

impl Index {
    fn with(pages: &[(&str, &'static str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let pages: BTreeMap<String, (&'static str, String)> = pages
            .iter()
            .map(|(path, kind, text)| ((*path).to_owned(), (*kind, (*text).to_owned())))
            .collect();
        serve(listener, move |path, headers| match pages.get(path) {
            Some(("redirect", to)) => Response::redirect(to),
            Some(("refused", _)) => Response::empty("401 Unauthorized"),
            // What was sent is part of the address of the file.
            Some(("private", _)) => {
                let sent = headers
                    .iter()
                    .find_map(|one| one.strip_prefix("Authorization: "));
                let sent = sent.unwrap_or("nothing").replace(' ', "-");
                let digest = "a".repeat(64);
                let text = format!("<a href=\"/{sent}/{FILE}#sha256={digest}\">x</a>");
                Response::of("text/html", text.into_bytes())
            }
            Some((kind, text)) => Response::of(kind, text.clone().into_bytes()),
            None => Response::empty("404 Not Found"),
        });
        Self {
            address: format!("http://127.0.0.1:{port}"),
        }
    }

    fn find(&self, wanted: &Value) -> (Container, Ran) {
        find(wanted, &format!("{}/simple/", self.address), None)
    }

    fn find_with(&self, header: &'static str) -> (Container, Ran) {
        find(&words(), &format!("{}/simple/", self.address), Some(header))
    }

    /// The addresses of wanted files, without that of the index.
    fn found(&self, wanted: &Value) -> Vec<[String; 3]> {
        let (container, ran) = self.find(wanted);
        ran.succeeded();
        let found: Vec<BTreeMap<String, String>> =
            serde_json::from_str(&container.read("/out/addresses.json")).unwrap();
        let found = found.into_iter().map(|one| {
            let url = one["url"].replace(&self.address, "");
            [one["hash"].clone(), one["name"].clone(), url]
        });
        found.collect()
    }
}

fn find(wanted: &Value, index: &str, header: Option<&'static str>) -> (Container, Ran) {
    let mut container = Container::new();
    if let Some(header) = header {
        container.set_env("INDEX_AUTHORIZATION", header);
    }
    container.python("");
    container.directory("/out");
    container.write("/run/wanted.json", &wanted.to_string());
    let script = container.script("find_wheels.py");
    let command = ["python3", "-I", "-S", &script];
    let ran = container.run(
        &command,
        &["/out/addresses.json", "/run/wanted.json", index],
    );
    (container, ran)
}

fn hash(digit: &str) -> String {
    format!("sha256:{}", digit.repeat(64))
}

const FILE: &str = "words-1.0-py3-none-any.whl";

/// A package with one locked file.
fn words() -> Value {
    json!([{ "package": "Words.of_it", "version": "1.0", "files": { hash("a"): FILE } }])
}

fn is_at(url: &str) -> [String; 3] {
    [hash("a"), FILE.to_owned(), url.to_owned()]
}

#[test]
fn links_of_pages_and_of_json_are_resolved() {
    let digest = "a".repeat(64);
    let other = "b".repeat(64);
    let json = |url: &str| {
        json!({ "files": [
            { "filename": "words-1.0.tar.gz", "url": "x", "hashes": { "sha256": other } },
            { "filename": FILE, "url": url, "hashes": { "sha256": digest } },
        ]})
        .to_string()
    };
    for (kind, text, url) in [
        (
            "text/html",
            format!("<a href=\"../../files/{FILE}#sha256={digest}\">{FILE}</a>"),
            format!("/files/{FILE}"),
        ),
        (
            "application/vnd.pypi.simple.v1+html",
            format!(
                "<base href=\"/base/\"><a href='{FILE}?a=1&amp;b=2#egg=x&amp;sha256={digest}'>"
            ),
            format!("/base/{FILE}?a=1&b=2"),
        ),
        // An index without hashes.
        (
            "text/html",
            format!("<a href=\"other-1.0-py3-none-any.whl\">x</a><A HREF=\"{FILE}\">x</A>"),
            format!("/simple/words-of-it/{FILE}"),
        ),
        (
            "application/vnd.pypi.simple.v1+json",
            json("../../a/b.whl"),
            "/a/b.whl".to_owned(),
        ),
        (
            "application/vnd.pypi.simple.v1+json",
            json("https://files.example/b.whl#sha256=x"),
            "https://files.example/b.whl".to_owned(),
        ),
    ] {
        let index = Index::with(&[("/simple/words-of-it/", kind, &text)]);
        assert_eq!(index.found(&words()), [is_at(&url)], "{text}");
        let redirected = Index::with(&[
            ("/simple/words-of-it/", "redirect", "/elsewhere/words/"),
            ("/elsewhere/words/", kind, &text),
        ]);
        let url = url.replace("/simple/words-of-it/", "/elsewhere/words/");
        assert_eq!(redirected.found(&words()), [is_at(&url)], "{text}");
    }
}

#[test]
fn only_the_wanted_files_are_listed() {
    let link = |digit: &str, file: &str| {
        format!(
            "<a href=\"/{file}#sha256={}\">{file}</a>\n",
            digit.repeat(64)
        )
    };
    let page = [
        link("a", FILE),
        link("b", "words-1.0-1-py3-none-any.whl"),
        link("c", "words-2.0-py3-none-any.whl"),
    ];
    let tool = [
        link("d", "tool-1-py3-none-musllinux_1_1_x86_64.whl"),
        link("e", "tool-1.tar.gz"),
    ];
    let index = Index::with(&[
        ("/simple/words/", "text/html", &page.concat()),
        ("/simple/tool/", "text/html", &tool.concat()),
    ]);
    let wanted = json!([
        { "package": "words", "version": "1.0", "files": {
            hash("a"): FILE, hash("b"): "words-1.0-1-py3-none-any.whl", hash("f"): "words-1.0-x.whl"
        } },
        // Only the index knows the names of these.
        { "package": "tool", "version": "1", "files": { hash("d"): "", hash("e"): "" } },
    ]);
    let names: Vec<String> = index
        .found(&wanted)
        .into_iter()
        .map(|[_, name, _]| name)
        .collect();
    assert_eq!(
        names,
        [
            FILE,
            "words-1.0-1-py3-none-any.whl",
            "tool-1-py3-none-musllinux_1_1_x86_64.whl",
        ]
    );
}

#[test]
fn what_the_index_does_not_have_is_an_error_that_names_both() {
    let other = format!("<a href=\"/{FILE}#sha256={}\">{FILE}</a>", "b".repeat(64));
    for pages in [
        &[][..],
        &[("/simple/words-of-it/", "text/html", "")],
        &[("/simple/words-of-it/", "text/html", &*other)],
    ] {
        let index = Index::with(pages);
        let error = index.find(&words()).1.failed(93);
        assert!(error.contains("Words.of_it"), "{error}");
        assert!(
            error.contains(&format!("{}/simple", index.address)),
            "{error}"
        );
    }
}

#[test]
fn an_index_that_refuses_or_cannot_be_reached_is_an_error_without_its_credentials() {
    let index = Index::with(&[("/simple/words-of-it/", "refused", "")]);
    let error = index.find(&words()).1.failed(92);
    assert!(error.contains("HTTP error 401"), "{error}");
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let address = format!("http://me:secret@{closed}/simple");
    let error = find(&words(), &address, None).1.failed(91);
    assert!(
        error.contains(&format!("http://{closed}/simple")),
        "{error}"
    );
    assert!(!error.contains("secret"), "{error}");
}

#[test]
fn the_header_is_sent_to_the_index_and_to_nobody_else() {
    let private = [
        ("/simple/words-of-it/", "redirect", "/elsewhere/words/"),
        ("/elsewhere/words/", "private", ""),
    ];
    let index = Index::with(&private);
    let url_in = |(container, ran): (Container, Ran)| {
        ran.succeeded();
        let found: Value = serde_json::from_str(&container.read("/out/addresses.json")).unwrap();
        found[0]["url"].as_str().unwrap().to_owned()
    };
    let url = url_in(index.find_with("Bearer abc"));
    assert_eq!(url, format!("{}/Bearer-abc/{FILE}", index.address));
    // Another port is another server.
    let to = format!("{}/elsewhere/words/", index.address);
    let other = Index::with(&[("/simple/words-of-it/", "redirect", &to)]);
    let url = url_in(other.find_with("Bearer abc"));
    assert_eq!(url, format!("{}/nothing/{FILE}", index.address));
}

#[test]
fn a_header_that_the_engine_could_not_send_is_an_error_that_does_not_show_it() {
    let index = Index::with(&[("/simple/words-of-it/", "private", "")]);
    for (header, reason) in [
        ("Basic c2VjcmV0\n", "ends with a newline"),
        ("Basic c2VjcmV0\r\n", "ends with a newline"),
        ("c2VjcmV0", "not a scheme, a space and credentials"),
        ("Basic c2Vj\ncmV0", "not a scheme, a space and credentials"),
        ("", "not a scheme, a space and credentials"),
    ] {
        let error = index.find_with(header).1.failed(92);
        assert!(error.contains(reason), "{error}");
        assert!(error.contains(&index.address), "{error}");
        assert!(!error.contains("c2Vj"), "{error}");
    }
}

#[test]
fn an_address_that_is_not_on_a_web_server_is_an_error() {
    for (url, reason) in [
        ("file:///etc/passwd", "neither http:// nor https://"),
        ("ftp://files.example/a.whl", "neither http:// nor https://"),
        ("https://me:secret@files.example/a.whl", "credentials"),
        ("https://files.example/a b.whl", "no URL"),
    ] {
        let page = format!("<a href=\"{url}#sha256={}\">a</a>", "a".repeat(64));
        let index = Index::with(&[("/simple/words-of-it/", "text/html", &page)]);
        let error = index.find(&words()).1.failed(1);
        assert!(error.contains(reason), "{error}");
        assert!(error.contains(&index.address), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn what_is_no_page_of_a_package_is_an_error() {
    for text in ["<html>", "{}", "[]", "{\"files\": [{}]}"] {
        let kind = "application/vnd.pypi.simple.v1+json";
        let index = Index::with(&[("/simple/words-of-it/", kind, text)]);
        let error = index.find(&words()).1.failed(1);
        assert!(error.contains("is not the page of a package"), "{error}");
    }
}
