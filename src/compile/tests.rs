//! The LLB definition and image config of a plan.

use std::collections::BTreeMap;

use buildkit_llb::{LinuxResources, NetMode, ProxyEnv};
use buildkit_proto::pb;
use prost::Message;
use serde_json::json;
use testkit::{Package, Project};

use super::*;
use crate::analysis::{self, InputFiles};
use crate::plan::BuildPlatform;
use crate::resolve::Request;

const BUILD_FILE: &str = r#"
    [build]
    packages = ["gcc"]
    [runtime]
    entrypoint = ["serve"]
    expose = [8000, "5353/UDP"]
    env = { A = "1" }
"#;

fn compiled(build_file: &str, options: &Options) -> Compiled {
    let project = Project::new("app")
        .without_version()
        .without_build_system()
        .python(">=3.13,<3.14")
        .dependency("a")
        .needs(Package::new("a", "1"))
        .needs(Package::new("b", "1").sdist())
        .with_build_file(build_file);
    compiled_of(&project, options)
}

fn compiled_of(project: &Project, options: &Options) -> Compiled {
    let parsed = InputFiles::from(project).parse(&BTreeMap::new()).unwrap();
    let platform = Platform::parse("linux/amd64").unwrap();
    let request = Request {
        labels: BTreeMap::from([("team".to_owned(), "web".to_owned())]),
        ..Request::on(platform.clone())
    };
    let plan = analysis::plan(&parsed.file, &parsed.project, &request).unwrap();
    let images = plan
        .images()
        .map(|(reference, _)| {
            let config = json!({
                "created": "2020-01-01T00:00:00Z",
                "config": {
                    "Env": ["PATH=/usr/bin:/bin", "LANG=C.UTF-8"],
                    "Cmd": ["python3"],
                    "Labels": {"base": "yes", "org.opencontainers.image.base.name": "debian"},
                    "Healthcheck": {"Test": ["NONE"]},
                },
                "history": [{"created_by": "base"}],
            });
            let pinned = reference.pinned(&format!("sha256:{}", "0".repeat(64)));
            let image = ResolvedImage {
                files: ImageFiles::Image(pinned),
                config,
            };
            (reference.clone(), image)
        })
        .collect();
    compile(&plan, &platform, &images, options).unwrap()
}

/// The exec ops of the definition, by the name shown in the progress output.
fn execs(compiled: &Compiled) -> BTreeMap<String, (pb::ExecOp, pb::OpMetadata)> {
    let definition = compiled.definition.to_pb();
    definition
        .def
        .iter()
        .filter_map(|bytes| {
            let metadata = definition
                .metadata
                .get(&buildkit_llb::digest(bytes))?
                .clone();
            match pb::Op::decode(bytes.as_slice()).unwrap().op? {
                pb::op::Op::Exec(exec) => {
                    let name = metadata.description["llb.customname"].clone();
                    Some((name, (exec, metadata)))
                }
                _ => None,
            }
        })
        .collect()
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let one = compiled(BUILD_FILE, &Options::default());
    let other = compiled(BUILD_FILE, &Options::default());
    assert_eq!(
        one.definition.to_pb().encode_to_vec(),
        other.definition.to_pb().encode_to_vec()
    );
    assert_eq!(one.config.to_string(), other.config.to_string());
}

#[test]
fn commands_see_the_base_environment_and_the_options() {
    let options = Options {
        network: NetMode::Host,
        extra_hosts: vec![("index".to_owned(), "10.0.0.1".parse().unwrap())],
        proxy: Some(ProxyEnv {
            http_proxy: "http://proxy".to_owned(),
            ..ProxyEnv::default()
        }),
        ..Options::default()
    };
    let execs = execs(&compiled(BUILD_FILE, &options));
    let names: Vec<&str> = execs.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "[builder 1/1] apt-get install gcc",
            "[deps 1/1] install a",
            "[deps-environment 1/1] create the virtual environment",
            "[deps-poetry 2/2] poetry install b, from source: b",
            "[poetry 1/1] install Poetry 2.1.3",
            "[runtime 1/5] add the user app (10001:10001)",
            "[source 2/2] build and install the wheel",
            "[uv 1/1] install uv 0.13.9",
        ]
    );
    for (name, (exec, _)) in &execs {
        let meta = exec.meta.as_ref().unwrap();
        assert!(
            meta.env.contains(&"PATH=/usr/bin:/bin".to_owned()),
            "{name}"
        );
        assert_eq!(meta.extra_hosts[0].host, "index", "{name}");
        // A step that fetches nothing has no network.
        let (network, proxy) = if fetches_nothing(name) {
            (NetMode::None, None)
        } else {
            (NetMode::Host, Some("http://proxy"))
        };
        let proxy_env = meta.proxy_env.as_ref();
        assert_eq!(
            proxy_env.map(|env| env.http_proxy.as_str()),
            proxy,
            "{name}"
        );
        assert_eq!(exec.network, i32::from(network), "{name}");
    }
}

/// Whether a step only changes files that it has.
fn fetches_nothing(step: &str) -> bool {
    step.contains("add the user") || step.contains("create the virtual environment")
}

#[test]
fn only_commands_with_hints_are_watched_for_known_failures() {
    for (name, (exec, _)) in &execs(&compiled(BUILD_FILE, &Options::default())) {
        let args = &exec.meta.as_ref().unwrap().args;
        let path = "/run/explain-failure";
        let watched = args[..3] == ["sh", "-eu", path];
        assert_eq!(watched, !fetches_nothing(name), "{name}");
        let mounted = exec.mounts.iter().any(|mount| mount.dest == path);
        assert_eq!(mounted, watched, "{name}");
    }
}

#[test]
fn commands_have_the_resource_limits() {
    let options = Options {
        resource_limits: ResourceLimits {
            shared_memory: Some(1 << 20),
            ulimits: vec![Ulimit {
                name: "nofile".to_owned(),
                soft: 10,
                hard: 20,
            }],
            cgroup_parent: Some("/builds".to_owned()),
            resources: Some(LinuxResources {
                memory: 1 << 30,
                ..LinuxResources::default()
            }),
        },
        ..Options::default()
    };
    for (name, (exec, metadata)) in &execs(&compiled(BUILD_FILE, &options)) {
        let meta = exec.meta.as_ref().unwrap();
        assert_eq!(meta.cgroup_parent, "/builds", "{name}");
        assert_eq!((meta.ulimit[0].soft, meta.ulimit[0].hard), (10, 20));
        let memory = exec.mounts.iter().find(|mount| mount.dest == "/dev/shm");
        let size = memory.and_then(|mount| mount.tmpfs_opt).unwrap().size;
        assert_eq!(size, 1 << 20, "{name}");
        assert_eq!(
            metadata.linux_resources.as_ref().unwrap().memory,
            1 << 30,
            "{name}"
        );
    }
}

/// The identifiers of the source ops of the definition.
fn sources(compiled: &Compiled) -> Vec<String> {
    let ops = compiled.definition.to_pb().def;
    let ops = ops.iter().map(|op| pb::Op::decode(op.as_slice()).unwrap());
    ops.filter_map(|op| match op.op? {
        pb::op::Op::Source(source) => Some(source.identifier),
        _ => None,
    })
    .collect()
}

#[test]
fn a_remote_context_is_used_instead_of_a_local_directory() {
    let repository = buildkit_llb::GitSource::new("https://git.example/app.git").output();
    let options = Options {
        context: Context::Output(repository),
        ..Options::default()
    };
    let sources = sources(&compiled(BUILD_FILE, &options));
    assert!(sources.contains(&"git://git.example/app.git".to_owned()));
    assert!(
        !sources.iter().any(|source| source.starts_with("local:")),
        "{sources:?}"
    );
}

#[test]
fn selected_stages_ignore_the_cache() {
    let uncached = |ignore_cache: IgnoreCache| -> Vec<String> {
        let options = Options {
            ignore_cache,
            ..Options::default()
        };
        execs(&compiled(BUILD_FILE, &options))
            .into_iter()
            .filter(|(_, (_, metadata))| metadata.ignore_cache)
            .map(|(name, _)| name)
            .collect()
    };
    assert_eq!(uncached(IgnoreCache::Never), Vec::<String>::new());
    assert_eq!(uncached(IgnoreCache::All).len(), 8);
    // All that installs dependencies.
    assert_eq!(
        uncached(IgnoreCache::Stages(vec!["Deps".to_owned()])),
        [
            "[deps 1/1] install a",
            "[deps-environment 1/1] create the virtual environment",
            "[deps-poetry 2/2] poetry install b, from source: b",
        ]
    );
}

#[test]
fn settings_override_the_config_of_the_base_image() {
    let config = compiled(BUILD_FILE, &Options::default()).config;
    assert_eq!(config.get("created"), None);
    let at = |epoch| {
        let options = Options {
            epoch: Some(epoch),
            ..Options::default()
        };
        compiled(BUILD_FILE, &options)
            .config
            .get("created")
            .cloned()
    };
    assert_eq!(at(1_700_000_000), Some(json!("2023-11-14T22:13:20Z")));
    assert_eq!(at(u64::MAX), None);
    assert_eq!(
        config["config"],
        json!({
            "Entrypoint": ["serve"],
            "Env": [
                "A=1",
                "HOME=/tmp",
                "LANG=C.UTF-8",
                "PATH=/app/.venv/bin:/usr/bin:/bin",
                "PYTHONDONTWRITEBYTECODE=1",
                "PYTHONFAULTHANDLER=1",
                "PYTHONUNBUFFERED=1",
                "VIRTUAL_ENV=/app/.venv",
            ],
            "ExposedPorts": {"5353/udp": {}, "8000/tcp": {}},
            "Healthcheck": {"Test": ["NONE"]},
            "Labels": {
                "base": "yes",
                "org.opencontainers.image.base.digest": format!("sha256:{}", "0".repeat(64)),
                "org.opencontainers.image.base.name": "docker.io/library/python:3.13-slim-trixie",
                "org.opencontainers.image.title": "app",
                "team": "web",
            },
            "User": "10001:10001",
            "WorkingDir": "/app",
        })
    );
    let history: Vec<&str> = config["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["created_by"].as_str().unwrap())
        .collect();
    assert_eq!(
        history,
        [
            "base",
            "add the user app (10001:10001)",
            "copy the virtual environment",
            // All packages, so that one can find the layer of each.
            "copy a 1",
            "copy b 1",
            "copy the installed project"
        ]
    );
}

#[test]
fn steps_point_at_the_lines_that_request_them() {
    let compiled = compiled(BUILD_FILE, &Options::default());
    let definition = compiled.definition.to_pb();
    let source = definition.source.unwrap();
    let lines: BTreeMap<&str, String> = compiled
        .steps
        .iter()
        .filter_map(|(digest, step)| {
            let location = source.locations.get(digest)?.locations.first()?;
            let file = usize::try_from(location.source_index).unwrap();
            let file = &source.infos[file].filename;
            let line = location.ranges[0].start.unwrap().line;
            Some((step.name.as_str(), format!("{file}:{line}")))
        })
        .collect();
    for (step, line) in [
        ("[builder 1/1] apt-get install gcc", "poetry.build.toml:2"),
        // What the build file does not ask for, the project does.
        ("[poetry 1/1] install Poetry 2.1.3", "poetry.lock:1"),
        ("[deps 1/1] install a", "pyproject.toml:4"),
        (
            "[deps-poetry 2/2] poetry install b, from source: b",
            "pyproject.toml:4",
        ),
        (
            "[source 2/2] build and install the wheel",
            "pyproject.toml:1",
        ),
    ] {
        assert_eq!(lines.get(step).map(String::as_str), Some(line), "{lines:?}");
    }
}

#[test]
fn step_names_match_the_progress_output() {
    let compiled = compiled(BUILD_FILE, &Options::default());
    let metadata = compiled.definition.to_pb().metadata;
    let in_image = compiled.steps.iter().filter_map(|(digest, name)| {
        let shown = metadata.get(digest)?.description.get("llb.customname")?;
        Some((name, shown))
    });
    let in_image: Vec<_> = in_image.collect();
    assert!(
        in_image.iter().all(|(step, shown)| step.name == **shown),
        "{in_image:?}"
    );
    for name in execs(&compiled).keys() {
        assert!(
            in_image.iter().any(|(known, _)| known.name == *name),
            "{name}"
        );
    }
}

#[test]
fn images_are_pinned_to_their_digests() {
    let compiled = compiled(BUILD_FILE, &Options::default());
    let definition = compiled.definition.to_pb();
    let sources = definition.def.iter().filter_map(|bytes| {
        match pb::Op::decode(bytes.as_slice()).unwrap().op? {
            pb::op::Op::Source(source) => Some(source.identifier),
            _ => None,
        }
    });
    let images: Vec<String> = sources
        .filter(|name| name.starts_with("docker-image://"))
        .collect();
    let digest = "0".repeat(64);
    let expected =
        format!("docker-image://docker.io/library/python:3.13-slim-trixie@sha256:{digest}");
    assert_eq!(images, [expected]);
}

/// A build with layers of each kind: wheels, what Poetry installed, the project; and copies below and on top of them.
const LAYERED: &str = r#"
    [runtime]
    entrypoint = ["serve"]
    [[copy]]
    src = "x"
    dest = "/etc/x"
    [[copy]]
    src = "y"
    dest = "/srv/y"
"#;

/// The ops of a definition by their digests, and the digest of the result.
fn ops(compiled: &Compiled) -> (BTreeMap<String, pb::Op>, String) {
    let definition = compiled.definition.to_pb();
    let ops = definition.def.iter().map(|bytes| {
        let op = pb::Op::decode(bytes.as_slice()).unwrap();
        (buildkit_llb::digest(bytes), op)
    });
    let last = pb::Op::decode(definition.def.last().unwrap().as_slice()).unwrap();
    (ops.collect(), last.inputs[0].digest.clone())
}

/// The names of ops in the progress output, by their digests.
fn shown(compiled: &Compiled) -> BTreeMap<String, String> {
    let metadata = compiled.definition.to_pb().metadata.into_iter();
    metadata
        .filter_map(|(digest, metadata)| {
            let name = metadata.description.get("llb.customname")?;
            Some((digest, name.clone()))
        })
        .collect()
}

/// The digests of the merges.
fn merges(ops: &BTreeMap<String, pb::Op>) -> Vec<&String> {
    let merges = ops
        .iter()
        .filter(|(_, op)| matches!(op.op, Some(pb::op::Op::Merge(_))));
    merges.map(|(digest, _)| digest).collect()
}

fn history(compiled: &Compiled) -> Vec<String> {
    let entries = compiled.config["history"].as_array().unwrap().iter();
    entries
        .map(|entry| entry["created_by"].as_str().unwrap().to_owned())
        .collect()
}

fn merging() -> Options {
    Options {
        merge: true,
        ..Options::default()
    }
}

#[test]
fn the_files_of_the_system_are_below_the_merged_layers() {
    let compiled = compiled(LAYERED, &merging());
    let (ops, result) = ops(&compiled);
    let [merge] = merges(&ops)[..] else {
        panic!("not one merge");
    };
    assert_eq!(*merge, result);
    assert_eq!(compiled.system.digest(), ops[&result].inputs[0].digest);
}

#[test]
fn layers_are_merged_over_the_steps_below_them() {
    let compiled = compiled(LAYERED, &merging());
    let (ops, result) = ops(&compiled);
    let shown = shown(&compiled);
    // Nothing reads the merged files, so an engine does not write them to disk.
    assert_eq!(merges(&ops), [&result]);
    assert_eq!(shown[&result], "[internal] merge 4 layers of runtime");
    let inputs: Vec<&str> = ops[&result]
        .inputs
        .iter()
        .map(|input| shown[&input.digest].as_str())
        .collect();
    assert_eq!(
        inputs,
        [
            "[runtime 6/7] copy y to /srv/y",
            "[runtime 2/7] copy the virtual environment",
            // The stage itself: its result is nothing but the layer.
            "[deps 1/1] install a",
            "[runtime 4/7] copy what Poetry installed",
            "[source 2/2] build and install the wheel",
        ]
    );
    // The directory of the layer, and not the file system of the step.
    for (index, output) in [(2, 1), (4, 1)] {
        let input = &ops[&result].inputs[index];
        let Some(pb::op::Op::Exec(exec)) = &ops[&input.digest].op else {
            panic!("no command")
        };
        let mount = exec.mounts.iter().find(|mount| mount.output == input.index);
        assert_eq!(mount.unwrap().dest, "/out");
        assert_eq!(input.index, output);
    }
    // The others are on top of each other.
    let below = &ops[&result].inputs[0].digest;
    let next = &ops[below].inputs[0].digest;
    assert_eq!(shown[next], "[runtime 5/7] copy x to /etc/x");
    let next = &ops[next].inputs[0].digest;
    assert_eq!(shown[next], "[runtime 1/7] add the user app (10001:10001)");
    // Copies of layers are from nothing else than the stage, but the first one awaits the comparison of the packages.
    let layer = &ops[&ops[&result].inputs[1].digest];
    let read = layer
        .inputs
        .iter()
        .map(|input| shown[&input.digest].as_str());
    assert_eq!(
        read.collect::<Vec<_>>(),
        [
            "[deps-environment 1/1] create the virtual environment",
            "[overlaps 1/1] compare the files of the packages",
        ]
    );
}

#[test]
fn the_history_is_in_the_order_of_the_layers() {
    assert_eq!(
        history(&compiled(LAYERED, &merging())),
        [
            "base",
            "add the user app (10001:10001)",
            "copy x to /etc/x",
            "copy y to /srv/y",
            "copy the virtual environment",
            "copy a 1",
            "copy b 1",
            "copy the installed project",
        ]
    );
    assert_eq!(
        history(&compiled(LAYERED, &Options::default())),
        [
            "base",
            "add the user app (10001:10001)",
            "copy the virtual environment",
            "copy a 1",
            "copy b 1",
            "copy x to /etc/x",
            "copy y to /srv/y",
            "copy the installed project",
        ]
    );
}

#[test]
fn without_merges_layers_are_copied_one_after_the_other() {
    let compiled = compiled(LAYERED, &Options::default());
    let (ops, result) = ops(&compiled);
    assert!(merges(&ops).is_empty());
    let shown = shown(&compiled);
    let mut names = Vec::new();
    let mut next = &result;
    while let Some(op) = ops.get(next).filter(|op| !op.inputs.is_empty()) {
        names.push(shown[next].as_str());
        next = &op.inputs[0].digest;
    }
    assert_eq!(
        names,
        [
            "[runtime 7/7] copy the installed project",
            "[runtime 6/7] copy y to /srv/y",
            "[runtime 5/7] copy x to /etc/x",
            "[runtime 4/7] copy what Poetry installed",
            "[runtime 3/7] copy a",
            "[runtime 2/7] copy the virtual environment",
            "[runtime 1/7] add the user app (10001:10001)",
        ]
    );
}

#[test]
fn a_step_that_reads_the_layers_comes_after_the_merge() {
    let hook = format!("{LAYERED}    [[hook]]\n    at = \"final\"\n    run = [\"prune\"]\n");
    let compiled = compiled(&hook, &merging());
    let (ops, result) = ops(&compiled);
    let shown = shown(&compiled);
    assert_eq!(shown[&result], "[runtime 8/8] hook: prune");
    let [merge] = merges(&ops)[..] else {
        panic!("one merge")
    };
    assert_eq!(&ops[&result].inputs[0].digest, merge);
    assert_eq!(history(&compiled).last().unwrap(), "hook: prune");
}

#[test]
fn verifications_run_on_the_merged_image() {
    let smoke_test = LAYERED.replace("entrypoint", "smoke-test = [\"x\"]\n    entrypoint");
    let compiled = compiled(&smoke_test, &merging());
    let definition = Definition::new(compiled.verifications.last().unwrap()).to_pb();
    let ops = definition
        .def
        .iter()
        .map(|op| pb::Op::decode(op.as_slice()).unwrap());
    let merges = ops.filter(|op| matches!(op.op, Some(pb::op::Op::Merge(_))));
    assert_eq!(merges.count(), 1);
}

#[test]
fn a_user_who_owns_the_directories_of_the_layers_keeps_them() {
    let writable = LAYERED.replace("entrypoint", "writable = [\"/app\"]\n    entrypoint");
    let (ops, _) = ops(&compiled(&writable, &merging()));
    assert!(merges(&ops).is_empty());
}

#[test]
fn an_upgraded_package_changes_no_other_layer() {
    let inputs = |version: &str| -> Vec<(String, String)> {
        let project = Project::new("app")
            .python(">=3.13,<3.14")
            .script("serve", "app:main")
            .needs(Package::new("a", version))
            .needs(Package::new("numpy", "1"))
            .needs(Package::new("b", "1").sdist());
        let compiled = compiled_of(&project, &merging());
        let (ops, result) = ops(&compiled);
        let shown = shown(&compiled);
        let inputs = ops[&result].inputs.iter();
        let named = inputs.map(|input| (input.digest.clone(), shown[&input.digest].clone()));
        named.collect()
    };
    let [one, other] = ["1", "2"].map(inputs);
    let pairs = one.iter().zip(&other);
    let different = pairs.filter(|(one, other)| one.0 != other.0);
    let different: Vec<&str> = different.map(|(_, (_, name))| name.as_str()).collect();
    // The copy awaits the comparison of the packages; the engine finds that what it copies is the same.
    assert_eq!(
        different,
        [
            "[runtime 2/6] copy the virtual environment",
            "[deps 2/2] install a"
        ]
    );
    assert_eq!(one.len(), 6);
}

/// An image for arm64 that an engine on amd64 builds: each command by its name, with its platform.
#[test]
fn commands_run_on_the_platform_of_their_stage() {
    let project = Project::new("app")
        .python(">=3.13,<3.14")
        .script("serve", "app:main")
        .needs(Package::new("a", "1").wheel())
        .with_build_file(
            "[runtime]\npackages = [\"libpq5\"]\n[[hook]]\nat = \"final\"\nrun = [\"true\"]\n",
        );
    let parsed = InputFiles::from(&project).parse(&BTreeMap::new()).unwrap();
    let [engine, platform] = ["amd64", "arm64"].map(|name| Platform::parse(name).unwrap());
    let request = Request {
        build_platform: BuildPlatform::between(&engine, &platform),
        ..Request::on(platform.clone())
    };
    let plan = analysis::plan(&parsed.file, &parsed.project, &request).unwrap();
    let images: Images = plan
        .images()
        .map(|(reference, _)| {
            let image = ResolvedImage {
                files: ImageFiles::Image(reference.clone()),
                config: json!({ "config": { "Env": ["PATH=/bin"] } }),
            };
            (reference.clone(), image)
        })
        .collect();
    let options = Options {
        engine_images: images.clone(),
        show_platforms: true,
        ..Options::default()
    };
    let compiled = compile(&plan, &platform, &images, &options).unwrap();
    let definition = compiled.definition.to_pb();
    let mut lines: Vec<String> = Vec::new();
    for bytes in &definition.def {
        let op = pb::Op::decode(bytes.as_slice()).unwrap();
        let metadata = definition.metadata.get(&buildkit_llb::digest(bytes));
        let name = metadata.and_then(|one| one.description.get("llb.customname"));
        if let (Some(platform), Some(name)) = (op.platform, name) {
            lines.push(format!("{}: {name}", platform.architecture));
        }
    }
    lines.sort();
    assert_eq!(
        lines,
        [
            "amd64: [linux/amd64->arm64 build-base] FROM python:3.13-slim-trixie",
            "amd64: [linux/amd64->arm64 deps 1/1] install a",
            "amd64: [linux/amd64->arm64 deps-environment 1/1] create the virtual environment",
            "amd64: [linux/amd64->arm64 runtime 2/6] add the user app (10001:10001)",
            "amd64: [linux/amd64->arm64 source 3/3] build and install the wheel",
            "amd64: [linux/amd64->arm64 uv 1/1] install uv 0.13.9",
            "amd64: [linux/amd64->arm64 wheel-tools 1/1] install poetry-core 2.5.0",
            "arm64: [linux/arm64 runtime 1/6] apt-get install libpq5",
            "arm64: [linux/arm64 runtime 6/6] hook: true",
            "arm64: [linux/arm64 runtime] FROM python:3.13-slim-trixie",
        ]
    );
}
