//! Files of a context that a Dockerfile has to name.

/// A path in a context that matches a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedPath {
    pub path: String,
    pub is_directory: bool,
}
