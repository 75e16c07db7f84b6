//! `[target.dev]`, which adjusts the built-in target `dev`. Its image is for work on the project, so what describes the
//! service is not inherited, and keys that such an image has no use for are errors.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Error;
use super::values::own_directory;
use crate::diagnostics::{Diagnostic, Document, Problem};

/// Keys that the development image has its own defaults for.
const OF_THE_SERVICE: [(&str, &[&str]); 2] = [
    ("dependencies", &["groups", "without", "extras"]),
    (
        "runtime",
        &[
            "workdir",
            "entrypoint",
            "cmd",
            "healthcheck",
            "stop-signal",
            "smoke-test",
            "max-size",
        ],
    ),
];

const EDITABLE: &str =
    "remove it: the development image has the whole project, installed in editable mode";

/// Keys without effect with their tables, and their hints.
const WITHOUT_EFFECT: [(&str, &str, &str); 7] = [
    ("source", "install", EDITABLE),
    ("source", "include", EDITABLE),
    ("source", "exclude", EDITABLE),
    ("source", "cache", EDITABLE),
    (
        "dependencies",
        "layers",
        "remove it: the development image has all dependencies in one layer",
    ),
    (
        "runtime",
        "base",
        "set `base` in `[target.dev.build]`: the development image starts from the builder",
    ),
    (
        "runtime",
        "read-only",
        "remove it: containers of the development image write to the project",
    ),
];

pub(super) fn remove_what_describes_the_service(file: &mut DeTable<'_>) {
    for (table, keys) in OF_THE_SERVICE {
        let Some(DeValue::Table(table)) = file.get_mut(table).map(Spanned::get_mut) else {
            continue;
        };
        for key in keys {
            table.remove(*key);
        }
    }
}

/// What `[target.dev]` itself must not say.
pub(super) fn errors(document: &Document, dev: &DeTable<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (table, key, hint) in WITHOUT_EFFECT {
        let table = dev.get(table).and_then(|at| at.get_ref().as_table());
        let at = table.and_then(|table| Some(table.get_key_value(key)?.0));
        found.extend(at.map(|at| {
            let error = Error::WithoutEffectInDevelopment {
                key: at.get_ref().to_string(),
                hint,
            };
            error.at(&document.span(at.span()))
        }));
    }
    // The user owns it, and everything in it.
    let runtime = dev.get("runtime").and_then(|at| at.get_ref().as_table());
    if let Some(at) = runtime.and_then(|runtime| runtime.get("workdir"))
        && let Some(text) = at.get_ref().as_str()
        && let Err(error @ Error::SystemDirectory(_)) = own_directory(text.to_owned())
    {
        found.push(error.at(&document.span(at.span())));
    }
    found
}
