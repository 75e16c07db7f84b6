//! Git, HTTP and OCI layout sources, compared with `client/llb/source.go` in BuildKit, and decoding of definitions.
#![allow(clippy::unwrap_used, reason = "a failed helper fails the test")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use buildkit_llb::{
    Copy, Definition, Exec, FileOp, GitSource, HttpSource, Location, NotAGraph, OciLayoutSource,
    Output, Range, SourceFile,
};
use buildkit_proto::pb;
use support::{alpine, linux, metadata, op};

#[track_caller]
fn assert_source(output: &Output, identifier: &str, attrs: &[(&str, &str)], caps: &[&str]) {
    let Some(pb::op::Op::Source(source)) = op(output).op else {
        unreachable!("{output:?} is no source")
    };
    assert_eq!(source.identifier, identifier);
    let expected: BTreeMap<String, String> = attrs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    assert_eq!(source.attrs, expected);
    let needed: Vec<String> = metadata(output).caps.into_keys().collect();
    assert_eq!(needed, caps);
}

const SECRETS: [(&str, &str); 2] = [
    ("git.authheadersecret", "GIT_AUTH_HEADER"),
    ("git.authtokensecret", "GIT_AUTH_TOKEN"),
];

#[test]
fn a_git_repository_over_https() {
    let url = "https://git.example:8443/team//library.git";
    assert_source(
        &GitSource::new(url).output(),
        "git://git.example:8443/team/library.git",
        &[SECRETS[0], SECRETS[1], ("git.fullurl", url)],
        &["source.git", "source.git.fullurl"],
    );
}

#[test]
fn a_directory_of_a_git_branch_over_ssh() {
    for url in [
        "git@git.example:team/library.git",
        "ssh://git@git.example/team/library.git",
    ] {
        assert_source(
            &GitSource::new(url).reference("main").subdir("app").output(),
            "git://git.example/team/library.git#main:app",
            &[
                SECRETS[0],
                SECRETS[1],
                ("git.fullurl", url),
                ("git.mountsshsock", "default"),
            ],
            &[
                "source.git",
                "source.git.fullurl",
                "source.git.knownsshhosts",
                "source.git.mountsshsock",
            ],
        );
    }
}

#[test]
fn every_option_of_a_git_source() {
    let commit = "a".repeat(40);
    let source = GitSource::new("git.example/library")
        .subdir("app")
        .checksum(&commit)
        .times("commit")
        .keep_git_dir(true)
        .skip_submodules(true)
        .fetch_by_commit(true);
    assert_source(
        &source.output(),
        "git://git.example/library#:app",
        &[
            SECRETS[0],
            SECRETS[1],
            ("git.checksum", &commit),
            ("git.fetchbycommit", "true"),
            ("git.fullurl", "https://git.example/library"),
            ("git.keepgitdir", "true"),
            ("git.mtime", "commit"),
            ("git.skipsubmodules", "true"),
        ],
        &[
            "source.git",
            "source.git.checksum",
            "source.git.fetchbycommit",
            "source.git.fullurl",
            "source.git.keepgitdir",
            "source.git.mtime",
            "source.git.skipsubmodules",
        ],
    );
}

#[test]
fn a_file_over_http() {
    let url = "https://files.example/a.tar.gz?x=1";
    assert_source(&HttpSource::new(url).output(), url, &[], &["source.http"]);
    let checksum = format!("sha256:{}", "a".repeat(64));
    let named = HttpSource::new(url).filename("context").checksum(&checksum);
    assert_source(
        &named.output(),
        url,
        &[("http.checksum", &checksum), ("http.filename", "context")],
        &["source.http", "source.http.checksum"],
    );
    assert_source(
        &HttpSource::new(url).auth_header_secret("header").output(),
        url,
        &[("http.authheadersecret", "header")],
        &["source.http", "source.http.auth"],
    );
}

#[test]
fn an_http_source_in_field_order_has_the_digest_of_old_clients() {
    // The digest that BuildKit 0.13 computes.
    let source = HttpSource::new("http://buildkit-session/540skgl4t89ivzxs7u6agcs6h")
        .filename("context")
        .in_field_order(true)
        .output();
    let (digest, _) = source.digest().split_at("sha256:".len() + 13);
    assert_eq!(digest, "sha256:4c5e9538f10b2");
    let url = "http://buildkit-session/540skgl4t89ivzxs7u6agcs6h";
    let attrs = [("http.filename", "context")];
    assert_source(&source, url, &attrs, &["source.http"]);
}

#[test]
fn an_image_in_an_oci_layout_of_the_client() {
    let reference = format!("docker.io/library/base@sha256:{}", "a".repeat(64));
    let source = OciLayoutSource::new(&reference)
        .store("session", "store")
        .platform(linux("arm64", ""))
        .output();
    assert_source(
        &source,
        &format!("oci-layout://{reference}"),
        &[("oci.session", "session"), ("oci.store", "store")],
        &["source.ocilayout"],
    );
    assert_eq!(op(&source).platform, Some(linux("arm64", "")));
    assert_eq!(source.platform(), Some(&linux("arm64", "")));
}

/// A graph with a location, a name and other metadata.
fn graph() -> Output {
    let file = Arc::new(SourceFile {
        filename: "Dockerfile".to_owned(),
        language: "Dockerfile".to_owned(),
        data: b"FROM alpine\nRUN true\n".to_vec(),
        definition: None,
    });
    let ran = Exec::new("true")
        .root(alpine())
        .named("run it")
        .ignore_cache(true)
        .located(Location::new(file, [Range::lines(2, 2)]))
        .run()
        .root();
    FileOp::on(None)
        .copy(Copy::new(ran, "/etc", "/etc").include(["*.conf"]))
        .output()
}

#[test]
fn decoding_a_definition_returns_the_same_graph() {
    let ours = Definition::new(&graph());
    let read = Output::from_pb(&ours.to_pb()).unwrap().unwrap();
    assert_eq!(read, graph());
    assert_eq!(read.platform(), graph().platform());
    let again = Definition::new(&read);
    assert_eq!(again.to_pb(), ours.to_pb());
    assert!(again.required_caps().eq(ours.required_caps()));
    // So do ops that are added to it.
    let on = |base| Exec::new("ls").root(base).run().root();
    assert_eq!(on(read), on(graph()));
}

#[test]
fn invalid_definitions_are_rejected() {
    assert_eq!(Output::from_pb(&pb::Definition::default()), Ok(None));
    let mut broken = Definition::new(&graph()).to_pb();
    broken.def.remove(0);
    assert_eq!(Output::from_pb(&broken), Err(NotAGraph));
    broken.def = vec![vec![0xff], Vec::new()];
    assert_eq!(Output::from_pb(&broken), Err(NotAGraph));
}
