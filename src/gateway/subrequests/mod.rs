//! Questions that are no builds: `docker buildx build --call`, or `--print` (`frontend/subrequests` in BuildKit).

mod graph;
mod lint;
mod outline;
mod sources;
mod targets;

use std::collections::BTreeMap;

use buildkit_proto::gateway::Result as BuildResult;
use serde_json::{Value, json};

use super::engine::Engine;
use super::failure::{Error, Failure};
use super::options::Options;
use super::{files, main_context};

/// What clients are told of a question.
struct Definition {
    name: &'static str,
    /// Of the answer's form.
    version: &'static str,
    description: &'static str,
    /// Options that it looks at, with what they are for.
    options: &'static [(&'static str, &'static str)],
    /// What the answer consists of.
    parts: &'static [&'static str],
}

const DESCRIBE: Definition = Definition {
    name: "frontend.subrequests.describe",
    version: "1.0.0",
    description: "List available subrequest types",
    options: &[],
    parts: &["result.json", "result.txt"],
};

const ALL: [&Definition; 5] = [
    &outline::REQUEST,
    &targets::REQUEST,
    &lint::REQUEST,
    &graph::REQUEST,
    &DESCRIBE,
];

/// Answers the question called `name`.
pub(super) async fn answer(
    engine: &Engine,
    options: &Options,
    name: &str,
) -> Result<BuildResult, Failure> {
    let known = ALL.into_iter().find(|known| known.name == name);
    let known = known.ok_or_else(|| Error::UnsupportedSubrequest(name.to_owned()))?;
    if known.name == DESCRIBE.name {
        return Ok(describe());
    }
    let sources = main_context::find(engine, options).await?;
    let files = files::read(engine, &sources).await?;
    if known.name == outline::REQUEST.name {
        outline::answer(options, &files)
    } else if known.name == targets::REQUEST.name {
        targets::answer(options, &files)
    } else if known.name == graph::REQUEST.name {
        graph::answer(engine, options, &sources, &files).await
    } else {
        lint::answer(engine, options, &sources, &files).await
    }
}

/// Which questions there are.
fn describe() -> BuildResult {
    let named = |name: &str, description: &str| json!({"name": name, "description": description});
    let all: Vec<Value> = ALL
        .iter()
        .map(|known| {
            let options = known.options.iter();
            let options: Vec<Value> = options.map(|(name, what)| named(name, what)).collect();
            let parts: Vec<Value> = known.parts.iter().map(|name| named(name, "")).collect();
            json!({
                "name": known.name,
                "version": known.version,
                "type": "rpc",
                "description": known.description,
                "opts": options,
                "inputs": null,
                "metadata": parts,
                "refs": null,
            })
        })
        .collect();
    let rows = ALL.iter().map(|known| {
        let name = known.name.trim_start_matches("frontend.");
        [name, known.version, known.description].map(str::to_owned)
    });
    let text = columns(["NAME", "VERSION", "DESCRIPTION"], rows, 1);
    result(&DESCRIBE, &Value::from(all), text)
}

fn result(definition: &Definition, json: &Value, text: String) -> BuildResult {
    let metadata = BTreeMap::from([
        ("result.json".to_owned(), format!("{json:#}").into_bytes()),
        ("result.txt".to_owned(), text.into_bytes()),
        ("version".to_owned(), definition.version.into()),
    ]);
    BuildResult {
        metadata,
        ..BuildResult::default()
    }
}

/// A table whose columns are as wide as their widest cell and `gap`.
fn columns<const N: usize>(
    head: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
    gap: usize,
) -> String {
    let mut all = vec![head.map(str::to_owned)];
    all.extend(rows);
    let width = |column: usize| {
        let cells = all.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default() + gap
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &all {
        for (cell, width) in row.iter().zip(&widths).take(N - 1) {
            text += &format!("{cell:width$}");
        }
        text += &row[N - 1];
        text.push('\n');
    }
    text
}
