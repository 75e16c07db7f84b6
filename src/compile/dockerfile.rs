//! A plan as a Dockerfile, for those who want to go on without this frontend. It builds the same with the syntax of
//! BuildKit 0.11 and newer; what newer syntax could say in fewer words is not used.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use crate::build_file::Healthcheck;
use crate::plan::{
    Action, Base, ContextFiles, Copy, Mount, Network, NewFile, Origin, Plan, Run, Settings, Stage,
    StageName, Step,
};

use super::Error;

/// A path of a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The path.
    pub path: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// The Dockerfile. `matching` gives what a part of a context has at a pattern: a Dockerfile has to name what is there.
///
/// # Errors
/// A check goes on with a tree that it has worked on from outside, which no Dockerfile can say.
pub fn dockerfile(
    plan: &Plan,
    matching: &dyn Fn(&ContextFiles, &str) -> Vec<Found>,
) -> Result<String, Error> {
    let mut writer = Writer {
        text: "# syntax=docker/dockerfile:1\n".to_owned(),
        written: BTreeMap::new(),
        matching,
        helpers: 0,
    };
    let mut checks = Vec::new();
    for stage in &plan.stages {
        if plan.checks.contains(&stage.name) {
            checks.extend(writer.check(stage)?);
        } else {
            writer.stage(stage)?;
        }
    }
    if !checks.is_empty() {
        writer.last(&plan.result, &checks)?;
    }
    writer.settings(&plan.settings);
    Ok(writer.text)
}

/// The ignore file that goes with the Dockerfile.
#[must_use]
pub fn ignore_file(plan: &Plan) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for (files, _) in plan
        .context_parts()
        .filter(|(files, _)| files.context.is_none())
    {
        for pattern in &files.exclude {
            if !lines.contains(&pattern.as_str()) {
                lines.push(pattern);
            }
        }
    }
    lines
        .iter()
        .fold(String::new(), |text, line| text + line + "\n")
}

struct Writer<'a> {
    text: String,
    /// The stages so far.
    written: BTreeMap<StageName, Written>,
    matching: &'a dyn Fn(&ContextFiles, &str) -> Vec<Found>,
    helpers: usize,
}

/// A stage by the name that it has in the Dockerfile, and the user that it ends with.
#[derive(Clone)]
struct Written {
    name: String,
    user: String,
}

/// What is set in a stage and stays for its later steps.
struct State {
    cwd: Option<String>,
    user: String,
}

impl Default for State {
    fn default() -> Self {
        Self {
            cwd: None,
            user: ROOT.to_owned(),
        }
    }
}

/// What a step runs.
enum Command<'a> {
    /// A program.
    Exec(&'a [String]),
    /// A script.
    Script(String),
    /// A script that works on the tree of the stage with this name.
    On(&'a str, String),
}

/// The user of all that says no other; a base image may.
const ROOT: &str = "0:0";
/// What no tree has. Copying all of nothing makes the engine build the stage that it is copied from.
const NOTHING: &str = "/nothing-but-success-*";
/// Where a command from outside leaves what it changed.
const CHANGED: &str = "/changed";

impl Writer<'_> {
    fn stage(&mut self, stage: &Stage) -> Result<(), Error> {
        let mut helpers = self.all_helpers(&stage.steps).into_iter();
        let (mut name, mut set) = self.from(stage)?;
        for step in &stage.steps {
            if let Action::Run(run) = &step.action
                && run.from_outside.is_some()
            {
                let outside = self.outside(run, &name, &step.title, true, &mut helpers)?;
                let changed = format!("changed-{}", self.helpers);
                let _ = write!(
                    self.text,
                    "\nFROM {name} AS {changed}\nCOPY --from={outside} {CHANGED}/ /\n"
                );
                name = changed;
                continue;
            }
            self.title(&step.title);
            match &step.action {
                Action::Run(run) => {
                    self.run(run, &mut set, &Command::Script(script(run)), &mut helpers)?;
                    if let Some(result) = &run.result {
                        // What the command made is all that stays.
                        let made = format!("{name}-result");
                        let _ = write!(
                            self.text,
                            "\nFROM scratch AS {made}\nCOPY --from={name} {result}/ /\n"
                        );
                        name = made;
                        set = State::default();
                    }
                }
                Action::Copy(_) | Action::CopyAll(_) => {
                    for copy in step.action.copies() {
                        self.copy(copy)?;
                    }
                }
                Action::Write(files) => files
                    .iter()
                    .for_each(|file| self.file(file, &file.path, false)),
            }
        }
        let user = set.user;
        self.written
            .insert(stage.name.clone(), Written { name, user });
        Ok(())
    }

    /// A stage whose tree nobody takes; the names of what must be built for it.
    fn check(&mut self, stage: &Stage) -> Result<Vec<String>, Error> {
        let inside = |step: &&Step| match &step.action {
            Action::Run(run) => run.from_outside.is_none(),
            _ => true,
        };
        let (inner, outer) = stage
            .steps
            .split_at(stage.steps.iter().take_while(inside).count());
        if let Some(step) = outer.iter().find(inside) {
            return Err(Error::NoDockerfile(step.title.clone()));
        }
        // An image may have no shell.
        if let ([step], []) = (inner, outer)
            && let Action::Run(run) = &step.action
            && shell_script(&run.command).is_none()
            && run.result.is_none()
        {
            let mut helpers = self.all_helpers(&stage.steps).into_iter();
            let (name, mut set) = self.from(stage)?;
            self.title(&step.title);
            for line in environment(&run.path, &run.env) {
                let _ = writeln!(self.text, "{line}");
            }
            self.run(run, &mut set, &Command::Exec(&run.command), &mut helpers)?;
            return Ok(vec![name]);
        }
        let mut helpers = self.all_helpers(outer).into_iter();
        self.stage(&Stage {
            steps: inner.to_vec(),
            ..stage.clone()
        })?;
        let name = self.named(&stage.name)?;
        let mut names = Vec::new();
        for step in outer {
            if let Action::Run(run) = &step.action {
                names.push(self.outside(run, &name, &step.title, false, &mut helpers)?);
            }
        }
        if names.is_empty() {
            names.push(name);
        }
        Ok(names)
    }

    /// The image, once more: what is last is what is built, and it is built when the checks have succeeded.
    fn last(&mut self, image: &StageName, checks: &[String]) -> Result<(), Error> {
        let image = self.named(image)?;
        let _ = write!(
            self.text,
            "\n# What must succeed besides; nothing of it is in the image.\nFROM {image}\n"
        );
        for check in checks {
            let _ = writeln!(self.text, "COPY --from={check} {NOTHING} /");
        }
        Ok(())
    }

    /// A command that works on the tree of the stage called `name` from another one.
    fn outside(
        &mut self,
        run: &Run,
        name: &str,
        title: &str,
        keep: bool,
        helpers: &mut impl Iterator<Item = String>,
    ) -> Result<String, Error> {
        let base = run.from_outside.as_ref().unwrap_or(&StageName::Base);
        let base = self.earlier(base)?.clone();
        self.helpers += 1;
        let outside = format!("outside-{}", self.helpers);
        let _ = writeln!(self.text, "\nFROM {} AS {outside}", base.name);
        self.title(title);
        let mut set = State {
            cwd: None,
            user: base.user,
        };
        let script = script(run);
        let script = if keep { keeping(&script) } else { script };
        self.run(run, &mut set, &Command::On(name, script), helpers)?;
        Ok(outside)
    }

    fn title(&mut self, title: &str) {
        let _ = writeln!(self.text, "\n# {}", title.replace('\n', " "));
    }

    /// Begins a stage.
    fn from(&mut self, stage: &Stage) -> Result<(String, State), Error> {
        let name = stage.name.to_string();
        let name = name.replace([':', '/'], "-").to_ascii_lowercase();
        let mut set = State::default();
        let (from, user) = match &stage.from {
            Base::Image(reference) => (reference.familiar(), "USER 0:0\n"),
            Base::Stage(earlier) => {
                let earlier = self.earlier(earlier)?;
                set.user.clone_from(&earlier.user);
                (earlier.name.clone(), "")
            }
        };
        let _ = write!(self.text, "\nFROM {from} AS {name}\n{user}");
        Ok((name, set))
    }

    fn named(&self, stage: &StageName) -> Result<String, Error> {
        Ok(self.earlier(stage)?.name.clone())
    }

    fn earlier(&self, stage: &StageName) -> Result<&Written, Error> {
        let written = self.written.get(stage);
        written.ok_or_else(|| Error::NoStage(stage.clone()))
    }

    /// Stages with the files that the commands of steps see.
    fn all_helpers(&mut self, steps: &[Step]) -> Vec<String> {
        let mut names = Vec::new();
        for step in steps {
            if let Action::Run(run) = &step.action {
                names.extend(self.helpers(run));
            }
        }
        names
    }

    /// Stages with the files that a command sees and no tree keeps.
    fn helpers(&mut self, run: &Run) -> Vec<String> {
        let mut names = Vec::new();
        for mount in &run.mounts {
            let files: Vec<(NewFile, bool)> = match mount {
                Mount::Files { files, .. } => {
                    files.iter().map(|file| (file.clone(), false)).collect()
                }
                Mount::File {
                    content,
                    executable,
                    ..
                } => {
                    let path = "/file".to_owned();
                    let content = content.clone();
                    vec![(NewFile { path, content }, *executable)]
                }
                _ => continue,
            };
            self.helpers += 1;
            let name = format!("files-{}", self.helpers);
            let _ = writeln!(self.text, "\nFROM scratch AS {name}");
            for (file, executable) in files {
                let path = format!("/{}", file.path.trim_start_matches('/'));
                self.file(&file, &path, executable);
            }
            names.push(name);
        }
        names
    }

    fn run(
        &mut self,
        run: &Run,
        set: &mut State,
        command: &Command<'_>,
        helpers: &mut impl Iterator<Item = String>,
    ) -> Result<(), Error> {
        if set.cwd.as_ref().is_none_or(|cwd| *cwd != run.cwd) {
            let _ = writeln!(self.text, "WORKDIR {}", run.cwd);
            set.cwd = Some(run.cwd.clone());
        }
        let user = run.user.as_deref().unwrap_or(ROOT);
        if set.user != user {
            let _ = writeln!(self.text, "USER {user}");
            user.clone_into(&mut set.user);
        }
        let mut options = String::new();
        match run.network {
            Network::Build => {}
            Network::None => options.push_str(" --network=none"),
            Network::Host => options.push_str(" --network=host"),
        }
        for mount in &run.mounts {
            options.push_str(" --mount=");
            options.push_str(&self.mount(mount, helpers)?);
        }
        for secret in &run.secrets {
            let required = if secret.required_at.is_some() {
                ",required=true"
            } else {
                ""
            };
            let _ = write!(
                options,
                " --mount=type=secret,id={},env={}{required}",
                secret.id, secret.variable
            );
        }
        let script = match command {
            Command::Exec(words) => {
                let _ = writeln!(self.text, "RUN{options} {}", json!(words));
                return Ok(());
            }
            Command::Script(script) => script,
            Command::On(tree, script) => {
                // What is changed there is gone with the step.
                let _ = write!(
                    options,
                    " --mount=type=bind,from={tree},target={},rw",
                    Run::OUTSIDE
                );
                script
            }
        };
        let end = delimiter(script);
        let _ = write!(self.text, "RUN{options} <<\"{end}\"\n{script}{end}\n");
        Ok(())
    }

    fn mount(
        &self,
        mount: &Mount,
        helpers: &mut impl Iterator<Item = String>,
    ) -> Result<String, Error> {
        Ok(match mount {
            Mount::Stage { from, path, target } => {
                format!(
                    "type=bind,from={},source={path},target={target}",
                    self.named(from)?
                )
            }
            Mount::Files { target, .. } => {
                format!(
                    "type=bind,from={},target={target}",
                    helpers.next().unwrap_or_default()
                )
            }
            Mount::File { target, .. } => {
                let from = helpers.next().unwrap_or_default();
                format!("type=bind,from={from},source=/file,target={target}")
            }
            Mount::Secret { id, target, .. } => {
                format!("type=secret,id={id},target={target},required=true")
            }
            Mount::Cache {
                id,
                target,
                sharing,
            } => {
                let sharing = sharing.as_str();
                format!("type=cache,id={id},target={target},sharing={sharing}")
            }
            Mount::Agent { id, .. } => format!("type=ssh,id={id},required=true"),
        })
    }

    fn copy(&mut self, copy: &Copy) -> Result<(), Error> {
        let (user, group) = copy.owner;
        let mut options = String::new();
        if (user, group) != (0, 0) {
            let _ = write!(options, " --chown={user}:{group}");
        }
        if let Some(mode) = copy.mode {
            let _ = write!(options, " --chmod={mode:o}");
        }
        let from = match &copy.from {
            Origin::Stage(name) => format!(" --from={}", self.named(name)?),
            Origin::Image(reference, _) => format!(" --from={}", reference.familiar()),
            Origin::Download { url, checksum } => {
                let _ = writeln!(
                    self.text,
                    "ADD --checksum={checksum}{options} {url} {}",
                    copy.dest
                );
                return Ok(());
            }
            Origin::Context(files) => {
                let context = files.context.as_ref();
                let from = context
                    .map(|name| format!(" --from={name}"))
                    .unwrap_or_default();
                // A part of the context keeps its paths.
                if copy.src.trim_matches('/').is_empty() && !files.include.is_empty() {
                    for pattern in &files.include {
                        for found in (self.matching)(files, pattern) {
                            let dest =
                                format!("{}/{}", copy.dest.trim_end_matches('/'), found.path);
                            let slash = if found.is_folder { "/" } else { "" };
                            let words =
                                json!([format!("{}{slash}", found.path), format!("{dest}{slash}")]);
                            let _ = writeln!(self.text, "COPY{from}{options} {words}");
                        }
                    }
                    return Ok(());
                }
                from
            }
        };
        let src = match copy.src.as_str() {
            "" | "/" => "/",
            src => src,
        };
        let _ = writeln!(self.text, "COPY{from}{options} {}", json!([src, copy.dest]));
        Ok(())
    }

    fn file(&mut self, file: &NewFile, path: &str, executable: bool) {
        let mode = if executable { " --chmod=755" } else { "" };
        let end = delimiter(&file.content);
        let newline = if file.content.is_empty() || file.content.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        let _ = write!(
            self.text,
            "COPY{mode} <<\"{end}\" {path}\n{}{newline}{end}\n",
            file.content
        );
    }

    fn settings(&mut self, settings: &Settings) {
        let mut lines = environment(&settings.path, &settings.env);
        let labels = settings.labels.iter();
        lines.extend(labels.map(|(name, text)| format!("LABEL {}={}", value(name), value(text))));
        lines.extend(
            settings
                .expose
                .iter()
                .map(|port| format!("EXPOSE {port}/tcp")),
        );
        if !settings.volumes.is_empty() {
            lines.push(format!("VOLUME {}", json!(settings.volumes)));
        }
        lines.extend(
            settings
                .stop_signal
                .as_ref()
                .map(|signal| format!("STOPSIGNAL {signal}")),
        );
        lines.extend(settings.healthcheck.as_ref().map(healthcheck));
        lines.extend(
            settings
                .workdir
                .as_ref()
                .map(|path| format!("WORKDIR {path}")),
        );
        lines.extend(settings.user.as_ref().map(|user| format!("USER {user}")));
        lines.extend(
            settings
                .entrypoint
                .as_ref()
                .map(|words| format!("ENTRYPOINT {}", json!(words))),
        );
        lines.extend(
            settings
                .cmd
                .as_ref()
                .map(|words| format!("CMD {}", json!(words))),
        );
        if !lines.is_empty() {
            let _ = write!(self.text, "\n{}\n", lines.join("\n"));
        }
    }
}

fn environment(path: &[String], env: &BTreeMap<String, String>) -> Vec<String> {
    let path = (!path.is_empty()).then(|| format!("ENV PATH={}:$PATH", path.join(":")));
    let env = env
        .iter()
        .map(|(name, text)| format!("ENV {name}={}", value(text)));
    path.into_iter().chain(env).collect()
}

fn value(text: &str) -> String {
    json!(text).to_string().replace('$', "\\$")
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
            let _ = write!(line, " --{name}={}ms", time.as_millis());
        }
    }
    if let Some(retries) = check.retries {
        let _ = write!(line, " --retries={retries}");
    }
    format!("{line} CMD {}", json!(check.cmd))
}

/// What the shell runs: the variables of this step alone, and the command.
fn script(run: &Run) -> String {
    let mut script = "set -eu\n".to_owned();
    if !run.path.is_empty() {
        let _ = writeln!(
            script,
            "export PATH={}:\"$PATH\"",
            quoted(&run.path.join(":"))
        );
    }
    for (name, value) in &run.env {
        let _ = writeln!(script, "export {name}={}", quoted(value));
    }
    if let Some(result) = &run.result {
        let _ = writeln!(script, "mkdir -p {}", quoted(result));
    }
    let words = |words: &[String]| {
        words
            .iter()
            .map(|word| quoted(word))
            .collect::<Vec<_>>()
            .join(" ")
    };
    if let Some((text, args)) = shell_script(&run.command) {
        if !args.is_empty() {
            let _ = writeln!(script, "set -- {}", words(args));
        }
        script.push_str(text);
        script.push('\n');
    } else {
        let _ = writeln!(script, "{}", words(&run.command));
    }
    script
}

/// The script of a command that is one, and its arguments.
fn shell_script(command: &[String]) -> Option<(&str, &[String])> {
    match command {
        [shell, flags, text, _, args @ ..] if shell == "sh" && flags == "-euc" => {
            Some((text, args))
        }
        _ => None,
    }
}

/// The script, and after it what it changed in the tree that it worked on, in a folder of its own. Nothing is removed by
/// such scripts.
fn keeping(script: &str) -> String {
    format!(
        "\
set -eu
touch /before
# Clocks of files are coarse.
sleep 1
(
{script})
mkdir {CHANGED}
cd {tree}
find . -cnewer /before | tar -cf - --no-recursion -T - | tar -xpf - -C {CHANGED}
",
        tree = Run::OUTSIDE
    )
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=@%+,".contains(char);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A word that is no line of the text.
fn delimiter(text: &str) -> String {
    let mut word = "EOF".to_owned();
    while text.lines().any(|line| line.trim() == word) {
        word.push('_');
    }
    word
}
