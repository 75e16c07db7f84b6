//! Two package indexes (PEP 503) in one process, and their files.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use super::dist::Dist;
use super::http::{Response, serve};

const NOTHING: Dist = Dist {
    name: "",
    version: "1.0",
    requires: &[],
    extras: &[],
    command: false,
    of_all_kinds: false,
    tags: &["py3-none-any"],
};

/// The tag of a wheel for this machine.
macro_rules! tag {
    ($python:literal, $platform:literal) => {
        if cfg!(target_arch = "aarch64") {
            concat!($python, "-", $platform, "_aarch64")
        } else {
            concat!($python, "-", $platform, "_x86_64")
        }
    };
}

/// Wheels of which several fit.
const TAGS: &[&str] = &[
    "py3-none-any",
    tag!("py3-none", "manylinux_2_17"),
    tag!("cp39-abi3", "manylinux_2_17"),
    tag!("cp311-cp311", "manylinux_2_5"),
    tag!("cp311-cp311", "manylinux2014"),
    tag!("cp311-cp311", "manylinux_2_99"),
    tag!("cp311-cp311", "musllinux_1_2"),
    tag!("cp312-cp312", "manylinux_2_17"),
    "cp311-cp311-win_amd64",
];

/// The wheels of the first index.
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
        name: "auditor",
        requires: &["toolbox[fast]"],
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
    Dist {
        name: "assorted",
        command: true,
        of_all_kinds: true,
        ..NOTHING
    },
    Dist {
        name: "for-platforms",
        command: true,
        tags: TAGS,
        ..NOTHING
    },
    Dist {
        name: "rebuilt",
        tags: &["py3-none-any", "2-py3-none-any", "10-py3-none-any"],
        ..NOTHING
    },
    Dist {
        name: "no-wheel-fits",
        requires: &["leaf"],
        tags: &["cp311-cp311-win_amd64"],
        ..NOTHING
    },
    // It has a layer of its own.
    Dist {
        name: "numpy",
        command: true,
        ..NOTHING
    },
];

/// The source distributions of the first index.
const SOURCES: &[Dist] = &[
    Dist {
        name: "no-wheel-fits",
        requires: &["leaf"],
        ..NOTHING
    },
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

/// The wheels of the second index: one that the first does not have, and another `plain` that must not be installed.
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

/// Starts both indexes, which run until the tests end, and returns their address: `http://127.0.0.1:PORT`.
pub(crate) fn start() -> String {
    let mut files = Files::new();
    for (index, dists) in [("first", FIRST), ("second", SECOND)] {
        for dist in dists {
            for (name, bytes) in dist.wheels(index) {
                files.insert(format!("/{index}/files/{name}"), bytes);
            }
        }
    }
    for dist in SOURCES {
        let (name, bytes) = dist.sdist();
        files.insert(format!("/first/files/{name}"), bytes);
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    serve(listener, move |path, _| answer(&files, path));
    format!("http://{address}")
}

/// The response for `/INDEX/simple/NAME/` or a file.
fn answer(files: &Files, path: &str) -> Response {
    if let Some(file) = files.get(path) {
        return Response::file(file.clone());
    }
    let Some((index, package)) = path.trim_end_matches('/').split_once("/simple/") else {
        return Response::empty("404 Not Found");
    };
    let begin = format!("{index}/files/");
    let files = files.iter().filter(|(path, _)| path.starts_with(&begin));
    Response::page(
        package,
        files.map(|(path, bytes)| (path.as_str(), bytes.as_slice())),
    )
}

/// Path dependencies: a wheel, and a project with a dependency.
pub(crate) const BESIDE: [&str; 3] = [
    "vendor/direct-1.0-py3-none-any.whl",
    "beside/pyproject.toml",
    "beside/beside.py",
];

/// In the spellings of Poetry 1 and 2.
const BESIDE_PYPROJECT: &str = r#"[project]
name = "beside"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["chain"]

[tool.poetry]
name = "beside"
version = "1.0"
description = ""
authors = []

[tool.poetry.dependencies]
python = ">=3.9"
chain = "*"

[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
"#;

/// Writes the path dependencies.
pub(crate) fn beside(directory: &Path) {
    let direct = FIRST.iter().find(|dist| dist.name == "direct").unwrap();
    let contents = [
        direct.wheels("beside").remove(0).1,
        BESIDE_PYPROJECT.as_bytes().to_vec(),
        Vec::new(),
    ];
    for (path, content) in BESIDE.iter().zip(contents) {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

/// Makes a Git repository of a Python project, and returns its address.
pub(crate) fn repository(directory: &Path) -> String {
    fs::create_dir_all(directory).unwrap();
    for (path, content) in VERSIONED.sources() {
        fs::write(directory.join(path), content).unwrap();
    }
    for args in [
        &["init", "--quiet", "--initial-branch=main"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--message=versioned 1.0"],
    ] {
        let mut git = Command::new("git");
        git.arg("-C").arg(directory).args(args);
        for who in ["AUTHOR", "COMMITTER"] {
            git.env(format!("GIT_{who}_NAME"), "tests")
                .env(format!("GIT_{who}_EMAIL"), "tests@localhost")
                .env(format!("GIT_{who}_DATE"), "2020-01-01T00:00:00Z");
        }
        assert!(git.status().expect("git runs").success(), "git {args:?}");
    }
    format!("file://{}", directory.display())
}
