//! Every block of commands is run: here if it needs only the program, by an end-to-end test if it needs an engine. Those that are
//! not run are in the list of `tests/support/documented.rs`, with the reason.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::documented::{COMMANDS, How, how};
use super::markdown::{Block, blocks, root, user_pages};

/// The programs that a block may start besides ours without an engine.
const HARMLESS: [&str; 6] = ["cat ", "cd ", "cp ", "export ", "git ", "mkdir "];

/// The blocks of commands of `README.md` and `docs/`.
fn command_blocks() -> Vec<Block> {
    let pages = user_pages().into_iter();
    let pages = pages.filter(|page| !page.starts_with("examples/"));
    pages
        .flat_map(|page| blocks(&page))
        .filter(|block| ["sh", "console"].contains(&block.language.as_str()))
        .collect()
}

/// The commands of a block: each line, with those that continue it. In `console`, those after `$`.
fn commands(block: &Block) -> Vec<String> {
    let joined = block.text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    if block.language == "console" {
        let typed = lines.filter_map(|line| line.strip_prefix("$ "));
        return typed.map(str::to_owned).collect();
    }
    lines.map(str::to_owned).collect()
}

fn needs_only_the_program(command: &str) -> bool {
    command == "poetry-frontend"
        || command.starts_with("poetry-frontend ")
        || HARMLESS.iter().any(|start| command.starts_with(start))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A repository with two commits, so that revisions can be compared.
fn commit_twice(directory: &Path) {
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        let mut command = Command::new("git");
        command.args(identity).args(arguments);
        let output = command.current_dir(directory).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message=one"]);
    git(&["commit", "--quiet", "--message=two", "--allow-empty"]);
}

/// Runs a block in a copy of a directory of the repository, and returns what failed.
fn failure(block: &Block, directory: &str) -> Option<String> {
    let commands = commands(block);
    if let Some(other) = commands.iter().find(|one| !needs_only_the_program(one)) {
        return Some(format!(
            "`{other}` is neither run nor in the list of tests/support/documented.rs"
        ));
    }
    let checkout = TempDir::new().unwrap();
    copy(&root().join(directory), checkout.path());
    commit_twice(checkout.path());
    let program = Path::new(env!("CARGO_BIN_EXE_poetry-frontend"));
    let path = format!(
        "{}:{}",
        program.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &commands.join("\n")])
        .current_dir(checkout.path())
        .env("PATH", path)
        .env("HOME", checkout.path())
        .output()
        .unwrap();
    (!output.status.success()).then(|| {
        format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

#[test]
fn every_command_of_the_program_runs() {
    let mut failures = Vec::new();
    let mut count = 0;
    for block in command_blocks() {
        if let How::Program(directory) = how(&block.page, block.first_line()) {
            count += 1;
            let failure = failure(&block, directory);
            failures.extend(failure.map(|failure| format!("{}: {failure}", block.place())));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count >= 1, "only {count} blocks were run");
}

#[test]
fn the_list_of_commands_has_no_block_that_is_gone() {
    let blocks = command_blocks();
    for (page, first, how) in COMMANDS {
        let found = blocks
            .iter()
            .any(|block| (block.page.as_str(), block.first_line()) == (*page, *first));
        assert!(found, "{page} has no block that starts with `{first}`");
        match how {
            How::Test(test) => assert!(is_a_test(test), "there is no test `{test}`"),
            How::Program(directory) | How::Engine(directory) => {
                assert!(root().join(directory).is_dir(), "{directory}");
            }
            How::Never(reason) => assert!(!reason.is_empty()),
        }
    }
}

/// Whether an end-to-end test has this name: `file::function`.
fn is_a_test(name: &str) -> bool {
    let (file, function) = name.split_once("::").unwrap();
    let text = fs::read_to_string(root().join(format!("tests/e2e/{file}.rs")));
    text.is_ok_and(|text| text.contains(&format!("fn {function}()")))
}

/// Only the first block of an example's readme is run.
#[test]
fn the_readme_of_an_example_has_one_block_of_commands() {
    for page in user_pages()
        .iter()
        .filter(|page| page.starts_with("examples/"))
    {
        let count = blocks(page)
            .iter()
            .filter(|one| one.language == "sh")
            .count();
        assert_eq!(count, 1, "{page}");
    }
}
