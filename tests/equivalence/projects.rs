//! The projects and the distributions of each selection of their dependencies: one file each in `projects/`.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use poetry_frontend::project::PoetryVersion;
use serde::Deserialize;

use super::proof::{Column, DefaultIndex};

pub(crate) const POETRY_2: PoetryVersion = PoetryVersion::new(2, 0, 0);
/// `build-constraints`, and locks with the markers of each group.
pub(crate) const POETRY_2_3: PoetryVersion = PoetryVersion::new(2, 3, 0);

/// All projects in the order of their file names.
pub(crate) static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/equivalence/projects");
    let entries = fs::read_dir(directory).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let case = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    paths.iter().map(case).collect()
});

/// One kind of project.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// What it shows.
    pub(crate) name: String,
    /// The first Poetry that supports it.
    since: String,
    /// Whether the packages of PyPI come from a mirror: the first index.
    #[serde(default)]
    mirror: bool,
    /// A package that an additional group, which is never selected, depends on in the edited project. Poetry 2.0 to 2.2
    /// may lose the markers that other groups put on such a package, so it is left out there.
    pub(crate) unselected: String,
    /// Its `pyproject.toml`. `@INDEX@` is the address of the indexes, `@REPOSITORY@` a Git repository; without a source
    /// it gets the first index as its only one.
    pub(crate) pyproject: String,
    /// Its selections. The short test installs the first.
    pub(crate) selections: Vec<Chosen>,
}

impl Case {
    pub(crate) fn index(&self) -> DefaultIndex {
        if self.mirror {
            DefaultIndex::Mirror
        } else {
            DefaultIndex::First
        }
    }

    /// Whether a release of Poetry supports the project.
    pub(crate) fn is_known_to(&self, poetry: PoetryVersion) -> bool {
        poetry >= PoetryVersion::parse(&format!("{}.0", self.since)).unwrap()
    }

    /// Whether the lock is stale for the Poetry that installs: from 2.0 on the hash covers `[project]` too.
    pub(crate) fn is_refused(&self, column: Column) -> bool {
        let [locks, installs] = column.releases();
        self.pyproject.contains("[project]") && locks < POETRY_2 && installs >= POETRY_2
    }
}

/// A selection.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Chosen {
    #[serde(default = "main")]
    pub(crate) groups: Vec<String>,
    #[serde(default)]
    pub(crate) extras: Extras,
    /// The distributions that are installed, in the order of their names; found out by hand.
    pub(crate) installed: Vec<String>,
    or_else: Option<OrElse>,
    pub(crate) shows: Option<Shown>,
}

fn main() -> Vec<String> {
    vec!["main".to_owned()]
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Extras {
    These(Vec<String>),
    All(All),
}

impl Default for Extras {
    fn default() -> Self {
        Self::These(Vec::new())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum All {
    All,
}

/// What some releases of Poetry install instead.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrElse {
    of: Theirs,
    installed: Vec<String>,
}

/// A file of the environment, and a text that it must contain.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shown {
    pub(crate) file: String,
    pub(crate) text: String,
}

/// Why Poetry installs something other than the project says.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Theirs {
    /// Poetry 1 does not know `[project]`.
    NoProject,
    /// From 2.3 on the markers in a lock decide (`installer.re-resolve` is off). Where several groups depend on the same
    /// versions of a package they are not those of the main group: Poetry merges these dependencies into the first before
    /// it locks (`puzzle/provider.py`, `_merge_dependencies_by_constraint`), and so unites their markers.
    MergedMarkers,
    /// From 2.3 on the markers in a lock decide, and locks of 2.0 to 2.2 have the same markers for all groups.
    SharedMarkers,
    /// A Poetry that resolves again does so with all extras, and then drops what no selected one needs
    /// (`puzzle/transaction.py`). What an unselected extra adds to a package of a selected one stays.
    AllExtras,
    /// Poetry 1 follows the names of dependencies, whatever their markers and extras (`utils/extras.py`).
    ExtrasByName,
}

impl Theirs {
    fn is_of(self, column: Column) -> bool {
        let [locks, installs] = column.releases();
        let by_lock = locks >= POETRY_2 && installs >= POETRY_2_3;
        match self {
            Self::NoProject | Self::ExtrasByName => installs < POETRY_2,
            Self::MergedMarkers => by_lock,
            Self::SharedMarkers => by_lock && locks < POETRY_2_3,
            Self::AllExtras => !by_lock,
        }
    }
}

impl Chosen {
    /// The main group with these distributions.
    pub(crate) fn main(installed: &[&str]) -> Self {
        Self {
            groups: main(),
            extras: Extras::default(),
            installed: installed.iter().map(|&one| one.to_owned()).collect(),
            or_else: None,
            shows: None,
        }
    }

    /// The distributions that the releases of a column install.
    pub(crate) fn expected(&self, column: Column) -> &[String] {
        match &self.or_else {
            Some(other) if other.of.is_of(column) => &other.installed,
            _ => &self.installed,
        }
    }

    /// Whether any release of the distribution is among what is installed.
    pub(crate) fn has(&self, name: &str) -> bool {
        let mut names = self
            .installed
            .iter()
            .filter_map(|one| one.split(' ').next());
        names.any(|one| one == name)
    }
}

impl fmt::Display for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "groups {}", self.groups.join(", "))?;
        match &self.extras {
            Extras::These(names) if names.is_empty() => Ok(()),
            Extras::These(names) => write!(f, ", extras {}", names.join(", ")),
            Extras::All(_) => f.write_str(", all extras"),
        }
    }
}
