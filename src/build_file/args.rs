//! `[args]` and `${NAME}`: references are replaced in the TOML, before values get their types, so that an argument can
//! give any value.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::error::Error;
use super::schema::ArgType;
use crate::diagnostics::{Diagnostic, Document, Problem, Span, closest};

/// The limit for all replaced references together, in KiB: one long argument can be used many times.
const LARGEST: usize = 256;

/// The table that declares the names. References in it are not replaced.
const ARGS: &str = "args";

/// A build argument with its value in this build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// The value.
    pub value: String,
    /// The type of the value.
    pub kind: ArgType,
    /// What the argument is for.
    pub description: Option<String>,
    /// The value if `--build-arg` does not give one.
    pub default: Option<String>,
    /// The allowed values; empty for any.
    pub choices: Vec<String>,
    /// The argument's name in the file.
    pub span: Span,
}

/// The declared arguments with their values in this build: the `given` ones, or their defaults.
pub(super) fn declared(
    document: &Document,
    root: &DeTable<'_>,
    given: &BTreeMap<String, String>,
) -> (BTreeMap<String, Argument>, Vec<Diagnostic>) {
    let mut values = BTreeMap::new();
    let mut found = Vec::new();
    let Some(DeValue::Table(args)) = root.get(ARGS).map(Spanned::get_ref) else {
        return (values, found);
    };
    for (name, arg) in args {
        let span = document.span(name.span());
        let name = name.get_ref().as_ref();
        if !is_name(name) {
            found.push(Error::ArgName(name.to_owned()).at(&span));
            continue;
        }
        match argument(name, arg.get_ref(), given.get(name), &span) {
            Ok(argument) => {
                values.insert(name.to_owned(), argument);
            }
            Err(error) => found.push(error.at(&span)),
        }
    }
    (values, found)
}

fn argument(
    name: &str,
    table: &DeValue<'_>,
    given: Option<&String>,
    span: &Span,
) -> Result<Argument, Error> {
    let get = |key: &str| table.get(key).map(Spanned::get_ref);
    let default = get("default");
    let kind = match get("type").and_then(DeValue::as_str) {
        Some("integer") => ArgType::Integer,
        Some("boolean") => ArgType::Boolean,
        Some(_) => ArgType::String,
        None => match default {
            Some(DeValue::Integer(_)) => ArgType::Integer,
            Some(DeValue::Boolean(_)) => ArgType::Boolean,
            _ => ArgType::String,
        },
    };
    let default = default.and_then(text);
    let choices = get("choices").and_then(DeValue::as_array);
    let choices: Vec<String> = choices
        .into_iter()
        .flat_map(|choices| choices.iter())
        .filter_map(|choice| text(choice.get_ref()))
        .collect();
    let value = given.or(default.as_ref());
    let value = value
        .ok_or_else(|| Error::ArgMissing(name.to_owned()))?
        .clone();
    let expected = match kind {
        ArgType::Integer if value.parse::<i64>().is_err() => Some("a whole number"),
        ArgType::Boolean if !["true", "false"].contains(&value.as_str()) => {
            Some("`true` or `false`")
        }
        _ => None,
    };
    if let Some(expected) = expected {
        let name = name.to_owned();
        return Err(Error::ArgValue { name, expected });
    }
    if !choices.is_empty() && !choices.contains(&value) {
        let name = name.to_owned();
        return Err(Error::ArgChoice { name, choices });
    }
    Ok(Argument {
        value,
        kind,
        description: get("description")
            .and_then(DeValue::as_str)
            .map(str::to_owned),
        default,
        choices,
        span: span.clone(),
    })
}

/// Build arguments with a meaning of their own, in lower case (BuildKit, `frontend/dockerfile/docs/reference.md`).
const PREDEFINED: [&str; 6] = [
    "all_proxy",
    "ftp_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "source_date_epoch",
];

/// The names that were given and have no effect.
pub(super) fn unknown(
    arguments: &BTreeMap<String, Argument>,
    build_args: &BTreeMap<String, String>,
) -> Vec<String> {
    let has_effect = |name: &str| {
        let lower = name.to_ascii_lowercase();
        arguments.contains_key(name)
            || PREDEFINED.contains(&lower.as_str())
            || name.starts_with("BUILDKIT_")
    };
    let given = build_args.keys();
    given.filter(|name| !has_effect(name)).cloned().collect()
}

/// A string, number or boolean as a string.
fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .map(|number| number.to_string()),
        DeValue::Boolean(value) => Some(value.to_string()),
        _ => None,
    }
}

/// Replaces `${NAME}` in all strings outside `[args]`, and `$${` with a literal `${`. A string that consists of a single
/// reference gets the type of the argument.
pub(super) fn interpolate<'i>(
    document: &Document,
    root: &mut DeTable<'i>,
    values: &'i BTreeMap<String, Argument>,
) -> Vec<Diagnostic> {
    let mut replacing = Replacing {
        document,
        values,
        room: LARGEST << 10,
        found: Vec::new(),
    };
    for (key, value) in root.iter_mut() {
        if key.get_ref() != ARGS {
            replacing.value(value);
        }
    }
    replacing.found
}

struct Replacing<'d, 'i> {
    document: &'d Document,
    values: &'i BTreeMap<String, Argument>,
    /// How many bytes can still be inserted.
    room: usize,
    found: Vec<Diagnostic>,
}

impl<'i> Replacing<'_, 'i> {
    fn value(&mut self, value: &mut Spanned<DeValue<'i>>) {
        let span = value.span();
        if let DeValue::String(text) = value.get_ref()
            && let Some(typed) = typed(text, self.values)
        {
            *value.get_mut() = typed;
            return;
        }
        match value.get_mut() {
            DeValue::String(text) if text.contains("${") => {
                match replace(text, self.values, &mut self.room) {
                    Ok(replaced) => *text = replaced.into(),
                    Err(error) => self.found.push(error.at(&self.document.span(span))),
                }
            }
            DeValue::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            DeValue::Table(table) => {
                for (key, item) in table.iter_mut() {
                    if let (true, DeValue::Array(items)) =
                        (NAMES.contains(&key.get_ref().as_ref()), item.get_mut())
                    {
                        self.split(items);
                    }
                    self.value(item);
                }
            }
            _ => {}
        }
    }
}

/// The keys of lists whose entries have no commas, so that one argument can stand for several.
const NAMES: [&str; 5] = ["extras", "groups", "packages", "plugins", "without"];

impl<'i> Replacing<'_, 'i> {
    /// Replaces each entry that is a reference by the names in its value, which are separated by commas. There can be none.
    fn split(&self, items: &mut DeArray<'i>) {
        let entries = std::mem::replace(items, DeArray::new());
        for entry in entries {
            let text = entry.get_ref().as_str();
            let argument = text.and_then(|text| named(text, self.values));
            match argument.filter(|argument| argument.kind == ArgType::String) {
                Some(argument) if argument.value.is_empty() || argument.value.contains(',') => {
                    let names = argument.value.split(',').map(str::trim);
                    let names = names.filter(|name| !name.is_empty());
                    for name in names {
                        // Nothing in a value is a reference.
                        let name = name.replace("${", "$${");
                        items.push(Spanned::new(entry.span(), DeValue::String(name.into())));
                    }
                }
                _ => items.push(entry),
            }
        }
    }
}

/// The argument that `text` is a reference to.
fn named<'i>(text: &str, values: &'i BTreeMap<String, Argument>) -> Option<&'i Argument> {
    values.get(text.strip_prefix("${")?.strip_suffix('}')?)
}

/// The value of an argument that is not a string, if `text` is a reference to it.
fn typed<'i>(text: &str, values: &'i BTreeMap<String, Argument>) -> Option<DeValue<'i>> {
    let argument = named(text, values)?;
    if argument.kind == ArgType::String {
        return None;
    }
    DeValue::parse(&argument.value)
        .ok()
        .map(Spanned::into_inner)
}

/// Replaces the references in a text; the values are deducted from `room`.
fn replace(
    text: &str,
    values: &BTreeMap<String, Argument>,
    room: &mut usize,
) -> Result<String, Error> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        if rest[..start].ends_with('$') {
            // In `$${` the first dollar sign is an escape.
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
        *room = room
            .checked_sub(value.value.len())
            .ok_or(Error::TooLargeFilled(LARGEST))?;
        out.push_str(&value.value);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// Whether an argument or an environment variable can have this name.
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

    fn values() -> BTreeMap<String, Argument> {
        let span = Document::new("f", "toml", "").first_line();
        let argument = |value: &str| Argument {
            value: value.to_owned(),
            kind: ArgType::String,
            description: None,
            default: None,
            choices: Vec::new(),
            span: span.clone(),
        };
        BTreeMap::from([
            ("A".to_owned(), argument("1")),
            ("B_2".to_owned(), argument("")),
        ])
    }

    fn replace(text: &str, values: &BTreeMap<String, Argument>) -> Result<String, Error> {
        super::replace(text, values, &mut 4)
    }

    #[test]
    fn replaced_arguments_have_a_size_limit() {
        assert_eq!(replace("${A}${A}${A}${A}", &values()).unwrap(), "1111");
        assert!(matches!(
            replace("${A}${A}${A}${A}${A}", &values()),
            Err(Error::TooLargeFilled(LARGEST))
        ));
    }

    #[test]
    fn references_are_replaced_and_escapes_are_not() {
        assert_eq!(replace("x${A}y${B_2}${A}", &values()).unwrap(), "x1y1");
        assert_eq!(replace("$${A} $A ${A}", &values()).unwrap(), "${A} $A 1");
        assert_eq!(replace("$$${A}", &values()).unwrap(), "$${A}");
    }

    #[test]
    fn invalid_references_are_errors() {
        for invalid in ["${", "${A", "${A:-x}", "${}", "${1}"] {
            assert!(
                matches!(replace(invalid, &values()), Err(Error::ArgReference(_))),
                "{invalid}"
            );
        }
        assert!(matches!(
            replace("${C}", &values()),
            Err(Error::UnknownArg { .. })
        ));
    }
}
