//! `[args]` and `${NAME}`: build arguments are put into the file's values before these are read, so that whatever a
//! value may be, an argument may give it.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Error;
use crate::diagnostics::{Diagnostic, Document, Problem, closest};

/// The table whose own strings are not interpolated: it declares the names.
const ARGS: &str = "args";

/// The declared arguments with the values of this build: `given` ones first, else their defaults.
///
/// `args` is looked at as raw TOML, since values can only be read as their types after interpolation.
pub(super) fn declared(
    document: &Document,
    root: &DeTable<'_>,
    given: &BTreeMap<String, String>,
) -> (BTreeMap<String, String>, Vec<Diagnostic>) {
    let mut values = BTreeMap::new();
    let mut found = Vec::new();
    let Some(DeValue::Table(args)) = root.get(ARGS).map(Spanned::get_ref) else {
        return (values, found);
    };
    for (name, arg) in args {
        let place = document.place(name.span());
        let name = name.get_ref().as_ref();
        if !is_name(name) {
            found.push(Error::ArgName(name.to_owned()).at(&place));
            continue;
        }
        let default = arg
            .get_ref()
            .get("default")
            .and_then(|default| default.get_ref().as_str());
        match given.get(name).map(String::as_str).or(default) {
            Some(value) => {
                values.insert(name.to_owned(), value.to_owned());
            }
            None => found.push(Error::ArgMissing(name.to_owned()).at(&place)),
        }
    }
    (values, found)
}

/// Replaces `${NAME}` in every string of `root` but those of `[args]`; `$${` stands for a literal `${`.
pub(super) fn interpolate(
    document: &Document,
    root: &mut DeTable<'_>,
    values: &BTreeMap<String, String>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (key, value) in root.iter_mut() {
        if key.get_ref() != ARGS {
            interpolate_value(document, value, values, &mut found);
        }
    }
    found
}

fn interpolate_value(
    document: &Document,
    value: &mut Spanned<DeValue<'_>>,
    values: &BTreeMap<String, String>,
    found: &mut Vec<Diagnostic>,
) {
    let span = value.span();
    match value.get_mut() {
        DeValue::String(text) if text.contains("${") => match replace(text, values) {
            Ok(replaced) => *text = replaced.into(),
            Err(error) => found.push(error.at(&document.place(span))),
        },
        DeValue::Array(items) => {
            for item in items.iter_mut() {
                interpolate_value(document, item, values, found);
            }
        }
        DeValue::Table(table) => {
            for (_, item) in table.iter_mut() {
                interpolate_value(document, item, values, found);
            }
        }
        _ => {}
    }
}

fn replace(text: &str, values: &BTreeMap<String, String>) -> Result<String, Error> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        if rest[..start].ends_with('$') {
            // `$${`: the first dollar escapes.
            out.push_str(&rest[..start - 1]);
            out.push_str("${");
            rest = &rest[start + 2..];
            continue;
        }
        out.push_str(&rest[..start]);
        let after = &rest[start + 2..];
        let (name, tail) = after
            .split_once('}')
            .filter(|(name, _)| is_name(name))
            .ok_or_else(|| Error::ArgReference(text.to_owned()))?;
        let value = values.get(name).ok_or_else(|| Error::UnknownArg {
            name: name.to_owned(),
            meant: closest(name, values.keys().map(String::as_str)).map(str::to_owned),
        })?;
        out.push_str(value);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// Whether `name` can name an argument or an environment variable.
pub(super) fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && chars.all(|char| char.is_ascii_alphanumeric() || char == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> BTreeMap<String, String> {
        BTreeMap::from([
            ("A".to_owned(), "1".to_owned()),
            ("B_2".to_owned(), String::new()),
        ])
    }

    #[test]
    fn names_are_replaced_and_escapes_kept() {
        assert_eq!(replace("x${A}y${B_2}${A}", &values()).unwrap(), "x1y1");
        assert_eq!(replace("$${A} $A ${A}", &values()).unwrap(), "${A} $A 1");
        assert_eq!(replace("$$${A}", &values()).unwrap(), "$${A}");
    }

    #[test]
    fn what_is_not_a_reference_is_an_error() {
        for wrong in ["${", "${A", "${A:-x}", "${}", "${1}"] {
            assert!(
                matches!(replace(wrong, &values()), Err(Error::ArgReference(_))),
                "{wrong}"
            );
        }
        assert!(matches!(
            replace("${C}", &values()),
            Err(Error::UnknownArg { .. })
        ));
    }
}
