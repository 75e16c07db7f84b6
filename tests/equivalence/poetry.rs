//! Real Poetry, and the environments that it installs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use super::archive::sha256;

/// A release of Poetry in its own environment, already imported by `poetry_server.py`.
pub(crate) struct Poetry {
    python: PathBuf,
    /// The home directory, so that no settings of the machine apply.
    home: PathBuf,
    socket: PathBuf,
    server: Child,
}

/// The content of an environment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// `NAME VERSION` of every distribution.
    pub(crate) distributions: BTreeSet<String>,
    /// The content of each file by its path: its text if it is short, else its hash. Empty for
    /// bytecode, which may differ between two runs of a compiler.
    pub(crate) files: BTreeMap<String, String>,
}

const SERVER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/equivalence/poetry_server.py"
);

impl Poetry {
    /// Makes missing environments, and starts a server in each.
    pub(crate) fn prepare(
        versions: &BTreeSet<&'static str>,
        home: &Path,
    ) -> BTreeMap<&'static str, Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/test-matrix");
        let output = Command::new(script)
            .arg("--prepare")
            .args(versions)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output));
        let environments = String::from_utf8(output.stdout).unwrap();
        let mut started: BTreeMap<&str, Self> = versions
            .iter()
            .copied()
            .zip(environments.lines())
            .map(|(version, environment)| {
                let socket = home.join(format!("{version}.socket"));
                (version, Self::start(environment, home, socket))
            })
            .collect();
        assert_eq!(started.len(), versions.len(), "{environments}");
        for (version, poetry) in &mut started {
            let mut line = String::new();
            let output = poetry.server.stdout.take().unwrap();
            BufReader::new(output).read_line(&mut line).unwrap();
            assert_eq!(line, "ready\n", "Poetry {version}");
        }
        started
    }

    fn start(environment: &str, home: &Path, socket: PathBuf) -> Self {
        let python = Path::new(environment).join("bin/python");
        let server = command(&python, home)
            // Nothing is imported from the directory of the script.
            .args(["-P", SERVER])
            .arg(&socket)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            python,
            home: home.to_owned(),
            socket,
            server,
        }
    }

    /// The command line that runs it.
    pub(crate) fn command_line(&self) -> [String; 5] {
        [
            self.python.to_str().unwrap(),
            // Only the standard library.
            "-I",
            "-S",
            SERVER,
            self.socket.to_str().unwrap(),
        ]
        .map(str::to_owned)
    }

    /// Runs `arguments` in `directory` without the settings of this process.
    pub(crate) fn run(
        &self,
        arguments: &[String],
        directory: &Path,
        env: &BTreeMap<String, String>,
    ) -> Result<String, String> {
        let (program, rest) = arguments.split_first().unwrap();
        // The Python of Poetry makes the environments.
        let mut path = vec![self.python.parent().unwrap().to_owned()];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
        let output = command(Path::new(program), &self.home)
            .args(rest)
            .current_dir(directory)
            .env("PATH", std::env::join_paths(path).unwrap())
            .envs(env)
            .output()
            .unwrap();
        let text = text(&output);
        if output.status.success() {
            Ok(text)
        } else {
            Err(format!("{}\n{text}", arguments.join(" ")))
        }
    }

    /// The `poetry.lock` of the `pyproject.toml` in `directory`.
    pub(crate) fn lock(&self, directory: &Path, cache: &Path) -> Result<String, String> {
        let mut command = self.command_line().to_vec();
        command.extend(["lock", "--no-ansi", "--no-interaction"].map(str::to_owned));
        let env = [
            ("POETRY_VIRTUALENVS_CREATE", "false"),
            ("POETRY_KEYRING_ENABLED", "false"),
            ("POETRY_CACHE_DIR", cache.to_str().unwrap()),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.run(&command, directory, &BTreeMap::from(env))?;
        Ok(fs::read_to_string(directory.join("poetry.lock")).unwrap())
    }
}

impl Drop for Poetry {
    fn drop(&mut self) {
        // The server ends with its standard input.
        self.server.wait().ok();
    }
}

/// `program` without the settings of this process.
fn command(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars() {
        if ["POETRY_", "PIP_", "PYTHON", "VIRTUAL_ENV", "XDG_"]
            .iter()
            .any(|begin| name.starts_with(begin))
        {
            command.env_remove(name);
        }
    }
    command
        .env("HOME", home)
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1");
    command
}

impl Snapshot {
    pub(crate) fn of(environment: &Path) -> Self {
        let mut snapshot = Self {
            distributions: BTreeSet::new(),
            files: BTreeMap::new(),
        };
        snapshot.walk(environment, "");
        let named = |metadata: &str, key: &str| {
            let begin = format!("{key}: ");
            let line = metadata.lines().find_map(|line| line.strip_prefix(&begin));
            line.unwrap_or_default().to_owned()
        };
        for (path, content) in &snapshot.files {
            if path.ends_with(".dist-info/METADATA") {
                let (name, version) = (named(content, "Name"), named(content, "Version"));
                snapshot.distributions.insert(format!("{name} {version}"));
            }
        }
        snapshot
    }

    fn walk(&mut self, directory: &Path, below: &str) {
        for entry in fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let path = format!("{below}{name}");
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                // Only the work tree of a clone: Git's index has times.
                if name != ".git" {
                    self.files.insert(format!("{path}/"), String::new());
                    self.walk(&entry.path(), &format!("{path}/"));
                }
                continue;
            }
            let content = if kind.is_symlink() {
                format!("-> {}", fs::read_link(entry.path()).unwrap().display())
            } else if path.contains("__pycache__/") {
                String::new()
            } else {
                let bytes = fs::read(entry.path()).unwrap();
                match String::from_utf8(bytes) {
                    Ok(text) if text.len() < 4000 => text,
                    Ok(text) => sha256(text.as_bytes()),
                    Err(error) => sha256(error.as_bytes()),
                }
            };
            self.files.insert(path, content);
        }
    }

    /// The content of the file whose path ends with `end`.
    pub(crate) fn file(&self, end: &str) -> &str {
        let mut found = self.files.iter().filter(|(path, _)| path.ends_with(end));
        found.next().map_or("", |(_, content)| content)
    }

    /// The differences from another snapshot.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let paths: BTreeSet<&String> = self.files.keys().chain(other.files.keys()).collect();
        let shown = |content: Option<&String>| {
            content.map_or("nothing".to_owned(), |text| format!("{text:?}"))
        };
        let mut found: Vec<String> = self
            .distributions
            .symmetric_difference(&other.distributions)
            .map(|one| format!("only one side has {one}"))
            .collect();
        for path in paths {
            let (one, two) = (self.files.get(path), other.files.get(path));
            if one != two {
                found.push(format!("{path}: {} / {}", shown(one), shown(two)));
            }
        }
        found
    }
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes))
        .concat()
}
