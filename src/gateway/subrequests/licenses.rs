//! `--call licenses`: what the packages of the image say about their licences. The one request that runs steps: it installs the
//! packages, as far as the engine has not cached them, and reads their metadata.

use buildkit_proto::gateway::Result as BuildResult;
use serde_json::{Value, json};

use crate::gateway::build::{Licenses, licenses_of_each};
use crate::gateway::inputs::Inputs;
use crate::gateway::request::LICENSES_REQUEST;
use crate::gateway::transport::Failure;
use crate::licenses::{self, Statement};
use crate::plan::LicenseOutcome;

use super::definition::Definition;
use super::table::columns;

pub(super) const REQUEST: Definition = Definition {
    name: LICENSES_REQUEST,
    version: "1.0.0",
    description: "List the licences of the installed packages",
    options: &[("target", "Target build stage")],
    parts: &["result.json", "result.txt"],
};

pub(super) async fn answer(inputs: &Inputs<'_>) -> Result<BuildResult, Failure> {
    let found = licenses_of_each(inputs).await?;
    let several = found.len() > 1;
    let mut text = String::new();
    let mut platforms = Vec::new();
    for one in &found {
        if several {
            text += &format!("{}\n\n", one.platform);
        }
        text += &table(&one.statements);
        let violations = violations(one);
        if !violations.is_empty() {
            text.push('\n');
        }
        for (level, message) in &violations {
            text += &format!("{level}: {message}\n");
        }
        if several {
            text.push('\n');
        }
        let violations = violations.into_iter();
        let violations =
            violations.map(|(level, message)| json!({"level": level, "message": message}));
        platforms.push(json!({
            "platform": one.platform.clone(),
            "packages": one.statements.iter().map(package).collect::<Vec<_>>(),
            "violations": violations.collect::<Vec<_>>(),
        }));
    }
    Ok(REQUEST.result(&json!({ "platforms": platforms }), text))
}

fn table(statements: &[Statement]) -> String {
    let rows = statements.iter().map(|one| {
        let (license, source) = match one.known() {
            Some(known) => (known.text, known.field.replace('`', "")),
            None => ("unknown".to_owned(), format!("the {}", one.why_unknown())),
        };
        [one.name.clone(), one.version.clone(), license, source]
    });
    columns(["PACKAGE", "VERSION", "LICENCE", "FROM"], rows, 2)
}

fn package(statement: &Statement) -> Value {
    let known = statement.known().map(|known| known.text);
    json!({
        "name": statement.name,
        "version": statement.version,
        "license": known,
        "words": statement.words(),
    })
}

/// What the rules of the standard forbid, as a build reports it.
fn violations(found: &Licenses) -> Vec<(&'static str, String)> {
    let judged = licenses::judge(&found.rules, &found.statements);
    let shown = judged.into_iter().map(|(outcome, warning)| {
        let level = match outcome {
            LicenseOutcome::Error => "error",
            LicenseOutcome::Warning => "warning",
        };
        (level, warning.message)
    });
    shown.collect()
}
