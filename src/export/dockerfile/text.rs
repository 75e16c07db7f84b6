//! The second phase of writing a Dockerfile: the text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use super::matched_path::MatchedPath;
use super::names::{
    Name, NamedAction, NamedBase, NamedCopy, NamedMount, NamedRun, NamedStage, ROOT, ResultStage,
};
use super::shell::{delimiter, keeping_changes, script};
use crate::build_file::Healthcheck;
use crate::export::error::Error;
use crate::paths::literal;
use crate::plan::{Command, ContextFiles, CopyFrom, Network, Placement, Run, Settings};

/// A pattern that matches no file. Copying it from a stage makes the engine build the stage and copies nothing.
const NOTHING: &str = "/nothing-but-success-*";
/// The path of a mounted file in the stage that holds only this file.
const FILE: &str = "/file";

/// The text so far.
pub(super) struct Text<'a> {
    text: String,
    /// The paths in a part of a context that match a pattern.
    matching: &'a dyn Fn(&ContextFiles, &str) -> Vec<MatchedPath>,
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
            text: "# syntax=docker/dockerfile:1\n".to_owned(),
            matching,
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
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
                    self.text,
                    "\nFROM {reference} AS {}\nUSER {ROOT}\n",
                    stage.name
                );
            }
            NamedBase::Stage(name) => {
                let _ = write!(self.text, "\nFROM {name} AS {}\n", stage.name);
            }
        }
        let mut inherited = Inherited::new(&stage.user);
        for step in &stage.steps {
            match &step.action {
                NamedAction::Run(run) => {
                    self.run_step(stage, step.title, run, &mut inherited);
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
        title: &str,
        run: &NamedRun<'_>,
        inherited: &mut Inherited,
    ) {
        let Some(outside) = &run.outside else {
            self.title(title);
            // The image that a verification runs in may have no shell.
            if let (true, [_], Command::Exec(words)) =
                (stage.verification, &stage.steps[..], &run.run.command)
                && run.run.output.is_none()
            {
                for line in environment(&run.run.path, &run.run.env) {
                    let _ = writeln!(self.text, "{line}");
                }
                self.run(run, inherited, &Body::Exec(words));
            } else {
                self.run(run, inherited, &Body::Script(script(run.run)));
            }
            return;
        };
        let _ = writeln!(self.text, "\nFROM {} AS {}", outside.from, outside.name);
        self.title(title);
        let mut inherited = Inherited::new(&outside.user);
        let mut script = script(run.run);
        if run.result.is_some() {
            script = keeping_changes(&script, Run::OUTSIDE);
        }
        self.run(
            run,
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
            self.text,
            "\nFROM {base} AS {name}\nCOPY --from={source} {directory}/ /\n"
        );
        if from.is_none() {
            *inherited = Inherited::new(ROOT);
        }
    }

    /// Continues with the image in the last stage, which is the one that is built, once the verifications have succeeded.
    pub(super) fn after_verifications(&mut self, image: &Name, verifications: &[&Name]) {
        let _ = write!(
            self.text,
            "\n# These stages must succeed; the image contains nothing of them.\nFROM {image}\n"
        );
        for name in verifications {
            let _ = writeln!(self.text, "COPY --from={name} {NOTHING} /");
        }
    }

    fn title(&mut self, title: &str) {
        let _ = writeln!(self.text, "\n# {}", title.replace(char::is_control, " "));
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
                let _ = writeln!(self.text, "\nFROM scratch AS {from}");
                self.file(FILE, content, *executable);
            }
        }
    }

    fn run(&mut self, named: &NamedRun<'_>, inherited: &mut Inherited, body: &Body<'_>) {
        let run = named.run;
        if inherited.cwd.as_ref().is_none_or(|cwd| *cwd != run.cwd) {
            let _ = writeln!(self.text, "WORKDIR {}", word(&run.cwd));
            inherited.cwd = Some(run.cwd.clone());
        }
        let user = run.user.as_deref().unwrap_or(ROOT);
        if inherited.user != user {
            let _ = writeln!(self.text, "USER {}", word(user));
            user.clone_into(&mut inherited.user);
        }
        let mut options = match run.network {
            Network::Build => String::new(),
            Network::None => " --network=none".to_owned(),
            Network::Host => " --network=host".to_owned(),
        };
        for one in &named.mounts {
            options += &format!(" --mount={}", mount(one));
        }
        for secret in &run.secrets {
            let required = secret.required_at.as_ref().map_or("", |_| ",required=true");
            let (id, variable) = (&secret.id, &secret.variable);
            options += &format!(" --mount=type=secret,id={id},env={variable}{required}");
        }
        let script = match body {
            Body::Exec(words) => {
                let _ = writeln!(self.text, "RUN{options} {}", json!(words));
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
        let _ = write!(self.text, "RUN{options} <<\"{end}\"\n{script}{end}\n");
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
                let dest = &copy.dest;
                let _ = writeln!(self.text, "ADD --checksum={checksum}{options} {url} {dest}");
                return;
            }
            CopyFrom::Context(files) => files.context.clone(),
        };
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
                    let words = json!([src, format!("{dest}{slash}")]);
                    let _ = writeln!(self.text, "COPY{from}{options} {words}");
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
        let _ = writeln!(self.text, "COPY{from}{options} {}", json!([src, copy.dest]));
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
            self.text,
            "COPY{mode} <<\"{end}\" {path}\n{content}{newline}{end}\n"
        );
    }

    pub(super) fn settings(&mut self, settings: &Settings) {
        let mut lines = environment(&settings.path, &settings.env);
        let labels = settings.labels.iter();
        lines.extend(labels.map(|(name, text)| format!("LABEL {}={}", value(name), value(text))));
        let ports = settings.expose.iter();
        lines.extend(ports.map(|port| format!("EXPOSE {port}/tcp")));
        if !settings.volumes.is_empty() {
            lines.push(format!("VOLUME {}", json!(settings.volumes)));
        }
        let signal = settings.stop_signal.iter();
        lines.extend(signal.map(|signal| format!("STOPSIGNAL {}", word(signal))));
        lines.extend(settings.healthcheck.as_ref().map(healthcheck));
        let workdir = settings.workdir.iter();
        lines.extend(workdir.map(|path| format!("WORKDIR {}", word(path))));
        let user = settings.user.iter();
        lines.extend(user.map(|user| format!("USER {}", word(user))));
        let entrypoint = settings.entrypoint.iter();
        lines.extend(entrypoint.map(|words| format!("ENTRYPOINT {}", json!(words))));
        let cmd = settings.cmd.iter();
        lines.extend(cmd.map(|words| format!("CMD {}", json!(words))));
        if !lines.is_empty() {
            let _ = write!(self.text, "\n{}\n", lines.join("\n"));
        }
    }
}

fn mount(mount: &NamedMount<'_>) -> String {
    match mount {
        NamedMount::Stage { from, path, target } => {
            format!("type=bind,from={from},source={path},target={target}")
        }
        NamedMount::File { from, target, .. } => {
            format!("type=bind,from={from},source={FILE},target={target}")
        }
        NamedMount::Secret { id, target } => {
            format!("type=secret,id={id},target={target},required=true")
        }
        NamedMount::Cache {
            id,
            target,
            sharing,
        } => {
            let sharing = sharing.as_str();
            format!("type=cache,id={id},target={target},sharing={sharing}")
        }
        NamedMount::Agent { id } => format!("type=ssh,id={id},required=true"),
    }
}

fn environment(path: &[String], env: &BTreeMap<String, String>) -> Vec<String> {
    let path = (!path.is_empty()).then(|| format!("ENV PATH={}:$PATH", path.join(":")));
    let env = env.iter();
    let env = env.map(|(name, text)| format!("ENV {name}={}", value(text)));
    path.into_iter().chain(env).collect()
}

/// A word in quotes, as the engine's lexer reads it (BuildKit, `frontend/dockerfile/shell/lex.go`).
fn value(text: &str) -> String {
    let mut quoted = String::from('"');
    for char in text.chars() {
        if matches!(char, '"' | '\\' | '$') {
            quoted.push('\\');
        }
        quoted.push(char);
    }
    quoted + "\""
}

/// A path or name that needs quotes only if it has special characters.
fn word(text: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "/._:-+@".contains(char);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        value(text)
    }
}

/// Refuses what an instruction of one line cannot hold.
///
/// # Errors
/// A value contains a line break or another control character.
pub(super) fn check(settings: &Settings) -> Result<(), Error> {
    let named = settings.env.iter().chain(&settings.labels);
    let named = named.flat_map(|(name, text)| [(name.as_str(), name), (name, text)]);
    let paths = settings.volumes.iter().chain(&settings.workdir);
    let paths = paths.map(|path| (path.as_str(), path));
    let mut all = named.chain(paths);
    let is_control = |char: char| char.is_control() && char != '\t';
    match all.find(|(_, text)| text.contains(is_control)) {
        Some((name, _)) => Err(Error::Control(name.escape_debug().to_string())),
        None => Ok(()),
    }
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
    format!("{line} CMD {}", json!(check.cmd))
}
