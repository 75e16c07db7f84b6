//! `dockerfile`: exports the build as a Dockerfile.

use super::arguments::{Arguments, Opt};
use super::command::{Command, Outcome};
use super::directory::{self, DIRECTORY, OPTIONS, ProjectDirectory, print_errors};
use super::error::Error;
use super::output;
use crate::export::{MatchedPath, dockerfile, ignore_file};
use crate::lint::ContextFile;
use crate::plan::ContextFiles;
use crate::resolve::{Addresses, file_and_line};

pub(super) const COMMAND: Command = Command {
    name: "dockerfile",
    about: "write a Dockerfile that builds the same image",
    details: "The Dockerfile builds without this frontend. It contains the reduced project and lock, so export it again after each change of
the lock. Tests, the smoke test and the size limit are stages that must succeed; a Dockerfile cannot run the smoke test on a
read-only file system. It has its own ignore file:
  poetry-frontend dockerfile > Dockerfile
  poetry-frontend dockerfile --ignore > Dockerfile.dockerignore",
    operands: &[DIRECTORY],
    options: &[
        &[Opt::flag("ignore", "write the ignore file of the Dockerfile")],
        OPTIONS,
    ],
    run,
};

/// A Dockerfile has no addresses of wheels, and cannot ask for them before it is built.
const FETCHED_BY_STEPS: &str = "`fetch = \"engine\"` does not apply to a Dockerfile, whose steps download the wheels themselves";

fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let mut directory = ProjectDirectory::from_arguments(arguments)?;
    directory.request.addresses = Addresses::Unavailable;
    let Some(plan) = directory.plan(arguments)? else {
        return Ok(Outcome::Problems);
    };
    if arguments.has("ignore") {
        output::text(&ignore_file(&plan))?;
        return Ok(Outcome::Success);
    }
    let mut listings: Vec<(ContextFiles, Vec<ContextFile>)> = Vec::new();
    for (files, _) in plan.context_parts() {
        listings.push((files.clone(), directory.files(files)?));
    }
    let matching = |files: &ContextFiles, pattern: &str| -> Vec<MatchedPath> {
        let listing = listings.iter().find(|(known, _)| known == files);
        let listing = listing.map_or(&[][..], |(_, listing)| listing);
        directory::matching(listing, pattern)
    };
    match dockerfile(&plan, &matching) {
        Ok(text) => {
            if let Some(span) = &plan.fetched_at {
                let note = format!("warning: {}: {FETCHED_BY_STEPS}\n", file_and_line(span));
                output::error(&note)?;
            }
            output::text(&text)?;
            Ok(Outcome::Success)
        }
        Err(errors) => {
            print_errors(errors.iter(), arguments)?;
            Ok(Outcome::Problems)
        }
    }
}
