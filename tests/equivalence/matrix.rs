//! Which projects are installed with which releases of Poetry, and the results.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;
use std::sync::Mutex;
use std::thread;

use poetry_frontend::project::PoetryVersion;

use super::planned::Installer;
use super::projects::{CASES, Case, Chosen, POETRY_2, POETRY_2_3};
use super::proof::{Bench, Column, Desk, Locked, unchanged};

/// The columns of the full test.
const COLUMNS: [Column; 8] = [
    Column::of("1.8.5"),
    Column::of("2.1.4"),
    Column::of("2.2.1"),
    Column::of("2.4.1"),
    Column::of("2.5.1"),
    Column {
        locks: "1.8.5",
        installs: "2.1.4",
    },
    Column {
        locks: "1.8.5",
        installs: "2.5.1",
    },
    Column {
        locks: "2.2.1",
        installs: "2.5.1",
    },
];

/// The installations to compare.
pub(crate) struct Matrix {
    columns: Vec<Column>,
    units: Vec<Unit>,
}

/// A project with the release that locks it.
struct Unit {
    case: &'static Case,
    /// The columns of that release.
    columns: Vec<Column>,
    /// The number of its selections.
    selections: usize,
    /// Whether it is also locked after edits.
    edited: bool,
}

/// The results.
pub(crate) struct Results {
    columns: Vec<Column>,
    /// Successes by installer, project and column.
    cells: BTreeMap<(Installer, &'static str, Column), Cell>,
    pub(crate) failures: Vec<String>,
}

/// A cell of the table.
enum Cell {
    /// The number of equal selections.
    Equal(usize),
    /// Both sides rejected the lock.
    Refused,
}

impl Matrix {
    /// Everything.
    pub(crate) fn all() -> Self {
        let units = CASES.iter().flat_map(|case| {
            let mut units: BTreeMap<&str, Unit> = BTreeMap::new();
            for column in known(case, &COLUMNS) {
                let unit = units.entry(column.locks).or_insert(Unit {
                    case,
                    columns: Vec::new(),
                    selections: case.selections.len(),
                    edited: true,
                });
                unit.columns.push(column);
            }
            units.into_values()
        });
        Self {
            columns: COLUMNS.to_vec(),
            units: units.collect(),
        }
    }

    /// Everything of the projects whose names contain the text, and their number.
    pub(crate) fn of(text: &str) -> (Self, usize) {
        let mut all = Self::all();
        all.units.retain(|unit| unit.case.name.contains(text));
        let names: BTreeSet<&str> = all
            .units
            .iter()
            .map(|unit| unit.case.name.as_str())
            .collect();
        let projects = names.len();
        (all, projects)
    }

    /// The first selection of every project, with these releases in turn.
    pub(crate) fn few(versions: &[&'static str]) -> Self {
        let columns: Vec<Column> = versions.iter().map(|version| Column::of(version)).collect();
        let units = CASES.iter().enumerate().map(|(number, case)| {
            let known = known(case, &columns);
            let column = known[number % known.len()];
            Unit {
                case,
                columns: vec![column],
                selections: 1,
                // A lock takes as long as an installation.
                edited: number % 4 == 3,
            }
        });
        Self {
            units: units.collect(),
            columns,
        }
    }

    /// Compares everything, in as many threads as the machine has processors.
    pub(crate) fn run(self) -> Results {
        let versions: BTreeSet<&str> = self
            .columns
            .iter()
            .flat_map(|column| [column.locks, column.installs])
            .collect();
        let bench = Bench::new(&versions);
        let queue = Mutex::new(VecDeque::from(self.units));
        let results = Mutex::new(Results {
            columns: self.columns,
            cells: BTreeMap::new(),
            failures: Vec::new(),
        });
        let workers = thread::available_parallelism().map_or(2, usize::from);
        thread::scope(|scope| {
            for worker in 0..workers.clamp(2, 8) {
                let desk = bench.desk(&format!("desk-{worker}"));
                let (queue, results) = (&queue, &results);
                scope.spawn(move || {
                    loop {
                        let (unit, left) = {
                            let mut queue = queue.lock().unwrap();
                            (queue.pop_front(), queue.len())
                        };
                        let Some(unit) = unit else { break };
                        for ((column, installer), failures) in unit.prove(&desk) {
                            let name = unit.case.name.as_str();
                            let wrong = failures.len();
                            let what = format!("Poetry {column}, `{}`", installer.as_str());
                            eprintln!("{left} to go: {name}: {what}: {wrong} wrong");
                            let mut results = results.lock().unwrap();
                            if failures.is_empty() {
                                let cell = (installer, name, column);
                                results.cells.insert(cell, unit.cell(column));
                            }
                            let failures = failures.into_iter();
                            let failures =
                                failures.map(|text| format!("== {name} with {what}: {text}"));
                            results.failures.extend(failures);
                        }
                    }
                });
            }
        });
        results.into_inner().unwrap()
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns.len()
    }
}

/// The columns whose Poetry supports the project.
fn known(case: &Case, columns: &[Column]) -> Vec<Column> {
    let known = |column: &&Column| case.is_known_to(column.releases()[0]);
    columns.iter().filter(known).copied().collect()
}

impl Unit {
    fn chosen(&self) -> &'static [Chosen] {
        &self.case.selections[..self.selections]
    }

    /// The cell if everything is equal.
    fn cell(&self, column: Column) -> Cell {
        if self.case.is_refused(column) {
            Cell::Refused
        } else {
            Cell::Equal(self.chosen().len())
        }
    }

    /// The failures by column and installer.
    fn prove(&self, desk: &Desk<'_>) -> Vec<((Column, Installer), Vec<String>)> {
        // All columns of a release share its lock.
        let locks = self.columns[0].locks;
        let lock = |text: &str| desk.lock_from(self.case.index(), text, None, locks);
        let locked = lock(&self.case.pyproject);
        let edited = self
            .edited
            .then(|| lock(&edited(self.case, locks)))
            .transpose();
        let mut all = Vec::new();
        for column in &self.columns {
            let mut failures = Installer::ALL
                .map(|installer| (installer, Vec::new()))
                .into();
            match (&locked, &edited) {
                (Ok(locked), Ok(edited)) => {
                    self.compare(desk, locked, edited.as_ref(), *column, &mut failures);
                }
                (Err(text), _) | (_, Err(text)) => {
                    for one in failures.values_mut() {
                        one.push(text.clone());
                    }
                }
            }
            let failures = failures.into_iter();
            all.extend(failures.map(|(installer, failures)| ((*column, installer), failures)));
        }
        all
    }

    fn compare(
        &self,
        desk: &Desk<'_>,
        locked: &Locked,
        edited: Option<&Locked>,
        column: Column,
        failures: &mut BTreeMap<Installer, Vec<String>>,
    ) {
        let installs = column.installs;
        for one in self.chosen() {
            let results = if self.case.is_refused(column) {
                let refused = |installer| desk.prove_refused(locked, installs, one, installer);
                Installer::ALL
                    .map(|installer| (installer, refused(installer)))
                    .into()
            } else {
                desk.prove(locked, installs, one)
            };
            for (installer, result) in results {
                let result = result.and_then(|()| match edited {
                    Some(edited) if !one.has("devtool") && !self.case.is_refused(column) => {
                        unchanged(
                            &desk.planned(locked, installs, one, installer)?,
                            &desk.planned(edited, installs, one, installer)?,
                        )
                    }
                    _ => Ok(()),
                });
                let failures = failures.entry(installer).or_default();
                failures.extend(result.err().map(|text| format!("{one}: {text}")));
            }
        }
    }
}

/// The project after edits that do not affect the installation: another version, description and comment, a
/// setting of another tool, another release of a development tool, and one more group.
fn edited(case: &Case, locks: &str) -> String {
    let locks = PoetryVersion::parse(locks).unwrap();
    let forgets = locks >= POETRY_2 && locks < POETRY_2_3;
    let also = if forgets {
        String::new()
    } else {
        format!("\"{}\" = \"*\"\n", case.unselected)
    };
    let group = format!("[tool.poetry.group.unselected.dependencies]\nstray = \"*\"\n{also}\n");
    let text = case
        .pyproject
        .replace("version = \"0.1.0\"", "version = \"0.2.0\"")
        .replace("description = \"One\"", "description = \"Another\"")
        .replace("devtool = \"1.0\"", "devtool = \"2.0\"")
        .replace("DevTool = \"1.0\"", "DevTool = \"2.0\"")
        .replace("devtool==1.0", "devtool==2.0");
    let (head, sources) = match text.find("[[tool.poetry.source]]") {
        Some(at) => text.split_at(at),
        None => (text.as_str(), ""),
    };
    format!("# A comment.\n[tool.other]\nline-length = 100\n{head}\n{group}{sources}")
}

impl Results {
    pub(crate) fn projects(&self) -> usize {
        let names: BTreeSet<&str> = self.cells.keys().map(|(_, name, _)| *name).collect();
        names.len()
    }

    pub(crate) fn columns(&self) -> usize {
        let columns: BTreeSet<Column> = self.cells.keys().map(|(_, _, column)| *column).collect();
        columns.len()
    }

    /// The page with the tables.
    pub(crate) fn page(&self) -> String {
        let [by_auto, by_poetry] = Installer::ALL.map(|installer| self.equal(installer));
        let mut text = "\
# Equivalence

This page shows that the environment of an image is the one that real Poetry installs from the project's own files. Each
project was locked by the Poetry of the column, and each selection of its groups and extras installed three times: by
`poetry install` in the project, and by the steps that the frontend plans with `installer = \"auto\"` and
`installer = \"poetry\"`. A number counts the selections whose environment was equal. Poetry installed one package after the
other.

Equal means: the same distributions, which `tests/equivalence/projects/` lists, and the same files with the same content and
permissions, `direct_url.json` included. Of bytecode, only names and permissions are compared.

With `auto`, uv installs the wheels of an index. For these distributions, four things may differ:

- `INSTALLER` names uv.
- `REQUESTED` may exist.
- `RECORD` may list its lines in another order, with other lines for these two files, other hashes of commands, and no `./`
  before a path.
- The text of a command. Both were run, and did the same.

Two differences from Poetry are not in the tables, because no project here has such a wheel: uv makes scripts of a wheel
executable that the wheel does not mark as executable, and installs C headers into a directory with the normalized name of
the distribution (`some-name`), where Poetry uses the name in the file name (`some_name`). Set `installer = \"poetry\"` if that matters.

All steps of each selection without development tools were also identical after edits that do not affect the installation
(version, description, a comment, settings of another tool, other releases in a group that is not selected, one more group)
and another real `poetry lock`.

A dash marks a project that the Poetry which locks does not support. \"refused\" marks a lock that the other Poetry rejects as
stale, as the frontend does: Poetry 1 locked it without `[project]`. Written by `make test-matrix`.
"
        .to_owned();
        for (installer, equal) in [(Installer::Auto, by_auto), (Installer::Poetry, by_poetry)] {
            let name = installer.as_str();
            write!(
                text,
                "\n## `installer = \"{name}\"`\n\n{equal} selections, all of them equal.\n\n"
            )
            .unwrap();
            self.table(installer, &mut text);
        }
        text
    }

    /// The number of equal selections.
    fn equal(&self, installer: Installer) -> usize {
        let cells = self.cells.iter().filter(|((one, ..), _)| *one == installer);
        let counts = cells.map(|(_, cell)| match cell {
            Cell::Equal(count) => *count,
            Cell::Refused => 0,
        });
        counts.sum()
    }

    fn table(&self, installer: Installer, text: &mut String) {
        let heads: Vec<String> = self.columns.iter().map(Column::to_string).collect();
        writeln!(text, "| project | {} |", heads.join(" | ")).unwrap();
        writeln!(text, "| --- |{}", " ---: |".repeat(heads.len())).unwrap();
        for case in CASES.iter() {
            let name = case.name.as_str();
            let cells: Vec<String> = self
                .columns
                .iter()
                .map(|column| match self.cells.get(&(installer, name, *column)) {
                    Some(Cell::Equal(count)) => count.to_string(),
                    Some(Cell::Refused) => "refused".to_owned(),
                    None => "-".to_owned(),
                })
                .collect();
            writeln!(text, "| {name} | {} |", cells.join(" | ")).unwrap();
        }
    }
}
