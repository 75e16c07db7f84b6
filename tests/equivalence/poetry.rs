//! Real Poetry.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use super::tools;

/// A release of Poetry in its own environment, already imported by `poetry_server.py`.
pub(crate) struct Poetry {
    python: PathBuf,
    /// The home directory, so that no settings of the machine apply.
    home: PathBuf,
    socket: PathBuf,
    server: Child,
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
        let environments = tools::prepare(versions.iter().copied());
        let mut started: BTreeMap<&str, Self> = versions
            .iter()
            .copied()
            .zip(environments)
            .map(|(version, environment)| {
                let socket = home.join(format!("{version}.socket"));
                (version, Self::start(&environment, home, socket))
            })
            .collect();
        for (version, poetry) in &mut started {
            let mut line = String::new();
            let output = poetry.server.stdout.take().unwrap();
            BufReader::new(output).read_line(&mut line).unwrap();
            assert_eq!(line, "ready\n", "Poetry {version}");
        }
        started
    }

    fn start(environment: &Path, home: &Path, socket: PathBuf) -> Self {
        let python = environment.join("bin/python");
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

    /// Its release of Python: `3.11`.
    pub(crate) fn python_version(&self) -> String {
        let version = self.setting("version");
        version.rsplit_once('.').unwrap().0.to_owned()
    }

    /// A line of the `pyvenv.cfg` of its environment.
    fn setting(&self, key: &str) -> String {
        let directory = self.python.parent().and_then(Path::parent).unwrap();
        let text = fs::read_to_string(directory.join("pyvenv.cfg")).unwrap();
        let begin = format!("{key} = ");
        let value = text.lines().find_map(|line| line.strip_prefix(&begin));
        value.unwrap().to_owned()
    }

    /// Runs `arguments` in `directory` without the settings of this process.
    pub(crate) fn run(
        &self,
        arguments: &[String],
        directory: &Path,
        env: &BTreeMap<String, String>,
    ) -> Result<String, String> {
        let (program, rest) = arguments.split_first().unwrap();
        // Environments name the Python that made them, which is the same for all releases of Poetry.
        let mut path = vec![PathBuf::from(self.setting("home"))];
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

    /// The `poetry.lock` of the `pyproject.toml` in `directory`, from PyPI or a mirror of it.
    pub(crate) fn lock(
        &self,
        directory: &Path,
        cache: &Path,
        mirror: Option<&str>,
    ) -> Result<String, String> {
        let mut command = self.command_line().to_vec();
        command.extend(["lock", "--no-ansi", "--no-interaction"].map(str::to_owned));
        let env = [
            ("POETRY_VIRTUALENVS_CREATE", "false"),
            ("POETRY_KEYRING_ENABLED", "false"),
            ("POETRY_CACHE_DIR", cache.to_str().unwrap()),
        ];
        let mirror = mirror.map(|url| ("POETRY_PYPI_MIRROR_URL", url));
        let env = env.into_iter().chain(mirror);
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.run(&command, directory, &env.collect())?;
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
        if ["POETRY_", "PIP_", "PYTHON", "UV_", "VIRTUAL_ENV", "XDG_"]
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

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr]
        .map(|bytes| String::from_utf8_lossy(bytes))
        .concat()
}
