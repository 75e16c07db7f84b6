//! `dockerfile`: the same image without this frontend.

use std::collections::BTreeSet;

use super::arguments::Opt;
use super::folder::{FOLDER, Folder, OPTIONS};
use super::plan::planned;
use super::{Command, Error, Given, Outcome, output};
use crate::compile::{Found, dockerfile, ignore_file};
use crate::plan::{ContextFile, ContextFiles};
use crate::project::Patterns;

pub(super) const COMMAND: Command = Command {
    name: "dockerfile",
    about: "write a Dockerfile that builds the same image",
    details: "It is an exit for those who want to go on without this frontend: what is installed is written into it, and has to be written
anew after each change of the lock. Tests, the smoke test and the most that the image may have are stages that have to succeed. Its
ignore file goes with it:
  poetry-frontend dockerfile > Dockerfile
  poetry-frontend dockerfile --ignore > Dockerfile.dockerignore",
    operands: &[FOLDER],
    options: &[
        &[Opt::flag("ignore", "write the ignore file that goes with it")],
        OPTIONS,
    ],
    run,
};

fn run(given: &Given) -> Result<Outcome, Error> {
    let folder = Folder::read(given)?;
    let Some(plan) = planned(&folder, given)? else {
        return Ok(Outcome::Bad);
    };
    if given.has("ignore") {
        output::text(&ignore_file(&plan))?;
        return Ok(Outcome::Good);
    }
    let mut listings: Vec<(ContextFiles, Vec<ContextFile>)> = Vec::new();
    for (files, _) in plan.context_parts() {
        listings.push((files.clone(), folder.files(files)?));
    }
    let matching = |files: &ContextFiles, pattern: &str| -> Vec<Found> {
        let listing = listings.iter().find(|(known, _)| known == files);
        let listing = listing.map_or(&[][..], |(_, listing)| listing);
        found(listing, pattern)
    };
    output::text(&dockerfile(&plan, &matching)?)?;
    Ok(Outcome::Good)
}

/// What is at a pattern: the shortest paths that match it.
fn found(listing: &[ContextFile], pattern: &str) -> Vec<Found> {
    let patterns = Patterns::new(&[pattern]);
    let mut paths = BTreeSet::new();
    for file in listing {
        let ends = file.path.match_indices('/').map(|(end, _)| end);
        let shortest = ends
            .chain([file.path.len()])
            .find(|end| patterns.matches(&file.path[..*end]));
        if let Some(end) = shortest {
            paths.insert((file.path[..end].to_owned(), end < file.path.len()));
        }
    }
    let found = paths.into_iter();
    found
        .map(|(path, is_folder)| Found { path, is_folder })
        .collect()
}
