//! Which of a project's dependencies are installed: groups and extras.

use std::collections::BTreeSet;

/// The group of the project's own dependencies.
pub const MAIN: &str = "main";

/// Groups and extras by their normalised names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    pub groups: BTreeSet<String>,
    /// Extras of the main group.
    pub extras: BTreeSet<String>,
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            groups: BTreeSet::from([MAIN.to_owned()]),
            extras: BTreeSet::new(),
        }
    }
}
