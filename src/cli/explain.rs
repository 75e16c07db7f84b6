//! `explain`: the page of a rule, or a list of all rules.

use serde_json::json;

use super::arguments::{Arguments, Operand, Opt};
use super::command::{Command, Outcome};
use super::error::Error;
use super::output;
use crate::rules::Rule;

pub(super) const COMMAND: Command = Command {
    name: "explain",
    about: "explain a rule, or list all rules",
    details: "",
    operands: &[Operand {
        name: "RULE",
        about: "the ID of a rule, such as `StaleLock`",
        required: false,
        repeated: false,
        choices: || Rule::ALL.iter().map(|rule| rule.id()).collect(),
    }],
    options: &[&[Opt::choice(
        "format",
        &["text", "json"],
        "the output format; default: `text`",
    )]],
    run,
};

fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let as_json = arguments.get("format") == Some("json");
    let rule = arguments
        .operands
        .first()
        .map(|id| Rule::find(id).ok_or_else(|| Error::UnknownRule(id.clone())));
    match rule.transpose()? {
        Some(rule) if as_json => {
            let mut described = json(rule);
            described["page"] = rule.page().into();
            output::json(&described)?;
        }
        Some(rule) => output::text(rule.page())?,
        None if as_json => output::json(&Rule::ALL.iter().copied().map(json).collect())?,
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
    Ok(Outcome::Success)
}

fn json(rule: Rule) -> serde_json::Value {
    json!({
        "id": rule.id(),
        "severity": rule.severity().as_str(),
        "description": rule.description(),
        "url": rule.url(),
    })
}
