//! Round trips between the messages of this crate and those of `bollard-buildkit-proto`, which are generated from BuildKit's
//! `.proto` files.
#![allow(clippy::unwrap_used, reason = "a failed helper fails the test")]

use bollard_buildkit_proto::{
    fsutil,
    google::rpc,
    moby::buildkit::v1::{apicaps, frontend, types},
    pb,
};
use buildkit_proto as ours;
use prost::Message;

/// Converts `theirs` to our type and back, and asserts that nothing is lost.
#[track_caller]
fn assert_round_trip<Ours, Theirs>(theirs: &Theirs)
where
    Ours: Message + Default,
    Theirs: Message + Default + PartialEq + std::fmt::Debug,
{
    let read = Ours::decode(&*theirs.encode_to_vec()).unwrap();
    let back = Theirs::decode(&*read.encode_to_vec()).unwrap();
    assert_eq!(*theirs, back);
    assert_ne!(back, Theirs::default());
}

fn definition() -> pb::Definition {
    let range = pb::Range {
        start: Some(pb::Position {
            line: 1,
            character: 2,
        }),
        end: Some(pb::Position {
            line: 3,
            character: 4,
        }),
    };
    pb::Definition {
        def: vec![vec![1, 2], vec![3]],
        metadata: [(
            "sha256:1".into(),
            pb::OpMetadata {
                ignore_cache: true,
                description: [("llb.customname".into(), "name".into())].into(),
                export_cache: Some(pb::ExportCache { value: true }),
                caps: [("cap".into(), true)].into(),
                progress_group: Some(pb::ProgressGroup {
                    id: "id".into(),
                    name: "group".into(),
                    weak: true,
                }),
            },
        )]
        .into(),
        source: Some(pb::Source {
            locations: [(
                "sha256:1".into(),
                pb::Locations {
                    locations: vec![pb::Location {
                        source_index: 5,
                        ranges: vec![range],
                    }],
                },
            )]
            .into(),
            infos: vec![pb::SourceInfo {
                filename: "file".into(),
                data: vec![9],
                definition: Some(pb::Definition::default()),
                language: "TOML".into(),
            }],
        }),
    }
}

fn platform() -> pb::Platform {
    pb::Platform {
        architecture: "arm".into(),
        os: "linux".into(),
        variant: "v7".into(),
        os_version: "1".into(),
        os_features: vec!["f".into()],
    }
}

#[test]
fn definitions() {
    assert_round_trip::<ours::pb::Definition, _>(&definition());
}

#[test]
fn execs() {
    assert_round_trip::<ours::pb::Op, _>(&pb::Op {
        inputs: vec![pb::Input {
            digest: "sha256:0".into(),
            index: 1,
        }],
        platform: Some(platform()),
        constraints: Some(pb::WorkerConstraints {
            filter: vec!["x==y".into()],
        }),
        op: Some(pb::op::Op::Exec(pb::ExecOp {
            meta: Some(pb::Meta {
                args: vec!["a".into()],
                env: vec!["b=c".into()],
                cwd: "/d".into(),
                user: "e".into(),
                proxy_env: Some(pb::ProxyEnv {
                    http_proxy: "1".into(),
                    https_proxy: "2".into(),
                    ftp_proxy: "3".into(),
                    no_proxy: "4".into(),
                    all_proxy: "5".into(),
                }),
                extra_hosts: vec![pb::HostIp {
                    host: "h".into(),
                    ip: "i".into(),
                }],
                hostname: "host".into(),
                ulimit: vec![pb::Ulimit {
                    name: "n".into(),
                    soft: 1,
                    hard: 2,
                }],
                cgroup_parent: "cg".into(),
                remove_mount_stubs_recursive: true,
                valid_exit_codes: vec![0, 3],
            }),
            mounts: vec![pb::Mount {
                input: 1,
                selector: "s".into(),
                dest: "d".into(),
                output: 2,
                readonly: true,
                mount_type: pb::MountType::Tmpfs.into(),
                tmpfs_opt: Some(pb::TmpfsOpt { size: 7 }),
                cache_opt: Some(pb::CacheOpt {
                    id: "c".into(),
                    sharing: pb::CacheSharingOpt::Locked.into(),
                }),
                secret_opt: Some(pb::SecretOpt {
                    id: "s".into(),
                    uid: 1,
                    gid: 2,
                    mode: 3,
                    optional: true,
                }),
                ssh_opt: Some(pb::SshOpt {
                    id: "s".into(),
                    uid: 4,
                    gid: 5,
                    mode: 6,
                    optional: true,
                }),
                result_id: "r".into(),
                content_cache: pb::MountContentCache::Off.into(),
            }],
            network: pb::NetMode::None.into(),
            security: pb::SecurityMode::Insecure.into(),
            secretenv: vec![pb::SecretEnv {
                id: "i".into(),
                name: "n".into(),
                optional: true,
            }],
            cdi_devices: vec![],
        })),
    });
}

#[test]
fn results() {
    let reference = frontend::Ref {
        id: "id".into(),
        def: Some(definition()),
    };
    let variants = [
        frontend::result::Result::RefDeprecated("old".into()),
        frontend::result::Result::RefsDeprecated(frontend::RefMapDeprecated {
            refs: [("p".into(), "old".into())].into(),
        }),
        frontend::result::Result::Ref(reference.clone()),
        frontend::result::Result::Refs(frontend::RefMap {
            refs: [("linux/amd64".into(), reference)].into(),
        }),
    ];
    for variant in variants {
        let result = frontend::Result {
            result: Some(variant),
            metadata: [("containerimage.config".into(), b"{}".to_vec())].into(),
            ..frontend::Result::default()
        };
        assert_round_trip::<ours::gateway::SolveResponse, _>(&frontend::SolveResponse {
            r#ref: "old".into(),
            result: Some(result.clone()),
        });
        assert_round_trip::<ours::gateway::ReturnRequest, _>(&frontend::ReturnRequest {
            result: Some(result),
            error: Some(rpc::Status {
                code: 3,
                message: "bad".into(),
                details: vec![bollard_buildkit_proto::google::protobuf::Any {
                    type_url: "type".into(),
                    value: vec![1],
                }],
            }),
        });
    }
}

#[test]
fn requests() {
    assert_round_trip::<ours::gateway::SolveRequest, _>(&frontend::SolveRequest {
        definition: Some(definition()),
        frontend: "gateway.v0".into(),
        frontend_opt: [("k".into(), "v".into())].into(),
        allow_result_return: true,
        allow_result_array_ref: true,
        r#final: true,
        exporter_attr: vec![1],
        cache_imports: vec![frontend::CacheOptionsEntry {
            r#type: "registry".into(),
            attrs: [("ref".into(), "r".into())].into(),
        }],
        frontend_inputs: [("in".into(), definition())].into(),
        evaluate: true,
        ..frontend::SolveRequest::default()
    });
    assert_round_trip::<ours::gateway::ResolveImageConfigRequest, _>(
        &frontend::ResolveImageConfigRequest {
            r#ref: "r".into(),
            platform: Some(platform()),
            resolve_mode: "local".into(),
            log_name: "l".into(),
            resolver_type: 1,
            session_id: "s".into(),
            store_id: "t".into(),
            ..frontend::ResolveImageConfigRequest::default()
        },
    );
    assert_round_trip::<ours::gateway::ReadFileRequest, _>(&frontend::ReadFileRequest {
        r#ref: "r".into(),
        file_path: "p".into(),
        range: Some(frontend::FileRange {
            offset: 1,
            length: 2,
        }),
        ..frontend::ReadFileRequest::default()
    });
    assert_round_trip::<ours::gateway::WarnRequest, _>(&frontend::WarnRequest {
        digest: "d".into(),
        level: 1,
        short: b"s".to_vec(),
        detail: vec![b"d".to_vec()],
        url: "u".into(),
        info: Some(pb::SourceInfo {
            filename: "f".into(),
            ..pb::SourceInfo::default()
        }),
        ranges: vec![pb::Range::default()],
    });
}

#[test]
fn responses() {
    assert_round_trip::<ours::gateway::PongResponse, _>(&frontend::PongResponse {
        frontend_api_caps: vec![apicaps::ApiCap {
            id: "a".into(),
            enabled: true,
            deprecated: true,
            disabled_reason: "r".into(),
            disabled_reason_msg: "m".into(),
            disabled_alternative: "b".into(),
        }],
        llb_caps: vec![apicaps::ApiCap {
            id: "b".into(),
            ..apicaps::ApiCap::default()
        }],
        workers: vec![types::WorkerRecord {
            id: "w".into(),
            labels: [("k".into(), "v".into())].into(),
            platforms: vec![platform()],
            buildkit_version: Some(types::BuildkitVersion {
                package: "p".into(),
                version: "v".into(),
                revision: "r".into(),
            }),
            ..types::WorkerRecord::default()
        }],
    });
    assert_round_trip::<ours::gateway::ReadDirResponse, _>(&frontend::ReadDirResponse {
        entries: vec![fsutil::types::Stat {
            path: "p".into(),
            mode: 1,
            uid: 2,
            gid: 3,
            size: 4,
            mod_time: 5,
            linkname: "l".into(),
            devmajor: 6,
            devminor: 7,
            xattrs: [("k".into(), vec![8])].into(),
        }],
    });
}
