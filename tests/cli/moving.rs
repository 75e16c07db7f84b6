//! `poetry-frontend init` for projects with a Dockerfile. Each directory of `tests/moving` has the Dockerfile and other files,
//! and what `init` makes of them: the build file and what it says. `tests/moving/project` has the project of them all.

use std::fs;
use std::path::Path;

use crate::generated;
use crate::support::{Checkout, Ran};

const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/moving");
/// What `init` makes.
const RESULTS: [&str; 2] = ["poetry.build.toml", "said.txt"];

/// The names of the directories.
fn cases() -> Vec<String> {
    let entries = fs::read_dir(DIRECTORY).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "project").collect();
    names.sort();
    names
}

fn put(checkout: &Checkout, directory: &Path, below: &str) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let below = format!("{below}{name}");
        if path.is_dir() {
            put(checkout, &path, &format!("{below}/"));
        } else if !RESULTS.contains(&name) {
            checkout.write(&below, &fs::read_to_string(&path).unwrap());
        }
    }
}

/// The project with the files of a case.
fn checkout(case: &str) -> Checkout {
    let checkout = project();
    put(&checkout, &Path::new(DIRECTORY).join(case), "");
    checkout
}

fn project() -> Checkout {
    let checkout = Checkout::empty();
    put(&checkout, &Path::new(DIRECTORY).join("project"), "");
    checkout
}

/// `init` with a Dockerfile of this text.
fn init(dockerfile: &[u8]) -> (Checkout, Ran) {
    let checkout = project();
    fs::write(checkout.path().join("Dockerfile"), dockerfile).unwrap();
    let ran = checkout.run(&["init"]);
    (checkout, ran)
}

#[test]
fn a_dockerfile_becomes_a_build_file() {
    let cases = cases();
    assert!(cases.len() >= 15, "{cases:?}");
    for case in cases {
        let checkout = checkout(&case);
        let ran = checkout.run(&["init"]);
        assert_eq!(ran.stderr, "", "{case}");
        assert!(ran.code < 2, "{case}: {}", ran.stdout);
        let [build_file, said] = RESULTS.map(|name| format!("tests/moving/{case}/{name}"));
        generated::compare(&build_file, &checkout.read("poetry.build.toml"));
        generated::compare(&said, &ran.stdout);
    }
}

#[test]
fn a_check_of_the_result_finds_no_error() {
    for case in cases() {
        let checkout = checkout(&case);
        checkout.run(&["init"]);
        let mut arguments = vec!["check"];
        let assets = "--build-context=assets=.";
        if case == "node-assets" {
            checkout.write("assets/dist/shop.css", "");
            arguments.push(assets);
        }
        let checked = checkout.run(&arguments);
        assert!(
            !checked.stdout.contains("error"),
            "{case}\n{}",
            checked.stdout
        );
        assert!(
            !checked.stdout.contains("warning["),
            "{case}\n{}",
            checked.stdout
        );
    }
}

#[test]
fn no_secret_of_a_dockerfile_is_copied_or_shown() {
    let checkout = checkout("secrets");
    let ran = checkout.run(&["init"]);
    let text = checkout.read("poetry.build.toml");
    for secret in ["correct-horse", "hunter2", "ghp_"] {
        assert!(!text.contains(secret), "{text}");
        assert!(!ran.stdout.contains(secret), "{}", ran.stdout);
    }
}

#[test]
fn the_stage_can_be_chosen() {
    let checkout = checkout("targets");
    checkout.run(&["init", "--stage", "worker"]);
    let text = checkout.read("poetry.build.toml");
    assert!(
        text.contains("\ncmd = [\"python\", \"-m\", \"shop.work\"]\n"),
        "{text}"
    );
    assert!(text.contains("\n[target.web]\n"), "{text}");
    let ran = checkout.run(&["init", "--force", "--stage", "wroker"]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.stderr,
        "error: `Dockerfile` has no stage `wroker`\n  hint: did you mean `worker`?\n"
    );
}

#[test]
fn dockerfiles_are_found_named_or_ignored() {
    let dockerfile = |cmd: &str| {
        format!("FROM python:3.13-slim\nCOPY . /app\nWORKDIR /app\nUSER 1000\nCMD {cmd:?}\n")
    };
    let checkout = project();
    checkout.write("docker/Dockerfile", &dockerfile("run-in-docker"));
    checkout.write("worker.Dockerfile", &dockerfile("run-worker"));
    checkout.write("other/build.txt", &dockerfile("run-other"));
    let text = |arguments: &[&str]| {
        let ran = checkout.run(&[&["init", "--stdout"], arguments].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let found = text(&[]);
    assert!(found.contains("cmd = [\"run-in-docker\"]"), "{found}");
    assert!(
        found.contains("[target.worker]\nruntime.cmd = [\"run-worker\"]\n"),
        "{found}"
    );
    let other = checkout.path().join("other/build.txt");
    let named = text(&["--from", other.to_str().unwrap()]);
    assert!(named.contains("cmd = [\"run-other\"]"), "{named}");
    assert!(!named.contains("run-worker"), "{named}");
    let ignored = text(&["--from", "none"]);
    assert!(!ignored.contains("cmd = "), "{ignored}");
    let missing = checkout.run(&["init", "--stdout", "--from", "none.txt"]);
    assert_eq!(missing.code, 2);
    assert!(
        missing.stderr.contains("cannot read `none.txt`"),
        "{}",
        missing.stderr
    );
}

#[test]
fn unreadable_dockerfiles_are_errors_with_their_lines() {
    let long_line = [b"FROM python\nRUN ".to_vec(), vec![b'a'; 10 << 20]].concat();
    for (text, expected) in [
        (&b""[..], "this file has no `FROM`"),
        (b"\n# only a comment\n", "this file has no `FROM`"),
        (b"\x7fELF\x00\xff\xfe", "this file is not UTF-8 text"),
        (&long_line, "this file is larger than 1024 KiB"),
        (
            b"FROM python\nRUN <<EOT\necho\n",
            "the here-document `EOT` has no end\n --> Dockerfile:2:1",
        ),
        (
            b"FROM python\nENV A=\"b\n",
            "has an open quote, or a variable that cannot be read\n --> Dockerfile:2:1",
        ),
        (
            b"FROM python\nENV A=${B/C\n",
            "or a variable that cannot be read",
        ),
        (
            b"FROM python\n\nRUNN echo\n",
            "unknown instruction `RUNN`\n --> Dockerfile:3:1",
        ),
        (
            b"RUN echo\nFROM python\n",
            "`RUN` is before the first `FROM`\n --> Dockerfile:1:1",
        ),
        (b"FROM a AS\n", "`FROM` must name an image"),
        (b"FROM ${NONE}\n", "`FROM` must name an image"),
        (
            b"FROM python\nHEALTHCHECK 5s\n",
            "`HEALTHCHECK` must be followed by",
        ),
        (
            b"FROM python\nCOPY a\n",
            "a source and a destination are needed",
        ),
    ] {
        let (checkout, ran) = init(text);
        assert_eq!((ran.code, ran.stderr.as_str()), (1, ""), "{}", ran.stdout);
        assert!(ran.stdout.contains(expected), "{expected}\n{}", ran.stdout);
        assert!(!checkout.path().join("poetry.build.toml").exists());
    }
}

#[test]
fn odd_dockerfiles_end_with_a_build_file_and_remarks() {
    for (text, expected) in [
        (
            "FROM scratch\nCOPY . /\n",
            "Dockerfile:1: `FROM scratch` has no Python\n  hint: choose a stage that has one with `--stage NAME`",
        ),
        (
            "# escape=`\nFROM mcr.example.com/python:3.13\nSHELL [\"powershell\", \"-Command\"]\nRUN dir C:\\temp `\n  /b\nCMD [\"python\"]\n",
            "Dockerfile:3: `SHELL` is `powershell`",
        ),
        // Docker takes the second one for an image.
        (
            "FROM b AS a\nFROM a AS b\nCMD [\"python\"]\n",
            "Dockerfile:1",
        ),
        ("FROM python:2.7\nCMD [\"python\"]\n", "Dockerfile:1"),
        (
            "FROM python:3.6-slim\nCMD [\"python\"]\n",
            "Dockerfile:1: Python 3.6 is not supported",
        ),
        (
            "FROM ubuntu:24.04\nRUN apt-get install -y python3\nCMD [\"python3\"]\n",
            "Dockerfile:1: `ubuntu:24.04` has no Python of its own",
        ),
        (
            "FROM python:3.13-slim\nRUN while true; do echo 'open\nCMD [\"python\"]\n",
            "Dockerfile:2",
        ),
        (
            "FROM python:3.13-slim\nEXPOSE 99999 ${PORT}\nCMD [\"python\"]\n",
            "Dockerfile:2: `EXPOSE 99999` is no port",
        ),
    ] {
        let (checkout, ran) = init(text.as_bytes());
        assert_eq!(ran.stderr, "", "{text}");
        assert!(ran.stdout.contains(expected), "{expected}\n{}", ran.stdout);
        let checked = checkout.run(&["check"]);
        assert!(
            !checked.stdout.contains("error"),
            "{text}\n{}\n{}",
            checkout.read("poetry.build.toml"),
            checked.stdout
        );
    }
}

#[test]
fn unreadable_compose_files_are_errors_with_their_lines() {
    for (text, expected) in [
        ("services:\n  web: [\n", "this file is not YAML"),
        (
            "services: &a\n  web: *a\n",
            "an alias is used in its own value\n --> compose.yaml:2:1",
        ),
        (&"[".repeat(1000), "this file is not YAML"),
    ] {
        let checkout = project();
        checkout.write("compose.yaml", text);
        let ran = checkout.run(&["init"]);
        assert_eq!(ran.code, 1, "{}", ran.stdout);
        assert!(ran.stdout.contains(expected), "{}", ran.stdout);
    }
}
