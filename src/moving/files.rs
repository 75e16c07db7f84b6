//! The files of the project, as far as moving needs them.

/// Reads files of the build context by their paths.
pub trait Files {
    /// The text of a file; `None` if there is none, or if it is not text.
    fn text(&self, path: &str) -> Option<String>;
    fn is_file(&self, path: &str) -> bool;
    fn is_directory(&self, path: &str) -> bool;

    fn exists(&self, path: &str) -> bool {
        self.is_file(path) || self.is_directory(path)
    }
}
