//! The policies in Rego of `docs/policies.md`, evaluated as buildx does it.

use regorus::{Engine, Value};
use serde_json::json;

use super::markdown::blocks;

/// The policies of the page, in its order.
fn policies() -> [String; 3] {
    let blocks = blocks("docs/policies.md").into_iter();
    let policies = blocks.filter(|block| block.language == "rego");
    let policies: Vec<String> = policies.map(|block| block.text).collect();
    policies.try_into().unwrap()
}

/// What buildx tells a policy about a source, without what it leaves out: `Input` in `policy/types.go`, as `sourceToInput` in
/// `policy/validate.go` fills it in.
fn input(source: &serde_json::Value) -> serde_json::Value {
    let mut input = json!({ "env": { "filename": "poetry.build.toml", "depth": 0 } });
    let source = source.as_object().unwrap().clone();
    input.as_object_mut().unwrap().extend(source);
    input
}

/// An image in the registry `host`. `familiar` is its name as users write it, `full` as registries have it.
fn image(host: &str, familiar: &str, full: &str, tag: &str) -> serde_json::Value {
    let full = format!("{host}/{full}");
    input(&json!({ "image": {
        "ref": format!("{full}:{tag}"),
        "host": host,
        "repo": familiar,
        "fullRepo": full,
        "tag": tag,
        "platform": "linux/amd64",
        "os": "linux",
        "arch": "amd64",
    }}))
}

fn pinned(mut image: serde_json::Value) -> serde_json::Value {
    let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
    let known = &mut image["image"];
    known["ref"] = json!(format!("{}@{digest}", known["ref"].as_str().unwrap()));
    known["checksum"] = json!(digest);
    known["isCanonical"] = json!(true);
    image
}

fn frontend() -> serde_json::Value {
    let name = "org/poetry-frontend";
    image("docker.io", name, name, "0.1")
}

fn base() -> serde_json::Value {
    image("docker.io", "python", "library/python", "3.13-slim-trixie")
}

/// An image of somebody else whose name ends like that of the base.
fn foreign() -> serde_json::Value {
    image("docker.io", "somebody/python", "somebody/python", "3.13")
}

fn mirrored() -> serde_json::Value {
    let host = "registry.example.com";
    let name = format!("{host}/mirror/python");
    image(host, &name, "mirror/python", "3.13-slim-trixie")
}

fn context() -> serde_json::Value {
    input(&json!({ "local": { "name": "context" } }))
}

fn download(address: &str, checksum: &str) -> serde_json::Value {
    let (scheme, rest) = address.split_once("://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    input(&json!({ "http": {
        "url": address,
        "schema": scheme,
        "host": host,
        "path": format!("/{path}"),
        "checksum": checksum,
    }}))
}

fn known_download() -> serde_json::Value {
    let checksum = format!("sha256:{}", "0f1e2d3c4b5a69788796a5b4c3d2e1f0".repeat(2));
    download("https://downloads.example.com/tool-1.2.tar.gz", &checksum)
}

fn repository() -> serde_json::Value {
    input(&json!({ "git": {
        "schema": "https",
        "host": "git.example.com",
        "remote": "https://git.example.com/app.git",
    }}))
}

/// What a policy says to deny a source; `None` if it allows the source. Buildx has its own module beside the policy, and queries
/// `data.docker.decision` (`policy/validate.go`).
fn denial(policy: &str, input: &serde_json::Value) -> Option<String> {
    let mut engine = Engine::new();
    let of_buildx = "package docker\n".to_owned();
    engine
        .add_policy("buildx_policy_builtins.rego".to_owned(), of_buildx)
        .unwrap();
    engine
        .add_policy("poetry.build.toml.rego".to_owned(), policy.to_owned())
        .unwrap();
    engine.set_input(Value::from_json_str(&input.to_string()).unwrap());
    let decision = engine.eval_rule("data.docker.decision".to_owned()).unwrap();
    let decision: serde_json::Value =
        serde_json::from_str(&decision.to_json_str().unwrap()).unwrap();
    let messages = decision["deny_msg"].as_array().unwrap();
    let messages: Vec<&str> = messages.iter().map(|one| one.as_str().unwrap()).collect();
    if decision["allow"].as_bool().unwrap() {
        assert!(messages.is_empty(), "allows {input}, but says {messages:?}");
        None
    } else {
        Some(messages.join("\n"))
    }
}

#[track_caller]
fn assert_allows(policy: &str, inputs: &[serde_json::Value]) {
    for input in inputs {
        assert_eq!(denial(policy, input), None, "{input}");
    }
}

#[track_caller]
fn assert_denies(policy: &str, inputs: &[(serde_json::Value, &str)]) {
    for (input, message) in inputs {
        assert_eq!(denial(policy, input).as_deref(), Some(*message), "{input}");
    }
}

#[test]
fn the_allow_list_knows_directories_the_frontend_and_official_images() {
    let [policy, _, _] = policies();
    assert_allows(
        &policy,
        &[
            context(),
            frontend(),
            base(),
            pinned(frontend()),
            pinned(base()),
        ],
    );
    assert_denies(
        &policy,
        &[
            (
                foreign(),
                "docker.io/somebody/python:3.13 is not an allowed source",
            ),
            (
                mirrored(),
                "registry.example.com/mirror/python:3.13-slim-trixie is not an allowed source",
            ),
            // Starts like the organization.
            (
                image("docker.io", "organic/python", "organic/python", "3"),
                "docker.io/organic/python:3 is not an allowed source",
            ),
            (
                known_download(),
                "https://downloads.example.com/tool-1.2.tar.gz is not an allowed source",
            ),
            (
                repository(),
                "https://git.example.com/app.git is not an allowed source",
            ),
        ],
    );
}

#[test]
fn images_need_a_digest_or_come_from_the_registry() {
    let [_, policy, _] = policies();
    assert_allows(
        &policy,
        &[
            context(),
            pinned(frontend()),
            pinned(base()),
            pinned(foreign()),
            mirrored(),
            known_download(),
            repository(),
        ],
    );
    assert_denies(
        &policy,
        &[
            (
                frontend(),
                "docker.io/org/poetry-frontend:0.1 needs a digest",
            ),
            (
                base(),
                "docker.io/library/python:3.13-slim-trixie needs a digest",
            ),
            (foreign(), "docker.io/somebody/python:3.13 needs a digest"),
        ],
    );
}

#[test]
fn downloads_are_known_ones_from_one_host() {
    let [_, _, policy] = policies();
    assert_allows(
        &policy,
        &[
            context(),
            frontend(),
            base(),
            foreign(),
            repository(),
            known_download(),
        ],
    );
    let known = known_download();
    let checksum = known["http"]["checksum"].as_str().unwrap();
    let address = "https://downloads.example.com/tool-1.2.tar.gz";
    let other = format!("sha256:{}", "0".repeat(64));
    for (address, checksum) in [
        (address, &*other),
        ("http://downloads.example.com/tool-1.2.tar.gz", checksum),
        ("https://downloads.example.org/tool-1.2.tar.gz", checksum),
        ("https://downloads.example.com/tool-1.3.tar.gz", checksum),
    ] {
        let message = format!("{address} is not an allowed download");
        assert_denies(&policy, &[(download(address, checksum), &message)]);
    }
}
