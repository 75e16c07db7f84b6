//! Dependencies as Poetry's own tables write them.

use std::fmt;

use crate::text::{key, quote, strings};

/// What a dependency is set to in a `dependencies` table of `[tool.poetry]`, or in that of a locked package.
/// A string is a version constraint, such as `"^1.0"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// Keys with their values in TOML, in the order of writing.
    Table(Vec<(String, String)>),
    /// Constraints for different environments.
    Several(Vec<Dependency>),
}

impl Dependency {
    /// A version constraint.
    pub fn version(constraint: &str) -> Self {
        Self(Kind::Table(Vec::new())).with("version", quote(constraint))
    }

    /// A directory or an archive of the project.
    pub fn path(path: &str) -> Self {
        Self(Kind::Table(Vec::new())).with("path", quote(path))
    }

    /// A Git repository.
    pub fn git(url: &str) -> Self {
        Self(Kind::Table(Vec::new())).with("git", quote(url))
    }

    /// An archive at an address.
    pub fn url(url: &str) -> Self {
        Self(Kind::Table(Vec::new())).with("url", quote(url))
    }

    /// Only details of a dependency that `[project]` names: the index it comes from.
    pub fn from_index(name: &str) -> Self {
        Self(Kind::Table(Vec::new())).source(name)
    }

    /// Constraints for different environments.
    pub fn several(constraints: impl IntoIterator<Item = Self>) -> Self {
        Self(Kind::Several(constraints.into_iter().collect()))
    }

    /// Sets `source`: the index it comes from.
    pub fn source(self, name: &str) -> Self {
        self.with("source", quote(name))
    }

    /// Sets `optional = true`: it is only installed with an extra.
    pub fn optional(self) -> Self {
        self.with("optional", "true".to_owned())
    }

    /// Sets `develop = true`: Poetry installs it editable.
    pub fn develop(self) -> Self {
        self.with("develop", "true".to_owned())
    }

    /// Sets `extras`.
    pub fn extras<const N: usize>(self, names: [&str; N]) -> Self {
        self.with("extras", strings(&names.map(str::to_owned)))
    }

    /// Sets any other key, such as `branch`, `markers` or `python`, to a string.
    pub fn key(self, name: &str, text: &str) -> Self {
        self.with(name, quote(text))
    }

    fn with(mut self, name: &str, value: String) -> Self {
        match &mut self.0 {
            Kind::Table(keys) => keys.push((name.to_owned(), value)),
            Kind::Several(all) => {
                *all = all
                    .drain(..)
                    .map(|one| one.with(name, value.clone()))
                    .collect();
            }
        }
        self
    }

    /// The value as a person writes it, or as the lock does: without spaces inside the braces.
    pub(crate) fn value(&self, space: &str) -> String {
        match &self.0 {
            Kind::Several(all) => {
                let items = all.iter().map(|one| format!("    {},\n", one.table(space)));
                format!("[\n{}]", items.collect::<String>())
            }
            Kind::Table(keys) => match keys.as_slice() {
                [(name, version)] if name == "version" => version.clone(),
                _ => self.table(space),
            },
        }
    }

    fn table(&self, space: &str) -> String {
        let Kind::Table(keys) = &self.0 else {
            return self.value(space);
        };
        let keys: Vec<String> = keys
            .iter()
            .map(|(name, value)| format!("{} = {value}", key(name)))
            .collect();
        format!("{{{space}{}{space}}}", keys.join(", "))
    }
}

impl From<&str> for Dependency {
    fn from(constraint: &str) -> Self {
        Self::version(constraint)
    }
}

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_written_as_in_a_pyproject() {
        for (dependency, text) in [
            (Dependency::from("^1.0"), r#""^1.0""#),
            (
                Dependency::version("*").optional().extras(["fast", "slow"]),
                r#"{ version = "*", optional = true, extras = ["fast", "slow"] }"#,
            ),
            (
                Dependency::path("../shared").develop(),
                r#"{ path = "../shared", develop = true }"#,
            ),
            (
                Dependency::git("https://git.example/a").key("branch", "main"),
                r#"{ git = "https://git.example/a", branch = "main" }"#,
            ),
            (Dependency::from_index("corp"), r#"{ source = "corp" }"#),
            (
                Dependency::several([
                    Dependency::version("1").key("python", "<3.10"),
                    Dependency::version("2").key("python", ">=3.10"),
                ]),
                "[\n    { version = \"1\", python = \"<3.10\" },\n    { version = \"2\", python = \">=3.10\" },\n]",
            ),
        ] {
            assert_eq!(dependency.to_string(), text);
        }
    }
}
