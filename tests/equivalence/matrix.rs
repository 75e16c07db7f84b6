//! Which projects are installed with which releases of Poetry, and the results.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;
use std::sync::Mutex;
use std::thread;

use poetry_frontend::project::PoetryVersion;

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
    /// Successes by project and column.
    cells: BTreeMap<(&'static str, Column), Cell>,
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
                        for (column, failures) in unit.prove(&desk) {
                            let name = unit.case.name.as_str();
                            let wrong = failures.len();
                            eprintln!("{left} to go: {name}: Poetry {column}: {wrong} wrong");
                            let mut results = results.lock().unwrap();
                            if failures.is_empty() {
                                results.cells.insert((name, column), unit.cell(column));
                            }
                            let failures = failures.into_iter();
                            let failures = failures
                                .map(|text| format!("== {name} with Poetry {column}: {text}"));
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

    /// The failures by column.
    fn prove(&self, desk: &Desk<'_>) -> Vec<(Column, Vec<String>)> {
        // All columns of a release share its lock.
        let locks = self.columns[0].locks;
        let locked = desk.lock(&self.case.pyproject, locks);
        let edited = self
            .edited
            .then(|| desk.lock(&edited(self.case, locks), locks))
            .transpose();
        self.columns
            .iter()
            .map(|column| {
                let failures = match (&locked, &edited) {
                    (Ok(locked), Ok(edited)) => {
                        self.failures(desk, locked, edited.as_ref(), *column)
                    }
                    (Err(text), _) | (_, Err(text)) => vec![text.clone()],
                };
                (*column, failures)
            })
            .collect()
    }

    fn failures(
        &self,
        desk: &Desk<'_>,
        locked: &Locked,
        edited: Option<&Locked>,
        column: Column,
    ) -> Vec<String> {
        let installs = column.installs;
        let mut failures = Vec::new();
        for one in self.chosen() {
            if self.case.is_refused(column) {
                let refused = desk.prove_refused(locked, installs, one);
                failures.extend(refused.err().map(|text| format!("{one}: {text}")));
                continue;
            }
            let equal = desk.prove(locked, installs, one);
            let equal = equal.and_then(|()| match edited {
                Some(edited) if !one.has("devtool") => unchanged(locked, edited, installs, one),
                _ => Ok(()),
            });
            failures.extend(equal.err().map(|text| format!("{one}: {text}")));
        }
        failures
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
        let names: BTreeSet<&str> = self.cells.keys().map(|(name, _)| *name).collect();
        names.len()
    }

    pub(crate) fn columns(&self) -> usize {
        let columns: BTreeSet<Column> = self.cells.keys().map(|(_, column)| *column).collect();
        columns.len()
    }

    /// The page with the table.
    pub(crate) fn page(&self) -> String {
        let counts = self.cells.values().map(|cell| match cell {
            Cell::Equal(count) => *count,
            Cell::Refused => 0,
        });
        let total: usize = counts.sum();
        let mut text = format!(
            "\
# Equivalence

Dependencies are installed from a reduced `pyproject.toml` and `poetry.lock`, not from the project's own files. This page
shows that real Poetry installs the same from both. Each project was locked by the Poetry of the column, and each selection
of its groups and extras installed twice: once from the project's own files, and once by the steps that the frontend plans.
A number counts the selections whose two environments were equal: the same distributions, which
`tests/equivalence/projects/` lists, and all files identical byte for byte, `direct_url.json` included, except bytecode.
Both sides installed one package after the other. The reduced files of each selection without development tools were also
identical after edits that do not affect the installation (version, description, a comment, settings of another tool, other
releases in a group that is not selected, one more group) and another real `poetry lock`.

{total} selections, all of them equal. A dash marks a project that the Poetry which locks does not support. \"refused\" marks
a lock that the other Poetry rejects as stale, as the frontend does: Poetry 1 locked it without `[project]`. Written by
`make test-matrix`.

"
        );
        let heads: Vec<String> = self.columns.iter().map(Column::to_string).collect();
        writeln!(text, "| project | {} |", heads.join(" | ")).unwrap();
        writeln!(text, "| --- |{}", " ---: |".repeat(heads.len())).unwrap();
        for case in CASES.iter() {
            let cells: Vec<String> = self
                .columns
                .iter()
                .map(
                    |column| match self.cells.get(&(case.name.as_str(), *column)) {
                        Some(Cell::Equal(count)) => count.to_string(),
                        Some(Cell::Refused) => "refused".to_owned(),
                        None => "-".to_owned(),
                    },
                )
                .collect();
            writeln!(text, "| {} | {} |", case.name, cells.join(" | ")).unwrap();
        }
        text
    }
}
