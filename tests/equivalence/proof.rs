//! One comparison: a project is locked, and a selection of it installed from both pairs of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use poetry_frontend::analysis;
use poetry_frontend::build_file::{BuildFile, DEFAULT_NAME};
use poetry_frontend::image::Platform;
use poetry_frontend::plan::{Action, Command, CopyFrom, NewFile, Run, StageName};
use poetry_frontend::project::{PoetryVersion, Project};
use poetry_frontend::resolve::Request;
use tempfile::TempDir;

use super::index;
use super::poetry::{Poetry, Snapshot};
use super::projects::{Chosen, Extras, Shown};

/// The working directory of the planned steps.
const PROJECT_DIR: &str = "/app/";
/// The Python of Poetry in the planned steps.
const POETRY: &str = "/opt/poetry/bin/python";
/// Other paths in the planned steps: scripts and their caches.
const TOOLS: [&str; 2] = ["/opt/poetry-frontend/", "/var/cache/poetry-frontend"];
/// The planned steps keep no Git clones of Poetry.
const INSTALL: &str = "python3 -m venv --without-pip .venv\n\"$@\"\nrm -rf .venv/src";
/// One package after the other. In parallel, Poetry sometimes omits a `direct_url.json`, with either pair:
/// `importlib.metadata` takes a directory that another thread has just changed for unchanged if both changes are in the
/// same tick of the clock.
const IN_TURN: [(&str, &str); 1] = [("POETRY_INSTALLER_PARALLEL", "false")];
/// The index of projects that name none.
const SOURCE: &str = "
[[tool.poetry.source]]
name = \"first\"
url = \"@INDEX@/first/simple/\"
priority = \"primary\"
";

/// Which Poetry locks and which installs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Column {
    pub(crate) locks: &'static str,
    pub(crate) installs: &'static str,
}

impl Column {
    /// One Poetry for both.
    pub(crate) const fn of(version: &'static str) -> Self {
        Self {
            locks: version,
            installs: version,
        }
    }

    /// The Poetry that locks and the one that installs.
    pub(crate) fn releases(self) -> [PoetryVersion; 2] {
        [self.locks, self.installs].map(|text| PoetryVersion::parse(text).unwrap())
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.installs)?;
        if self.locks != self.installs {
            write!(f, " with the lock of {}", self.locks)?;
        }
        Ok(())
    }
}

/// What all comparisons share.
pub(crate) struct Bench {
    directory: TempDir,
    index: String,
    repository: String,
    poetry: BTreeMap<&'static str, Poetry>,
}

impl Bench {
    pub(crate) fn new(versions: &BTreeSet<&'static str>) -> Self {
        let directory = TempDir::with_prefix("equivalence-").unwrap();
        let home = directory.path().join("home");
        fs::create_dir(&home).unwrap();
        index::beside(&directory.path().join("context"));
        Self {
            index: index::start(),
            repository: index::repository(&directory.path().join("versioned")),
            poetry: Poetry::prepare(versions, &home),
            directory,
        }
    }

    /// A directory for one thread.
    pub(crate) fn desk(&self, name: &str) -> Desk<'_> {
        let directory = self.directory.path().join(name);
        fs::create_dir(&directory).unwrap();
        Desk {
            bench: self,
            directory,
        }
    }
}

/// A working directory with its own caches: Poetry's repository cache cannot be shared between processes.
pub(crate) struct Desk<'a> {
    bench: &'a Bench,
    directory: PathBuf,
}

/// A project with a real lock.
pub(crate) struct Locked {
    locks: &'static str,
    pyproject: String,
    lock: String,
    project: Project,
}

impl Desk<'_> {
    /// Locks a project whose `pyproject.toml` may have the placeholders of `Case::pyproject`.
    pub(crate) fn lock(&self, pyproject: &str, locks: &'static str) -> Result<Locked, String> {
        let mut pyproject = pyproject.to_owned();
        if !pyproject.contains("[[tool.poetry.source]]") {
            pyproject += SOURCE;
        }
        let pyproject = pyproject
            .replace("@INDEX@", &self.bench.index)
            .replace("@REPOSITORY@", &self.bench.repository);
        let directory = self.project();
        fs::write(directory.join("pyproject.toml"), &pyproject).unwrap();
        let lock = self.bench.poetry[locks].lock(&directory, &self.cache("locks", locks))?;
        let build_file = build_file("");
        let project = Project::parse(
            Some(pyproject.as_bytes()),
            Some(lock.as_bytes()),
            &build_file.whole(),
        )
        .map_err(|errors| errors.to_string())?;
        Ok(Locked {
            locks,
            pyproject,
            lock,
            project,
        })
    }

    /// Installs `chosen` from both pairs, and returns the differences.
    pub(crate) fn prove(
        &self,
        locked: &Locked,
        installs: &'static str,
        chosen: &Chosen,
    ) -> Result<(), String> {
        let full = self.install_full(locked, installs, chosen)?;
        let made = self.install_planned(locked, installs, chosen)?;
        let wrong = wrong(
            &full,
            &made,
            chosen,
            Column {
                locks: locked.locks,
                installs,
            },
        );
        if wrong.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{}\n{}",
            wrong.join("\n"),
            planned(locked, installs, chosen)?.shown()
        ))
    }

    /// Checks that both Poetry and the frontend reject the lock as stale.
    pub(crate) fn prove_refused(
        &self,
        locked: &Locked,
        installs: &str,
        chosen: &Chosen,
    ) -> Result<(), String> {
        let full = self.install_full(locked, installs, chosen);
        let full = full.map(|snapshot| format!("{:?}", snapshot.distributions));
        let made = planned(locked, installs, chosen).map(|planned| planned.shown());
        for (text, expected) in [
            (&full, "pyproject.toml changed significantly"),
            (&made, "`poetry.lock` is out of date"),
        ] {
            if !text.as_ref().is_err_and(|text| text.contains(expected)) {
                return Err(format!("{text:?} instead of {expected:?}"));
            }
        }
        Ok(())
    }

    /// Installs with the project's own files.
    pub(crate) fn install_full(
        &self,
        locked: &Locked,
        installs: &str,
        chosen: &Chosen,
    ) -> Result<Snapshot, String> {
        let poetry = &self.bench.poetry[installs];
        let env = [
            ("POETRY_NO_INTERACTION", "1"),
            ("POETRY_KEYRING_ENABLED", "false"),
            ("POETRY_VIRTUALENVS_IN_PROJECT", "true"),
            ("SOURCE_DATE_EPOCH", "315532800"),
        ];
        let mut env: BTreeMap<String, String> = env
            .into_iter()
            .chain(IN_TURN)
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        env.insert(
            "POETRY_CACHE_DIR".to_owned(),
            self.cache_dir("full", installs),
        );

        let mut groups = chosen.groups.clone();
        loop {
            let directory = self.project();
            fs::write(directory.join("pyproject.toml"), &locked.pyproject).unwrap();
            fs::write(directory.join("poetry.lock"), &locked.lock).unwrap();
            let mut command = ["sh", "-euc", INSTALL, "sh"].map(str::to_owned).to_vec();
            if groups.is_empty() {
                command.push("true".to_owned());
            } else {
                command.extend(poetry.command_line());
                command.extend(["install", "--only", &groups.join(",")].map(str::to_owned));
                command.extend(extras(chosen));
                command.extend(
                    ["--no-root", "--no-directory", "--compile", "--no-ansi"].map(str::to_owned),
                );
            }
            match poetry.run(&command, &directory, &env) {
                Ok(_) => return Ok(Snapshot::of(&directory.join(".venv"))),
                // Poetry does not find a main group without dependencies.
                Err(text)
                    if groups.iter().any(|group| group == "main")
                        && text.contains("Group(s) not found: main") =>
                {
                    groups.retain(|group| group != "main");
                }
                Err(text) => return Err(format!("from the project's own files: {text}")),
            }
        }
    }

    /// Installs by the planned steps.
    pub(crate) fn install_planned(
        &self,
        locked: &Locked,
        installs: &str,
        chosen: &Chosen,
    ) -> Result<Snapshot, String> {
        let poetry = &self.bench.poetry[installs];
        let planned = planned(locked, installs, chosen)?;
        let directory = self.empty_project();
        for file in &planned.files {
            let path = match file.path.strip_prefix(PROJECT_DIR) {
                Some(path) => directory.join(path),
                None => self.tool(&file.path),
            };
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &file.content).unwrap();
        }
        for path in &planned.archives {
            copy(
                &self.bench.directory.path().join("context").join(path),
                &directory.join(path),
            );
        }
        let shown = planned.shown();
        let run = planned.run;
        assert_eq!(format!("{}/", run.cwd), PROJECT_DIR);
        let mut command = Vec::new();
        let words = match run.command {
            Command::Exec(words) => words,
            Command::Script(script) => {
                let shell = ["sh", "-euc", script.text, script.name].map(str::to_owned);
                [shell.to_vec(), script.args].concat()
            }
        };
        for part in words {
            if part == POETRY {
                command.extend(poetry.command_line());
            } else if TOOLS.iter().any(|begin| part.starts_with(begin)) {
                command.push(self.tool(&part).to_str().unwrap().to_owned());
            } else {
                command.push(part);
            }
        }
        let mut env = run.env;
        env.insert(
            "POETRY_CACHE_DIR".to_owned(),
            self.cache_dir("planned", installs),
        );
        env.extend(IN_TURN.map(|(name, value)| (name.to_owned(), value.to_owned())));
        poetry
            .run(&command, &directory, &env)
            .map_err(|text| format!("from the manifest: {text}\n{shown}"))?;
        Ok(Snapshot::of(&directory.join(".venv")))
    }

    /// The same directory each time, since environments contain their path.
    fn empty_project(&self) -> PathBuf {
        let directory = self.directory.join("app");
        if directory.exists() {
            fs::remove_dir_all(&directory).unwrap();
        }
        fs::create_dir(&directory).unwrap();
        directory
    }

    /// The directory of a project, with the path dependencies.
    fn project(&self) -> PathBuf {
        let directory = self.empty_project();
        for path in index::BESIDE {
            copy(
                &self.bench.directory.path().join("context").join(path),
                &directory.join(path),
            );
        }
        directory
    }

    /// The location of a path outside the project.
    fn tool(&self, path: &str) -> PathBuf {
        self.directory.join(path.trim_start_matches('/'))
    }

    fn cache(&self, what: &str, version: &str) -> PathBuf {
        self.directory.join(format!("cache-{what}-{version}"))
    }

    /// Each side has its own cache, so that neither uses packages that the other has built.
    fn cache_dir(&self, side: &str, installs: &str) -> String {
        let directory = self.cache(side, installs);
        directory.to_str().unwrap().to_owned()
    }
}

/// The differences between both environments, and from the expected one.
pub(crate) fn wrong(
    full: &Snapshot,
    made: &Snapshot,
    chosen: &Chosen,
    column: Column,
) -> Vec<String> {
    let mut wrong = full.differences(made);
    let found: Vec<&str> = full.distributions.iter().map(String::as_str).collect();
    let expected = chosen.expected(column);
    if found != expected {
        wrong.push(format!("{found:?} are installed instead of {expected:?}"));
    }
    if let Some(Shown { file, text }) = &chosen.shows
        && !full.file(file).contains(text)
    {
        wrong.push(format!("{file} has no {text:?}: {:?}", full.file(file)));
    }
    wrong
}

/// Checks that an edit of the project does not change the plan for `chosen`.
pub(crate) fn unchanged(
    before: &Locked,
    after: &Locked,
    installs: &str,
    chosen: &Chosen,
) -> Result<(), String> {
    let [before, after] = [before, after].map(|locked| planned(locked, installs, chosen));
    let (before, after) = (before?, after?);
    for (one, two) in before.files.iter().zip(&after.files) {
        if one != two {
            let lines = |from: &NewFile, other: &NewFile| -> Vec<String> {
                let known: BTreeSet<&str> = other.content.lines().collect();
                let lines = from.content.lines();
                lines
                    .filter(|line| !known.contains(line))
                    .map(str::to_owned)
                    .collect()
            };
            return Err(format!(
                "an edit that decides nothing changes {}: {:?} become {:?}",
                one.path,
                lines(one, two),
                lines(two, one)
            ));
        }
    }
    assert_eq!(before.files.len(), after.files.len());
    if before.run.command != after.run.command {
        return Err(format!(
            "{:?} / {:?}",
            before.run.command, after.run.command
        ));
    }
    Ok(())
}

/// The steps of the `deps` stage.
struct Planned {
    files: Vec<NewFile>,
    /// The archives that are copied from the project.
    archives: Vec<String>,
    run: Run,
}

impl Planned {
    fn shown(&self) -> String {
        let files = self
            .files
            .iter()
            .map(|file| format!("--- {}\n{}", file.path, file.content));
        files.collect()
    }
}

fn planned(locked: &Locked, installs: &str, chosen: &Chosen) -> Result<Planned, String> {
    let extras = match &chosen.extras {
        Extras::These(names) => format!("{names:?}"),
        Extras::All(_) => "\"all\"".to_owned(),
    };
    let file = build_file(&format!(
        "[poetry]\nversion = {:?}\n[dependencies]\ngroups = {:?}\nextras = {extras}\n\
         [runtime]\nentrypoint = [\"python\"]\n",
        installs, chosen.groups
    ));
    let request = Request {
        target: Some(StageName::Deps.as_str().to_owned()),
        ..Request::on(Platform::parse("linux/amd64").unwrap())
    };
    let plan =
        analysis::plan(&file, &locked.project, &request).map_err(|errors| errors.to_string())?;
    let stage = plan
        .stages
        .into_iter()
        .find(|stage| stage.name == StageName::Deps);
    let mut files = Vec::new();
    let mut archives = Vec::new();
    let mut runs = Vec::new();
    for step in stage.unwrap().steps {
        match step.action {
            Action::Write(new) => files.extend(new),
            action @ Action::CopyAll(_) => {
                panic!("{action:?} is not known here")
            }
            Action::Run(run) => runs.push(run),
            Action::Copy(copy) => match copy.from {
                CopyFrom::Context(context) if format!("{}/", copy.dest) == PROJECT_DIR => {
                    archives.extend(context.include);
                }
                _ => panic!("{copy:?} is not known here"),
            },
        }
    }
    assert!(runs.len() == 1 && files.len() >= 2, "{files:?} {runs:?}");
    Ok(Planned {
        files,
        archives,
        run: runs.remove(0),
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
}

fn build_file(text: &str) -> BuildFile {
    BuildFile::parse(DEFAULT_NAME, text.as_bytes(), &BTreeMap::new()).unwrap()
}

fn extras(chosen: &Chosen) -> Vec<String> {
    match &chosen.extras {
        Extras::These(names) => names
            .iter()
            .flat_map(|name| ["--extras".to_owned(), name.to_owned()])
            .collect(),
        Extras::All(_) => vec!["--all-extras".to_owned()],
    }
}
