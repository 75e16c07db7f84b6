//! A Poetry project: what `pyproject.toml` and `poetry.lock` say about what is to be installed. Parses bytes and never
//! opens a file; the two files it reads are documented by Poetry's `src/poetry/json/schemas/poetry.json` and
//! `src/poetry/packages/locker.py`.

mod content_hash;
mod error;
mod ignore;
mod lock;
mod lock_text;
mod manifest;
mod marker;
mod pyproject;
mod remote;
mod selection;
mod version;
mod wheel_manifest;

use std::collections::BTreeMap;

use toml::Spanned;

use crate::diagnostics::{Diagnostics, Document, Limits, Place, Problem};

pub use content_hash::content_hash;
pub use error::Error;
pub use ignore::{Patterns, ignore_patterns};
pub use lock::{Lock, LockedPackage, SourceKind};
pub use manifest::Manifest;
pub(crate) use pyproject::normalised;
pub use pyproject::{PackageInclude, PackageSource, Pyproject};
pub use remote::{Remote, has_credentials, split_port};
pub use selection::{MAIN, Selection};
pub use version::{
    Constraint, KNOWN_PYTHONS, OLDEST_POETRY, PoetryVersion, PythonVersion, Release,
};

/// The project file's name.
pub const PYPROJECT: &str = "pyproject.toml";
/// The lock file's name.
pub const LOCK: &str = "poetry.lock";
/// The name of the file with Poetry's own settings for a project.
pub const SETTINGS: &str = "poetry.toml";
/// The ignore file's name, and the end of the name of a build file's own.
pub const IGNORE: &str = ".dockerignore";

/// More than any project file has.
const PROJECT_LIMITS: Limits = Limits {
    size: 1024,
    words: 150_000,
};
/// A lock of a thousand packages has half of it, and takes less than 100 MB with all that is made of it.
const LOCK_LIMITS: Limits = Limits {
    size: 4096,
    words: 1_500_000,
};

/// A project and its lock.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// `pyproject.toml`.
    pub pyproject: Pyproject,
    /// `poetry.lock`.
    pub lock: Lock,
    /// `poetry.toml`, if there is one.
    pub settings: Option<toml::Table>,
}

impl Project {
    /// Reads both files as they are in the build context; `None` is a file that is not there, which is reported at
    /// `asked_by`, the place that asks for a Poetry project.
    ///
    /// # Errors
    /// A file is missing, not text, not TOML, not of Poetry's shape, or of a lock version that is not known.
    pub fn parse(
        pyproject: Option<&[u8]>,
        lock: Option<&[u8]>,
        asked_by: &Place,
    ) -> Result<Self, Diagnostics> {
        let pyproject = pyproject.ok_or_else(|| Error::NoPyproject.at(asked_by))?;
        let lock = lock.ok_or_else(|| Error::NoLock.at(asked_by))?;
        Ok(Self {
            pyproject: Pyproject::parse(document(PYPROJECT, pyproject)?)?,
            lock: Lock::parse(&document(LOCK, lock)?)?,
            settings: None,
        })
    }

    /// The project with Poetry's settings for it; `None` is a file that is not there.
    ///
    /// # Errors
    /// The file is not text, or not TOML.
    pub fn with_settings(mut self, settings: Option<&[u8]>) -> Result<Self, Diagnostics> {
        if let Some(bytes) = settings {
            let document = document(SETTINGS, bytes)?;
            let table = toml::from_str(document.text());
            self.settings = Some(table.map_err(|error| toml_error(&document, &error))?);
        }
        Ok(self)
    }

    /// The pair of files that says what `selection` installs and nothing else, for `poetry` to install from.
    #[must_use]
    pub fn manifest(&self, selection: &Selection, poetry: PoetryVersion) -> Manifest {
        manifest::manifest(&self.pyproject.table, &self.lock, selection, poetry)
    }

    /// The `pyproject.toml` that the project's wheel is built from, unless the wheel may hold the file itself or more than
    /// poetry-core builds it.
    #[must_use]
    pub fn wheel_manifest(&self) -> Option<String> {
        let pyproject = &self.pyproject;
        let may_hold_it = |path: &String| path == PYPROJECT || path.starts_with('*');
        let holds_it = pyproject.wheel_files.iter().any(may_hold_it);
        (pyproject.core.is_some() && !holds_it)
            .then(|| wheel_manifest::wheel_manifest(&pyproject.table))
    }

    /// Whether the poetry-core of this Poetry builds the project's wheel, and nothing else does: no code of anybody's runs,
    /// and nothing is fetched.
    #[must_use]
    pub fn is_built_by(&self, poetry: PoetryVersion) -> bool {
        // A Poetry has the poetry-core of its own minor release since 2.0, of any patch; 1.8 has 1.9.
        let [major, minor, _] = poetry.release().0;
        let minor = if major == 1 { minor + 1 } else { minor };
        let core = self.pyproject.core.as_ref().filter(|_| major <= 2);
        core.is_some_and(|core| {
            let allows = |patch| core.allows(Release([major, minor, patch]));
            allows(0) && allows(99)
        })
    }

    /// The groups as they are spelled, by their normalised names.
    #[must_use]
    pub fn groups(&self) -> BTreeMap<String, String> {
        selection::groups(&self.pyproject.table)
    }

    /// The extras as they are spelled, by their normalised names.
    #[must_use]
    pub fn extras(&self) -> BTreeMap<String, String> {
        selection::extras(&self.pyproject.table)
    }

    /// The locked packages of the selected groups. A lock older than version 2.1 does not say which these are: then all.
    pub fn packages(&self, selection: &Selection) -> impl Iterator<Item = &LockedPackage> {
        self.lock.packages.iter().filter(|package| {
            package.groups.as_ref().is_none_or(|groups| {
                groups
                    .iter()
                    .any(|group| selection.groups.contains(&normalised(group)))
            })
        })
    }

    /// Whether Poetry takes the lock for one of this project. Poetry 2.3 and newer also take one of an older Poetry, which
    /// did not hash `[dependency-groups]`.
    #[must_use]
    pub fn is_fresh(&self, poetry: PoetryVersion) -> bool {
        const BEFORE_GROUPS: PoetryVersion = PoetryVersion::new(2, 2, 0);
        let Some((locked, _)) = &self.lock.content_hash else {
            return false;
        };
        let older = self
            .lock
            .writer
            .is_some_and(|writer| writer < PoetryVersion::new(2, 3, 0));
        let rules = [Some(poetry), older.then_some(BEFORE_GROUPS.min(poetry))];
        rules.into_iter().flatten().any(|rule| {
            // What cannot be hashed here is left for Poetry to judge.
            content_hash(&self.pyproject.table, rule).is_none_or(|hash| hash == *locked)
        })
    }

    /// What Python must satisfy: the project's own constraint and the lock's.
    #[must_use]
    pub fn python_constraint(&self) -> Constraint {
        [&self.pyproject.python, &self.lock.python]
            .into_iter()
            .flatten()
            .fold(Constraint::any(), |all, (one, _)| all.and(one))
    }
}

fn document(name: &str, bytes: &[u8]) -> Result<Document, Diagnostics> {
    let language = "toml";
    let limits = if name == LOCK {
        LOCK_LIMITS
    } else {
        PROJECT_LIMITS
    };
    let too_much = |error| {
        let place = Document::new(name, language, "").first_line();
        Diagnostics::from(Error::TooMuch(error).at(&place))
    };
    limits.allow_size(bytes).map_err(too_much)?;
    let text = std::str::from_utf8(bytes).map_err(|_| {
        let shown = Document::new(name, language, String::from_utf8_lossy(bytes));
        Error::NotText.at(&shown.first_line())
    })?;
    limits.allow_text(text).map_err(too_much)?;
    Ok(Document::new(name, language, text))
}

fn toml_error(document: &Document, error: &toml::de::Error) -> Diagnostics {
    let place = document.place(error.span().unwrap_or(0..0));
    let message = error.message().trim_end().replace('\n', ", ");
    Error::Malformed(message).at(&place).into()
}

/// A constraint and where it stands; one that is not understood is left for Poetry to judge.
fn constraint(document: &Document, text: &Spanned<String>) -> Option<(Constraint, Place)> {
    Constraint::parse(text.get_ref()).map(|parsed| (parsed, document.place(text.span())))
}

#[cfg(test)]
mod tests;
