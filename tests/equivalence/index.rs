//! Two package indexes (PEP 503) in one process, and what they serve.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use super::archive::{Dist, sha256};

const NOTHING: Dist = Dist {
    name: "",
    version: "1.0",
    requires: &[],
    extras: &[],
    command: false,
};

/// What the first index has.
const FIRST: &[Dist] = &[
    Dist {
        name: "plain",
        version: "1.0",
        ..NOTHING
    },
    Dist {
        name: "plain",
        version: "1.1",
        command: true,
        ..NOTHING
    },
    Dist {
        name: "leaf",
        ..NOTHING
    },
    Dist {
        name: "chain",
        requires: &["leaf>=1.0"],
        command: true,
        ..NOTHING
    },
    Dist {
        name: "devtool",
        version: "1.0",
        requires: &["leaf"],
        command: true,
        ..NOTHING
    },
    Dist {
        name: "devtool",
        version: "2.0",
        requires: &["leaf"],
        command: true,
        ..NOTHING
    },
    Dist {
        name: "doctool",
        requires: &["plain"],
        ..NOTHING
    },
    Dist {
        name: "stray",
        ..NOTHING
    },
    Dist {
        name: "opt-a",
        requires: &["opt-deep"],
        ..NOTHING
    },
    Dist {
        name: "opt-b",
        ..NOTHING
    },
    Dist {
        name: "opt-deep",
        ..NOTHING
    },
    Dist {
        name: "toolbox",
        requires: &[
            "leaf",
            "win-only; sys_platform == 'win32'",
            "backport>=1; python_version < '3.10'",
            "speedup>=1.0; extra == 'fast'",
            "opt-b; extra == 'slow'",
        ],
        extras: &["fast", "slow"],
        ..NOTHING
    },
    Dist {
        name: "speedup",
        requires: &["chain"],
        ..NOTHING
    },
    Dist {
        name: "win-only",
        ..NOTHING
    },
    Dist {
        name: "backport",
        ..NOTHING
    },
    Dist {
        name: "multi",
        version: "1.0",
        ..NOTHING
    },
    Dist {
        name: "multi",
        version: "2.0",
        requires: &["leaf"],
        ..NOTHING
    },
    Dist {
        name: "Foo.Bar_baz",
        requires: &["Odd_Name"],
        ..NOTHING
    },
    Dist {
        name: "Odd_Name",
        ..NOTHING
    },
    Dist {
        name: "direct",
        requires: &["leaf"],
        ..NOTHING
    },
    Dist {
        name: "buildhelper",
        version: "1.0",
        ..NOTHING
    },
    Dist {
        name: "buildhelper",
        version: "2.0",
        ..NOTHING
    },
    Dist {
        name: "twin",
        ..NOTHING
    },
];

/// What the first index has as source only.
const SOURCES: &[Dist] = &[
    Dist {
        name: "fromsource",
        requires: &["leaf"],
        ..NOTHING
    },
    Dist {
        name: "constrained",
        ..NOTHING
    },
];

/// What the second index has: a package that only it has, and another `plain` that nobody should get by mistake.
const SECOND: &[Dist] = &[
    Dist {
        name: "private",
        requires: &["leaf"],
        ..NOTHING
    },
    Dist {
        name: "plain",
        version: "9.0",
        ..NOTHING
    },
    Dist {
        name: "opt-b",
        version: "9.0",
        ..NOTHING
    },
    Dist {
        name: "twin",
        ..NOTHING
    },
];

const VERSIONED: Dist = Dist {
    name: "versioned",
    requires: &["leaf"],
    ..NOTHING
};

/// The files of one index by their paths.
type Files = BTreeMap<String, Vec<u8>>;

/// Starts both indexes, which end with the test run, and says where they are: `http://127.0.0.1:PORT`.
pub(crate) fn start() -> String {
    let mut files = Files::new();
    for (index, dists) in [("first", FIRST), ("second", SECOND)] {
        for dist in dists {
            let (name, bytes) = dist.wheel(index);
            files.insert(format!("/{index}/files/{name}"), bytes);
        }
    }
    for dist in SOURCES {
        let (name, bytes) = dist.sdist();
        files.insert(format!("/first/files/{name}"), bytes);
    }
    let files = Arc::new(files);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let files = Arc::clone(&files);
            // A client that hangs up is its own affair.
            thread::spawn(move || answer(&files, stream));
        }
    });
    format!("http://{address}")
}

fn answer(files: &Files, mut stream: TcpStream) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    let path = request.split(' ').nth(1).unwrap_or_default();
    let (status, kind, body) = if let Some(file) = files.get(path) {
        ("200 OK", "application/octet-stream", file.clone())
    } else if let Some(page) = page(files, path) {
        ("200 OK", "text/html", page.into_bytes())
    } else {
        ("404 Not Found", "text/plain", Vec::new())
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    if !request.starts_with("HEAD ") {
        stream.write_all(&body)?;
    }
    stream.flush()
}

/// The links of `/INDEX/simple/NAME/`.
fn page(files: &Files, path: &str) -> Option<String> {
    let (index, name) = path.trim_end_matches('/').split_once("/simple/")?;
    let begin = format!("{index}/files/");
    let mut page = String::new();
    for (path, bytes) in files {
        let Some(file) = path.strip_prefix(&begin) else {
            continue;
        };
        let stem = file.split('-').next().unwrap_or_default();
        if stem.replace(['_', '.'], "-").to_ascii_lowercase() == name {
            let digest = sha256(bytes);
            writeln!(page, "<a href=\"{path}#sha256={digest}\">{file}</a>").unwrap();
        }
    }
    (!page.is_empty()).then(|| format!("<!DOCTYPE html>\n{page}"))
}

/// Files that a project may refer to by path: a wheel, and a project with a dependency.
pub(crate) const BESIDE: [&str; 3] = [
    "vendor/direct-1.0-py3-none-any.whl",
    "beside/pyproject.toml",
    "beside/beside.py",
];

/// Writes these files.
pub(crate) fn beside(folder: &Path) {
    let direct = FIRST.iter().find(|dist| dist.name == "direct").unwrap();
    let contents = [
        direct.wheel("beside").1,
        b"[project]\nname = \"beside\"\nversion = \"1.0\"\nrequires-python = \">=3.9\"\ndependencies = [\"chain\"]\n\n[tool.poetry]\nname = \"beside\"\nversion = \"1.0\"\ndescription = \"\"\nauthors = []\n\n[tool.poetry.dependencies]\npython = \">=3.9\"\nchain = \"*\"\n\n[build-system]\nrequires = [\"poetry-core\"]\nbuild-backend = \"poetry.core.masonry.api\"\n".to_vec(),
        Vec::new(),
    ];
    for (path, content) in BESIDE.iter().zip(contents) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

/// Makes a Git repository of a Python project, and gives its address.
pub(crate) fn repository(folder: &Path) -> String {
    fs::create_dir_all(folder).unwrap();
    for (path, content) in VERSIONED.sources() {
        fs::write(folder.join(path), content).unwrap();
    }
    for args in [
        &["init", "--quiet", "--initial-branch=main"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--message=versioned 1.0"],
    ] {
        let mut git = Command::new("git");
        git.arg("-C").arg(folder).args(args);
        for who in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{who}_NAME"), "tests")
                .env(format!("GIT_{who}_EMAIL"), "tests@localhost")
                .env(format!("GIT_{who}_DATE"), "2020-01-01T00:00:00Z");
        }
        assert!(git.status().expect("git runs").success(), "git {args:?}");
    }
    format!("file://{}", folder.display())
}
