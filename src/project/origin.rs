//! Where packages come from.

use toml::Value;

use super::name::spelled_name;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageOrigin {
    /// A package index.
    Index,
    /// A directory with a project.
    Directory,
    /// A wheel or sdist in the file system.
    File,
    /// A Git repository.
    Git,
    /// A wheel or sdist at an address.
    Url,
}

impl PackageOrigin {
    /// The origin that a lock calls `kind`.
    pub(super) fn of_locked(kind: &str) -> Self {
        match kind {
            "directory" => Self::Directory,
            "file" => Self::File,
            "git" => Self::Git,
            "url" => Self::Url,
            _ => Self::Index,
        }
    }

    /// The origin of a dependency's value in `[tool.poetry]`. Of several alternatives, the first that is not an index counts.
    pub(super) fn of_value(value: &Value) -> Self {
        match value {
            Value::Table(table) if table.contains_key("git") => Self::Git,
            Value::Table(table) if table.contains_key("url") => Self::Url,
            Value::Table(table) if table.contains_key("file") => Self::File,
            Value::Table(table) => table
                .get("path")
                .map_or(Self::Index, |path| of_path(path.as_str().unwrap_or(""))),
            Value::Array(alternatives) => alternatives
                .iter()
                .map(Self::of_value)
                .find(|origin| *origin != Self::Index)
                .unwrap_or(Self::Index),
            _ => Self::Index,
        }
    }

    /// The origin of a requirement (PEP 508).
    pub(super) fn of_requirement(requirement: &str) -> Self {
        let rest = &requirement[spelled_name(requirement).len()..];
        let rest = match rest.trim_start().strip_prefix('[') {
            Some(extras) => extras.split_once(']').map_or("", |(_, rest)| rest),
            None => rest,
        };
        match rest.trim_start().strip_prefix('@').map(str::trim_start) {
            None => Self::Index,
            Some(git) if git.starts_with("git+") => Self::Git,
            // A space ends the address.
            Some(path) if path.starts_with("file:") => {
                of_path(path.split(' ').next().unwrap_or_default())
            }
            Some(_) => Self::Url,
        }
    }
}

fn of_path(path: &str) -> PackageOrigin {
    let is_archive = [".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz"]
        .iter()
        .any(|ending| path.ends_with(ending));
    if is_archive {
        PackageOrigin::File
    } else {
        PackageOrigin::Directory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_dependency_says_where_it_comes_from() {
        for (value, expected) in [
            ("\"^1\"", PackageOrigin::Index),
            ("{ version = \"^1\" }", PackageOrigin::Index),
            ("{ git = \"https://git.example/a\" }", PackageOrigin::Git),
            (
                "{ url = \"https://host.example/a.whl\" }",
                PackageOrigin::Url,
            ),
            (
                "{ path = \"../a\", develop = true }",
                PackageOrigin::Directory,
            ),
            ("{ path = \"a-1.tar.gz\" }", PackageOrigin::File),
            ("{ file = \"a-1.whl\" }", PackageOrigin::File),
            (
                "[{ version = \"1\" }, { path = \"../a\" }]",
                PackageOrigin::Directory,
            ),
        ] {
            let table: toml::Table = toml::from_str(&format!("a = {value}")).unwrap();
            assert_eq!(PackageOrigin::of_value(&table["a"]), expected, "{value}");
        }
    }

    #[test]
    fn the_address_of_a_requirement_says_where_it_comes_from() {
        for (requirement, expected) in [
            ("a", PackageOrigin::Index),
            ("a>=1; extra == 'b@c'", PackageOrigin::Index),
            ("a @ git+https://git.example/a@v1", PackageOrigin::Git),
            ("a @ file:///srv/a", PackageOrigin::Directory),
            (
                "a[b] @ file:///srv/a-1.whl ; extra == 'b'",
                PackageOrigin::File,
            ),
            ("a@https://host.example/a.whl", PackageOrigin::Url),
        ] {
            assert_eq!(
                PackageOrigin::of_requirement(requirement),
                expected,
                "{requirement}"
            );
        }
    }
}
