//! The script that filters index pages down to the locked files: they are installed, and no others are fetched.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use testkit::Project;

use super::FEW;
use super::archive::{sha256, wheel};
use super::http::{Response, serve};
use super::poetry::Poetry;
use super::snapshot::Snapshot;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/scripts/run_poetry.py");
const LOCKED: &str = "words-1.0-py3-none-any.whl";
/// Poetry must fetch this file to examine it, as the page has no hash of it; older releases even install it.
const OTHER: &str = "words-1.0-1-py3-none-any.whl";

/// The format of the page that lists both files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Html,
    /// With names that are not normalized as PEP 503 demands.
    UnusualHtml,
    /// PEP 691, for clients that accept it.
    Json,
}

const PAGES: [(&str, Page); 3] = [
    ("html", Page::Html),
    ("unusual", Page::UnusualHtml),
    ("json", Page::Json),
];

fn built(greeting: &str) -> Vec<u8> {
    let metadata = "Metadata-Version: 2.1\nName: words\nVersion: 1.0\n";
    let module = format!("GREETING = {greeting:?}\n");
    let files = vec![("words/__init__.py".to_owned(), module)];
    wheel("words", "1.0", metadata, files).1
}

/// The response for `/KIND/simple/words/` or a file; `fetched` is set if it is the other one.
fn answer(path: &str, headers: &[String], fetched: &AtomicBool) -> Response {
    let [locked, other] = ["locked", "other"].map(built);
    let digest = sha256(&locked);
    if path.ends_with(LOCKED) {
        return Response::file(locked);
    }
    if path.ends_with(OTHER) {
        fetched.store(true, Ordering::Relaxed);
        return Response::file(other);
    }
    let page = PAGES.iter().find(|(kind, _)| path.contains(kind)).unwrap();
    let html = |space: &str| {
        let link =
            |href: &str, text: &str| format!("<a href=\"/files/{href}\">{space}{text}</a>\n");
        let text = link(&format!("{LOCKED}#sha256={digest}"), LOCKED) + &link(OTHER, OTHER);
        Response::of("text/html", text.into_bytes())
    };
    let asks_for_json = headers
        .iter()
        .any(|header| header.contains("simple.v1+json"));
    match page.1 {
        Page::UnusualHtml => html("\n"),
        Page::Json if asks_for_json => {
            let file = |name: &str, hashes: serde_json::Value| serde_json::json!({"filename": name, "url": format!("/files/{name}"), "hashes": hashes});
            let files = [
                file(LOCKED, serde_json::json!({"sha256": digest})),
                file(OTHER, serde_json::json!({})),
            ];
            let content = serde_json::json!({"meta": {"api-version": "1.0"}, "name": "words", "files": files});
            Response::of(
                "application/vnd.pypi.simple.v1+json",
                content.to_string().into_bytes(),
            )
        }
        Page::Html | Page::Json => html(""),
    }
}

/// The module `words` after an installation by `command`.
fn installed(poetry: &Poetry, command: &[String], project: &Path, cache: &Path) -> String {
    let options = ["install", "--no-root", "--no-ansi", "--no-interaction"];
    let command: Vec<String> = command
        .iter()
        .cloned()
        .chain(options.map(str::to_owned))
        .collect();
    let env = [
        ("POETRY_VIRTUALENVS_IN_PROJECT", "true"),
        ("POETRY_KEYRING_ENABLED", "false"),
        ("POETRY_CACHE_DIR", cache.to_str().unwrap()),
    ];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let environment = project.join(".venv");
    if environment.exists() {
        fs::remove_dir_all(&environment).unwrap();
    }
    poetry.run(&command, project, &BTreeMap::from(env)).unwrap();
    Snapshot::of(&environment)
        .file("words/__init__.py")
        .trim_end()
        .to_owned()
}

#[test]
fn files_outside_the_lock_are_not_fetched() {
    let directory = tempfile::TempDir::with_prefix("locked-files-").unwrap();
    let home = directory.path().join("home");
    fs::create_dir(&home).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let fetched = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&fetched);
    serve(listener, move |path, headers| answer(path, headers, &seen));
    let releases = Poetry::prepare(&BTreeSet::from(FEW), &home);
    for (version, poetry) in &releases {
        for (kind, page) in PAGES {
            let project = directory.path().join(format!("{version}-{kind}"));
            fs::create_dir(&project).unwrap();
            let index = format!("http://{address}/{kind}/simple/");
            Project::poetry("app")
                .python("^3.9")
                .poetry_dependency("words", "1.0")
                .no_package()
                .index_with("here", &index, "priority = \"primary\"")
                .without_file("poetry.lock")
                .write_to(&project);
            let [lock_cache, alone_cache, cache] = ["a", "b", "c"].map(|name| project.join(name));
            let lock = poetry.lock(&project, &lock_cache, None).unwrap();
            // As if the index had got the other file since.
            let lines: Vec<&str> = lock.lines().filter(|line| !line.contains(OTHER)).collect();
            fs::write(project.join("poetry.lock"), lines.join("\n") + "\n").unwrap();

            let command = poetry.command_line();
            let shown = format!("Poetry {version}, {kind}");
            fetched.store(false, Ordering::Relaxed);
            let alone = installed(poetry, &command, &project, &alone_cache);
            assert!(fetched.swap(false, Ordering::Relaxed), "{shown}: {alone}");
            let ours = [&command[..], &[SCRIPT.to_owned()]].concat();
            let ours = installed(poetry, &ours, &project, &cache);
            if page == Page::UnusualHtml {
                assert!(fetched.load(Ordering::Relaxed), "{shown}");
                assert_eq!(ours, alone, "{shown}");
            } else {
                assert!(!fetched.load(Ordering::Relaxed), "{shown}");
                assert_eq!(ours, "GREETING = \"locked\"", "{shown}");
            }
        }
    }
}
