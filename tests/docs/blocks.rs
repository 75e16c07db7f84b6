//! The blocks of the pages: build files, standards and other TOML, JSON, and what may not be left unmarked.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use poetry_frontend::build_file::{BuildFile, DEFAULT_NAME, STANDARD_NAME, Standard};
use serde_json::Value;
use tempfile::TempDir;
use testkit::Project;

use super::markdown::{Block, blocks, root, user_pages};

/// The languages of blocks. `sh` is run by [`super::commands`], or named there with the reason why not.
const LANGUAGES: [&str; 12] = [
    "",
    "console",
    "dockerfile",
    "hcl",
    "json",
    "mermaid",
    "python",
    "rego",
    "rust",
    "sh",
    "toml",
    "yaml",
];

/// The file that a block of TOML is part of. Its first line can name it, as `# pyproject.toml` does.
fn file_of(block: &Block) -> &str {
    let first = block.first_line();
    let named = first.strip_prefix("# ").map(|name| {
        let name = name.split(' ').next().unwrap();
        name.rsplit('/').next().unwrap()
    });
    let starts = |starts: &[&str]| starts.iter().any(|start| first.starts_with(start));
    match named {
        Some(name) if Path::new(name).extension().is_some_and(|end| end == "toml") => name,
        _ if starts(&[
            "[project",
            "[tool.",
            "[[tool.",
            "[build-system]",
            "[dependency-groups]",
        ]) =>
        {
            "pyproject.toml"
        }
        _ if starts(&["name = ", "[policy.", "[defaults."]) => STANDARD_NAME,
        _ => DEFAULT_NAME,
    }
}

/// What is wrong with a block of TOML.
fn problem_of_toml(block: &Block) -> Option<String> {
    match file_of(block) {
        DEFAULT_NAME => problem_of_build_file(block.text.as_bytes()),
        STANDARD_NAME if !block.text.contains("name = ") => {
            problem_of_standard(format!("name = \"corp\"\n{}", block.text).as_bytes())
        }
        STANDARD_NAME => problem_of_standard(block.text.as_bytes()),
        _ => toml::from_str::<toml::Table>(&block.text)
            .err()
            .map(|error| error.to_string()),
    }
}

fn problem_of_build_file(text: &[u8]) -> Option<String> {
    let parsed = BuildFile::parse(DEFAULT_NAME, text, &BTreeMap::new());
    parsed.err().map(|errors| errors.to_string())
}

fn problem_of_standard(text: &[u8]) -> Option<String> {
    let standard = match Standard::parse(text) {
        Ok(standard) => standard,
        Err(errors) => return Some(errors.to_string()),
    };
    let over = BuildFile::parse_over(Some(&standard), DEFAULT_NAME, b"", &BTreeMap::new());
    over.err().map(|errors| errors.to_string())
}

/// What is wrong with a block.
fn problem(block: &Block) -> Option<String> {
    let first = block.first_line();
    match block.language.as_str() {
        "toml" => problem_of_toml(block),
        "json" => serde_json::from_str::<serde_json::Value>(&block.text)
            .err()
            .map(|error| error.to_string()),
        // Otherwise nothing would check it.
        "" if first.starts_with('[') || first.starts_with("# syntax=") => {
            Some("is TOML without the mark `toml`".to_owned())
        }
        "" if ["docker ", "poetry-frontend "]
            .iter()
            .any(|start| first.starts_with(start)) =>
        {
            Some("is a command without the mark `sh`".to_owned())
        }
        known if LANGUAGES.contains(&known) => None,
        other => Some(format!("`{other}` is none of the languages in {}", file!())),
    }
}

#[test]
fn every_block_of_the_pages_is_valid() {
    let mut build_files = 0;
    let mut problems = Vec::new();
    for page in user_pages() {
        for block in blocks(&page) {
            build_files += usize::from(block.language == "toml" && file_of(&block) == DEFAULT_NAME);
            let found = problem(&block).map(|problem| format!("{}: {problem}", block.place()));
            problems.extend(found);
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(build_files >= 100, "only {build_files} build files");
}

const VEX: &str = r#"{
    "@context": "https://openvex.dev/ns/v0.2.0",
    "statements": [{ "vulnerability": { "name": "CVE-2024-0001" }, "status": "fixed" }]
}"#;

/// A project that has what the build files of the pages name.
fn project() -> Project {
    Project::new("service")
        .script("serve", "service.web:main")
        .group("dev", [])
        .group("docs", [])
        .optional_dependencies("postgres", [])
        .index("corp", "https://index.example.com/simple")
        .with_file("service/__init__.py", "def app(): pass\n")
        .with_file("service/web.py", "def main(): pass\n")
        .with_file("service/health.py", "")
        .with_file("service/work.py", "")
        .with_file("service/migrate.py", "")
        .with_file("src/service/__init__.py", "")
        .with_file("templates/page.html", "")
        .with_file("tests/test_service.py", "")
        .with_file("docker/start.sh", "#!/bin/sh\n")
        .with_file("keys/postgresql.asc", "")
        .with_file("proto/service.proto", "")
        .with_file("manage.py", "")
        .with_file(".git/HEAD", "ref: refs/heads/main\n")
        .with_file("security/openvex.json", VEX)
}

/// Errors of build files that are only a part, which shows less than a build needs.
const PARTIAL: [&str; 1] = ["there is no target `docs`"];

/// The pages of the rules are left out: they show build files that violate one.
#[test]
fn every_build_file_of_the_pages_passes_the_check_of_the_program() {
    let checkout = TempDir::new().unwrap();
    project().write_to(checkout.path());
    let pages = user_pages().into_iter();
    let pages = pages.filter(|page| !page.starts_with("docs/rules/"));
    let mut problems = Vec::new();
    for block in pages.flat_map(|page| blocks(&page)) {
        if block.language != "toml" || file_of(&block) != DEFAULT_NAME {
            continue;
        }
        problems.extend(errors_of_check(checkout.path(), &block.text, &block));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The errors that `check` finds in a build file that a block has or becomes.
fn errors_of_check(directory: &Path, build_file: &str, block: &Block) -> Vec<String> {
    fs::write(directory.join(DEFAULT_NAME), build_file).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_poetry-frontend"))
        .args(["check", "--format=json", "--build-context=assets=docker"])
        .current_dir(directory)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let errors = report["errors"].as_array().into_iter().flatten();
    let errors = errors.map(|error| error["message"].as_str().unwrap());
    let errors = errors.filter(|message| !PARTIAL.contains(message));
    errors
        .map(|message| format!("{}: {message}", block.place()))
        .collect()
}

#[test]
fn init_writes_a_valid_build_file_beside_each_dockerfile_of_the_guide() {
    let checkout = TempDir::new().unwrap();
    project().write_to(checkout.path());
    let mut problems = Vec::new();
    let dockerfiles = blocks("docs/from-dockerfiles.md").into_iter();
    let dockerfiles: Vec<Block> = dockerfiles
        .filter(|block| block.language == "dockerfile")
        .collect();
    assert_eq!(dockerfiles.len(), 6);
    for block in dockerfiles {
        fs::write(checkout.path().join("Dockerfile"), &block.text).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_poetry-frontend"))
            .args(["init", "--stdout"])
            .current_dir(checkout.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}: {output:?}", block.place());
        let written = String::from_utf8(output.stdout).unwrap();
        problems.extend(errors_of_check(checkout.path(), &written, &block));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn invalid_blocks_are_found() {
    for (language, text) in [
        ("toml", "[python]\nverson = \"3.13\"\n"),
        ("toml", "name = \"corp\"\nnothing = 1\n"),
        ("toml", "# pyproject.toml\n[project\n"),
        ("json", "{,}\n"),
        ("", "# syntax=org/poetry-frontend\n"),
        ("", "[python]\n"),
        ("", "poetry-frontend plan\n"),
        ("tomel", "[python]\n"),
    ] {
        let block = Block {
            page: "docs/page.md".to_owned(),
            line: 1,
            language: language.to_owned(),
            text: text.to_owned(),
        };
        assert!(problem(&block).is_some(), "{language}: {text}");
    }
}

/// The files of this name below a directory.
fn files(directory: &Path, name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, name));
        } else if path.ends_with(name) {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_build_file_and_standard_of_the_examples_is_valid() {
    let build_files = files(&root().join("examples"), DEFAULT_NAME);
    assert!(build_files.len() >= 12, "{build_files:?}");
    for path in build_files {
        let problem = problem_of_build_file(&fs::read(&path).unwrap());
        assert_eq!(problem, None, "{}", path.display());
    }
    let standards = files(&root().join("examples"), STANDARD_NAME);
    assert!(!standards.is_empty());
    for path in standards {
        let problem = problem_of_standard(&fs::read(&path).unwrap());
        assert_eq!(problem, None, "{}", path.display());
    }
}
