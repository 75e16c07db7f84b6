//! `[target.NAME]`: a target's file is the whole file with what the target says laid over it, so that every key means the
//! same in a target and is inherited without a word for it anywhere else.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Error;
use super::schema::TargetTable;
use super::{BUILT_IN_TARGETS, BuildFile, Located, Target, toml_error};
use crate::diagnostics::{Diagnostic, Diagnostics, Document, Place, Problem, closest};

const TARGET: &str = "target";
/// More than any file has: each inherits all that the file says.
const MOST: usize = 50;
/// The tables that a target adds to; all others it merges with.
const ADDED: [&str; 2] = ["copy", "hook"];
/// What a target says of itself alone.
const OWN: [&str; 3] = ["description", "extends", "run"];

/// Reads the targets of `root`, whose types are right; `whole` reads a file without targets.
pub(super) fn read<'i>(
    document: &Document,
    root: &DeTable<'i>,
    whole: impl Fn(DeTable<'i>) -> Result<BuildFile, Diagnostics>,
) -> Result<BTreeMap<String, Target>, Diagnostics> {
    let mut main = root.clone();
    let Some(DeValue::Table(tables)) = main.remove(TARGET).map(Spanned::into_inner) else {
        return Ok(BTreeMap::new());
    };
    if tables.len() > MOST {
        let (what, most) = ("`[target.NAME]`", MOST);
        let error = Error::TooMany { what, most };
        return Err(error.at(&document.first_line()).into());
    }
    let mut found = Vec::new();
    let mut targets = BTreeMap::new();
    for (name, table) in &tables {
        let place = document.place(name.span());
        let name = name.get_ref().to_string();
        if let Some(error) = wrong_name(&name) {
            found.push(error.at(&place));
            continue;
        }
        let own = shape(document, table)?;
        let file = match chain(document, &tables, &name) {
            Ok(chain) => {
                let merged = chain.into_iter().fold(main.clone(), lay_over);
                whole(merged)
            }
            Err(mistake) => Err(mistake.into()),
        };
        let file = match file {
            Ok(file) => file,
            Err(mistakes) => {
                found.extend(mistakes.iter().cloned());
                continue;
            }
        };
        let run = own.run.and_then(|run| {
            let place = document.place(run.span);
            if run.value.first().is_none_or(String::is_empty) {
                found.push(Error::EmptyCommand("run").at(&place));
                return None;
            }
            let value = run.value;
            Some(Located { value, place })
        });
        let target = Target {
            description: own.description,
            run,
            file,
            place,
        };
        targets.insert(name, target);
    }
    Diagnostics::check(found)?;
    Ok(targets)
}

fn shape(document: &Document, table: &Spanned<DeValue<'_>>) -> Result<TargetTable, Diagnostics> {
    let shape = match table.get_ref() {
        DeValue::Table(inner) => {
            let inner = Spanned::new(table.span(), inner.clone());
            TargetTable::deserialize(toml::de::Deserializer::from(inner))
        }
        // The types were read before.
        _ => Ok(TargetTable::default()),
    };
    shape.map_err(|error| toml_error(document, &error, Error::WrongType).into())
}

/// The tables to lay over the main file, one after the other, the target's own last.
fn chain<'t, 'i>(
    document: &Document,
    tables: &'t DeTable<'i>,
    name: &str,
) -> Result<Vec<&'t DeTable<'i>>, Diagnostic> {
    let mut names = vec![name.to_owned()];
    let mut chain = Vec::new();
    let mut asked: Option<(String, Place)> = None;
    loop {
        let next = asked.as_ref().map_or(name, |(next, _)| next.as_str());
        let Some(DeValue::Table(table)) = tables.get(next).map(Spanned::get_ref) else {
            let place = asked.as_ref().map(|(_, place)| place.clone());
            let known: Vec<String> = tables
                .iter()
                .map(|(key, _)| key.get_ref().to_string())
                .collect();
            let error = Error::UnknownTarget {
                name: next.to_owned(),
                meant: closest(next, known.iter().map(String::as_str)).map(str::to_owned),
                known: known.clone(),
            };
            return Err(error.at(&place.unwrap_or_else(|| document.first_line())));
        };
        chain.push(table);
        let extends = table.get("extends");
        let Some((extends, text)) = extends.and_then(|at| Some((at, at.get_ref().as_str()?)))
        else {
            break;
        };
        let place = document.place(extends.span());
        if names.iter().any(|known| known == text) {
            return Err(Error::TargetCycle(text.to_owned()).at(&place));
        }
        names.push(text.to_owned());
        asked = Some((text.to_owned(), place));
    }
    chain.reverse();
    Ok(chain)
}

fn lay_over<'i>(mut file: DeTable<'i>, target: &DeTable<'i>) -> DeTable<'i> {
    let says = |key: &str| {
        let runtime = target.get("runtime").and_then(|at| at.get_ref().as_table());
        runtime.is_some_and(|runtime| runtime.contains_key(key))
    };
    // Arguments that belong to another command.
    if says("entrypoint")
        && !says("cmd")
        && let Some(DeValue::Table(runtime)) = file.get_mut("runtime").map(Spanned::get_mut)
    {
        runtime.remove("cmd");
    }
    for (key, value) in target {
        if OWN.contains(&key.get_ref().as_ref()) {
            continue;
        }
        let added = ADDED.contains(&key.get_ref().as_ref());
        match file.get_mut(key.get_ref().as_ref()) {
            Some(below) => merge(below, value, added),
            None => {
                file.insert(key.clone(), value.clone());
            }
        }
    }
    file
}

/// Lays `above` over `below`: tables key by key; lists are added to if `added`, all else is replaced.
fn merge<'i>(below: &mut Spanned<DeValue<'i>>, above: &Spanned<DeValue<'i>>, added: bool) {
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
        (DeValue::Array(items), DeValue::Array(more)) if added => {
            for item in more {
                items.push(item.clone());
            }
        }
        _ => *below = above.clone(),
    }
}

fn wrong_name(name: &str) -> Option<Error> {
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
    use super::*;
    use crate::build_file::{DEFAULT_NAME, InstallMode};

    fn parse(text: &str) -> Result<BuildFile, String> {
        BuildFile::parse(DEFAULT_NAME, text.as_bytes(), &BTreeMap::new())
            .map_err(|mistakes| mistakes.to_string())
    }

    #[test]
    fn a_target_has_what_the_file_says_and_says_what_differs() {
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
        let worker = &file.targets["worker"].file;
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
        assert_eq!(test.file.runtime.env["B"].value, "3");
        assert!(test.file.runtime.packages.is_empty());
        let install = test.file.source.install.as_ref().unwrap();
        assert_eq!(install.value, InstallMode::Copy);
        assert_eq!(install.place.start().line, 21);
        assert_eq!(file.dependencies.groups, None);
    }

    #[test]
    fn targets_that_nothing_can_be_made_of() {
        for (text, line, what) in [
            (
                "[target.a]\nextends = \"b\"\n[target.bc]\n",
                2,
                "no target `b`",
            ),
            (
                "[target.a]\nextends = \"b\"\n[target.b]\nextends = \"a\"\n",
                2,
                "extends itself",
            ),
            ("[target.runtime]\n", 1, "built-in"),
            ("[target.\"A b\"]\n", 1, "cannot name a target"),
            ("[target.a]\nrun = []\n", 2, "`run` is empty"),
            ("[target.a]\nruntime.user.uid = 0\n", 2, "root"),
            (
                "[target.a]\ngroups = [\"dev\"]\n",
                2,
                "did you mean `dependencies.groups`?",
            ),
        ] {
            let told = parse(text).unwrap_err();
            assert!(
                told.contains(&format!("poetry.build.toml:{line}: ")),
                "{told}"
            );
            assert!(told.contains(what), "{told}");
        }
    }
}
