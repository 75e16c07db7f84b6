//! Selects the part of the build context that a step reads.

use crate::build_file::DEFAULT_NAME;
use crate::paths::literal;
use crate::plan::{ContextFiles, Expected};
use crate::project::LOCK;

use super::path_dependencies::PathDependency;
use super::resolved::Resolved;
use super::secret_files::{SECRET_FILES, is_secret_file, is_virtual_environment};

/// What Git, Python and Poetry leave in a working tree; excluded by default.
const LEFTOVERS: [&str; 5] = [".git", "**/.venv", "**/__pycache__", "**/*.pyc", LOCK];

/// Whether a path is one of the [`LEFTOVERS`], or below one.
fn is_leftover(path: &str) -> bool {
    let mut parts = path.split('/');
    let leftover = |part: &str| {
        [".git", ".venv", "__pycache__"].contains(&part)
            || part.rsplit_once('.').is_some_and(|(_, end)| end == "pyc")
    };
    parts.any(leftover)
}

/// The files of the context that match `include` and are not ignored. The ignore file comes last, so that its `!` patterns
/// can restore files that are excluded by default. Naming such a file in `include` restores it too.
pub(crate) fn context_files(resolved: &Resolved<'_>, include: Vec<String>) -> ContextFiles {
    let build_files = [DEFAULT_NAME, resolved.file.document.name()].map(literal);
    let mut exclude: Vec<String> = LEFTOVERS
        .into_iter()
        .map(str::to_owned)
        .chain(build_files)
        .filter(|pattern| !include.contains(pattern))
        .collect();
    exclude.dedup();
    exclude.extend(SECRET_FILES.map(|name| format!("**/{name}")));
    // The defaults do not exclude what the user names.
    let named = |pattern: &&String| {
        is_secret_file(pattern) || is_virtual_environment(pattern) || is_leftover(pattern)
    };
    exclude.extend(include.iter().filter(named).map(|path| format!("!{path}")));
    exclude.extend(resolved.request.ignore.iter().cloned());
    let mut include = include;
    include.sort();
    include.dedup();
    ContextFiles {
        context: None,
        include,
        exclude,
        follow: false,
    }
}

impl PathDependency {
    /// The part of the context that it is.
    pub(crate) fn files(&self, resolved: &Resolved<'_>) -> ContextFiles {
        let include = if self.path.is_empty() {
            Vec::new()
        } else {
            vec![literal(&self.path)]
        };
        ContextFiles {
            context: self.context.clone(),
            ..context_files(resolved, include)
        }
    }

    /// What the context must hold for an archive.
    pub(crate) fn expected(&self, resolved: &Resolved<'_>) -> Expected {
        Expected {
            any_of: vec![literal(&self.path)],
            files: self.files(resolved),
            error: self.missing(),
        }
    }
}
