//! `explain`: what a rule asks for, and how to switch it off.

use serde_json::json;

use super::arguments::Opt;
use super::{Command, Error, Given, Operand, Outcome, output};
use crate::rules::Rule;

pub(super) const COMMAND: Command = Command {
    name: "explain",
    about: "explain a rule, or list all of them",
    details: "",
    operands: &[Operand {
        name: "RULE",
        about: "the id of a rule, such as `StaleLock`",
        required: false,
        choices: || Rule::ALL.iter().map(|rule| rule.id()).collect(),
    }],
    options: &[&[Opt::choice(
        "format",
        &["text", "json"],
        "for people, or for programs",
    )]],
    run,
};

fn run(given: &Given) -> Result<Outcome, Error> {
    let as_json = given.get("format") == Some("json");
    let asked = given
        .operands
        .first()
        .map(|id| Rule::find(id).ok_or_else(|| Error::UnknownRule(id.clone())));
    match asked.transpose()? {
        Some(rule) if as_json => {
            let mut described = described(rule);
            described["page"] = rule.page().into();
            output::json(&described)?;
        }
        Some(rule) => output::text(rule.page())?,
        None if as_json => output::json(&Rule::ALL.iter().copied().map(described).collect())?,
        None => {
            let rows = Rule::ALL.iter().map(|rule| {
                format!(
                    "{:20} {:8} {}\n",
                    rule.id(),
                    rule.severity().as_str(),
                    rule.description()
                )
            });
            output::text(&rows.collect::<String>())?;
        }
    }
    Ok(Outcome::Good)
}

fn described(rule: Rule) -> serde_json::Value {
    json!({
        "id": rule.id(),
        "severity": rule.severity().as_str(),
        "description": rule.description(),
        "url": rule.url(),
    })
}
