//! `plan --diff`: shows which steps would run again, and why.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::arguments::Arguments;
use super::super::command::Outcome;
use super::super::directory::ProjectDirectory;
use super::super::error::Error;
use super::super::output;
use super::engine::on_engine;
use super::revision::Checkout;
use crate::diagnostics::Document;
use crate::digest::sha256;
use crate::export::{Compared, Side, changed_settings, compare, rendered_diff};
use crate::plan::{ContextFiles, Plan};
use crate::project::LOCK;

pub(super) fn run(arguments: &Arguments, format: &str) -> Result<Outcome, Error> {
    let [old, new] = arguments.operands.as_slice() else {
        return Err(Error::DiffOperands);
    };
    if !["tree", "json"].contains(&format) {
        return Err(Error::InvalidChoice(
            "format",
            format.to_owned(),
            &["tree", "json"],
        ));
    }
    let (old, new) = (Checkout::of(old)?, Checkout::of(new)?);
    let (Some(old), Some(new)) = (side(&old, arguments)?, side(&new, arguments)?) else {
        return Ok(Outcome::Problems);
    };
    let compared = compare(&old, &new);
    let settings = changed_settings(&old, &new);
    if format == "json" {
        let steps: Vec<Value> = compared.iter().map(Compared::json).collect();
        output::json(&json!({ "steps": steps, "changedSettings": settings }))?;
    } else {
        let colour = output::colour(arguments);
        output::text(&rendered_diff(&compared, &settings, colour))?;
    }
    Ok(Outcome::Success)
}

fn side(checkout: &Checkout, arguments: &Arguments) -> Result<Option<Side>, Error> {
    let directory = ProjectDirectory::new(checkout.directory().to_owned(), arguments)?;
    let directory = on_engine(directory, arguments)?;
    let plan = directory.plan(arguments)?;
    plan.map(|plan| with_files(&directory, plan)).transpose()
}

/// A plan with the files that it reads.
pub(in crate::cli) fn with_files(directory: &ProjectDirectory, plan: Plan) -> Result<Side, Error> {
    let mut file_digests = Vec::new();
    for (files, _) in plan.context_parts() {
        file_digests.push((files.clone(), digests(directory, files)?));
    }
    Ok(Side {
        texts: texts(directory),
        digests: file_digests,
        plan,
    })
}

fn digests(
    directory: &ProjectDirectory,
    files: &ContextFiles,
) -> Result<BTreeMap<String, String>, Error> {
    let mut digests = BTreeMap::new();
    for file in directory.files(files)? {
        let bytes = directory.file(files, &file.path)?;
        digests.insert(file.path, sha256(&bytes));
    }
    Ok(digests)
}

/// The user's files by name, with secrets masked.
fn texts(directory: &ProjectDirectory) -> BTreeMap<String, String> {
    let files = &directory.files;
    let own = [
        (files.name.as_str(), Some(&files.build_file)),
        (crate::project::PYPROJECT, files.pyproject.as_ref()),
        (LOCK, files.lock.as_ref()),
    ];
    own.into_iter()
        .filter_map(|(name, bytes)| {
            let text = String::from_utf8_lossy(bytes?).into_owned();
            let masked = Document::new(name, "toml", text).masked();
            Some((name.to_owned(), masked))
        })
        .collect()
}
