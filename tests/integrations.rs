//! What other tools read from this repository: the GitHub Action, the pre-commit hook, the Renovate preset.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use testkit::Project;

const BINARY: &str = env!("CARGO_BIN_EXE_poetry-frontend");
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A project with an error in line 2.
fn broken() -> Project {
    Project::new("a").with_build_file("[runtime]\nentrypont = [\"a\"]\n")
}

fn sound() -> Project {
    Project::new("b")
        .with_build_file("[runtime]\nentrypoint = [\"sh\"]\n[source]\ninstall = \"none\"\n")
}

/// A runner of GitHub Actions with a repository of two projects.
struct Runner(TempDir);

impl Runner {
    fn new() -> Self {
        let runner = Self(TempDir::new().unwrap());
        broken().write_to(&runner.path("repository/service a"));
        sound().write_to(&runner.path("repository/b"));
        fs::create_dir(runner.path("temp")).unwrap();
        runner
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// A release with this program, as the release workflow makes it.
    fn with_release(self) -> Self {
        let platform = match (std::env::consts::OS, std::env::consts::ARCH) {
            (os, "x86_64") => format!("{os}-amd64"),
            (os, _) => format!("{os}-arm64"),
        };
        let name = format!("poetry-frontend-{VERSION}-{platform}");
        let release = self.path(&format!("releases/v{VERSION}"));
        let bin = release.join(&name).join("bin");
        fs::create_dir_all(&bin).unwrap();
        // Not the program itself, which is large without optimisations.
        let program = bin.join("poetry-frontend");
        fs::write(&program, format!("#!/bin/sh\nexec '{BINARY}' \"$@\"\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let script = format!("tar -czf {name}.tar.gz {name} && sha256sum *.tar.gz >SHA256SUMS");
        let made = Command::new("sh")
            .args(["-c", &script])
            .current_dir(&release)
            .status();
        assert!(made.unwrap().success());
        self
    }

    /// Runs a script of the action with the files that a runner gives it.
    fn run(&self, script: &str, env: &[(&str, &str)]) -> Output {
        let path = std::env::var("PATH").unwrap();
        let added = fs::read_to_string(self.path("path")).unwrap_or_default();
        let path = added
            .lines()
            .fold(path, |path, line| format!("{line}:{path}"));
        Command::new(root().join("packaging/action").join(script))
            .current_dir(self.path("repository"))
            .env("PATH", path)
            .env("RUNNER_TEMP", self.path("temp"))
            .env("GITHUB_PATH", self.path("path"))
            .env("GITHUB_OUTPUT", self.path("output"))
            .env(
                "RELEASES",
                format!("file://{}", self.path("releases").display()),
            )
            .envs(env.iter().copied())
            .output()
            .unwrap()
    }
}

#[test]
fn the_action_installs_a_release_and_annotates_the_lines() {
    let runner = Runner::new().with_release();
    let installed = runner.run("install", &[("VERSION", VERSION), ("SHA256", "")]);
    assert!(installed.status.success(), "{}", stdout(&installed));
    assert_eq!(stdout(&installed), format!("poetry-frontend {VERSION}\n"));

    let directories = "service a\n\n  b\n";
    let checked = runner.run("check", &[("DIRECTORIES", directories), ("ARGUMENTS", "")]);
    assert!(checked.status.success());
    let shown = stdout(&checked);
    let file = "file=service a/poetry.build.toml";
    let annotation = format!(
        "::error {file},line=2,endLine=2,col=1,endColumn=10::unknown key `entrypont` in `[runtime]`%0Ahint: did you mean `entrypoint`?\n"
    );
    assert!(shown.contains(&annotation), "{shown}");
    assert!(
        shown.contains("::group::poetry-frontend check b\nno problems found\n::endgroup::\n"),
        "{shown}"
    );

    let outputs = fs::read_to_string(runner.path("output")).unwrap();
    let sarif = runner.path("temp/poetry-frontend-sarif");
    assert_eq!(outputs, format!("sarif={}\nstatus=1\n", sarif.display()));
    let logs = ["1", "2"].map(|number| -> Value {
        let text = fs::read(sarif.join(format!("{number}.sarif"))).unwrap();
        serde_json::from_slice(&text).unwrap()
    });
    let result = &logs[0]["runs"][0]["results"][0];
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!(
        location["artifactLocation"]["uri"],
        "service%20a/poetry.build.toml"
    );
    assert_eq!(location["region"]["startLine"], 2);
    assert_eq!(logs[1]["runs"][0]["results"], Value::Array(Vec::new()));
    assert_eq!(
        logs[1]["runs"][0]["automationDetails"]["id"],
        "poetry-frontend/b/"
    );

    // A command that cannot run fails the action and leaves no results.
    let checked = runner.run(
        "check",
        &[("DIRECTORIES", "nowhere"), ("ARGUMENTS", "--color=never")],
    );
    assert!(checked.status.success());
    assert!(
        fs::read_to_string(runner.path("output"))
            .unwrap()
            .ends_with("status=2\n")
    );
    assert_eq!(fs::read_dir(sarif).unwrap().count(), 0);
}

#[test]
fn the_action_refuses_a_release_with_another_digest() {
    let runner = Runner::new().with_release();
    let digest = "0".repeat(64);
    let installed = runner.run("install", &[("VERSION", VERSION), ("SHA256", &digest)]);
    assert_eq!(installed.status.code(), Some(1));
    let shown = stdout(&installed);
    assert!(shown.contains(&format!("; expected {digest}")), "{shown}");
    assert!(!runner.path("path").exists());

    for (version, message) in [
        ("9.9.9", "cannot download poetry-frontend-9.9.9-"),
        ("../x", "`version` must be a release such as 1.2.3"),
    ] {
        let installed = runner.run("install", &[("VERSION", version), ("SHA256", "")]);
        assert_eq!(installed.status.code(), Some(1));
        assert!(
            stdout(&installed).contains(message),
            "{}",
            stdout(&installed)
        );
    }
}

#[test]
fn the_action_installs_this_version_with_existing_scripts() {
    let action = read("action.yml");
    assert!(
        action.contains(&format!("default: \"{VERSION}\"\n")),
        "action.yml"
    );
    let scripts: Vec<&str> = action
        .split("$GITHUB_ACTION_PATH/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(
        scripts,
        ["packaging/action/install", "packaging/action/check"]
    );
    for script in scripts {
        assert!(root().join(script).is_file(), "{script}");
    }
}

/// The values of a key in the hooks, in their order.
fn of_hooks(key: &str) -> Vec<String> {
    let text = read(".pre-commit-hooks.yaml");
    let start = format!("  {key}: ");
    text.lines()
        .filter_map(|line| line.strip_prefix(&start))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_pre_commit_hook_runs_the_check_after_edits_of_its_files() {
    let entries = of_hooks("entry");
    assert_eq!(entries.len(), 2);
    let project = TempDir::new().unwrap();
    broken().write_to(project.path());
    let bin = Path::new(BINARY).parent().unwrap().display();
    let path = format!("{bin}:{}", std::env::var("PATH").unwrap());
    for entry in entries {
        let ran = Command::new("sh")
            .args(["-c", &entry])
            .current_dir(project.path())
            .env("PATH", &path)
            .output()
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(ran.status.code(), Some(1), "{entry}");
        assert!(
            stdout(&ran).contains("did you mean `entrypoint`?"),
            "{}",
            stdout(&ran)
        );
    }

    let code =
        "import re, sys\nprint(*[name for name in sys.argv[2:] if re.search(sys.argv[1], name)])";
    for pattern in of_hooks("files") {
        let files = [
            "poetry.build.toml",
            "a/poetry.lock",
            "b/pyproject.toml",
            "mypyproject.toml",
            "a.py",
        ];
        let found = Command::new("python3")
            .args(["-c", code, &pattern])
            .args(files)
            .output()
            .unwrap();
        assert_eq!(
            stdout(&found),
            "poetry.build.toml a/poetry.lock b/pyproject.toml\n"
        );
    }
}

/// Applies a manager of the preset to files, as Renovate does: with JavaScript's expressions, without flags.
const MATCH: &str = r#"
import json, re, sys
preset, *paths = sys.argv[1:]
for manager in json.load(open(preset, encoding="utf-8"))["customManagers"]:
    assert manager["customType"] == "regex" and manager["datasourceTemplate"] == "docker"
    patterns = [pattern.strip("/") for pattern in manager["managerFilePatterns"]]
    for path in paths:
        if any(re.search(pattern, path) for pattern in patterns):
            text = open(path, encoding="utf-8").read()
            for expression in manager["matchStrings"]:
                # Python writes named groups in another way than JavaScript.
                for found in re.finditer(expression.replace("(?<", "(?P<"), text):
                    print(path.rsplit("/", 1)[-1], found["depName"], found["currentValue"], (found["currentDigest"] or "")[:11])
"#;

/// The images that the preset finds in files.
fn images(paths: &[&str], directory: &Path) -> String {
    let preset = root().join("renovate/default.json");
    let found = Command::new("python3")
        .args(["-c", MATCH])
        .arg(preset)
        .args(paths)
        .current_dir(directory)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&found.stderr), "");
    stdout(&found)
}

#[test]
fn the_renovate_preset_finds_the_images_of_the_examples() {
    let examples = [
        "examples/hello/poetry.build.toml",
        "examples/standard/hello/poetry.build.toml",
        "examples/standard/rebel/poetry.build.toml",
        "examples/standard/team/standard.toml",
        "examples/hello/pyproject.toml",
    ];
    let frontend = read("examples/hello/poetry.build.toml");
    let frontend = frontend
        .lines()
        .next()
        .unwrap()
        .strip_prefix("# syntax=")
        .unwrap()
        .to_owned();
    let (name, tag) = frontend.split_once(':').unwrap_or((&frontend, "None"));
    assert_eq!(
        images(&examples, root()),
        format!(
            "poetry.build.toml {name} {tag} \npoetry.build.toml corp/python 1 \npoetry.build.toml corp/python 1 \npoetry.build.toml python 3.13-alpine \n"
        )
    );
}

#[test]
fn the_renovate_preset_finds_images_in_every_spelling() {
    let digest = format!("sha256:{}", "1".repeat(64));
    let directory = TempDir::new().unwrap();
    let build_file = format!(
        "#syntax = 127.0.0.1:5000/a/frontend:1.2@{digest}\n\
         [build]\nbase=\"python:3.13@{digest}\"\n\
         [target.test]\nruntime.base = \"registry.example.com:5000/python\"\n\
         [[copy]]\nfrom = \"image:busybox:1.36\"\n[[copy]]\nfrom = \"context:assets\"\n\
         [poetry]\nimage = \"corp/poetry:2.1@{digest}\"\n\
         [runtime]\nbase = \"python:${{TAG}}\"\nlabels = {{ \"database\" = \"a:1\" }}\n"
    );
    fs::write(directory.path().join("service.build.toml"), build_file).unwrap();
    let standard = format!(
        "name = \"a\"\n[images]\n\"python:3.13-slim\" = \"{digest}\"\n\"127.0.0.1:5000/a/b:1.2-c\" = \"{digest}\"\n\
         [defaults.runtime]\nbase = \"python:3.13-slim\"\n"
    );
    fs::write(directory.path().join("standard.toml"), standard).unwrap();
    assert_eq!(
        images(&["service.build.toml", "standard.toml"], directory.path()),
        "\
service.build.toml 127.0.0.1:5000/a/frontend 1.2 sha256:1111
service.build.toml python 3.13 sha256:1111
service.build.toml registry.example.com:5000/python None 
service.build.toml busybox 1.36 
service.build.toml corp/poetry 2.1 sha256:1111
standard.toml python 3.13-slim 
standard.toml python 3.13-slim sha256:1111
standard.toml 127.0.0.1:5000/a/b 1.2-c sha256:1111
"
    );
}

#[test]
fn the_schemas_have_the_addresses_of_their_catalog_entries() {
    let json = |path: &str| -> Value { serde_json::from_str(&read(path)).unwrap() };
    let catalog = json("schema/catalog.json");
    for (entry, name) in ["poetry.build", "standard"].into_iter().enumerate() {
        let schema = json(&format!("schema/{name}.schema.json"));
        assert_eq!(schema["$id"], catalog[entry]["url"]);
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    }
}

/// The shortest tag of this release: `1`, or `0.1` before there is one.
fn tag() -> String {
    let mut numbers = VERSION.split('.');
    let (major, minor) = (numbers.next().unwrap(), numbers.next().unwrap());
    if major == "0" {
        format!("0.{minor}")
    } else {
        major.to_owned()
    }
}

#[test]
fn documents_and_examples_name_this_release() {
    let image = format!("org/poetry-frontend:{}", tag());
    let syntax = format!("# syntax={image}\n");
    for path in ["README.md", "docs/build-file.md", "docs/editors.md"] {
        assert!(read(path).contains(&syntax), "{path}");
    }
    for path in [
        "Makefile",
        "docs/standard.md",
        "docs/command-line.md",
        "harness/demo",
        "examples/standard/team/Dockerfile",
    ] {
        assert!(read(path).contains(&image), "{path}");
    }
    for (path, text) in [
        (
            "docs/integrations.md",
            format!("org/poetry-frontend@v{VERSION}\n"),
        ),
        ("docs/integrations.md", format!("rev: v{VERSION}\n")),
        ("CHANGELOG.md", format!("\n## {VERSION}\n")),
    ] {
        assert!(read(path).contains(&text), "{path} should name {text}");
    }
    let mut count = 0;
    for example in fs::read_dir(root().join("examples")).unwrap() {
        let file = example.unwrap().path().join("poetry.build.toml");
        if let Ok(text) = fs::read_to_string(&file) {
            assert!(text.starts_with(&syntax), "{}", file.display());
            count += 1;
        }
    }
    assert!(count >= 5, "{count}");
}

#[test]
fn the_workflow_of_a_release_has_no_steps_of_its_own() {
    let script = read("packaging/release");
    let workflow = read(".github/workflows/release.yml");
    let steps = workflow
        .lines()
        .filter_map(|line| line.split_once("packaging/release "));
    let steps: BTreeSet<&str> = steps
        .filter_map(|(_, step)| step.split(' ').next())
        .collect();
    let known = ["archive", "check", "notes", "sums", "try-wheel", "wheel"];
    assert_eq!(
        steps
            .into_iter()
            .filter(|step| !step.starts_with('`'))
            .collect::<Vec<_>>(),
        known
    );
    for step in known {
        assert!(script.contains(&format!("\n{step})")), "{step}");
    }
}
