//! Merges the TOML of a target over that of the file, and that of a file over the defaults of a standard.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::Span;

/// The lists that are appended to.
const APPENDED: [&str; 2] = ["copy", "hook"];
/// The keys of a target that are not inherited.
const OWN: [&str; 4] = ["description", "extends", "run", "without"];
/// Keys that are not inherited by a table that sets the other one: they belong to it.
const TOGETHER: [(&str, &str, &str); 2] = [
    ("runtime", "entrypoint", "cmd"),
    ("dependencies", "groups", "without"),
];

/// A file with a target over it.
pub(super) struct Merged<'i> {
    /// `None`: the file itself.
    pub(super) target: Option<MergedTarget>,
    pub(super) table: DeTable<'i>,
}

pub(super) struct MergedTarget {
    pub(super) name: String,
    /// The name in the file.
    pub(super) span: Span,
    pub(super) is_for_development: bool,
}

/// Merges a target, or a file, over what it inherits.
pub(super) fn merge_target<'i>(file: &mut DeTable<'i>, target: &DeTable<'i>) {
    for (table, main, further) in TOGETHER {
        let own = target.get(table).and_then(|at| at.get_ref().as_table());
        let own = own.is_some_and(|own| own.contains_key(main) && !own.contains_key(further));
        if own && let Some(DeValue::Table(inherited)) = file.get_mut(table).map(Spanned::get_mut) {
            inherited.remove(further);
        }
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
