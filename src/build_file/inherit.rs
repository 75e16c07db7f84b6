//! What a target inherits: the TOML of the file, or of the target that it extends, without what it leaves out, and with its
//! own TOML merged over it.

use std::collections::{BTreeMap, BTreeSet};

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::development;
use super::error::Error;
use super::merge::merge_target;
use super::spec::DEV;
use crate::diagnostics::{Diagnostic, Document, Problem, Span, closest};

/// What a target `extends` that inherits nothing.
pub(super) const NOTHING: &str = "none";
/// The tables that a target can have.
const TABLES: [&str; 6] = ["dependencies", "source", "build", "runtime", COPY, "hook"];
const COPY: &str = "copy";

/// What targets inherit from.
pub(super) struct Inheritance<'t, 'i> {
    pub(super) document: &'t Document,
    /// The file without its targets.
    main: &'t DeTable<'i>,
    targets: &'t DeTable<'i>,
    /// For each target, those that it and the targets that it extends copy from, directly or through others.
    copied: BTreeMap<String, BTreeSet<String>>,
}

/// The targets that make up a target, from the first that inherits to the target itself.
struct Chain<'t, 'i> {
    targets: Vec<(String, Option<&'t DeTable<'i>>)>,
    /// Whether the first one inherits the file.
    of_file: bool,
}

impl<'t, 'i> Inheritance<'t, 'i> {
    pub(super) fn new(
        document: &'t Document,
        main: &'t DeTable<'i>,
        targets: &'t DeTable<'i>,
    ) -> Self {
        let mut inheritance = Self {
            document,
            main,
            targets,
            copied: BTreeMap::new(),
        };
        let names = targets.iter().map(|(name, _)| name.get_ref().to_string());
        let direct: BTreeMap<String, BTreeSet<String>> = names
            .map(|name| (name.clone(), inheritance.copied_along(&name)))
            .collect();
        for name in direct.keys() {
            let mut all = BTreeSet::new();
            let mut open = vec![name];
            while let Some(name) = open.pop() {
                let copied = direct.get(name).into_iter().flatten();
                open.extend(copied.filter(|copied| all.insert((*copied).clone())));
            }
            inheritance.copied.insert(name.clone(), all);
        }
        inheritance
    }

    /// The file that describes the image of a target. `dev` needs no table.
    pub(super) fn file_of(&self, name: &str) -> Result<DeTable<'i>, Diagnostic> {
        let chain = self.chain(name)?;
        let mut file = self.main.clone();
        if !chain.of_file {
            for table in TABLES {
                file.remove(table);
            }
        }
        for (name, target) in chain.targets {
            for table in left_out(target) {
                file.remove(table);
            }
            if self.is_copied_from(&name, &file) {
                remove_copies_from_targets(&mut file);
            }
            if name == DEV {
                development::remove_what_describes_the_service(&mut file);
            }
            if let Some(target) = target {
                merge_target(&mut file, target);
            }
        }
        Ok(file)
    }

    fn table(&self, name: &str) -> Option<&'t DeTable<'i>> {
        self.targets.get(name)?.get_ref().as_table()
    }

    fn chain(&self, name: &str) -> Result<Chain<'t, 'i>, Diagnostic> {
        let mut targets = vec![(name.to_owned(), self.table(name))];
        let mut of_file = true;
        let mut last = self.table(name);
        while let Some((next, span)) = self.extended(last) {
            if next == NOTHING {
                of_file = false;
                break;
            }
            if targets.iter().any(|(known, _)| known == next) {
                return Err(Error::TargetCycle(next.to_owned()).at(&span));
            }
            if next == DEV {
                return Err(Error::ExtendsDevelopment.at(&span));
            }
            last = self.table(next);
            if last.is_none() {
                return Err(self.unknown(next, name).at(&span));
            }
            targets.push((next.to_owned(), last));
        }
        targets.reverse();
        Ok(Chain { targets, of_file })
    }

    /// What a target extends, and where it says so.
    fn extended(&self, target: Option<&'t DeTable<'i>>) -> Option<(&'t str, Span)> {
        let extends = target?.get("extends")?;
        let name = extends.get_ref().as_str()?;
        Some((name, self.document.span(extends.span())))
    }

    /// `by` is the target that is read.
    fn unknown(&self, name: &str, by: &str) -> Error {
        let names = self.targets.iter().map(|(key, _)| key.get_ref().as_ref());
        let names = names.filter(|known| ![DEV, by].contains(known));
        let known: Vec<String> = names.chain([NOTHING]).map(str::to_owned).collect();
        Error::UnknownTarget {
            name: name.to_owned(),
            meant: closest(name, known.iter().map(String::as_str)).map(str::to_owned),
            known,
        }
    }

    /// The targets that a target and those that it extends copy from.
    fn copied_along(&self, name: &str) -> BTreeSet<String> {
        // An error is reported with that target.
        let chain = self.chain(name).map(|chain| chain.targets);
        let tables = chain.into_iter().flatten().filter_map(|(_, table)| table);
        tables.flat_map(copied_from).map(str::to_owned).collect()
    }

    /// Whether the file copies from the target, or from one that does. The target would otherwise inherit a copy of itself.
    fn is_copied_from(&self, target: &str, file: &DeTable<'i>) -> bool {
        copied_from(file).any(|name| {
            let others = self.copied.get(name);
            name == target || others.is_some_and(|others| others.contains(target))
        })
    }
}

/// The tables that a target does not inherit.
fn left_out<'t>(target: Option<&'t DeTable<'_>>) -> impl Iterator<Item = &'t str> {
    let without = target.and_then(|target| target.get("without"));
    let names = without.and_then(|without| without.get_ref().as_array());
    names
        .into_iter()
        .flat_map(|names| names.iter())
        .filter_map(|name| name.get_ref().as_str())
}

/// The names of the targets that a table copies from.
fn copied_from<'t>(table: &'t DeTable<'_>) -> impl Iterator<Item = &'t str> {
    let copies = table
        .get(COPY)
        .and_then(|copies| copies.get_ref().as_array());
    copies
        .into_iter()
        .flat_map(|copies| copies.iter())
        .filter_map(|copy| target_of(copy.get_ref()))
}

/// The target that a `[[copy]]` copies from.
fn target_of<'t>(copy: &'t DeValue<'_>) -> Option<&'t str> {
    let from = copy.get("from")?.get_ref().as_str()?;
    from.strip_prefix("target:")
}

fn remove_copies_from_targets(file: &mut DeTable<'_>) {
    let Some(DeValue::Array(copies)) = file.get_mut(COPY).map(Spanned::get_mut) else {
        return;
    };
    for copy in std::mem::replace(copies, DeArray::new()) {
        if target_of(copy.get_ref()).is_none() {
            copies.push(copy);
        }
    }
}
