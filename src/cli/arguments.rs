//! Parses options and operands.

use std::collections::BTreeMap;
use std::ffi::OsString;

use lexopt::Arg;

use super::error::Error;
use crate::diagnostics::closest;

pub(super) struct Opt {
    pub(super) name: &'static str,
    pub(super) short: Option<char>,
    /// The name of its value in the help; `None` for a flag.
    pub(super) value: Option<&'static str>,
    /// The possible values; empty if any value is allowed.
    pub(super) choices: &'static [&'static str],
    pub(super) about: &'static str,
}

impl Opt {
    pub(super) const fn flag(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            short: None,
            value: None,
            choices: &[],
            about,
        }
    }

    pub(super) const fn value(
        name: &'static str,
        value: &'static str,
        about: &'static str,
    ) -> Self {
        Self {
            name,
            short: None,
            value: Some(value),
            choices: &[],
            about,
        }
    }

    pub(super) const fn choice(
        name: &'static str,
        choices: &'static [&'static str],
        about: &'static str,
    ) -> Self {
        Self {
            name,
            short: None,
            value: Some(""),
            choices,
            about,
        }
    }

    pub(super) const fn short(mut self, short: char) -> Self {
        self.short = Some(short);
        self
    }

    pub(super) fn value_name(&self) -> Option<String> {
        let value = self.value?;
        Some(if value.is_empty() {
            self.choices.join("|")
        } else {
            value.to_owned()
        })
    }
}

/// The options that every command has.
pub(super) const COMMON: &[Opt] = &[
    Opt::choice(
        "color",
        &["auto", "always", "never"],
        "when to use colours; `auto`: on a terminal, unless `NO_COLOR` is set",
    ),
    Opt::flag("help", "show this help").short('h'),
];

/// An argument that is not an option.
pub(super) struct Operand {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) required: bool,
    /// Whether there can be several; only of the last one.
    pub(super) repeated: bool,
    /// The possible values; empty if any value is allowed.
    pub(super) choices: fn() -> Vec<&'static str>,
}

/// The parsed arguments of a command.
pub(super) struct Arguments {
    options: BTreeMap<&'static str, Vec<String>>,
    pub(super) operands: Vec<String>,
}

impl Arguments {
    pub(super) fn parse(
        command: &'static str,
        operands: &[Operand],
        options: &[&'static [Opt]],
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, Error> {
        let mut parser = lexopt::Parser::from_args(arguments);
        let mut parsed = Self {
            options: BTreeMap::new(),
            operands: Vec::new(),
        };
        let known = || options.iter().copied().flatten().chain(COMMON);
        while let Some(argument) = parser.next()? {
            let option = match argument {
                Arg::Value(value) => {
                    let repeated = operands.last().is_some_and(|last| last.repeated);
                    if parsed.operands.len() == operands.len() && !repeated {
                        let value = value.to_string_lossy().into_owned();
                        return Err(Error::UnexpectedOperand(value, command));
                    }
                    parsed.operands.push(text(value)?);
                    continue;
                }
                Arg::Long(name) => known().find(|option| option.name == name).ok_or_else(|| {
                    let names = known().map(|option| option.name);
                    Error::UnknownOption(format!("--{name}"), command, closest(name, names))
                })?,
                Arg::Short(name) => known()
                    .find(|option| option.short == Some(name))
                    .ok_or_else(|| Error::UnknownOption(format!("-{name}"), command, None))?,
            };
            let value = match option.value {
                None => String::new(),
                Some(_) => text(parser.value()?)?,
            };
            if !option.choices.is_empty() && !option.choices.contains(&value.as_str()) {
                return Err(Error::InvalidChoice(option.name, value, option.choices));
            }
            parsed.options.entry(option.name).or_default().push(value);
        }
        let missing = operands.get(parsed.operands.len());
        match missing.filter(|operand| operand.required) {
            Some(missing) if !parsed.has("help") => {
                Err(Error::MissingOperand(missing.name, command))
            }
            _ => Ok(parsed),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.options.contains_key(name)
    }

    /// The last value of an option.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.options.get(name)?.last().map(String::as_str)
    }

    /// All values of an option.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let values = self.options.get(name).into_iter().flatten();
        values.map(String::as_str).collect()
    }

    /// All values of an option whose values have the form `NAME=VALUE`.
    pub(super) fn pairs(&self, name: &'static str) -> Result<BTreeMap<String, String>, Error> {
        let values = self.options.get(name).into_iter().flatten();
        values
            .map(|pair| {
                let (key, value) = pair
                    .split_once('=')
                    .ok_or_else(|| Error::NotAPair(name, pair.clone()))?;
                Ok((key.to_owned(), value.to_owned()))
            })
            .collect()
    }
}

fn text(value: OsString) -> Result<String, Error> {
    value
        .into_string()
        .map_err(|value| Error::NotUtf8(value.to_string_lossy().into_owned()))
}
