//! `explain`: the page of a rule, a list of all rules, or where the value of a key comes from.

use serde_json::{Value, json};

use super::arguments::{Arguments, Operand, Opt};
use super::command::{Command, Outcome};
use super::directory::{OPTIONS, ProjectDirectory, print_errors};
use super::error::Error;
use super::output;
use crate::build_file::{EffectiveLine, KnownKey};
use crate::diagnostics::Document;
use crate::rules::Rule;

pub(super) const COMMAND: Command = Command {
    name: "explain",
    about: "explain a rule or a key of the build file, or list all rules",
    details: "For a key, such as `runtime.user`, it shows what the key is for, its value in DIRECTORY, and the file and line that the value
comes from: the build file, an argument's default, or the standard.",
    operands: &[
        Operand {
            name: "RULE|KEY",
            about: "the ID of a rule, such as `StaleLock`, or a key, such as `runtime.user`",
            required: false,
            repeated: false,
            choices: || Rule::ALL.iter().map(|rule| rule.id()).collect(),
        },
        Operand {
            name: "DIRECTORY",
            about: "the project's directory for a key; default: the working directory",
            required: false,
            repeated: false,
            choices: Vec::new,
        },
    ],
    options: &[
        &[Opt::choice(
            "format",
            &["text", "json"],
            "the output format; default: `text`",
        )],
        OPTIONS,
    ],
    run,
};

fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let as_json = arguments.get("format") == Some("json");
    let Some(name) = arguments.operands.first() else {
        list(as_json)?;
        return Ok(Outcome::Success);
    };
    if let Some(rule) = Rule::find(name) {
        if let Some(unexpected) = arguments.operands.get(1) {
            return Err(Error::UnexpectedOperand(unexpected.clone(), COMMAND.name));
        }
        if as_json {
            let mut described = json(rule);
            described["page"] = rule.page().into();
            output::json(&described)?;
        } else {
            output::text(rule.page())?;
        }
        return Ok(Outcome::Success);
    }
    let key =
        KnownKey::find(name).map_err(|hint| Error::NothingToExplain(name.to_owned(), hint))?;
    explain_key(&key, arguments, as_json)
}

fn list(as_json: bool) -> Result<(), Error> {
    if as_json {
        return output::json(&Rule::ALL.iter().copied().map(json).collect());
    }
    let rows = Rule::ALL.iter().map(|rule| {
        format!(
            "{:20} {:8} {}\n",
            rule.id(),
            rule.severity().as_str(),
            rule.description()
        )
    });
    output::text(&rows.collect::<String>())
}

fn explain_key(key: &KnownKey, arguments: &Arguments, as_json: bool) -> Result<Outcome, Error> {
    let path = arguments.operands.get(1).map_or(".", String::as_str);
    let directory = ProjectDirectory::new(path.into(), arguments)?;
    let lines = match directory.files.effective(&directory.build_args) {
        Ok(lines) => lines,
        Err(errors) => {
            print_errors(errors.iter(), arguments)?;
            return Ok(Outcome::Problems);
        }
    };
    let set: Vec<EffectiveLine> = lines
        .into_iter()
        .filter(|line| line.sets(&key.name))
        .collect();
    let chosen = directory
        .files
        .chosen(&directory.build_args, &directory.request);
    let chosen = chosen
        .into_iter()
        .find(|(name, _)| *name == key.name)
        .map(|(_, value)| value);
    if as_json {
        output::json(&key_json(key, &set, chosen.as_deref()))?;
    } else {
        output::text(&key_text(key, &set, chosen.as_deref()))?;
    }
    Ok(Outcome::Success)
}

/// Values that look like secrets are not shown anywhere.
fn masked(value: &str) -> String {
    Document::new("", "toml", value).masked()
}

fn key_text(key: &KnownKey, set: &[EffectiveLine], chosen: Option<&str>) -> String {
    let mut text = format!("`{}`\n", key.name);
    if let Some(description) = &key.description {
        text += &format!("{description}\n");
    }
    if let Some(example) = &key.example {
        text += &format!("example: {example}\n");
    }
    text.push('\n');
    match (set, chosen) {
        ([], Some(value)) => text += &format!("no file sets it; the frontend chose `{value}`\n"),
        ([], None) => text += "no file sets it\n",
        _ => {}
    }
    for line in set {
        if let (Some((file, number)), Some((key, value))) = (&line.origin, &line.set) {
            text += &format!("{file}:{number}: {key} = {}\n", masked(value));
        }
    }
    text
}

fn key_json(key: &KnownKey, set: &[EffectiveLine], chosen: Option<&str>) -> Value {
    let values = set.iter().filter_map(|line| {
        let (file, number) = line.origin.as_ref()?;
        let (key, value) = line.set.as_ref()?;
        Some(json!({
            "key": key,
            "value": masked(value),
            "file": file,
            "line": number,
        }))
    });
    json!({
        "key": key.name,
        "description": key.description,
        "example": key.example,
        "values": values.collect::<Vec<_>>(),
        "chosen": chosen,
    })
}

fn json(rule: Rule) -> Value {
    json!({
        "id": rule.id(),
        "severity": rule.severity().as_str(),
        "description": rule.description(),
        "url": rule.url(),
    })
}
