//! One comparison: a project is locked, and a selection of it installed by Poetry and by the planned steps.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use poetry_frontend::build_file::{BuildFile, DEFAULT_NAME};
use poetry_frontend::project::{PoetryVersion, Project};
use tempfile::TempDir;

use super::default_index::default_index;
use super::index;
use super::planned::{CacheInputs, Installer, Machine, Planned, Setting};
use super::poetry::Poetry;
use super::projects::{Chosen, Extras, Shown};
use super::snapshot::Snapshot;
use super::tools;

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
    /// The release of Python.
    python: String,
    uv: PathBuf,
}

impl Bench {
    pub(crate) fn new(versions: &BTreeSet<&'static str>) -> Self {
        let directory = TempDir::with_prefix("equivalence-").unwrap();
        let home = directory.path().join("home");
        fs::create_dir(&home).unwrap();
        index::beside(&directory.path().join("context"));
        let poetry = Poetry::prepare(versions, &home);
        let python = poetry.values().next().unwrap().python_version();
        Self {
            index: index::start(),
            repository: index::repository(&directory.path().join("versioned")),
            uv: tools::prepare(["uv"]).remove(0),
            poetry,
            python,
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
            installed: RefCell::default(),
        }
    }
}

/// A working directory with its own caches: Poetry's repository cache cannot be shared between processes.
pub(crate) struct Desk<'a> {
    bench: &'a Bench,
    directory: PathBuf,
    /// What steps without Poetry have installed, by their cache inputs. Like an engine, it runs equal steps once.
    installed: RefCell<BTreeMap<CacheInputs, Snapshot>>,
}

/// Where packages come from that name no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DefaultIndex {
    /// The first index of the tests, unless the project has an index.
    First,
    /// PyPI, of which the first index is a mirror.
    Mirror,
    /// PyPI itself, with the interface that pip uses: proxies may not have the other one.
    PyPi,
}

/// A project with a real lock.
pub(crate) struct Locked {
    locks: &'static str,
    pyproject: String,
    lock: String,
    project: Project,
    /// The address of the mirror of PyPI.
    mirror: Option<String>,
}

impl Desk<'_> {
    /// Locks a project whose `pyproject.toml` may have the placeholders of `Case::pyproject`.
    pub(crate) fn lock(&self, pyproject: &str, locks: &'static str) -> Result<Locked, String> {
        self.lock_from(DefaultIndex::First, pyproject, None, locks)
    }

    /// Like [`Desk::lock`], with packages of `index` and a lock to keep the versions of.
    pub(crate) fn lock_from(
        &self,
        index: DefaultIndex,
        pyproject: &str,
        lock: Option<&str>,
        locks: &'static str,
    ) -> Result<Locked, String> {
        let mut pyproject = pyproject.to_owned();
        if index == DefaultIndex::First && !pyproject.contains("[[tool.poetry.source]]") {
            pyproject += SOURCE;
        }
        let mirror = match index {
            DefaultIndex::First => None,
            DefaultIndex::Mirror => Some(format!("{}/first/simple/", self.bench.index)),
            DefaultIndex::PyPi => Some(format!("{}/", default_index())),
        };
        let pyproject = pyproject
            .replace("@INDEX@", &self.bench.index)
            .replace("@REPOSITORY@", &self.bench.repository);
        let directory = self.project();
        fs::write(directory.join("pyproject.toml"), &pyproject).unwrap();
        if let Some(lock) = lock {
            fs::write(directory.join("poetry.lock"), lock).unwrap();
        }
        let cache = self.cache("locks", locks);
        let lock = self.bench.poetry[locks].lock(&directory, &cache, mirror.as_deref())?;
        let file = BuildFile::parse(DEFAULT_NAME, b"", &BTreeMap::new()).unwrap();
        let project = Project::parse(
            Some(pyproject.as_bytes()),
            Some(lock.as_bytes()),
            &file.whole(),
        )
        .map_err(|errors| errors.to_string())?;
        Ok(Locked {
            locks,
            pyproject,
            lock,
            project,
            mirror,
        })
    }

    /// Installs `chosen` by Poetry and by the planned steps, and returns the differences with each installer.
    pub(crate) fn prove(
        &self,
        locked: &Locked,
        installs: &'static str,
        chosen: &Chosen,
    ) -> BTreeMap<Installer, Result<(), String>> {
        let full = self.install_full(locked, installs, chosen);
        let column = Column {
            locks: locked.locks,
            installs,
        };
        let result = |installer| {
            let full = full.as_ref().map_err(Clone::clone)?;
            let planned = self.planned(locked, installs, chosen, installer)?;
            let made = self.install_planned(&planned, installs)?;
            let mut wrong = wrong(full, &made, chosen, column);
            if made.by_uv().len() != planned.by_uv {
                let found = made.by_uv();
                wrong.push(format!("uv installed {found:?}, not {}", planned.by_uv));
            }
            if wrong.is_empty() {
                return Ok(());
            }
            Err(format!("{}\n{}", wrong.join("\n"), planned.shown()))
        };
        let results = Installer::ALL.map(|installer| (installer, result(installer)));
        results.into_iter().collect()
    }

    /// Checks that both Poetry and the frontend reject the lock as stale.
    pub(crate) fn prove_refused(
        &self,
        locked: &Locked,
        installs: &str,
        chosen: &Chosen,
        installer: Installer,
    ) -> Result<(), String> {
        let full = self.install_full(locked, installs, chosen);
        let full = full.map(|snapshot| format!("{:?}", snapshot.distributions));
        let made = self.planned(locked, installs, chosen, installer);
        let made = made.map(|planned| planned.shown());
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
        let cache = self.cache("full", installs);
        let cache = cache.to_str().unwrap().to_owned();
        env.insert("POETRY_CACHE_DIR".to_owned(), cache);
        let mirror = locked.mirror.clone();
        env.extend(mirror.map(|url| ("POETRY_PYPI_MIRROR_URL".to_owned(), url)));

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
                Ok(_) => return Ok(Snapshot::with_commands(&directory.join(".venv"))),
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

    /// Plans the installation of `chosen` with a release of Poetry.
    pub(crate) fn planned(
        &self,
        locked: &Locked,
        installs: &str,
        chosen: &Chosen,
        installer: Installer,
    ) -> Result<Planned, String> {
        locked.planned(&Setting {
            chosen,
            installer,
            python: &self.bench.python,
            poetry: Some(installs),
            mirror: locked.mirror.as_deref(),
        })
    }

    /// Installs by planned steps.
    pub(crate) fn install_planned(
        &self,
        planned: &Planned,
        installs: &str,
    ) -> Result<Snapshot, String> {
        let inputs = planned.cache_inputs();
        if let Some(known) = self.installed.borrow().get(&inputs) {
            return Ok(known.clone());
        }
        let poetry_cache = self.cache("planned", installs);
        let env = IN_TURN.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let machine = Machine {
            directory: &self.directory,
            context: &self.context(),
            uv: &self.bench.uv,
            poetry: &self.bench.poetry[installs],
            poetry_cache: &poetry_cache,
            env: env.into(),
        };
        let ran = machine.run(planned);
        ran.map_err(|text| format!("by the planned steps: {text}\n{}", planned.shown()))?;
        let environment = self.directory.join("app/.venv");
        if planned.by_uv == 0 {
            return Ok(Snapshot::of(&environment));
        }
        let snapshot = Snapshot::with_commands(&environment);
        if !planned.needs_poetry() {
            let known = snapshot.clone();
            self.installed.borrow_mut().insert(inputs, known);
        }
        Ok(snapshot)
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
            copy(&self.context().join(path), &directory.join(path));
        }
        directory
    }

    fn context(&self) -> PathBuf {
        self.bench.directory.path().join("context")
    }

    /// Each side has its own cache, so that neither uses packages that the other has built.
    fn cache(&self, what: &str, version: &str) -> PathBuf {
        self.directory.join(format!("cache-{what}-{version}"))
    }
}

impl Locked {
    pub(crate) fn planned(&self, setting: &Setting<'_>) -> Result<Planned, String> {
        Planned::new(setting, &self.project)
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

/// Checks that an edit of the project does not change the steps.
pub(crate) fn unchanged(before: &Planned, after: &Planned) -> Result<(), String> {
    let [before, after] = [before, after].map(Planned::cache_inputs);
    for ((stage, one), (_, two)) in before.iter().zip(&after) {
        if one != two {
            let lines = |from: &[String], other: &[String]| -> Vec<String> {
                let known: BTreeSet<&String> = other.iter().collect();
                let lines = from.iter().filter(|line| !known.contains(line));
                lines.cloned().collect()
            };
            return Err(format!(
                "an edit that decides nothing changes {stage}: {:?} become {:?}",
                lines(one, two),
                lines(two, one)
            ));
        }
    }
    if before.len() == after.len() {
        Ok(())
    } else {
        Err(format!(
            "an edit that decides nothing changes {} steps to {}",
            before.len(),
            after.len()
        ))
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
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
