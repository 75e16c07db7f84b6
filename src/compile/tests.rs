//! What an engine is given for a plan.

use buildkit_proto::pb;
use prost::Message;
use serde_json::json;

use super::*;
use crate::build_file::{BuildFile, DEFAULT_NAME};
use crate::plan::Request;
use crate::project::{PoetryVersion, Project, content_hash};

const PYPROJECT: &[u8] =
    b"[project]\nname = \"app\"\nrequires-python = \">=3.13,<3.14\"\ndependencies = [\"a\"]\n";
const LOCK: &str = "[[package]]\nname = \"a\"\nversion = \"1\"\ngroups = [\"main\"]\n\n[metadata]\nlock-version = \"2.1\"\npython-versions = \">=3.13\"\ncontent-hash = \"HASH\"\n";
const BUILD_FILE: &str = "[build]\npackages = [\"gcc\"]\n[runtime]\nentrypoint = [\"serve\"]\nexpose = [8000]\nenv = { A = \"1\" }\n";

fn compiled(build_file: &str, options: &Options) -> Compiled {
    let file = BuildFile::parse(DEFAULT_NAME, build_file.as_bytes(), &BTreeMap::new()).unwrap();
    let table = toml::from_str(std::str::from_utf8(PYPROJECT).unwrap()).unwrap();
    let hash = content_hash(&table, PoetryVersion::new(2, 1, 4)).unwrap();
    let lock = LOCK.replace("HASH", &hash);
    let project = Project::parse(Some(PYPROJECT), Some(lock.as_bytes()), &file.whole()).unwrap();
    let platform = Platform::parse("linux/amd64").unwrap();
    let request = Request {
        labels: BTreeMap::from([("team".to_owned(), "web".to_owned())]),
        ..Request::on(platform.clone())
    };
    let plan = Plan::new(&file, &project, &request).unwrap();
    let images = plan
        .images()
        .map(|(reference, _)| {
            let config = json!({
                "created": "2020-01-01T00:00:00Z",
                "config": {
                    "Env": ["PATH=/usr/bin:/bin", "LANG=C.UTF-8"],
                    "Cmd": ["python3"],
                    "Labels": {"base": "yes"},
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

/// The commands of the definition by the name that users see.
fn execs(compiled: &Compiled) -> BTreeMap<String, (pb::ExecOp, pb::OpMetadata)> {
    let definition = compiled.definition.to_pb();
    definition
        .def
        .iter()
        .filter_map(|bytes| {
            use sha2::{Digest, Sha256};
            let digest = Sha256::digest(bytes);
            let digest = digest.iter().fold("sha256:".to_owned(), |text, byte| {
                format!("{text}{byte:02x}")
            });
            let metadata = definition.metadata.get(&digest)?.clone();
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
            "[deps 2/2] poetry install --only main (1 package)",
            "[poetry 1/1] install Poetry 2.1.4",
            "[runtime 1/3] add the user app (10001:10001)",
            "[source 3/3] build and install the wheel",
        ]
    );
    for (name, (exec, _)) in &execs {
        let meta = exec.meta.as_ref().unwrap();
        assert!(
            meta.env.contains(&"PATH=/usr/bin:/bin".to_owned()),
            "{name}"
        );
        assert_eq!(meta.extra_hosts[0].host, "index", "{name}");
        // What fetches nothing has no network, whatever the others have.
        let (network, proxy) = if name.contains("add the user") {
            (NetMode::None, None)
        } else {
            (NetMode::Host, Some("http://proxy"))
        };
        let told = meta.proxy_env.as_ref();
        assert_eq!(told.map(|env| env.http_proxy.as_str()), proxy, "{name}");
        assert_eq!(exec.network, i32::from(network), "{name}");
    }
}

#[test]
fn commands_have_the_limits() {
    let options = Options {
        limits: Limits {
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

/// The sources of the definition.
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
fn a_tree_stands_in_for_the_folder_of_the_project() {
    let tree = buildkit_llb::GitSource::new("https://git.example/app.git").output();
    let options = Options {
        context: Context::Tree(tree),
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
fn stages_can_be_built_anew() {
    let fresh = |no_cache: NoCache| -> Vec<String> {
        let options = Options {
            no_cache,
            ..Options::default()
        };
        execs(&compiled(BUILD_FILE, &options))
            .into_iter()
            .filter(|(_, (_, metadata))| metadata.ignore_cache)
            .map(|(name, _)| name)
            .collect()
    };
    assert_eq!(fresh(NoCache::Never), Vec::<String>::new());
    assert_eq!(fresh(NoCache::All).len(), 5);
    assert_eq!(
        fresh(NoCache::Stages(vec!["Deps".to_owned()])),
        ["[deps 2/2] poetry install --only main (1 package)"]
    );
}

#[test]
fn the_config_is_the_bases_with_the_settings_on_top() {
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
                "LANG=C.UTF-8",
                "PATH=/app/.venv/bin:/usr/bin:/bin",
                "PYTHONDONTWRITEBYTECODE=1",
                "PYTHONFAULTHANDLER=1",
                "PYTHONUNBUFFERED=1",
                "VIRTUAL_ENV=/app/.venv",
            ],
            "ExposedPorts": {"8000/tcp": {}},
            "Healthcheck": {"Test": ["NONE"]},
            "Labels": {"base": "yes", "org.opencontainers.image.title": "app", "team": "web"},
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
            "copy the environment",
            "copy the installed project"
        ]
    );
}

#[test]
fn steps_point_at_the_lines_that_ask_for_them() {
    let compiled = compiled(BUILD_FILE, &Options::default());
    let definition = compiled.definition.to_pb();
    let source = definition.source.unwrap();
    assert_eq!(source.infos.len(), 1);
    assert_eq!(source.infos[0].filename, DEFAULT_NAME);
    let lines: Vec<i32> = source
        .locations
        .values()
        .flat_map(|locations| &locations.locations)
        .map(|location| location.ranges[0].start.unwrap().line)
        .collect();
    assert!(lines.contains(&2), "the package of line 2: {lines:?}");
}

#[test]
fn an_image_is_fixed_to_its_digest() {
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
