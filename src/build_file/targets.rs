//! `[target.NAME]`: the TOML of a target is merged over what it inherits, and the result is read like any file. So every
//! key means the same in a target, and inheritance needs no code anywhere else.

use std::collections::BTreeMap;
use std::iter;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Error, toml_error};
use super::inherit::{Inheritance, NOTHING};
use super::merge::{Merged, MergedTarget};
use super::schema::TargetTable;
use super::spec::{BUILT_IN_TARGETS, DEV, Target};
use super::{commands, decode, development, validate};
use crate::diagnostics::{Diagnostics, Document, Problem};

const TARGET: &str = "target";
/// Every target holds a copy of the file.
const MOST: usize = 50;

/// Reads the targets of a file whose types are right: `dev`, and those with names of the user's choice.
pub(super) fn read(
    document: &Document,
    root: &DeTable<'_>,
) -> Result<(Target, BTreeMap<String, Target>), Diagnostics> {
    let mut main = root.clone();
    let targets = match main.remove(TARGET).map(Spanned::into_inner) {
        Some(DeValue::Table(targets)) => targets,
        _ => DeTable::new(),
    };
    if targets.len() > MOST {
        let (what, most) = ("`[target.NAME]` tables", MOST);
        let error = Error::TooMany { what, most };
        return Err(error.at(&document.first_line()).into());
    }
    let inheritance = Inheritance::new(document, &main, &targets);
    let mut found = Vec::new();
    let mut read = BTreeMap::new();
    for (key, table) in &targets {
        let name = key.get_ref().to_string();
        if let Some(error) = invalid_name(&name) {
            found.push(error.at(&document.span(key.span())));
            continue;
        }
        if let (DEV, Some(table)) = (name.as_str(), table.get_ref().as_table()) {
            found.extend(development::errors(document, table));
        }
        let own = typed(document, table)?;
        match target(&inheritance, &name, own) {
            Ok(target) => {
                let span = Some(document.span(key.span()));
                read.insert(name, Target { span, ..target });
            }
            Err(errors) => found.extend(errors.iter().cloned()),
        }
    }
    Diagnostics::fail_if_any(found)?;
    let dev = match read.remove(DEV) {
        Some(dev) => dev,
        None => target(&inheritance, DEV, TargetTable::default())?,
    };
    Ok((dev, read))
}

fn target(
    inheritance: &Inheritance<'_, '_>,
    name: &str,
    own: TargetTable,
) -> Result<Target, Diagnostics> {
    let document = inheritance.document;
    let file = decode::typed(document, inheritance.file_of(name)?)?;
    let (image, _) = validate::image_spec(document, file)?;
    Ok(Target {
        description: own.description,
        run: commands::of_target(document, own.run)?,
        image,
        span: None,
    })
}

/// Calls `read` with the file and with each target over it, one after the other because each is a copy of the file. Targets that
/// cannot be read are left out.
pub(super) fn with_merged<'i, T>(
    document: &Document,
    root: &DeTable<'i>,
    read: impl FnOnce(&mut dyn Iterator<Item = Merged<'i>>) -> T,
) -> T {
    let mut main = root.clone();
    let targets = match main.remove(TARGET).map(Spanned::into_inner) {
        Some(DeValue::Table(targets)) => targets,
        _ => DeTable::new(),
    };
    let inheritance = Inheritance::new(document, &main, &targets);
    let over = targets.iter().filter_map(|(key, _)| {
        let table = inheritance.file_of(key.get_ref()).ok()?;
        let name = key.get_ref().to_string();
        let target = MergedTarget {
            is_for_development: name == DEV,
            span: document.span(key.span()),
            name,
        };
        Some(Merged {
            target: Some(target),
            table,
        })
    });
    let whole = Merged {
        target: None,
        table: root.clone(),
    };
    read(&mut iter::once(whole).chain(over))
}

fn typed(document: &Document, table: &Spanned<DeValue<'_>>) -> Result<TargetTable, Diagnostics> {
    let typed = match table.get_ref() {
        DeValue::Table(inner) => {
            let inner = Spanned::new(table.span(), inner.clone());
            TargetTable::deserialize(toml::de::Deserializer::from(inner))
        }
        // The types are right.
        _ => Ok(TargetTable::default()),
    };
    typed.map_err(|error| toml_error(document, &error, Error::Unreadable).into())
}

fn invalid_name(name: &str) -> Option<Error> {
    if name == NOTHING {
        return Some(Error::TargetNone);
    }
    if name != DEV && BUILT_IN_TARGETS.contains(&name) {
        return Some(Error::BuiltInTarget(name.to_owned()));
    }
    let char =
        |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "-_.".contains(char);
    let right =
        name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(char);
    (!right).then(|| Error::TargetName(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use testkit::dedent;

    use super::*;
    use crate::build_file::{BuildFile, DEFAULT_NAME, InstallMode};

    fn parse(text: &str) -> Result<BuildFile, String> {
        BuildFile::parse(DEFAULT_NAME, dedent(text).as_bytes(), &BTreeMap::new())
            .map_err(|errors| errors.to_string())
    }

    #[test]
    fn a_target_inherits_the_file_and_overrides_it() {
        let file = parse(
            r#"
            [runtime]
            entrypoint = ["web"]
            cmd = ["--port", "80"]
            env = { A = "1", B = "2" }
            packages = ["libpq5"]
            [[copy]]
            src = "a"
            dest = "/a"
            [target.worker]
            runtime.entrypoint = ["worker"]
            runtime.env = { B = "3" }
            [[target.worker.copy]]
            src = "b"
            dest = "/b"
            [target.test]
            extends = "worker"
            description = "The tests."
            run = ["pytest"]
            dependencies.groups = ["main", "dev"]
            source.install = "copy"
            runtime.packages = []
            "#,
        )
        .unwrap();
        let worker = &file.targets["worker"].image;
        assert_eq!(
            worker.runtime.entrypoint.as_ref().unwrap().value,
            ["worker"]
        );
        assert_eq!(worker.runtime.cmd, None);
        assert_eq!(worker.runtime.env["A"].value, "1");
        assert_eq!(worker.runtime.env["B"].value, "3");
        assert_eq!(worker.copies.len(), 2);
        let test = &file.targets["test"];
        assert_eq!(test.description.as_deref(), Some("The tests."));
        assert_eq!(test.run[0].value, ["pytest"]);
        assert_eq!(test.image.runtime.env["B"].value, "3");
        assert!(test.image.runtime.packages.is_empty());
        let install = test.image.source.install.as_ref().unwrap();
        assert_eq!(install.value, InstallMode::Copy);
        assert_eq!(install.span.start().line, 20);
        assert_eq!(file.main.dependencies.groups, None);
    }
}
