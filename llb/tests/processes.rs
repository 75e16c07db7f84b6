//! A graph has the same bytes in every process.
#![allow(clippy::unwrap_used, reason = "a failed helper fails the test")]

mod support;

use std::{
    env,
    io::{Write, stdout},
    process::Command,
    sync::Arc,
};

use buildkit_llb::{
    CacheSharing, Copy, Definition, Exec, FileOp, LocalSource, Location, Merge, Mkdir, Mkfile,
    Mount, Output, Owner, Range, SourceFile,
};
use prost::Message;
use support::{alpine, busybox, digest};

/// Set in child processes, which only print.
const CHILD: &str = "BUILDKIT_LLB_TEST_CHILD";

/// The prefix of the line with the bytes.
const PREFIX: &str = "definition:";

/// A graph with several entries in every map and set.
fn graph() -> Output {
    let file = Arc::new(SourceFile {
        filename: "build.toml".to_owned(),
        data: b"a\nb\nc\n".to_vec(),
        ..SourceFile::default()
    });
    let at = |line| Location::new(Arc::clone(&file), [Range::lines(line, line)]);
    let context = LocalSource::new("context")
        .session("session")
        .include(["b", "a"])
        .exclude(["d", "c"])
        .follow(["f", "e"])
        .shared_key_hint("hint")
        .named("load")
        .output();
    let mut exec = Exec::new("make")
        .root(alpine())
        .located(at(1))
        .named("make");
    for name in ["x", "c", "q", "a", "m"] {
        exec = exec
            .env(name, name)
            .mount(Mount::cache(
                format!("/cache/{name}"),
                name,
                CacheSharing::Locked,
            ))
            .mount(Mount::bind(None, format!("/out/{name}")))
            .mount(Mount::secret(format!("/secret/{name}"), name));
    }
    let made = exec.run();
    let files = FileOp::on(busybox())
        .mkdir(Mkdir::new("/d", 0o755).owner(Owner::parse("app:app")))
        .mkfile(Mkfile::new("/d/f", 0o644, "data"))
        .copy(Copy::new(context, "/", "/src"))
        .copy(Copy::new(made.mount("/out/q").unwrap(), "/", "/q"))
        .located(at(2))
        .output();
    Merge::new(files, [made.root(), made.mount("/out/a").unwrap()])
        .located(at(3))
        .progress_group("id", "name", false)
        .output()
}

/// The whole definition as text.
fn bytes() -> String {
    format!("{:?}", Definition::new(&graph()).to_pb().encode_to_vec())
}

#[test]
fn child_prints_its_bytes() {
    if env::var_os(CHILD).is_some() {
        writeln!(stdout(), "\n{PREFIX}{}", bytes()).unwrap();
    }
}

#[test]
fn a_hundred_processes_print_the_same_bytes() {
    let expected = bytes();
    let children: Vec<_> = (0..100)
        .map(|_| {
            Command::new(env::current_exe().unwrap())
                .args(["--exact", "child_prints_its_bytes", "--nocapture"])
                .env(CHILD, "1")
                .output()
                .unwrap()
        })
        .collect();
    assert_eq!(children.len(), 100);
    for child in children {
        assert!(child.status.success());
        let output = String::from_utf8(child.stdout).unwrap();
        let printed = output.lines().find_map(|line| line.strip_prefix(PREFIX));
        assert_eq!(printed, Some(&*expected));
    }
}

#[test]
fn bytes_do_not_change_between_releases() {
    let definition = Definition::new(&graph());
    assert_eq!(
        digest(definition.to_pb().def.last().unwrap()),
        "sha256:311d959f640fec8e625df0ccbc6eec8703a721191e383b7893a211b781a15980",
        "a changed digest invalidates every user's cache"
    );
}
