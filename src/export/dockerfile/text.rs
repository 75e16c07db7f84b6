//! The second phase of writing a Dockerfile: the text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::matched_path::MatchedPath;
use super::names::{
    Name, NamedAction, NamedBase, NamedCopy, NamedMount, NamedRun, NamedStage, NamedStep, ROOT,
    ResultStage,
};
use super::quote::{exec, list, mount, option, quoted, word};
use super::shell::{delimiter, keeping_changes, script};
use crate::build_file::Healthcheck;
use crate::diagnostics::{Diagnostic, Diagnostics, Problem, Span};
use crate::export::error::Error;
use crate::paths::literal;
use crate::plan::{Command, ContextFiles, CopyFrom, Network, Placement, Plan, Run};

/// A pattern that matches no file. Copying it from a stage makes the engine build the stage and copies nothing.
const NOTHING: &str = "/nothing-but-success-*";
/// The path of a mounted file in the stage that holds only this file.
const FILE: &str = "/file";

/// The text so far.
pub(super) struct Text<'a> {
    written: String,
    /// The paths in a part of a context that match a pattern.
    matching: &'a dyn Fn(&ContextFiles, &str) -> Vec<MatchedPath>,
    /// What the text cannot express.
    errors: Vec<Diagnostic>,
}

/// The settings that later steps of a stage inherit.
struct Inherited {
    cwd: Option<String>,
    user: String,
}

impl Inherited {
    fn new(user: &str) -> Self {
        Self {
            cwd: None,
            user: user.to_owned(),
        }
    }
}

/// What a `RUN` runs.
enum Body<'a> {
    Exec(&'a [String]),
    Script(String),
    /// A script that works on the files of another stage.
    Outside(&'a Name, String),
}

impl<'a> Text<'a> {
    pub(super) fn new(matching: &'a dyn Fn(&ContextFiles, &str) -> Vec<MatchedPath>) -> Self {
        Self {
            written: "# syntax=docker/dockerfile:1\n".to_owned(),
            matching,
            errors: Vec::new(),
        }
    }

    /// # Errors
    /// Everything that a Dockerfile cannot express.
    pub(super) fn finish(self) -> Result<String, Diagnostics> {
        Diagnostics::fail_if_any(self.errors)?;
        Ok(self.written)
    }

    /// Adds an option; `None` is a value that an option cannot hold.
    fn add(&mut self, options: &mut String, option: Option<String>, value: &str, span: &Span) {
        match option {
            Some(option) => options.push_str(&option),
            None => self.errors.push(Error::InOption(value.to_owned()).at(span)),
        }
    }

    pub(super) fn stage(&mut self, stage: &NamedStage<'_>) {
        for step in &stage.steps {
            if let NamedAction::Run(run) = &step.action {
                self.mounted_files(run);
            }
        }
        match &stage.from {
            NamedBase::Image(reference) => {
                let _ = write!(
                    self.written,
                    "\nFROM {reference} AS {}\nUSER {ROOT}\n",
                    stage.name
                );
            }
            NamedBase::Stage(name) => {
                let _ = write!(self.written, "\nFROM {name} AS {}\n", stage.name);
            }
        }
        let mut inherited = Inherited::new(&stage.user);
        for step in &stage.steps {
            match &step.action {
                NamedAction::Run(run) => {
                    self.run_step(stage, step, run, &mut inherited);
                    if let Some(result) = &run.result {
                        self.result(result, &mut inherited);
                    }
                }
                NamedAction::Copies(copies) => {
                    self.title(step.title);
                    for copy in copies {
                        self.copy(copy);
                    }
                }
                NamedAction::Write(files) => {
                    self.title(step.title);
                    for file in *files {
                        self.file(&file.path, &file.content, false);
                    }
                }
            }
        }
    }

    fn run_step(
        &mut self,
        stage: &NamedStage<'_>,
        step: &NamedStep<'_>,
        run: &NamedRun<'_>,
        inherited: &mut Inherited,
    ) {
        let Some(outside) = &run.outside else {
            self.title(step.title);
            // The image that a verification runs in may have no shell.
            if let (true, [_], Command::Exec(words)) =
                (stage.in_image, &stage.steps[..], &run.run.command)
                && run.run.output.is_none()
            {
                for line in environment(&run.run.path, &run.run.env) {
                    let _ = writeln!(self.written, "{line}");
                }
                self.run(run, step.span, inherited, &Body::Exec(words));
            } else {
                let body = Body::Script(script(run.run));
                self.run(run, step.span, inherited, &body);
            }
            return;
        };
        let _ = writeln!(self.written, "\nFROM {} AS {}", outside.from, outside.name);
        self.title(step.title);
        let mut inherited = Inherited::new(&outside.user);
        let mut script = script(run.run);
        if run.result.is_some() {
            script = keeping_changes(&script, Run::OUTSIDE);
        }
        self.run(
            run,
            step.span,
            &mut inherited,
            &Body::Outside(&outside.works_on, script),
        );
    }

    fn result(&mut self, result: &ResultStage<'_>, inherited: &mut Inherited) {
        let ResultStage {
            name,
            from,
            source,
            directory,
        } = result;
        let base = from.as_ref().map_or("scratch".to_owned(), Name::to_string);
        let _ = write!(
            self.written,
            "\nFROM {base} AS {name}\nCOPY --from={source} {directory}/ /\n"
        );
        if from.is_none() {
            *inherited = Inherited::new(ROOT);
        }
    }

    /// Continues with the image in the last stage, which is the one that is built, once the verifications have succeeded.
    pub(super) fn after_verifications(&mut self, image: &Name, verifications: &[&Name]) {
        let _ = write!(
            self.written,
            "\n# These stages must succeed; the image contains nothing of them.\nFROM {image}\n"
        );
        for name in verifications {
            let _ = writeln!(self.written, "COPY --from={name} {NOTHING} /");
        }
    }

    fn title(&mut self, title: &str) {
        let _ = writeln!(self.written, "\n# {title}");
    }

    /// A stage for each file that is mounted while the command runs.
    fn mounted_files(&mut self, run: &NamedRun<'_>) {
        for mount in &run.mounts {
            if let NamedMount::File {
                from,
                first: true,
                content,
                executable,
                ..
            } = mount
            {
                let _ = writeln!(self.written, "\nFROM scratch AS {from}");
                self.file(FILE, content, *executable);
            }
        }
    }

    fn run(
        &mut self,
        named: &NamedRun<'_>,
        span: &Span,
        inherited: &mut Inherited,
        body: &Body<'_>,
    ) {
        let run = named.run;
        if inherited.cwd.as_ref().is_none_or(|cwd| *cwd != run.cwd) {
            let _ = writeln!(self.written, "WORKDIR {}", word(&run.cwd));
            inherited.cwd = Some(run.cwd.clone());
        }
        let user = run.user.as_deref().unwrap_or(ROOT);
        if inherited.user != user {
            let _ = writeln!(self.written, "USER {}", word(user));
            user.clone_into(&mut inherited.user);
        }
        let mut options = match run.network {
            Network::Build => String::new(),
            Network::None => " --network=none".to_owned(),
            Network::Host => " --network=host".to_owned(),
        };
        for one in &named.mounts {
            let (fields, value) = fields(one);
            let asked_by = match one {
                NamedMount::Cache { span, .. } => *span,
                _ => None,
            };
            self.add(
                &mut options,
                mount(&fields),
                value,
                asked_by.unwrap_or(span),
            );
        }
        for secret in &run.secrets {
            let (id, variable) = (secret.id.as_str(), secret.variable.as_str());
            let mut fields = vec![("type", "secret"), ("id", id), ("env", variable)];
            fields.extend(secret.required_at.as_ref().map(|_| ("required", "true")));
            self.add(&mut options, mount(&fields), id, span);
        }
        let script = match body {
            Body::Exec(words) => {
                let _ = writeln!(self.written, "RUN{options} {}", exec(words));
                return;
            }
            Body::Script(script) => script,
            Body::Outside(name, script) => {
                // `rw` changes are discarded after the step.
                let target = Run::OUTSIDE;
                options += &format!(" --mount=type=bind,from={name},target={target},rw");
                script
            }
        };
        let end = delimiter(script);
        let _ = write!(self.written, "RUN{options} <<\"{end}\"\n{script}{end}\n");
    }

    fn copy(&mut self, named: &NamedCopy<'_>) {
        let copy = named.copy;
        let (user, group) = copy.owner;
        let mut options = String::new();
        if copy.placement == Placement::Layer {
            options += " --link";
        }
        if (user, group) != (0, 0) {
            options += &format!(" --chown={user}:{group}");
        }
        if let Some(mode) = copy.mode {
            options += &format!(" --chmod={mode:o}");
        }
        let from = named.from.as_ref().map(ToString::to_string);
        let from = match &copy.from {
            CopyFrom::Stage(_) => from,
            CopyFrom::Image(reference, _) => Some(reference.familiar()),
            CopyFrom::Download { url, checksum } => {
                let words = list([url, &copy.dest]);
                let _ = writeln!(self.written, "ADD --checksum={checksum}{options} {words}");
                return;
            }
            CopyFrom::Context(files) => files.context.clone(),
        };
        // The ignore file leaves out files of the build context.
        if !matches!(copy.from, CopyFrom::Context(_)) {
            for pattern in &copy.exclude {
                let exclude = option("exclude", &pattern.value);
                self.add(&mut options, exclude, &pattern.value, &pattern.span);
            }
        }
        let from = from.map_or_else(String::new, |from| format!(" --from={from}"));
        if let CopyFrom::Context(files) = &copy.from
            // The whole directory, filtered by patterns: one `COPY` for each matching path.
            && copy.src.trim_matches('/').is_empty()
            && !files.include.is_empty()
        {
            for pattern in &files.include {
                for matched in (self.matching)(files, pattern) {
                    let dest = format!("{}/{}", copy.dest.trim_end_matches('/'), matched.path);
                    let slash = if matched.is_directory { "/" } else { "" };
                    let src = format!("{}{slash}", literal(&matched.path));
                    let words = list([src, format!("{dest}{slash}")]);
                    let _ = writeln!(self.written, "COPY{from}{options} {words}");
                }
            }
            return;
        }
        let src = match copy.src.as_str() {
            "" | "/" => "/".to_owned(),
            src if copy.wildcard => src.to_owned(),
            // `COPY` treats every path as a pattern.
            src => literal(src),
        };
        let _ = writeln!(
            self.written,
            "COPY{from}{options} {}",
            list([&src, &copy.dest])
        );
    }

    fn file(&mut self, path: &str, content: &str, executable: bool) {
        let mode = if executable { " --chmod=755" } else { "" };
        let end = delimiter(content);
        let newline = if content.is_empty() || content.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        let _ = write!(
            self.written,
            "COPY{mode} <<\"{end}\" {}\n{content}{newline}{end}\n",
            word(path)
        );
    }

    /// `otherwise` is the location of settings that no line of the build file sets.
    pub(super) fn settings(&mut self, plan: &Plan, otherwise: &Span) {
        self.errors.extend(inexpressible(plan, otherwise));
        let settings = &plan.settings;
        let mut lines = environment(&settings.path, &settings.env);
        let labels = settings.labels.iter();
        lines.extend(labels.map(|(name, text)| format!("LABEL {}={}", quoted(name), quoted(text))));
        let ports = settings.expose.iter();
        lines.extend(ports.map(|port| format!("EXPOSE {port}")));
        if !settings.volumes.is_empty() {
            lines.push(format!("VOLUME {}", list(&settings.volumes)));
        }
        let signal = settings.stop_signal.iter();
        lines.extend(signal.map(|signal| format!("STOPSIGNAL {}", word(signal))));
        lines.extend(settings.healthcheck.as_ref().map(healthcheck));
        let workdir = settings.workdir.iter();
        lines.extend(workdir.map(|path| format!("WORKDIR {}", word(path))));
        let user = settings.user.iter();
        lines.extend(user.map(|user| format!("USER {}", word(user))));
        let entrypoint = settings.entrypoint.iter();
        lines.extend(entrypoint.map(|words| format!("ENTRYPOINT {}", exec(words))));
        let cmd = settings.cmd.iter();
        lines.extend(cmd.map(|words| format!("CMD {}", exec(words))));
        if !lines.is_empty() {
            let _ = write!(self.written, "\n{}\n", lines.join("\n"));
        }
    }
}

/// The fields of a mount, and the one that the user chooses.
fn fields<'a>(mount: &'a NamedMount<'_>) -> (Vec<(&'a str, &'a str)>, &'a str) {
    match mount {
        NamedMount::Stage { from, path, target } => (
            vec![
                ("type", "bind"),
                ("from", from.as_str()),
                ("source", path),
                ("target", target),
            ],
            target,
        ),
        NamedMount::File { from, target, .. } => (
            vec![
                ("type", "bind"),
                ("from", from.as_str()),
                ("source", FILE),
                ("target", target),
            ],
            target,
        ),
        NamedMount::Secret {
            id,
            target,
            required,
            mode,
        } => {
            let mut fields = vec![("type", "secret"), ("id", *id), ("target", *target)];
            fields.extend(mode.as_deref().map(|mode| ("mode", mode)));
            fields.extend(required.then_some(("required", "true")));
            (fields, id)
        }
        NamedMount::Cache {
            id,
            target,
            sharing,
            ..
        } => (
            vec![
                ("type", "cache"),
                ("id", id),
                ("target", target),
                ("sharing", sharing.as_str()),
            ],
            target,
        ),
        NamedMount::Agent { id } => (vec![("type", "ssh"), ("id", id), ("required", "true")], id),
    }
}

/// Whether a value with the character fits in no line of a Dockerfile.
fn is_control(char: char) -> bool {
    char.is_control() && char != '\t'
}

/// The variables and labels that an instruction of one line cannot hold.
fn inexpressible(plan: &Plan, otherwise: &Span) -> Vec<Diagnostic> {
    let settings = &plan.settings;
    let named = [("env", &settings.env), ("labels", &settings.labels)];
    let named = named.into_iter().flat_map(|(key, values)| {
        let values = values.iter();
        values.map(move |(name, text)| (key, name, text))
    });
    let found = named.filter_map(|(key, name, text)| {
        let error = if name.contains(is_control) || text.contains(is_control) {
            Error::Control(name.clone())
        } else if name.is_empty() || name.contains('=') {
            Error::LabelName(name.clone())
        } else {
            return None;
        };
        let span = plan.setting_spans.get(&format!("{key}.{name}"));
        Some(error.at(span.unwrap_or(otherwise)))
    });
    found.collect()
}

fn environment(path: &[String], env: &BTreeMap<String, String>) -> Vec<String> {
    let path = (!path.is_empty()).then(|| format!("ENV PATH={}:$PATH", path.join(":")));
    let env = env.iter();
    let env = env.map(|(name, text)| format!("ENV {name}={}", quoted(text)));
    path.into_iter().chain(env).collect()
}

fn healthcheck(check: &Healthcheck) -> String {
    if check.cmd.is_empty() {
        return "HEALTHCHECK NONE".to_owned();
    }
    let mut line = "HEALTHCHECK".to_owned();
    for (name, time) in [
        ("interval", check.interval),
        ("timeout", check.timeout),
        ("start-period", check.start_period),
        ("start-interval", check.start_interval),
    ] {
        if let Some(time) = time {
            line += &format!(" --{name}={}ms", time.as_millis());
        }
    }
    if let Some(retries) = check.retries {
        line += &format!(" --retries={retries}");
    }
    format!("{line} CMD {}", exec(&check.cmd))
}
