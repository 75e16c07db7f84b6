//! Both files: the reduced `pyproject.toml`, and the reduced lock with the matching content hash.

use toml::{Table, Value};

use super::lock_text::LockText;
use super::packages::reduce_packages;
use super::pyproject::{has_main, reduce_pyproject};
use super::tables::{one_spelling, only};
use crate::project::content_hash::content_hash;
use crate::project::lock::Lock;
use crate::project::name::normalised;
use crate::project::pyproject::Pyproject;
use crate::project::selection::Selection;
use crate::project::version::PoetryVersion;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReducedProject {
    /// The text of `pyproject.toml`.
    pub pyproject: String,
    /// The text of `poetry.lock`.
    pub lock: String,
    /// The number of packages in the lock.
    pub packages: usize,
    /// Whether the main group has dependencies. Poetry rejects `--only main` where it has none.
    pub has_main: bool,
}

/// Reduces a project to what `selection` installs, for `poetry` to read. `all_optional` keeps optional dependencies of no
/// extra.
pub(in crate::project) fn reduced(
    pyproject: &Pyproject,
    lock: &Lock,
    selection: &Selection,
    all_optional: bool,
    poetry: PoetryVersion,
) -> ReducedProject {
    let mut locked = lock.packages.iter();
    let is_needed = pyproject.name.as_deref().is_some_and(|own| {
        locked.any(|package| {
            package
                .dependencies()
                .any(|(name, _)| normalised(name) == own)
        })
    });
    let pyproject = reduce_pyproject(pyproject, selection, is_needed, all_optional);
    let packages = reduce_packages(&pyproject, lock, selection);
    let extras = only(&lock.extras, &selection.extras);
    let mut metadata = Table::new();
    let mut set = |key: &str, text: String| metadata.insert(key.to_owned(), Value::String(text));
    set("lock-version", lock.written_version().to_owned());
    if let Some(python) = &lock.python_versions {
        set("python-versions", one_spelling(python));
    }
    if let Some(hash) = content_hash(&pyproject, poetry) {
        set("content-hash", hash);
    }
    let text = LockText {
        head: lock.head(),
        packages: &packages,
        extras: &extras,
        metadata: &metadata,
    };

    ReducedProject {
        has_main: has_main(&pyproject),
        pyproject: pyproject.to_string(),
        lock: text.to_string(),
        packages: packages.len(),
    }
}
