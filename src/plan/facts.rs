//! What decides the key of a step in an engine's cache, in lines that a person can read and compare.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::diagnostics::Place;
use crate::rules::{is_secret_name, is_secret_value};

use super::{Action, Base, Copy, Mount, Network, NewFile, Origin, Run, Stage, StageName, Step};

/// Something that a step is done anew with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A line of the user's.
    Line(Place),
    /// The result of another stage.
    Stage(StageName),
    /// An image or a download, as it is named.
    Named(String),
    /// Files of a build context that match a pattern; no pattern: all files.
    Files {
        /// The named context; `None` is the build's own.
        context: Option<String>,
        /// The patterns.
        include: Vec<String>,
    },
    /// Files that the frontend writes.
    Written(Vec<String>),
}

impl Stage {
    /// What all of its steps are done anew with.
    #[must_use]
    pub fn causes(&self) -> Cause {
        match &self.from {
            Base::Image(reference) => Cause::Named(reference.familiar()),
            Base::Stage(name) => Cause::Stage(name.clone()),
        }
    }
}

impl Step {
    /// What the step is done anew with, besides the steps before it.
    #[must_use]
    pub fn causes(&self) -> Vec<Cause> {
        let mut causes = Vec::new();
        match &self.action {
            Action::Run(run) => {
                causes.extend(run.from_outside.clone().map(Cause::Stage));
                for mount in &run.mounts {
                    match mount {
                        Mount::Stage { from, .. } => causes.push(Cause::Stage(from.clone())),
                        Mount::Files { files, .. } => causes.push(written(files)),
                        Mount::File { target, .. } => {
                            causes.push(Cause::Written(vec![target.clone()]));
                        }
                        Mount::Secret { .. } | Mount::Cache { .. } | Mount::Agent { .. } => {}
                    }
                }
            }
            Action::Copy(_) | Action::CopyAll(_) => {
                causes.extend(self.action.copies().iter().map(|copy| match &copy.from {
                    Origin::Stage(name) => Cause::Stage(name.clone()),
                    Origin::Image(reference, _) => Cause::Named(reference.familiar()),
                    Origin::Download { url, .. } => Cause::Named(url.clone()),
                    Origin::Context(files) => Cause::Files {
                        context: files.context.clone(),
                        include: files.include.clone(),
                    },
                }));
            }
            Action::Write(files) => causes.push(written(files)),
        }
        // The first line stands for what the file does not say.
        if self.place != self.place.document().first_line() {
            causes.push(Cause::Line(self.place.clone()));
        }
        causes
    }
}

fn written(files: &[NewFile]) -> Cause {
    Cause::Written(files.iter().map(|file| file.path.clone()).collect())
}

impl Action {
    /// All that it does, one fact a line; the same facts are the same step.
    #[must_use]
    pub fn facts(&self) -> Vec<String> {
        match self {
            Self::Run(run) => of_run(run),
            Self::Copy(_) | Self::CopyAll(_) => self.copies().iter().flat_map(of_copy).collect(),
            Self::Write(files) => files.iter().flat_map(of_file).collect(),
        }
    }
}

fn of_run(run: &Run) -> Vec<String> {
    let mut facts: Vec<String> = run
        .command
        .iter()
        .map(|word| format!("command {word}"))
        .collect();
    facts.push(format!("in {}", run.cwd));
    facts.extend(run.user.as_ref().map(|user| format!("as {user}")));
    facts.extend(run.path.iter().map(|path| format!("path {path}")));
    facts.extend(
        run.env
            .iter()
            .map(|(name, value)| format!("env {name}={}", value_of(name, value))),
    );
    facts.extend(run.secrets.iter().map(|secret| {
        let optional = if secret.required_at.is_none() {
            ", if there is one"
        } else {
            ""
        };
        format!(
            "env {} of the secret {}{optional}",
            secret.variable, secret.id
        )
    }));
    facts.extend(run.mounts.iter().flat_map(of_mount));
    facts.extend(run.result.as_ref().map(|result| format!("result {result}")));
    match run.network {
        Network::Build => {}
        Network::None => facts.push("without network".to_owned()),
        Network::Host => facts.push("with the host's network".to_owned()),
    }
    facts.extend(
        run.from_outside
            .as_ref()
            .map(|stage| format!("run in {stage}")),
    );
    facts
}

/// A value as it may be shown.
fn value_of(name: &str, value: &str) -> String {
    if !is_secret_name(name) && !is_secret_value(value) {
        return value.to_owned();
    }
    let digest = Sha256::digest(value.as_bytes());
    let digest: String = digest
        .iter()
        .take(4)
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    format!("*** (digest {digest})")
}

fn of_mount(mount: &Mount) -> Vec<String> {
    match mount {
        Mount::Stage { from, path, target } => vec![format!("mount {path} of {from} at {target}")],
        Mount::Files { target, files } => {
            let files = files.iter().flat_map(of_file);
            [format!("mount files at {target}")]
                .into_iter()
                .chain(files)
                .collect()
        }
        Mount::File {
            target,
            content,
            executable,
        } => {
            let kind = if *executable { "command" } else { "file" };
            let lines = content.lines().map(|line| format!("{target}: {line}"));
            [format!("mount the {kind} {target}")]
                .into_iter()
                .chain(lines)
                .collect()
        }
        Mount::Secret { id, target, .. } => vec![format!("mount the secret {id} at {target}")],
        Mount::Cache {
            id,
            target,
            sharing,
        } => {
            let sharing = sharing.as_str();
            vec![format!("mount the {sharing} cache {id} at {target}")]
        }
        Mount::Agent { id, .. } => vec![format!("mount the SSH agent {id}")],
    }
}

fn of_copy(copy: &Copy) -> Vec<String> {
    let mut facts = Vec::new();
    match &copy.from {
        Origin::Stage(name) => facts.push(format!("from {name}")),
        Origin::Image(reference, _) => facts.push(format!("from {reference}")),
        Origin::Download { url, checksum } => facts.push(format!("from {url} with {checksum}")),
        Origin::Context(files) => {
            let name = files.context.as_deref().unwrap_or("the build context");
            facts.push(format!("from {name}"));
            facts.extend(
                files
                    .include
                    .iter()
                    .map(|pattern| format!("include {pattern}")),
            );
            facts.extend(
                files
                    .exclude
                    .iter()
                    .map(|pattern| format!("exclude {pattern}")),
            );
        }
    }
    let mut what = format!("copy {} to {}", copy.src, copy.dest);
    if copy.wildcard {
        what.push_str(", as a pattern");
    }
    if let Some(mode) = copy.mode {
        let _ = write!(what, ", with mode {mode:o}");
    }
    let (user, group) = copy.owner;
    let _ = write!(what, ", of {user}:{group}");
    facts.push(what);
    facts.extend(
        copy.exclude
            .iter()
            .map(|pattern| format!("but not {pattern}")),
    );
    facts
}

fn of_file(file: &NewFile) -> Vec<String> {
    let lines = file
        .content
        .lines()
        .map(|line| format!("{}: {line}", file.path));
    [format!("file {}", file.path)]
        .into_iter()
        .chain(lines)
        .collect()
}
