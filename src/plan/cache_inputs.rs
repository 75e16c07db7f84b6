//! The inputs to a step's cache key: as causes to display, and as lines to compare.

use std::fmt::Write as _;

use crate::diagnostics::Span;
use crate::digest::sha256;
use crate::rules::{is_secret_name, is_secret_value};

use super::command::{Command, Network, Run, Script};
use super::copy::{Copy, CopyFrom};
use super::mount::Mount;
use super::stage_name::StageName;
use super::step::{Action, Input, NewFile, Step};

/// Something that invalidates a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A line of a user's file.
    Line(Span),
    /// The result of another stage.
    Stage(StageName),
    /// An image or a download, by name.
    Named(String),
    /// Files of a context that match a pattern; all files if there is no pattern.
    Files {
        /// The named context; `None` is the build context.
        context: Option<String>,
        include: Vec<String>,
    },
    /// Files that the frontend writes, by path.
    Written(Vec<String>),
}

impl Step {
    /// What invalidates the step, in addition to the steps before it.
    #[must_use]
    pub fn causes(&self) -> Vec<Cause> {
        let mut causes: Vec<Cause> = Vec::new();
        let mut written: Vec<String> = Vec::new();
        for input in self.inputs() {
            causes.push(match input {
                Input::Stage(name) => Cause::Stage(name.clone()),
                Input::Image(reference, _) => Cause::Named(reference.familiar()),
                Input::Download(url) => Cause::Named(url.to_owned()),
                Input::Context(files) => Cause::Files {
                    context: files.context.clone(),
                    include: files.include.clone(),
                },
                // A script of the frontend changes only with the frontend.
                Input::Content(path) if is_script(path) => continue,
                Input::Content(path) => {
                    written.push(path.to_owned());
                    continue;
                }
                Input::Secret(..) | Input::Agent(..) | Input::Cache(_) => continue,
            });
        }
        if !written.is_empty() {
            causes.push(Cause::Written(written));
        }
        // The first line stands for defaults, which no line of the file sets.
        if self.span != self.span.document().first_line() {
            causes.push(Cause::Line(self.span.clone()));
        }
        causes
    }
}

/// Whether a mounted file is a script of the frontend.
fn is_script(path: &str) -> bool {
    path.starts_with("/run/")
        && path
            .rsplit_once('.')
            .is_some_and(|(_, end)| matches!(end, "py" | "sh"))
}

impl Action {
    /// Everything that affects the result, as lines. Actions with the same lines are the same.
    #[must_use]
    pub fn cache_inputs(&self) -> Vec<String> {
        match self {
            Self::Run(run) => of_run(run),
            Self::Copy(_) | Self::CopyAll(_) => self.copies().iter().flat_map(of_copy).collect(),
            Self::Write(files) => files.iter().flat_map(of_file).collect(),
        }
    }
}

fn of_run(run: &Run) -> Vec<String> {
    let mut lines: Vec<String> = run.runner.iter().flat_map(of_script).collect();
    match &run.command {
        Command::Exec(words) => {
            lines.extend(words.iter().map(|word| format!("command {word}")));
        }
        Command::Script(script) => lines.extend(of_script(script)),
    }
    lines.push(format!("in {}", run.cwd));
    lines.extend(run.user.as_ref().map(|user| format!("as {user}")));
    lines.extend(run.path.iter().map(|path| format!("path {path}")));
    lines.extend(
        run.env
            .iter()
            .map(|(name, value)| format!("env {name}={}", value_of(name, value))),
    );
    lines.extend(run.secrets.iter().map(|secret| {
        format!(
            "env {} from the secret {}{}",
            secret.variable,
            secret.id,
            if_provided(secret.required_at.as_ref())
        )
    }));
    lines.extend(run.mounts.iter().flat_map(of_mount));
    lines.extend(run.output.as_ref().map(|output| format!("output {output}")));
    match run.network {
        Network::Build => {}
        Network::None => lines.push("without network".to_owned()),
        Network::Host => lines.push("with the host network".to_owned()),
    }
    lines.extend(
        run.from_outside
            .as_ref()
            .map(|stage| format!("run in {stage}")),
    );
    lines
}

fn of_script(script: &Script) -> Vec<String> {
    let text = script.text.lines();
    let text = text.map(|line| format!("{}: {line}", script.name));
    let args = script.args.iter().map(|arg| format!("argument {arg}"));
    [format!("script {}", script.name)]
        .into_iter()
        .chain(text)
        .chain(args)
        .collect()
}

fn if_provided(required_at: Option<&Span>) -> &'static str {
    if required_at.is_none() {
        ", if provided"
    } else {
        ""
    }
}

/// The value, or its digest if it looks like a secret.
fn value_of(name: &str, value: &str) -> String {
    if !is_secret_name(name) && !is_secret_value(value) {
        return value.to_owned();
    }
    let digest = sha256(value.as_bytes());
    format!("*** (digest {})", &digest[..8])
}

fn of_mount(mount: &Mount) -> Vec<String> {
    match mount {
        Mount::Stage { from, path, target } => {
            vec![format!("mount {path} from {from} at {target}")]
        }
        Mount::Matching {
            from,
            path,
            pattern,
            target,
        } => vec![format!("mount {path}/{pattern} from {from} at {target}")],
        Mount::File {
            target,
            content,
            executable,
        } => {
            let kind = if *executable { "executable" } else { "file" };
            let lines = content.lines().map(|line| format!("{target}: {line}"));
            [format!("mount the {kind} {target}")]
                .into_iter()
                .chain(lines)
                .collect()
        }
        Mount::Download {
            url,
            checksum,
            target,
            authorization,
            ..
        } => {
            let secret = authorization.as_ref().map(|authorization| {
                format!(" with the header in the secret {}", authorization.secret)
            });
            let secret = secret.unwrap_or_default();
            vec![format!("mount {url} with {checksum} at {target}{secret}")]
        }
        Mount::Secret {
            id,
            target,
            required_at,
            mode,
        } => {
            let mode = mode.map(|mode| format!(" with the mode {mode:o}"));
            vec![format!(
                "mount the secret {id} at {target}{}{}",
                mode.unwrap_or_default(),
                if_provided(required_at.as_ref())
            )]
        }
        Mount::Cache {
            id,
            target,
            sharing,
            ..
        } => {
            let sharing = sharing.as_str();
            vec![format!("mount the {sharing} cache {id} at {target}")]
        }
        Mount::Agent { id, .. } => vec![format!("mount the SSH agent {id}")],
    }
}

fn of_copy(copy: &Copy) -> Vec<String> {
    let mut lines = Vec::new();
    match &copy.from {
        CopyFrom::Stage(name) => lines.push(format!("from {name}")),
        CopyFrom::Image(reference, _) => lines.push(format!("from {reference}")),
        CopyFrom::Download { url, checksum } => {
            lines.push(format!("from {url} with {checksum}"));
        }
        CopyFrom::Context(files) => {
            let name = files.context.as_deref().unwrap_or("the build context");
            lines.push(format!("from {name}"));
            lines.extend(
                files
                    .include
                    .iter()
                    .map(|pattern| format!("include {pattern}")),
            );
            lines.extend(
                files
                    .exclude
                    .iter()
                    .map(|pattern| format!("exclude {pattern}")),
            );
        }
    }
    let mut line = format!("copy {} to {}", copy.src, copy.dest);
    if copy.wildcard {
        line.push_str(", as a pattern");
    }
    if let Some(mode) = copy.mode {
        let _ = write!(line, ", mode {mode:o}");
    }
    let (user, group) = copy.owner;
    let _ = write!(line, ", owner {user}:{group}");
    lines.push(line);
    lines.extend(
        copy.exclude
            .iter()
            .map(|pattern| format!("except {}", pattern.value)),
    );
    lines
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
