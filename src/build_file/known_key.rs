//! What the schema says about a key of the build file.

use super::shape;
use super::standard::Key;

/// A key that the build file has, such as `runtime.user.uid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// With its tables, in TOML's syntax.
    pub name: String,
    pub description: Option<String>,
    /// A value in TOML's syntax.
    pub example: Option<String>,
}

impl KnownKey {
    /// Looks a key up.
    ///
    /// # Errors
    /// There is no such key; the hint says what is meant.
    pub fn find(text: &str) -> Result<Self, String> {
        let Some(key) = Key::parse(text) else {
            return Err("write a key with its tables, such as `runtime.user.uid`".to_owned());
        };
        let shape = shape::find(key.parts())?;
        Ok(Self {
            name: key.as_str().to_owned(),
            description: shape.description.clone(),
            example: shape.toml_example(),
        })
    }
}
