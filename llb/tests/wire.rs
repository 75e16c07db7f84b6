//! Ops that no other Rust client supports, compared with messages built from the types of `bollard-buildkit-proto`, which are
//! generated from BuildKit's `.proto` files.
//!
//! The messages are encoded field by field, in the order in which Go encodes them.

mod support;

use bollard_buildkit_proto::pb::{self, file_action::Action};
use buildkit_llb::{
    CacheSharing, ContentCache, Copy, Diff, Differ, Exec, FileOp, LinuxResources, LocalSource,
    Mkdir, Mkfile, Mount, Output, Owner, ProxyEnv, Symlink,
};
use prost::encoding::message::encode;
use support::{alpine, busybox, digest, metadata};

/// The digest of `op`, encoded in Go's field order.
fn digest_of(op: &pb::Op) -> String {
    let mut bytes = Vec::new();
    for input in &op.inputs {
        encode(1, input, &mut bytes);
    }
    if let Some(platform) = &op.platform {
        encode(10, platform, &mut bytes);
    }
    if let Some(constraints) = &op.constraints {
        encode(11, constraints, &mut bytes);
    }
    match &op.op {
        Some(pb::op::Op::Exec(exec)) => encode(2, exec, &mut bytes),
        Some(pb::op::Op::Source(source)) => encode(3, source, &mut bytes),
        Some(pb::op::Op::File(file)) => encode(4, file, &mut bytes),
        Some(pb::op::Op::Diff(diff)) => encode(7, diff, &mut bytes),
        other => unreachable!("{other:?}"),
    }
    digest(&bytes)
}

fn amd64() -> pb::Platform {
    pb::Platform {
        architecture: "amd64".into(),
        os: "linux".into(),
        ..pb::Platform::default()
    }
}

fn message(op: pb::op::Op, inputs: &[&Output], platform: Option<pb::Platform>) -> pb::Op {
    pb::Op {
        inputs: (inputs.iter())
            .map(|input| pb::Input {
                digest: input.digest().to_owned(),
                index: 0,
            })
            .collect(),
        platform,
        constraints: Some(pb::WorkerConstraints { filter: vec![] }),
        op: Some(op),
    }
}

#[track_caller]
fn assert_exec(ours: &Output, exec: pb::ExecOp, inputs: &[&Output]) {
    let expected = message(pb::op::Op::Exec(exec), inputs, Some(amd64()));
    assert_eq!(ours.digest(), digest_of(&expected));
}

fn meta() -> pb::Meta {
    pb::Meta {
        args: vec!["run".into()],
        cwd: "/".into(),
        remove_mount_stubs_recursive: true,
        ..pb::Meta::default()
    }
}

/// A mount of input 0 at `dest` with output 0.
fn mount(dest: &str) -> pb::Mount {
    pb::Mount {
        dest: dest.into(),
        ..pb::Mount::default()
    }
}

#[test]
fn process_settings() {
    let ours = Exec::new("run")
        .user("app:staff")
        .hostname("builder")
        .extra_host("four", "10.0.0.1".parse().unwrap())
        .extra_host("mapped", "::ffff:10.0.0.2".parse().unwrap())
        .extra_host("six", "2001:db8:0:0::1".parse().unwrap())
        .ulimit("nofile", 10, 20)
        .ulimit("core", -1, -1)
        .cgroup_parent("/parent")
        .proxy(ProxyEnv {
            http_proxy: "h".into(),
            https_proxy: "hs".into(),
            ftp_proxy: "f".into(),
            no_proxy: "n".into(),
            all_proxy: "a".into(),
        })
        .resources(LinuxResources {
            memory: 1 << 30,
            ..LinuxResources::default()
        })
        .root(alpine())
        .run()
        .root();
    let host = |host: &str, ip: &str| pb::HostIp {
        host: host.into(),
        ip: ip.into(),
    };
    let ulimit = |name: &str, soft, hard| pb::Ulimit {
        name: name.into(),
        soft,
        hard,
    };
    let exec = pb::ExecOp {
        meta: Some(pb::Meta {
            user: "app:staff".into(),
            hostname: "builder".into(),
            extra_hosts: vec![
                host("four", "10.0.0.1"),
                host("mapped", "10.0.0.2"),
                host("six", "2001:db8::1"),
            ],
            ulimit: vec![ulimit("nofile", 10, 20), ulimit("core", -1, -1)],
            cgroup_parent: "/parent".into(),
            proxy_env: Some(pb::ProxyEnv {
                http_proxy: "h".into(),
                https_proxy: "hs".into(),
                ftp_proxy: "f".into(),
                no_proxy: "n".into(),
                all_proxy: "a".into(),
            }),
            ..meta()
        }),
        mounts: vec![mount("/")],
        ..pb::ExecOp::default()
    };
    assert_exec(&ours, exec, &[&alpine()]);

    let metadata = metadata(&ours);
    assert_eq!(metadata.linux_resources.map(|r| r.memory), Some(1 << 30));
    assert_eq!(
        metadata.caps.keys().collect::<Vec<_>>(),
        [
            "exec.meta.base",
            "exec.meta.cgroup.parent",
            "exec.meta.linux.resources",
            "exec.meta.proxyenv",
            "exec.meta.setsdefaultpath",
            "exec.meta.ulimit",
            "exec.mount.bind",
        ]
    );
}

#[test]
fn secret_variables_alone_require_the_secret_caps() {
    let ours = Exec::new("run")
        .root(alpine())
        .secret_env("TOKEN", "token", true)
        .run()
        .root();
    assert_eq!(
        metadata(&ours).caps.keys().collect::<Vec<_>>(),
        [
            "exec.meta.base",
            "exec.meta.setsdefaultpath",
            "exec.mount.bind",
            "exec.mount.secret",
            "exec.secretenv",
        ]
    );
}

#[test]
fn mounts_without_output() {
    let outputs = Exec::new("run")
        .root_read_only(alpine())
        .mount(Mount::tmpfs("/t/sized").size(4096))
        .mount(Mount::tmpfs("/t"))
        .mount(Mount::bind(busybox(), "/ro").selector("/bin").read_only())
        .mount(Mount::bind(busybox(), "/lost").discard())
        .mount(Mount::bind(None, "/kept"))
        .mount(Mount::bind(alpine(), "/also/kept").content_cache(ContentCache::Off))
        .mount(
            Mount::cache("/cache", "", CacheSharing::Private)
                .source(busybox())
                .selector("/seed")
                .read_only(),
        )
        .run();
    let kept = outputs.mount("/kept").unwrap();
    let exec = pb::ExecOp {
        meta: Some(meta()),
        mounts: vec![
            pb::Mount {
                output: -1,
                readonly: true,
                ..mount("/")
            },
            pb::Mount {
                content_cache: pb::MountContentCache::Off.into(),
                ..mount("/also/kept")
            },
            pb::Mount {
                input: 1,
                output: -1,
                readonly: true,
                selector: "/seed".into(),
                mount_type: pb::MountType::Cache.into(),
                cache_opt: Some(pb::CacheOpt {
                    id: "/cache".into(),
                    sharing: pb::CacheSharingOpt::Private.into(),
                }),
                ..mount("/cache")
            },
            pb::Mount {
                input: -1,
                output: 1,
                ..mount("/kept")
            },
            pb::Mount {
                input: 1,
                output: -1,
                ..mount("/lost")
            },
            pb::Mount {
                input: 1,
                output: -1,
                selector: "/bin".into(),
                readonly: true,
                ..mount("/ro")
            },
            pb::Mount {
                input: -1,
                output: -1,
                mount_type: pb::MountType::Tmpfs.into(),
                tmpfs_opt: Some(pb::TmpfsOpt { size: 0 }),
                ..mount("/t")
            },
            pb::Mount {
                input: -1,
                output: -1,
                mount_type: pb::MountType::Tmpfs.into(),
                tmpfs_opt: Some(pb::TmpfsOpt { size: 4096 }),
                ..mount("/t/sized")
            },
        ],
        ..pb::ExecOp::default()
    };
    assert_exec(&kept, exec, &[&alpine(), &busybox()]);

    assert_eq!(
        metadata(&kept).caps.keys().collect::<Vec<_>>(),
        [
            "exec.meta.base",
            "exec.meta.setsdefaultpath",
            "exec.mount.bind",
            "exec.mount.bind.readwrite-nooutput",
            "exec.mount.cache",
            "exec.mount.cache.content",
            "exec.mount.cache.sharing",
            "exec.mount.selector",
            "exec.mount.tmpfs",
            "exec.mount.tmpfs.size",
        ]
    );
}

#[test]
fn file_op_with_many_actions() {
    let ours = FileOp::on(alpine())
        .mkdir(Mkdir::new("/d", 0o700).owner(Owner::ids(5, 6)).timestamp(0))
        .copy(
            Copy::new(busybox(), "a", "b/")
                .mode(0o4755)
                .unpack()
                .replace_existing()
                .include(["*.py", "*.txt"])
                .exclude(["x"])
                .owner(Owner::parse("app:7"))
                .timestamp(1_700_000_000_000_000_001),
        )
        .mkfile(Mkfile::new("/f", 0o644, "x").owner(Owner::parse("app")))
        .symlink(
            Symlink::new("/f", "/l")
                .owner(Owner::parse("root:root"))
                .timestamp(9),
        )
        .copy(Copy::new(alpine(), "/e", "/g"))
        .output();

    let file = pb::FileOp {
        actions: many_actions(),
    };
    let expected = message(pb::op::Op::File(file), &[&alpine(), &busybox()], None);
    assert_eq!(ours.digest(), digest_of(&expected));
    assert_eq!(
        metadata(&ours).caps.keys().collect::<Vec<_>>(),
        [
            "file.base",
            "file.copy.alwaysreplaceexistingdestpaths",
            "file.copy.includeexcludepatterns",
            "file.symlink.create",
        ]
    );
}

/// The actions of the op above. User names are looked up in input 0.
fn many_actions() -> Vec<pb::FileAction> {
    let id = |id| pb::UserOpt {
        user: Some(pb::user_opt::User::ById(id)),
    };
    let name = |name: &str| pb::UserOpt {
        user: Some(pb::user_opt::User::ByName(pb::NamedUserOpt {
            name: name.into(),
            input: 0,
        })),
    };
    let owner = |user, group| Some(pb::ChownOpt { user, group });
    let action = |input, secondary_input, output, action| pb::FileAction {
        input,
        secondary_input,
        output,
        action: Some(action),
    };
    vec![
        action(
            0,
            -1,
            -1,
            Action::Mkdir(pb::FileActionMkDir {
                path: "/d".into(),
                mode: 0o700,
                make_parents: false,
                owner: owner(Some(id(5)), Some(id(6))),
                timestamp: 0,
            }),
        ),
        action(
            2,
            1,
            -1,
            Action::Copy(pb::FileActionCopy {
                src: "/a".into(),
                dest: "/b/".into(),
                owner: owner(Some(name("app")), Some(id(7))),
                mode: 0o4755,
                attempt_unpack_docker_compatibility: true,
                timestamp: 1_700_000_000_000_000_001,
                include_patterns: vec!["*.py".into(), "*.txt".into()],
                exclude_patterns: vec!["x".into()],
                always_replace_existing_dest_paths: true,
                ..pb::FileActionCopy::default()
            }),
        ),
        action(
            3,
            -1,
            -1,
            Action::Mkfile(pb::FileActionMkFile {
                path: "/f".into(),
                mode: 0o644,
                data: b"x".to_vec(),
                owner: owner(Some(name("app")), None),
                timestamp: -1,
            }),
        ),
        action(
            4,
            -1,
            -1,
            Action::Symlink(pb::FileActionSymlink {
                oldpath: "/f".into(),
                newpath: "/l".into(),
                owner: owner(Some(id(0)), Some(id(0))),
                timestamp: 9,
            }),
        ),
        action(
            5,
            0,
            0,
            Action::Copy(pb::FileActionCopy {
                src: "/e".into(),
                dest: "/g".into(),
                mode: -1,
                timestamp: -1,
                ..pb::FileActionCopy::default()
            }),
        ),
    ]
}

#[test]
fn diff() {
    // Unlike most ops, a diff does not deduplicate its inputs.
    for (lower, upper) in [(alpine(), busybox()), (alpine(), alpine())] {
        let ours = Diff::new(lower.clone(), upper.clone()).output();
        let diff = pb::DiffOp {
            lower: Some(pb::LowerDiffInput { input: 0 }),
            upper: Some(pb::UpperDiffInput { input: 1 }),
        };
        let expected = message(pb::op::Op::Diff(diff), &[&lower, &upper], None);
        assert_eq!(ours.digest(), digest_of(&expected));
        assert!(metadata(&ours).caps.contains_key("diffop"));
    }
}

#[test]
fn local_source_differ_and_empty_settings() {
    let ours = LocalSource::new("dockerfile")
        .session("")
        .shared_key_hint("")
        .include([""; 0])
        .differ(Differ::None)
        .output();
    let source = pb::SourceOp {
        identifier: "local://dockerfile".into(),
        attrs: [("local.differ".into(), "none".into())].into(),
    };
    let expected = message(pb::op::Op::Source(source), &[], None);
    assert_eq!(ours.digest(), digest_of(&expected));
    assert_eq!(
        metadata(&ours).caps.keys().collect::<Vec<_>>(),
        ["source.local"]
    );
}
