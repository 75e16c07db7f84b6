//! `init`: writes a build file for an existing project, from its Dockerfile and the other files that say how it runs.

mod sources;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::arguments::{Arguments, Opt};
use super::command::{Command, Outcome};
use super::context::{self, Content};
use super::directory::{DIRECTORY, ProjectDirectory, request};
use super::error::Error;
use super::frontend_image::FRONTEND;
use super::output;
use crate::analysis;
use crate::build_file::{BuildFile, DEFAULT_NAME};
use crate::diagnostics::{Diagnostics, Document};
use crate::moving::{self, Comments, Draft};
use crate::project::{LOCK, PYPROJECT, Project};
use sources::{ProjectFiles, Sources};

pub(super) const COMMAND: Command = Command {
    name: "init",
    about: "write a build file for an existing project, from its Dockerfile if it has one",
    details: "The build file has what the Dockerfile, the compose file, the Procfile and `.python-version` say, and the system packages that
the dependencies are known to need. The command lists where each value comes from, and what a build file cannot say.
`docs/moving.md` has the details. Without these files, the build file sets the command of the container, and other keys have
defaults and appear as comments.",
    operands: &[DIRECTORY],
    options: &[&[
        Opt::value(
            "from",
            "FILE",
            "a Dockerfile, or `none`; can be repeated; default: the compose file's, or the one at a usual place",
        ),
        Opt::value(
            "stage",
            "NAME",
            "the stage of the image; default: the compose file's, or the last one",
        ),
        Opt::flag("force", "overwrite an existing build file"),
        Opt::flag("stdout", "write to standard output instead"),
        Opt::value(
            "frontend",
            "IMAGE",
            "the frontend image for the `# syntax=` line; default: `org/poetry-frontend` with the tag of this release",
        ),
    ]],
    run,
};

fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let directory = PathBuf::from(arguments.operands.first().map_or(".", String::as_str));
    let target = directory.join(DEFAULT_NAME);
    let to_stdout = arguments.has("stdout");
    if !to_stdout && !arguments.has("force") && target.exists() {
        return Err(Error::Exists(target));
    }
    let project = match project(&directory)? {
        Ok(project) => project,
        Err(errors) => return problems(arguments, &errors),
    };
    let sources = match Sources::read(&directory, arguments, &project)? {
        Ok(sources) => sources,
        Err(errors) => return problems(arguments, &errors),
    };
    let draft = sources.draft(&project, &ProjectFiles::new(&directory))?;
    let frontend = arguments.get("frontend").unwrap_or(FRONTEND);
    let (draft, text) = written(draft, frontend, &project, !sources.is_moved());
    let report = if sources.is_moved() {
        moving::report(&draft)
    } else {
        String::new()
    };
    if to_stdout {
        output::text(&text)?;
        output::error(&report)?;
        return Ok(Outcome::Success);
    }
    fs::write(&target, &text).map_err(|error| Error::Write(target.clone(), error))?;
    let target = target.display();
    let command = sources.command(&draft);
    output::text(&if sources.is_moved() {
        format!("wrote {target}\n{report}\nBuild it with:\n\n{command}\n")
    } else {
        format!("wrote {target}; build it with `{command}`\n")
    })?;
    if !draft.contexts.is_empty() {
        // Their files are not here yet.
        return Ok(Outcome::Success);
    }
    check(directory, arguments)
}

/// Checks the new file as `check` does.
fn check(directory: PathBuf, arguments: &Arguments) -> Result<Outcome, Error> {
    let (_, findings) = ProjectDirectory::new(directory, arguments)?.inspect()?;
    let rendered = findings.rendered(output::colour(arguments));
    if !rendered.is_empty() {
        output::text(&format!("\n{rendered}"))?;
    }
    Ok(if findings.has_problems() {
        Outcome::Problems
    } else {
        Outcome::Success
    })
}

fn problems(arguments: &Arguments, errors: &Diagnostics) -> Result<Outcome, Error> {
    let errors = errors
        .iter()
        .map(|error| error.rendered(output::colour(arguments)));
    output::text(&errors.collect::<Vec<_>>().join("\n"))?;
    Ok(Outcome::Problems)
}

fn project(directory: &Path) -> Result<Result<Project, Diagnostics>, Error> {
    let read = |name: &str| match context::read(directory, name)? {
        Content::Unreadable(_) => Err(Error::Read(
            directory.join(name),
            std::io::Error::other("not a regular file in the project"),
        )),
        content => Ok(content.bytes()),
    };
    let (pyproject, lock) = (read(PYPROJECT)?, read(LOCK)?);
    let span = Document::new(DEFAULT_NAME, "toml", "").first_line();
    Ok(Project::parse(pyproject.as_deref(), lock.as_deref(), &span))
}

/// The text of the build file, with the system packages that the dependencies need and that it would not name otherwise.
fn written(mut draft: Draft, frontend: &str, project: &Project, suggests: bool) -> (Draft, String) {
    let parsed = |text: &str| BuildFile::parse(DEFAULT_NAME, text.as_bytes(), &BTreeMap::new());
    let mut comments = Comments {
        groups: project
            .groups()
            .into_values()
            .filter(|name| name != "main")
            .collect(),
        extras: project.extras().into_values().collect(),
        indexes: project
            .pyproject
            .indexes
            .iter()
            .filter(|index| !index.url.is_empty())
            .map(|index| index.name.clone())
            .collect(),
        suggests,
        python: None,
    };
    let (text, _) = moving::repaired(&moving::text(&draft, frontend, &comments));
    if let Ok(file) = parsed(&text) {
        let needed = analysis::defaults(&file, project, &request());
        comments.python = needed.python.map(|python| python.to_string());
        moving::add_packages(&mut draft, &needed.build, &needed.runtime);
    }
    let (text, remarks) = moving::repaired(&moving::text(&draft, frontend, &comments));
    draft.remarks.extend(remarks);
    (draft, text)
}
