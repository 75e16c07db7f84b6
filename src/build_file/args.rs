//! `[args]` and `${NAME}`: build arguments are put into the file's values before these are read, so that whatever a
//! value may be, an argument may give it.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::Error;
use super::schema::ArgType;
use crate::diagnostics::{Diagnostic, Document, Place, Problem, closest};

/// No values are larger, in KiB, once arguments are in their places: each argument may be in many.
const LARGEST: usize = 256;

/// The table whose own strings are not interpolated: it declares the names.
const ARGS: &str = "args";

/// An argument with the value that it has in this build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// The value.
    pub value: String,
    /// The type that the value has.
    pub kind: ArgType,
    /// What it is for.
    pub description: Option<String>,
    /// Its default.
    pub default: Option<String>,
    /// The only values that it may have; empty: any.
    pub choices: Vec<String>,
    /// Where it is declared.
    pub place: Place,
}

/// The declared arguments with the values of this build: `given` ones first, else their defaults.
///
/// `args` is looked at as raw TOML, since values can only be read as their types after interpolation; what is wrong with
/// its own types is found then.
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
        let place = document.place(name.span());
        let name = name.get_ref().as_ref();
        if !is_name(name) {
            found.push(Error::ArgName(name.to_owned()).at(&place));
            continue;
        }
        match argument(name, arg.get_ref(), given.get(name), &place) {
            Ok(argument) => {
                values.insert(name.to_owned(), argument);
            }
            Err(error) => found.push(error.at(&place)),
        }
    }
    (values, found)
}

fn argument(
    name: &str,
    table: &DeValue<'_>,
    given: Option<&String>,
    place: &Place,
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
        place: place.clone(),
    })
}

/// A plain value as a text that says the same.
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

/// Replaces `${NAME}` in every string of `root` but those of `[args]`; `$${` stands for a literal `${`. A string that is
/// nothing but a reference takes the argument's type.
pub(super) fn interpolate<'i>(
    document: &Document,
    root: &mut DeTable<'i>,
    values: &'i BTreeMap<String, Argument>,
) -> Vec<Diagnostic> {
    let mut filling = Filling {
        document,
        values,
        room: LARGEST << 10,
        found: Vec::new(),
    };
    for (key, value) in root.iter_mut() {
        if key.get_ref() != ARGS {
            filling.value(value);
        }
    }
    filling.found
}

struct Filling<'d, 'i> {
    document: &'d Document,
    values: &'i BTreeMap<String, Argument>,
    /// How many bytes may still be filled in.
    room: usize,
    found: Vec<Diagnostic>,
}

impl<'i> Filling<'_, 'i> {
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
                    Err(error) => self.found.push(error.at(&self.document.place(span))),
                }
            }
            DeValue::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            DeValue::Table(table) => table.iter_mut().for_each(|(_, item)| self.value(item)),
            _ => {}
        }
    }
}

/// The value of an argument that is no text, if `text` is a reference to it.
fn typed<'i>(text: &str, values: &'i BTreeMap<String, Argument>) -> Option<DeValue<'i>> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    let argument = values.get(name)?;
    if argument.kind == ArgType::String {
        return None;
    }
    DeValue::parse(&argument.value)
        .ok()
        .map(Spanned::into_inner)
}

/// The text with the arguments in it, which take up `room`.
fn replace(
    text: &str,
    values: &BTreeMap<String, Argument>,
    room: &mut usize,
) -> Result<String, Error> {
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
        *room = room
            .checked_sub(value.value.len())
            .ok_or(Error::TooLargeFilled(LARGEST))?;
        out.push_str(&value.value);
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

    fn values() -> BTreeMap<String, Argument> {
        let place = Document::new("f", "toml", "").first_line();
        let argument = |value: &str| Argument {
            value: value.to_owned(),
            kind: ArgType::String,
            description: None,
            default: None,
            choices: Vec::new(),
            place: place.clone(),
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
    fn arguments_take_up_no_more_room_than_there_is() {
        assert_eq!(replace("${A}${A}${A}${A}", &values()).unwrap(), "1111");
        assert!(matches!(
            replace("${A}${A}${A}${A}${A}", &values()),
            Err(Error::TooLargeFilled(LARGEST))
        ));
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
