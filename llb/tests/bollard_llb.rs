//! Compares graphs with those of `bollard-llb`: bytes and metadata must be equal.
//!
//! `bollard-llb` does not support read-only mounts, selectors, discarded outputs, tmpfs mounts, caches with initial content,
//! file ops with several actions, diffs or source locations; `wire.rs` covers those. Where it differs from Go's client, this
//! crate follows Go: `bollard-llb` drops the variant of arm64/v8, keeps the source of a copy relative, and does not escape
//! `<`, `>`, `&` and U+2028 in the patterns of local sources.
#![allow(clippy::unwrap_used, reason = "a failed helper fails the test")]

mod support;

use std::collections::BTreeSet;

use bollard_llb as bollard;
use bollard_llb::{
    AddSecret, AddSshSocket, CacheSharingMode, FileOpts, MarshalOpts, MergeOpts, RunOpts, State,
};
use buildkit_llb::{
    CacheSharing, Copy, Definition, Exec, FileOp, ImageSource, LocalSource, Merge, Mkdir, Mkfile,
    Mount, NetMode, Output, Remove, ResolveMode, SecurityMode, Symlink,
};
use prost::Message;
use support::linux;

/// Capabilities that Go's client and `bollard-llb` leave for the caller to check.
const OUR_CAPS: [&str; 4] = [
    "exec.meta.setsdefaultpath",
    "file.copy.includeexcludepatterns",
    "file.rm.wildcard",
    "file.symlink.create",
];

#[track_caller]
fn assert_same(ours: &Output, theirs: &State) {
    let ours = Definition::new(ours).to_pb();
    let theirs = theirs.marshal(MarshalOpts::linux_amd64()).unwrap().to_pb();
    // Both crates encode the same protobuf messages, so decode theirs with our types.
    let theirs = buildkit_proto::pb::Definition::decode(&*theirs.encode_to_vec()).unwrap();

    let decode = |bytes: &Vec<u8>| buildkit_proto::pb::Op::decode(bytes.as_slice()).unwrap();
    for (ours, theirs) in ours.def.iter().zip(&theirs.def) {
        assert_eq!(decode(ours), decode(theirs));
    }
    assert_eq!(ours.def, theirs.def);
    assert_eq!(
        ours.metadata.keys().collect::<Vec<_>>(),
        theirs.metadata.keys().collect::<Vec<_>>()
    );
    for (digest, mut ours) in ours.metadata {
        let theirs = &theirs.metadata[&digest];
        let extra: BTreeSet<_> = (ours.caps.keys())
            .filter(|cap| !theirs.caps.contains_key(*cap))
            .cloned()
            .collect();
        for cap in extra {
            assert!(OUR_CAPS.contains(&cap.as_str()), "{cap}");
            ours.caps.remove(&cap);
        }
        assert_eq!(ours, *theirs, "{digest}");
    }
    assert_eq!(ours.source.unwrap_or_default().infos, []);
}

fn base() -> (Output, State) {
    let ours = ImageSource::new("registry.example/team/base:1.2")
        .platform(linux("arm", "v7"))
        .resolve_mode(ResolveMode::ForcePull)
        .checksum(format!("sha256:{}", "5".repeat(64)))
        .output();
    let theirs = bollard::Image::new("registry.example/team/base:1.2")
        .unwrap()
        .with_platform(bollard::Platform::new("linux", "arm").with_variant("v7"))
        .unwrap()
        .with_resolve_mode(bollard::ResolveMode::ForcePull)
        .unwrap()
        .with_checksum(format!("sha256:{}", "5".repeat(64)))
        .unwrap();
    (ours, State::from(theirs))
}

fn context() -> (Output, State) {
    let ours = LocalSource::new("context")
        .session("a-session")
        .include(["src/**", "a b"])
        .include(["pyproject.toml"])
        .exclude(["**/__pycache__", "!keep\"é\"\t"])
        .follow(["link", "other"])
        .shared_key_hint("app")
        .named("[internal] load build context")
        .output();
    let theirs = bollard::Local::new("context")
        .unwrap()
        .with_session_id("a-session")
        .unwrap()
        .with_include_patterns(["src/**", "a b", "pyproject.toml"])
        .unwrap()
        .with_exclude_patterns(["**/__pycache__", "!keep\"é\"\t"])
        .unwrap()
        .with_follow_paths(["link", "other"])
        .unwrap()
        .with_shared_key_hint("app")
        .unwrap()
        .with_custom_name("[internal] load build context")
        .unwrap();
    (ours, State::from(theirs))
}

#[test]
fn sources() {
    let (ours, theirs) = base();
    assert_same(&ours, &theirs);
    let (ours, theirs) = context();
    assert_same(&ours, &theirs);
}

#[test]
fn exec_with_every_mount_kind() {
    let (base, their_base) = base();
    let (context, their_context) = context();
    let ours = Exec::new("sh")
        .args(["-c", "make"])
        .cwd("/work")
        .cwd("sub/./dir")
        .env("A", "1")
        .env("B", "2=3")
        .env("A", "4")
        .network(NetMode::None)
        .security(SecurityMode::Insecure)
        .mount(Mount::cache("/z", "cache", CacheSharing::Locked))
        .mount(Mount::secret("/s2", "two").optional())
        .mount(Mount::bind(context.clone(), "/m"))
        .mount(Mount::ssh("/agent", "work").mode(0o666).uid(1).gid(2))
        .mount(Mount::bind(base.clone(), "/b"))
        .mount(Mount::secret("/s1", "one").mode(0o444).uid(7).gid(8))
        .secret_env("TOKEN", "token", true)
        .mount(Mount::bind(context, "/c"))
        .mount(Mount::bind(None, "/a"))
        .named("make it")
        .root(base)
        .run();
    let theirs = |get: RunOpts| -> State {
        their_base
            .clone()
            .dir("/work")
            .dir("sub/./dir")
            .run(get)
            .root()
            .unwrap()
    };
    let options = RunOpts::new()
        .with_arg("sh")
        .with_arg("-c")
        .with_arg("make")
        .with_env("A", "1")
        .with_env("B", "2=3")
        .with_env("A", "4")
        .with_net(bollard::NetMode::None)
        .with_security(bollard::SecurityMode::Insecure)
        .with_mount_cache("/z", "cache", CacheSharingMode::Locked)
        .with_mount("/m", their_context.clone())
        .with_mount("/b", their_base.clone())
        .with_mount("/c", their_context)
        .with_mount_scratch("/a")
        .with_secret(AddSecret::new("two").with_target("/s2").with_optional(true))
        .with_secret(
            AddSecret::new("one")
                .with_target("/s1")
                .with_mode(0o444)
                .with_uid(7)
                .with_gid(8),
        )
        .with_secret(
            AddSecret::new("token")
                .with_as_env(true)
                .with_env_name("TOKEN")
                .with_optional(true),
        )
        .with_ssh_socket(
            AddSshSocket::new()
                .with_id("work")
                .with_target("/agent")
                .with_mode(0o666)
                .with_uid(1)
                .with_gid(2),
        )
        .with_custom_name("make it");
    assert_same(&ours.root(), &theirs(options));
}

#[test]
fn file_actions() {
    let (base, their_base) = base();
    let (context, their_context) = context();
    let pairs = [
        (
            FileOp::on(base.clone()).mkdir(Mkdir::new("opt/./app/", 0o2750)),
            bollard::mkdir("opt/./app/", 0o2750),
        ),
        (
            FileOp::on(base.clone()).mkfile(Mkfile::new("/a/../b", 0o600, b"\x00\xff".as_slice())),
            bollard::mkfile("/a/../b", 0o600, b"\x00\xff".as_slice()),
        ),
        (
            FileOp::on(base.clone()).mkfile(Mkfile::new("/empty", 0, "")),
            bollard::mkfile("/empty", 0, ""),
        ),
        (
            FileOp::on(base.clone()).remove(
                Remove::new("/var/cache/*")
                    .allow_wildcard()
                    .allow_not_found(),
            ),
            bollard::rm("/var/cache/*")
                .with_allow_wildcard(true)
                .with_allow_not_found(true),
        ),
        (
            FileOp::on(base.clone()).symlink(Symlink::new("../lib/x", "/usr/bin/x")),
            bollard::symlink("../lib/x", "/usr/bin/x"),
        ),
        (
            FileOp::on(base.clone()).copy(
                Copy::new(context.clone(), "/src/./*.py", "/app/")
                    .allow_wildcard()
                    .exclude(["**/tests", "*.md"]),
            ),
            bollard::copy(their_context.clone(), "/src/./*.py", "/app/")
                .with_allow_wildcard(true)
                .with_exclude_pattern("**/tests")
                .with_exclude_pattern("*.md"),
        ),
        (
            FileOp::on(base.clone()).copy(Copy::new(base, "/etc/.", "/copy/.").contents_only()),
            bollard::copy(their_base.clone(), "/etc/.", "/copy/.")
                .with_copy_dir_contents_only(true),
        ),
    ];
    for (number, (ours, theirs)) in pairs.into_iter().enumerate() {
        let name = format!("action {number}");
        let ours = ours.named(&name).ignore_cache(true).output();
        let options = FileOpts::new()
            .with_custom_name(&name)
            .with_ignore_cache(true);
        let theirs = their_base.clone().file(theirs, options).unwrap();
        assert_same(&ours, &theirs);
    }
}

#[test]
fn shared_parts_and_merges() {
    let (base, their_base) = base();
    let (context, their_context) = context();
    let step = |name: &str| Exec::new(name).root(base.clone()).run().root();
    let their_step = |name: &str| {
        let run = RunOpts::new().with_arg(name);
        their_base.clone().run(run).root().unwrap()
    };
    let ours = Exec::new("last")
        .root(Merge::new(step("a"), [step("b"), context.clone(), step("a")]).output())
        .mount(Mount::bind(step("b"), "/b"))
        .run()
        .root();
    let merged = bollard::merge(
        [
            their_step("a"),
            their_step("b"),
            their_context,
            their_step("a"),
        ],
        MergeOpts::new(),
    )
    .unwrap();
    let run = RunOpts::new()
        .with_arg("last")
        .with_mount("/b", their_step("b"));
    assert_same(&ours, &merged.run(run).root().unwrap());
}
