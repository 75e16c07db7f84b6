//! Finds the key that an unknown one stands for: a key of another table, a name of a Dockerfile, or a misspelt key.

use std::collections::{BTreeMap, BTreeSet};

use super::aliases::{ANYWHERE, Aliases, IN_SAME_TABLE};
use super::path::{NAME, Path, join};
use super::tree::Shape;
use crate::diagnostics::{closest, either, listed};

/// All keys of the schema.
pub(super) struct Keys {
    /// Those of `[target.NAME]` and of its tables.
    of_targets: Vec<Key>,
    /// All others, and those that only a target has.
    of_file: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    table: Path,
    name: String,
    /// The name with its table, the same for the keys of a target and of the file.
    path: String,
    /// How to write it, if it is a table.
    header: String,
}

impl Keys {
    pub(super) fn of(shape: &Shape) -> Self {
        let mut all = Vec::new();
        collect(shape, &Path::default(), &mut all);
        let is_in_target = |key: &Key| key.table.is_in_target();
        let (of_targets, mut of_file): (Vec<Key>, Vec<Key>) =
            all.into_iter().partition(is_in_target);
        let is_known = |key: &&Key| of_file.iter().any(|known| known.path == key.path);
        let own: Vec<Key> = of_targets
            .iter()
            .filter(|key| !is_known(key))
            .cloned()
            .collect();
        of_file.extend(own);
        Self {
            of_targets,
            of_file,
        }
    }

    /// What to write in place of the unknown key `name` of a table that has `known` keys.
    pub(super) fn hint(&self, table: &Path, known: &BTreeMap<String, Shape>, name: &str) -> String {
        let known = || known.keys().map(String::as_str);
        let anywhere = meant(ANYWHERE, name);
        let in_same_table = meant(IN_SAME_TABLE, name);
        let here = known().filter(|key| {
            let path = join(table.outside_targets(), key);
            let mut meant = anywhere.iter().chain(&in_same_table);
            alike(key, name) || meant.any(|meant| **meant == path)
        });
        let here: Vec<&str> = here.collect();
        if !here.is_empty() {
            return format!("did you mean {}?", either(&here));
        }
        let scopes = self.scopes(table);
        let elsewhere = scopes
            .iter()
            .find_map(|keys| elsewhere(keys, name, &anywhere));
        if let Some(hint) = elsewhere {
            return table.in_its_target(hint);
        }
        if let Some(meant) = closest(name, known()) {
            return format!("did you mean `{meant}`?");
        }
        for keys in scopes {
            let names: BTreeSet<&str> = keys.iter().map(|key| key.name.as_str()).collect();
            if let Some(meant) = closest(name, names) {
                let meant: Vec<&Key> = keys.iter().filter(|key| key.name == meant).collect();
                return table.in_its_target(format!("did you mean {}?", placed(&meant)));
            }
        }
        format!("known keys: {}", listed(known()))
    }

    /// The keys that a name stands for, if it is a guess.
    pub(super) fn guessed(&self, name: &str) -> Option<String> {
        let meant = meant(ANYWHERE, name);
        (!meant.is_empty()).then(|| elsewhere(&self.of_file, name, &meant))?
    }

    /// Where the key that is meant can be: first in the target, if the table is in one.
    fn scopes(&self, table: &Path) -> Vec<&[Key]> {
        if table.is_in_target() {
            vec![&self.of_targets, &self.of_file]
        } else {
            vec![&self.of_file]
        }
    }
}

fn collect(shape: &Shape, table: &Path, found: &mut Vec<Key>) {
    for (name, child) in shape.keys().into_iter().flatten() {
        let path = table.child(name);
        let is_list = child.items().is_some_and(|items| items.keys().is_some());
        found.push(Key {
            table: table.clone(),
            name: name.clone(),
            path: join(table.outside_targets(), name),
            header: if is_list { path.item() } else { path.clone() }.header(),
        });
        collect(child, &path, found);
    }
    if let Some(items) = shape.items() {
        collect(items, &table.item(), found);
    }
    if let Some(values) = shape.values() {
        collect(values, &table.named(NAME), found);
    }
}

/// The keys that a guess stands for.
fn meant(aliases: &Aliases, name: &str) -> Vec<&'static str> {
    let aliases = aliases.iter();
    let aliases = aliases.filter(|(guesses, _)| guesses.iter().any(|guess| alike(guess, name)));
    aliases.flat_map(|(_, keys)| keys.iter().copied()).collect()
}

/// The hint for a guess of one of the keys in `meant`, or for a key of another table.
fn elsewhere(keys: &[Key], name: &str, meant: &[&str]) -> Option<String> {
    let meant: Vec<&Key> = keys
        .iter()
        .filter(|key| meant.contains(&key.path.as_str()))
        .collect();
    if !meant.is_empty() {
        return Some(format!("use {}", placed(&meant)));
    }
    let same = || keys.iter().filter(|key| alike(&key.name, name));
    // The less deep, the more likely.
    let depth = same().map(|key| key.table.depth()).min()?;
    let same: Vec<&Key> = same().filter(|key| key.table.depth() == depth).collect();
    let first = same.first()?;
    Some(if depth == 0 {
        format!("`{}` belongs at the top level", first.header)
    } else {
        format!("`{}` belongs in {}", first.name, either(headers(&same)))
    })
}

/// The keys with their tables: "`KEY` in `[TABLE]`".
fn placed(keys: &[&Key]) -> String {
    if keys.iter().any(|key| key.table.depth() == 0) {
        let headers: Vec<&str> = keys.iter().map(|key| key.header.as_str()).collect();
        return either(&headers);
    }
    let mut names: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
    names.dedup();
    format!("{} in {}", either(&names), either(headers(keys)))
}

fn headers(keys: &[&Key]) -> Vec<String> {
    let mut headers: Vec<String> = keys.iter().map(|key| key.table.header()).collect();
    headers.dedup();
    headers
}

/// Whether two names differ in case, `-` and `_` at most.
fn alike(one: &str, other: &str) -> bool {
    let letters = |name| str::chars(name).filter(|char| !['-', '_'].contains(char));
    letters(one)
        .flat_map(char::to_lowercase)
        .eq(letters(other).flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alias_stands_for_a_key_that_exists() {
        let known = &super::super::SCHEMA.keys.of_file;
        for (guesses, keys) in ANYWHERE.iter().chain(IN_SAME_TABLE) {
            for key in *keys {
                let exists = known.iter().any(|known| known.path == *key);
                assert!(exists, "{guesses:?}: there is no key `{key}`");
            }
        }
    }

    #[test]
    fn names_are_alike_without_case_and_hyphens() {
        assert!(alike("stop-signal", "STOPSIGNAL") && alike("stop_signal", "stop-signal"));
        assert!(!alike("stop", "stop-signal") && !alike("", "a"));
    }
}
