//! Options and what follows them, as the table of a command says.

use std::collections::BTreeMap;
use std::ffi::OsString;

use lexopt::Arg;

use super::{Command, Error};

/// An option.
pub(super) struct Opt {
    pub(super) name: &'static str,
    pub(super) short: Option<char>,
    /// What its value is called; nothing for one without a value.
    pub(super) value: Option<&'static str>,
    /// What the value can be, if that is known.
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

    /// How its value is called in the help.
    pub(super) fn value_name(&self) -> Option<String> {
        let value = self.value?;
        Some(if value.is_empty() {
            self.choices.join("|")
        } else {
            value.to_owned()
        })
    }
}

/// What every command takes.
pub(super) const COMMON: &[Opt] = &[
    Opt::choice(
        "color",
        &["auto", "always", "never"],
        "whether the output has colours; `auto`: on a terminal, unless `NO_COLOR` is set",
    ),
    Opt::flag("help", "show this text").short('h'),
];

/// What a user gave.
pub(super) struct Given {
    options: BTreeMap<&'static str, Vec<String>>,
    pub(super) operands: Vec<String>,
}

impl Given {
    /// Reads what follows the command's name.
    pub(super) fn read(
        command: &Command,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Self, Error> {
        let mut parser = lexopt::Parser::from_args(arguments);
        let mut given = Self {
            options: BTreeMap::new(),
            operands: Vec::new(),
        };
        let known = || command.options.iter().copied().flatten().chain(COMMON);
        while let Some(argument) = parser.next()? {
            let option = match argument {
                Arg::Value(value) => {
                    if given.operands.len() == command.operands.len() {
                        let value = value.to_string_lossy().into_owned();
                        return Err(Error::Superfluous(value, command.name));
                    }
                    given.operands.push(text(value)?);
                    continue;
                }
                Arg::Long(name) => known().find(|option| option.name == name).ok_or_else(|| {
                    let names = known().map(|option| option.name);
                    let meant = crate::diagnostics::closest(name, names).map(str::to_owned);
                    Error::UnknownOption(format!("--{name}"), command.name, meant)
                })?,
                Arg::Short(name) => known()
                    .find(|option| option.short == Some(name))
                    .ok_or_else(|| Error::UnknownOption(format!("-{name}"), command.name, None))?,
            };
            let value = match option.value {
                None => String::new(),
                Some(_) => text(parser.value()?)?,
            };
            if !option.choices.is_empty() && !option.choices.contains(&value.as_str()) {
                return Err(Error::Choice(option.name, value, option.choices));
            }
            given.options.entry(option.name).or_default().push(value);
        }
        let needed = command
            .operands
            .iter()
            .filter(|operand| operand.required)
            .count();
        match command.operands.get(given.operands.len()) {
            Some(missing) if given.operands.len() < needed && !given.has("help") => {
                Err(Error::Missing(missing.name, command.name))
            }
            _ => Ok(given),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.options.contains_key(name)
    }

    /// The last value of an option.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.options.get(name)?.last().map(String::as_str)
    }

    /// All values of an option of the form `NAME=VALUE`.
    pub(super) fn pairs(&self, name: &'static str) -> Result<BTreeMap<String, String>, Error> {
        let values = self.options.get(name).into_iter().flatten();
        values
            .map(|pair| {
                let (key, value) = pair
                    .split_once('=')
                    .ok_or_else(|| Error::Pair(name, pair.clone()))?;
                Ok((key.to_owned(), value.to_owned()))
            })
            .collect()
    }
}

fn text(value: OsString) -> Result<String, Error> {
    value
        .into_string()
        .map_err(|value| Error::NotText(value.to_string_lossy().into_owned()))
}
