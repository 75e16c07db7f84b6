//! Source policies of the client: they convert, pin and deny what a build reads.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::docker;
use crate::support::{Build, FileServer, Image, Project, in_registry, merges, sha256};

const MIRRORED: &str = "registry.example.com/mirror/python";
const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn convert(from: &str, to: &str) -> String {
    convert_with(from, to, &json!({}))
}

/// A conversion that also sets attributes of the source.
fn convert_with(from: &str, to: &str, attributes: &Value) -> String {
    let rule = json!({
        "action": "CONVERT",
        "selector": { "identifier": from },
        "updates": { "identifier": to, "attrs": attributes },
    });
    json!({ "rules": [rule] }).to_string()
}

fn deny(pattern: &str) -> String {
    let rule = json!({ "action": "DENY", "selector": { "identifier": pattern } });
    json!({ "rules": [rule] }).to_string()
}

/// The policies of the page, in its order.
fn documented() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policies.md");
    let page = fs::read_to_string(page).unwrap();
    let blocks = page.split("```json\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

/// Pushes an image with a label, and returns its digest.
fn push(reference: &str, version: &str) -> String {
    let image = Image::from_dockerfile(&format!(
        "FROM python:3.13-slim-trixie\nLABEL version={version} of={reference}\n"
    ));
    image.push(reference);
    docker::run(&["pull", "--quiet", reference]);
    let format = "--format={{index .RepoDigests 0}}";
    let pushed = docker::run(&["image", "inspect", format, reference]);
    let pushed = String::from_utf8(pushed).unwrap();
    pushed.trim().split_once('@').unwrap().1.to_owned()
}

fn label(image: &Image, name: &str) -> String {
    let labels = &image.inspect()["Config"]["Labels"];
    labels[name].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_policy_converts_pins_and_denies_the_base_image() {
    let reference = in_registry("mirrored");
    let (name, tag) = reference.rsplit_once(':').unwrap();
    let digest = push(&reference, "old");
    let policies = documented().into_iter().map(|policy| {
        policy
            .replace(&format!("{MIRRORED}:3.13-slim-trixie"), &reference)
            .replace(MIRRORED, name)
            .replace(DIGEST, &digest)
    });
    let [from_mirror, pinned, denied] =
        <[String; 3]>::try_from(policies.collect::<Vec<_>>()).unwrap();

    let project = Project::package("ruled", &[]);
    let image = project.build().with_policy(&from_mirror).image();
    assert_eq!(label(&image, "version"), "old");
    // Scanners find the image that was used.
    let base = |name: &str| label(&image, &format!("org.opencontainers.image.base.{name}"));
    assert_eq!(base("name"), format!("{name}:{tag}"));
    // Docker's own image store knows none.
    if merges() {
        assert_eq!(base("digest"), digest);
    }

    push(&reference, "new");
    project.build_file(&format!("[runtime]\nbase = \"{reference}\"\n"));
    let image = project.build().with_policy(&pinned).image();
    assert_eq!(label(&image, "version"), "old");
    let image = project.build().with("--pull").image();
    assert_eq!(label(&image, "version"), "new");

    let built = project.build().with_policy(&denied).run();
    let error = built.error();
    for expected in [
        "poetry.build.toml:3: cannot resolve base image",
        "hint: the source policy of this build denies it",
        ">>> base = ",
    ] {
        assert!(error.contains(expected), "{expected}\n{error}");
    }
    docker::run(&["image", "rm", "--force", &reference]);
}

#[test]
fn a_policy_converts_pins_and_denies_downloads_repositories_and_the_context() {
    let server = FileServer::start();
    let address = server.address("absent.txt");
    let stored = server.put("stored.txt", b"stored");
    let project = Project::package("sourced", &[]);
    project.build_file(&format!(
        "[[copy]]\nfrom = \"{address}\"\nchecksum = \"sha256:{}\"\ndest = \"/stored.txt\"\n",
        sha256(b"stored")
    ));
    let with = |policy: &str| project.build().with_policy(policy);
    let image = with(&convert(&address, &stored)).image();
    assert_eq!(image.shell("cat /stored.txt"), "stored");
    let pinned = |content: &[u8]| {
        let checksum = format!("sha256:{}", sha256(content));
        convert_with(&address, &stored, &json!({ "http.checksum": checksum }))
    };
    let image = with(&pinned(b"stored")).image();
    assert_eq!(image.shell("cat /stored.txt"), "stored");
    let refused = |build: Build<'_>, expected: &[&str]| {
        let built = build.run();
        let error = built.error();
        for expected in expected {
            assert!(error.contains(expected), "{expected}\n{error}");
        }
    };
    let hint = "hint: a source policy of this build denies it";
    refused(with(&deny(&address)), &[&address, hint]);
    refused(with(&pinned(b"other")), &["digest mismatch"]);
    refused(with(&deny("local://context")), &["local://context", hint]);

    project.build_file("");
    let (repository, commit) = server.put_repository(project.path());
    let from_git = |address: &str| project.build().context(address);
    from_git(&repository).image();
    refused(
        from_git(&repository).with_policy(&deny("git://*")),
        &["policy", "git://"],
    );
    let absent = server.address("absent.git");
    let source = |address: &str| address.replace("http://", "git://");
    let moved = |to: &str| {
        let address = json!({ "git.fullurl": repository });
        convert_with(&source(&absent), to, &address)
    };
    let image = from_git(&absent)
        .with_policy(&moved(&source(&repository)))
        .image();
    assert_eq!(image.answer(&[]), "hello");
    project.edit("src/sourced/__init__.py", "hello", "changed");
    server.put_repository(project.path());
    let image = from_git(&repository).image();
    assert_eq!(image.answer(&[]), "changed");
    let pinned = moved(&format!("{}#{commit}", source(&repository)));
    let image = from_git(&absent).with_policy(&pinned).image();
    assert_eq!(image.answer(&[]), "hello");
}
