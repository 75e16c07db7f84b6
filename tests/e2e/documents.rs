//! The commands of the pages for users that need an engine. Clients without `--call` cannot run all of them, so these tests run on
//! the newer engine.

use std::fmt::Write as _;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::documented::{COMMANDS, How};
use crate::examples::{Example, get};
use crate::markdown::{Block, blocks, user_pages};
use crate::support::{docker, frontend, mirror};

/// The port of the service that Compose starts.
const PORT: u16 = 18003;

fn block(page: &str, is_it: impl Fn(&Block) -> bool) -> Block {
    let mut found = blocks(page).into_iter().filter(is_it);
    found.next().expect(page)
}

#[test]
#[ignore = "needs a newer client"]
fn the_commands_of_the_pages_run() {
    let mut count = 0;
    for (page, first, how) in COMMANDS {
        if let How::Engine(directory) = how {
            let example = directory.strip_prefix("examples/").unwrap();
            let block = block(page, |block| block.first_line() == *first);
            Example::of(example).run_commands(&block.text);
            count += 1;
        }
    }
    assert!(count >= 3, "only {count} blocks were run");
}

/// The check of the engine's own Dockerfile frontend finds nothing in them.
#[test]
#[ignore = "needs a newer client"]
fn the_dockerfiles_of_the_pages_are_valid() {
    let pages = user_pages().into_iter();
    let dockerfiles: Vec<Block> = pages
        .flat_map(|page| blocks(&page))
        .filter(|block| block.language == "dockerfile")
        .collect();
    assert!(dockerfiles.len() >= 6);
    let base = format!(
        "--build-context=org/poetry-frontend:0.1=docker-image://{}",
        frontend()
    );
    for block in dockerfiles {
        let example = Example::of("hello");
        example.project.write("Dockerfile", &block.text);
        let output = docker(&["buildx", "build", "--check", &base, "."])
            .current_dir(example.project.path())
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success(), "{}: {said}", block.place());
    }
}

/// `docker compose up`, as a page writes it; ends with all that it started when dropped.
struct Compose<'a> {
    example: &'a Example,
    up: Child,
}

impl<'a> Compose<'a> {
    fn up(example: &'a Example, command: &str) -> Self {
        let words = command.strip_prefix("docker compose ").unwrap();
        let arguments: Vec<&str> = words.split_whitespace().collect();
        let mut up = Self::command(example, &arguments);
        let up = up.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self {
            example,
            up: up.unwrap(),
        }
    }

    fn command(example: &Example, arguments: &[&str]) -> Command {
        let mut command = docker(&["compose", "--project-name", "poetry-frontend-documents"]);
        command.args(arguments).current_dir(example.project.path());
        command
    }
}

impl Drop for Compose<'_> {
    fn drop(&mut self) {
        let arguments = ["down", "--volumes", "--rmi=local"];
        let _ = Self::command(self.example, &arguments).output();
        let _ = self.up.kill();
        let _ = self.up.wait();
    }
}

/// The page has two files for Compose: one mounts the working copy, and one has edits copied into the container.
#[test]
#[ignore = "needs a newer client"]
fn services_of_compose_restart_after_an_edit() {
    let page = "docs/development.md";
    let of = |is_it: fn(&Block) -> bool| blocks(page).into_iter().filter(is_it);
    let files = of(|block| block.language == "yaml");
    let commands = of(|block| block.text.starts_with("docker compose up"));
    let pairs: Vec<(Block, Block)> = files.zip(commands).collect();
    assert_eq!(pairs.len(), 2);
    let mut machine = "services:\n  notes:\n    build:\n      args:\n".to_owned();
    writeln!(machine, "        BUILDKIT_SYNTAX: {}", frontend()).unwrap();
    writeln!(
        machine,
        "        PYPI_MIRROR: '{}'",
        mirror().unwrap_or_default()
    )
    .unwrap();
    for (file, command) in pairs {
        let example = Example::of("fastapi");
        let port = format!("127.0.0.1:{PORT}:8000");
        let file = file.text.replace("127.0.0.1:8000:8000", &port);
        example.project.write("compose.yaml", &file);
        example.project.write("compose.override.yaml", &machine);
        let _compose = Compose::up(&example, &command.text);
        wait_for("\"well\"", || ());
        let server = "src/notes/main.py";
        let edited = example
            .project
            .read(server)
            .replace("\"well\"", "\"better\"");
        // Compose may not watch yet, so edit until it does.
        wait_for("\"better\"", || {
            example.project.write(server, &edited);
            sleep(Duration::from_secs(2));
        });
    }
}

/// Does something until the service says `status`.
#[track_caller]
fn wait_for(status: &str, attempt: impl Fn()) {
    let started = Instant::now();
    loop {
        attempt();
        let listens = TcpStream::connect(("127.0.0.1", PORT)).is_ok();
        if listens && get(PORT, "/health").contains(status) {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(180), "{status}");
        sleep(Duration::from_millis(200));
    }
}
