//! `[target.NAME]`: the TOML of a target is merged over that of the file, and the result is read like any file. So every
//! key means the same in a target, and inheritance needs no code anywhere else.

use std::collections::BTreeMap;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Error, toml_error};
use super::schema::TargetTable;
use super::spec::{BUILT_IN_TARGETS, Target};
use super::{decode, validate};
use crate::diagnostics::{Diagnostic, Diagnostics, Document, Located, Problem, Span, closest};

const TARGET: &str = "target";
/// Every target holds a copy of the file.
const MOST: usize = 50;
/// The lists that a target appends to.
const APPENDED: [&str; 2] = ["copy", "hook"];
/// The keys that are not inherited.
const OWN: [&str; 3] = ["description", "extends", "run"];

/// Reads the targets of a file whose types are right.
pub(super) fn read(
    document: &Document,
    root: &DeTable<'_>,
) -> Result<BTreeMap<String, Target>, Diagnostics> {
    let mut main = root.clone();
    let Some(DeValue::Table(tables)) = main.remove(TARGET).map(Spanned::into_inner) else {
        return Ok(BTreeMap::new());
    };
    if tables.len() > MOST {
        let (what, most) = ("`[target.NAME]` tables", MOST);
        let error = Error::TooMany { what, most };
        return Err(error.at(&document.first_line()).into());
    }
    let mut found = Vec::new();
    let mut targets = BTreeMap::new();
    for (name, table) in &tables {
        let span = document.span(name.span());
        let name = name.get_ref().to_string();
        if let Some(error) = invalid_name(&name) {
            found.push(error.at(&span));
            continue;
        }
        let own = typed(document, table)?;
        let image = match chain(document, &tables, &name) {
            Ok(chain) => {
                let merged = chain.into_iter().fold(main.clone(), merged);
                decode::typed(document, merged)
                    .and_then(|file| validate::image_spec(document, file))
            }
            Err(error) => Err(error.into()),
        };
        let image = match image {
            Ok((image, _)) => image,
            Err(errors) => {
                found.extend(errors.iter().cloned());
                continue;
            }
        };
        let run = own.run.and_then(|run| {
            let span = document.span(run.span);
            if run.value.0.first().is_none_or(String::is_empty) {
                found.push(Error::EmptyCommand("run").at(&span));
                return None;
            }
            let value = run.value.0;
            Some(Located { value, span })
        });
        let target = Target {
            description: own.description,
            run,
            image,
            span,
        };
        targets.insert(name, target);
    }
    Diagnostics::fail_if_any(found)?;
    Ok(targets)
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

/// The tables to merge over the main file, in this order; the last is the target's own.
fn chain<'t, 'i>(
    document: &Document,
    tables: &'t DeTable<'i>,
    name: &str,
) -> Result<Vec<&'t DeTable<'i>>, Diagnostic> {
    let mut names = vec![name.to_owned()];
    let mut chain = Vec::new();
    let mut asked: Option<(String, Span)> = None;
    loop {
        let next = asked.as_ref().map_or(name, |(next, _)| next.as_str());
        let Some(DeValue::Table(table)) = tables.get(next).map(Spanned::get_ref) else {
            let span = asked.as_ref().map(|(_, span)| span.clone());
            let known: Vec<String> = tables
                .iter()
                .map(|(key, _)| key.get_ref().to_string())
                .collect();
            let error = Error::UnknownTarget {
                name: next.to_owned(),
                meant: closest(next, known.iter().map(String::as_str)).map(str::to_owned),
                known: known.clone(),
            };
            return Err(error.at(&span.unwrap_or_else(|| document.first_line())));
        };
        chain.push(table);
        let extends = table.get("extends");
        let Some((extends, text)) = extends.and_then(|at| Some((at, at.get_ref().as_str()?)))
        else {
            break;
        };
        let span = document.span(extends.span());
        if names.iter().any(|known| known == text) {
            return Err(Error::TargetCycle(text.to_owned()).at(&span));
        }
        names.push(text.to_owned());
        asked = Some((text.to_owned(), span));
    }
    chain.reverse();
    Ok(chain)
}

fn merged<'i>(mut file: DeTable<'i>, target: &DeTable<'i>) -> DeTable<'i> {
    let sets = |key: &str| {
        let runtime = target.get("runtime").and_then(|at| at.get_ref().as_table());
        runtime.is_some_and(|runtime| runtime.contains_key(key))
    };
    // The inherited arguments are those of another command.
    if sets("entrypoint")
        && !sets("cmd")
        && let Some(DeValue::Table(runtime)) = file.get_mut("runtime").map(Spanned::get_mut)
    {
        runtime.remove("cmd");
    }
    for (key, value) in target {
        if OWN.contains(&key.get_ref().as_ref()) {
            continue;
        }
        let appended = APPENDED.contains(&key.get_ref().as_ref());
        match file.get_mut(key.get_ref().as_ref()) {
            Some(below) => merge(below, value, appended),
            None => {
                file.insert(key.clone(), value.clone());
            }
        }
    }
    file
}

/// Merges `above` over `below`: tables key by key, lists appended if `append`, other values replaced.
fn merge<'i>(below: &mut Spanned<DeValue<'i>>, above: &Spanned<DeValue<'i>>, append: bool) {
    match (below.get_mut(), above.get_ref()) {
        (DeValue::Table(table), DeValue::Table(more)) => {
            for (key, value) in more {
                match table.get_mut(key.get_ref().as_ref()) {
                    Some(at) => merge(at, value, false),
                    None => {
                        table.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (DeValue::Array(items), DeValue::Array(more)) if append => {
            for item in more {
                items.push(item.clone());
            }
        }
        _ => *below = above.clone(),
    }
}

fn invalid_name(name: &str) -> Option<Error> {
    if BUILT_IN_TARGETS.contains(&name) {
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
        assert_eq!(test.run.as_ref().unwrap().value, ["pytest"]);
        assert_eq!(test.image.runtime.env["B"].value, "3");
        assert!(test.image.runtime.packages.is_empty());
        let install = test.image.source.install.as_ref().unwrap();
        assert_eq!(install.value, InstallMode::Copy);
        assert_eq!(install.span.start().line, 20);
        assert_eq!(file.main.dependencies.groups, None);
    }
}
