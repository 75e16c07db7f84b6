//! The examples, built and run by the commands of their own readmes.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{self, Image, Index, Project, docker, frontend, mirror};

/// Wraps `docker`: it uses the frontend under test in place of the published one, and adds what this machine needs.
const SHIM: &str = r#"#!/usr/bin/env bash
set -euo pipefail
PATH=${PATH#*:}
if [[ ${1:-} = buildx && ${2:-} = build && " $* " = *" -f "* ]]; then
    shift 2
    set -- buildx build --progress=plain --add-host=index:host-gateway --build-arg "BUILDKIT_SYNTAX=$FRONTEND" \
        ${MIRROR:+--build-arg "PYPI_MIRROR=$MIRROR"} "$@"
fi
exec docker "$@"
"#;

/// A copy of an example.
pub(crate) struct Example {
    pub(crate) project: Project,
    /// The frontend of its builds.
    frontend: String,
    /// The names of containers that its commands start.
    containers: Vec<String>,
    /// The names of their volumes.
    volumes: Vec<String>,
}

impl Example {
    pub(crate) fn of(name: &str) -> Self {
        let project = Project::copy_of(&Path::new("examples").join(name));
        // Containers that mount it run as another user.
        fs::set_permissions(project.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let shim = project.path().join(".bin/docker");
        project.write(".bin/docker", SHIM);
        fs::set_permissions(shim, fs::Permissions::from_mode(0o755)).unwrap();
        Self {
            project,
            frontend: frontend(),
            containers: Vec::new(),
            volumes: Vec::new(),
        }
    }

    /// Runs the commands of its readme, and returns what each one prints.
    fn run(&mut self) -> Vec<String> {
        let readme = self.project.read("README.md");
        let (_, block) = readme.split_once("```sh\n").unwrap();
        let (block, _) = block.split_once("```").unwrap();
        self.run_commands(block)
    }

    /// Runs commands, one in each line, and returns what each one prints.
    pub(crate) fn run_commands(&mut self, block: &str) -> Vec<String> {
        let mut exports = String::new();
        let mut said = Vec::new();
        for line in block.lines() {
            if line.starts_with("export ") {
                exports += &format!("{line}\n");
                continue;
            }
            if let Some((_, rest)) = line.split_once("--name ") {
                let name = rest.split(' ').next().unwrap().to_owned();
                remove(&name);
                self.containers.push(name);
            }
            if let Some((_, rest)) = line.split_once(" -v ") {
                self.volumes
                    .push(rest.split(':').next().unwrap().to_owned());
            }
            let path = std::env::var("PATH").unwrap();
            let bin = self.project.path().join(".bin");
            let output = Command::new("bash")
                .args(["-euo", "pipefail", "-c", &format!("{exports}{line} 2>&1")])
                .current_dir(self.project.path())
                .env("PATH", format!("{}:{path}", bin.display()))
                .env("FRONTEND", &self.frontend)
                .env("MIRROR", mirror().unwrap_or_default())
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{line}\n{text}");
            said.push(text);
        }
        said
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        for name in &self.containers {
            remove(name);
        }
        for name in &self.volumes {
            let _ = docker(&["volume", "rm", "--force", name]).output();
        }
    }
}

fn remove(container: &str) {
    // There may be no container.
    let _ = docker(&["rm", "--force", container]).output();
}

/// The response to `GET PATH`, once the server answers.
pub(crate) fn get(port: u16, path: &str) -> String {
    request("GET", port, path, "")
}

/// The response to a request with this body, once the server answers.
fn request(method: &str, port: u16, path: &str, body: &str) -> String {
    let started = Instant::now();
    loop {
        let answer = TcpStream::connect(("127.0.0.1", port)).and_then(|mut stream| {
            write!(
                stream,
                "{method} {path} HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        });
        match answer {
            Ok(answer) if !answer.is_empty() => return answer,
            _ if started.elapsed() < Duration::from_secs(30) => sleep(Duration::from_millis(100)),
            other => panic!("nothing answers on {port}: {other:?}"),
        }
    }
}

#[test]
fn hello_runs_a_command() {
    let said = Example::of("hello").run();
    assert!(said[1].contains("Hello from"), "{}", said[1]);
}

#[test]
fn fastapi_is_tested_and_healthy_and_listens_on_the_given_port() {
    let mut example = Example::of("fastapi");
    let said = example.run();
    // Tests that passed before come from the cache and print nothing.
    assert!(
        said[0].contains("[run 1/1] pytest -q /tests"),
        "{}",
        said[0]
    );
    assert!(get(18080, "/notes").ends_with("\r\n\r\n[]"));
    let started = Instant::now();
    loop {
        let state = docker(&["inspect", "--format", "{{.State.Health.Status}}", "notes"]).output();
        let state = String::from_utf8(state.unwrap().stdout).unwrap();
        if state.trim() == "healthy" {
            break;
        }
        assert!(
            started.elapsed() < Duration::from_secs(120),
            "it is {state}"
        );
        sleep(Duration::from_millis(500));
    }
    // A failing test fails the build with its output.
    let test = "tests/test_notes.py";
    example
        .project
        .edit(test, "{\"status\": \"well\"}", "{\"status\": \"ill\"}");
    let syntax = format!("--build-arg=BUILDKIT_SYNTAX={}", frontend());
    let built = example.project.build();
    let built = built.with(&syntax).with("--target=test").run();
    assert!(
        built.report().contains("1 failed, 1 passed"),
        "{}",
        built.report()
    );
    assert!(
        built.output.contains(">>> run = [\"pytest\""),
        "{}",
        built.output
    );
}

#[test]
fn django_and_its_worker_share_every_layer() {
    let mut example = Example::of("django");
    let said = example.run();
    assert_eq!(said[3].trim(), "waiting for orders");
    let page = get(18000, "/");
    let (_, rest) = page.split_once("href=\"").expect(&page);
    let style = rest.split('"').next().unwrap();
    assert!(
        style.starts_with("/static/shop.") && style.len() > "/static/shop.css".len(),
        "{style}"
    );
    assert!(get(18000, style).contains("color: #222"));
    let [site, worker] = ["shop", "shop-worker"].map(|tag| Image::new(tag.to_owned()));
    assert_eq!(site.layers(), worker.layers());
    assert!(!site.holds("only-for-the-build"));
}

/// The line of the repository's readme that runs a service.
fn documented_run() -> String {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let line = readme.lines().find(|line| line.starts_with("docker run "));
    line.unwrap().to_owned()
}

#[test]
fn gunicorn_and_its_worker_run_read_only_with_the_command_of_the_readme() {
    let mut example = Example::of("worker");
    example.run();
    let queued = request("POST", 18002, "/texts", "one two three");
    let id = queued.lines().last().unwrap();
    assert!(queued.contains(" 202 Accepted"), "{queued}");
    let started = Instant::now();
    loop {
        let answer = get(18002, &format!("/texts/{id}"));
        if answer.ends_with("\r\n\r\n3 words\n") {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "{answer}");
        sleep(Duration::from_millis(100));
    }
    let [site, worker] = ["service", "service-worker"].map(|tag| Image::new(tag.to_owned()));
    assert_eq!(site.layers(), worker.layers());
    // Both stop on their signal, not by being killed after ten seconds.
    for name in ["service", "service-worker"] {
        let started = Instant::now();
        support::docker::run(&["stop", name]);
        assert!(started.elapsed() < Duration::from_secs(8), "{name}");
    }
    let run = documented_run();
    assert!(run.contains("--read-only --tmpfs /tmp --cap-drop=ALL"));
    let detached = run
        .replace("--rm", "--rm --detach --name service")
        .replace("-p 8000:8000", "-p 127.0.0.1:18002:8000");
    example.run_commands(&detached);
    assert!(get(18002, "/").ends_with("POST a text to /texts\n"));
}

#[test]
fn heavy_wheels_have_layers_of_their_own_and_compute() {
    let mut example = Example::of("scientific");
    let said = example.run();
    assert_eq!(said[1..], ["amplitude 3.00, lifetime 2.00\n"; 2]);
    let image = Image::new("fit".to_owned());
    let format = "--format={{.Size}} {{.CreatedBy}}";
    let history = support::docker::run(&["history", "--human=false", format, image.tag()]);
    let history = String::from_utf8(history).unwrap();
    for package in ["numpy", "scipy"] {
        let mut layers = history.lines().filter(|layer| layer.contains(package));
        let (size, what) = layers.next().unwrap().split_once(' ').unwrap();
        assert!(what.starts_with(&format!("copy {package} ")), "{history}");
        assert!(size.parse::<u64>().unwrap() > 20_000_000, "{history}");
        assert_eq!(layers.next(), None);
    }
}

#[test]
fn a_version_comes_from_a_tag_and_a_commit_reinstalls_nothing() {
    let mut example = Example::of("git-version");
    let said = example.run();
    assert_eq!(said.last().unwrap(), "greet 1.4.0\n");
    let image = Image::new("greet".to_owned());
    assert_eq!(
        image.shell("command -v git || ls -d /app/.git 2>/dev/null || echo none"),
        "none"
    );
    example.run_commands(
        "git -c user.name=me -c user.email=me@example.org commit --quiet --allow-empty --message second",
    );
    let syntax = format!("--build-arg=BUILDKIT_SYNTAX={}", frontend());
    let (image, built) = example.project.build().with(&syntax).run().parts();
    let version = image.answer(&[]);
    assert!(version.starts_with("greet 1.4.0.post1"), "{version}");
    assert!(
        built.ran().iter().all(|step| {
            step.starts_with("source: ") || step == "runtime: copy the installed project"
        }),
        "{:?}",
        built.ran()
    );
}

#[test]
fn a_monorepo_has_libraries_inside_and_outside_the_context() {
    let said = Example::of("monorepo").run();
    assert_eq!(said[1], "Hello, Ada!\nHello, Grace!\n");
}

#[test]
fn a_private_index_gets_its_credentials_from_secrets() {
    let index = Index::private("me:correct-horse");
    let secretly = index.publish("secretly", "1.0", "WORD = 'only for those who know'\n");
    let mut example = Example::of("private-index");
    let project = &example.project;
    project.edit(
        "pyproject.toml",
        "http://index:8080/simple",
        &secretly.index,
    );
    project.lock_from("corp", &[&secretly]);
    let said = example.run();
    assert_eq!(said[1].trim(), "only for those who know");
    assert!(!said[0].contains("correct-horse"), "{}", said[0]);
    assert!(!Image::new("client".to_owned()).holds("correct-horse"));
}

#[test]
fn native_code_is_compiled_without_a_compiler_in_the_image() {
    let said = Example::of("native").run();
    // The 32-byte BLAKE2b hash of `hello`.
    let digest = "324dcf027dd4a30a932c441f365a25e86b173defa4b8e58948253471b81b72cf";
    assert_eq!(said[1].trim(), digest);
    let image = Image::new("digest".to_owned());
    assert_eq!(image.shell("command -v gcc || echo none"), "none");
    assert_eq!(
        image.shell("ls /usr/include/sodium.h 2>/dev/null || echo none"),
        "none"
    );
}

#[test]
fn assets_come_from_a_separate_build() {
    let mut example = Example::of("assets");
    example.run();
    assert!(get(18001, "/").contains("<p>Made elsewhere.</p>"));
    let config: Value = Image::new("site".to_owned()).inspect();
    assert_eq!(config["Config"]["User"], "10001:10001");
}

#[test]
fn a_platform_team_has_a_frontend_of_its_own() {
    let mut example = Example::of("standard");
    let dockerfile = "team/Dockerfile";
    example
        .project
        .edit(dockerfile, "org/poetry-frontend:0.1", &frontend());
    "corp/python:1".clone_into(&mut example.frontend);
    let said = example.run();
    assert!(said[2].contains("Hello from Poetry!"), "{}", said[2]);
    assert!(
        said[4].contains("In Europe/Berlin; logs are json."),
        "{}",
        said[4]
    );
}
