//! `docker buildx build` and its output.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine;
use serde::Deserialize;
use tempfile::TempDir;

use super::docker::{docker, merges};
use super::image::Image;
use super::project::{Project, mirror};

/// A build command.
pub(crate) struct Build<'a> {
    project: &'a Project,
    arguments: Vec<String>,
    /// The context: the project's directory unless it is an address or `-`.
    context: String,
    stdin: Vec<u8>,
    /// The files with the secrets and the source policy.
    secrets: TempDir,
    has_policy: bool,
    /// Called with each piece of the steps' output, while the command runs.
    watch: Box<dyn FnMut(&str) + Send + 'a>,
}

/// The result of a command.
pub(crate) struct Built {
    /// The image, if the command succeeded.
    image: Option<Image>,
    steps: Vec<Step>,
    /// The warnings of the engine.
    pub(crate) warnings: Vec<Warned>,
    /// The output after the progress: the error, if there was one.
    pub(crate) output: String,
}

/// A warning.
#[derive(Debug)]
pub(crate) struct Warned {
    pub(crate) short: String,
    /// The lines of the file, as the engine shows them, each with its number.
    pub(crate) lines: Vec<(usize, String)>,
}

/// A step such as `[deps 1/2] write the reduced pyproject.toml and poetry.lock`.
#[derive(Debug)]
pub(crate) struct Step {
    digest: String,
    pub(crate) name: String,
    pub(crate) started: bool,
    pub(crate) cached: bool,
    pub(crate) log: String,
}

/// A piece of the progress as `--progress=rawjson` shows it.
#[derive(Deserialize)]
struct Progress {
    #[serde(default)]
    vertexes: Vec<Vertex>,
    #[serde(default)]
    logs: Vec<Log>,
    #[serde(default)]
    warnings: Vec<Warning>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Warning {
    short: String,
    source_info: SourceInfo,
    range: Vec<Range>,
}

#[derive(Deserialize)]
struct SourceInfo {
    data: String,
}

#[derive(Deserialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Deserialize)]
struct Position {
    line: usize,
}

impl Warning {
    fn output(&self) -> Warned {
        let decoded = |text: &str| {
            let bytes = base64::engine::general_purpose::STANDARD.decode(text);
            String::from_utf8(bytes.unwrap()).unwrap()
        };
        let source = decoded(&self.source_info.data);
        let marked = self
            .range
            .iter()
            .flat_map(|range| range.start.line..=range.end.line);
        Warned {
            short: decoded(&self.short),
            lines: marked
                .map(|line| (line, source.lines().nth(line - 1).unwrap().to_owned()))
                .collect(),
        }
    }
}

#[derive(Deserialize)]
struct Vertex {
    digest: String,
    #[serde(default)]
    name: String,
    started: Option<String>,
    #[serde(default)]
    cached: bool,
}

#[derive(Deserialize)]
struct Log {
    vertex: String,
    data: String,
}

impl Log {
    fn text(&self) -> String {
        let data = base64::engine::general_purpose::STANDARD.decode(&self.data);
        String::from_utf8_lossy(&data.unwrap()).into_owned()
    }
}

impl<'a> Build<'a> {
    pub(super) fn new(project: &'a Project, file: &str) -> Self {
        // The same for all tests, so that they share Poetry's own environment.
        let mut arguments = vec!["--add-host=index:host-gateway".to_owned()];
        arguments.extend(mirror().map(|mirror| format!("--build-arg=PYPI_MIRROR={mirror}")));
        arguments.push(format!("--file={file}"));
        Self {
            project,
            arguments,
            context: ".".to_owned(),
            stdin: Vec::new(),
            secrets: TempDir::new().unwrap(),
            has_policy: false,
            watch: Box::new(|_| ()),
        }
    }

    /// The options that it has so far.
    pub(crate) fn options(&self) -> &[String] {
        &self.arguments
    }

    /// Adds an option; the last one of a name wins.
    pub(crate) fn with(mut self, option: &str) -> Self {
        self.arguments.push(option.to_owned());
        self
    }

    /// Leaves out attestations, which have the time of the build, so that equal images have equal ids.
    pub(crate) fn unattested(self) -> Self {
        self.with("--provenance=false")
    }

    /// Sets another context.
    pub(crate) fn context(mut self, context: &str) -> Self {
        context.clone_into(&mut self.context);
        self
    }

    /// Sets the standard input.
    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Adds a secret.
    pub(crate) fn with_secret(self, id: &str, secret: &str) -> Self {
        let path = self.secrets.path().join(id);
        fs::write(&path, secret).unwrap();
        let option = format!("--secret=id={id},src={}", path.display());
        self.with(&option)
    }

    /// Applies a source policy (`sourcepolicy/pb/policy.proto`).
    pub(crate) fn with_policy(mut self, policy: &str) -> Self {
        fs::write(self.policy(), policy).unwrap();
        self.has_policy = true;
        self
    }

    fn policy(&self) -> PathBuf {
        self.secrets.path().join("policy.json")
    }

    /// Calls `watch` with each piece of the steps' output, while the command runs.
    pub(crate) fn watch(mut self, watch: impl FnMut(&str) + Send + 'a) -> Self {
        self.watch = Box::new(watch);
        self
    }

    /// Runs the command; it may fail.
    pub(crate) fn run(self) -> Built {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let tag = format!(
            "poetry-frontend-test:{}-{}",
            process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let (succeeded, mut built) = self.with("--load").with(&format!("--tag={tag}")).finish();
        built.image = succeeded.then(|| Image::new(tag));
        built
    }

    /// Runs the command with another `--output` than an image in the engine; fails the test if it fails.
    #[track_caller]
    pub(crate) fn export(self, output: &str) -> Built {
        let (succeeded, built) = self.with(&format!("--output={output}")).finish();
        assert!(succeeded, "{}", built.report());
        built
    }

    /// Exports the image as an OCI layout to `directory`; `options` are more options of the exporter.
    #[track_caller]
    pub(crate) fn export_layout(self, directory: &Path, options: &[&str]) -> Built {
        let output = format!("type=oci,dest={},tar=false", directory.display());
        self.export(&[&[output.as_str()], options].concat().join(","))
    }

    /// Runs a check and returns its output. Newer clients call it `--check`, and fail if something is found.
    pub(crate) fn check(self) -> String {
        let output = docker(&["buildx", "build", "--progress=plain"])
            .args(&self.arguments)
            .args(["--print=lint", "."])
            .env("BUILDX_EXPERIMENTAL", "1")
            .current_dir(self.project.path())
            .output()
            .unwrap();
        [output.stdout, output.stderr]
            .map(|shown| String::from_utf8(shown).unwrap())
            .concat()
    }

    fn finish(mut self) -> (bool, Built) {
        let mut command = docker(&["buildx", "build", "--progress=rawjson"]);
        if self.has_policy {
            command.env("EXPERIMENTAL_BUILDKIT_SOURCE_POLICY", self.policy());
        }
        let mut command = command
            .args(&self.arguments)
            .arg(&self.context)
            .current_dir(self.project.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that does not read all of it shows an error of its own.
        let _ = command.stdin.take().unwrap().write_all(&self.stdin);
        let mut stderr = BufReader::new(command.stderr.take().unwrap());
        let mut shown = String::new();
        let mut read = 0;
        while stderr.read_line(&mut shown).unwrap() > 0 {
            // A piece of the progress is a line, or with an older buildx, several indented ones.
            if !shown.ends_with("}\n") {
                continue;
            }
            if let Ok(piece) = serde_json::from_str::<Progress>(&shown[read..]) {
                for log in piece.logs {
                    (self.watch)(&log.text());
                }
                read = shown.len();
            }
        }
        let status = command.wait().unwrap();
        (status.success(), Built::read(&shown))
    }

    /// Builds the image.
    #[track_caller]
    pub(crate) fn image(self) -> Image {
        self.run().image()
    }
}

impl Built {
    /// Splits the progress from the text that follows it.
    fn read(shown: &str) -> Self {
        let mut progress = serde_json::Deserializer::from_str(shown).into_iter::<Progress>();
        let mut steps: Vec<Step> = Vec::new();
        let mut warnings = Vec::new();
        let mut end = 0;
        while let Some(Ok(piece)) = progress.next() {
            end = progress.byte_offset();
            for vertex in piece.vertexes {
                let known = steps.iter().position(|step| step.digest == vertex.digest);
                let at = known.unwrap_or_else(|| {
                    steps.push(Step {
                        digest: vertex.digest,
                        name: vertex.name,
                        started: false,
                        cached: false,
                        log: String::new(),
                    });
                    steps.len() - 1
                });
                steps[at].started |= vertex.started.is_some();
                steps[at].cached |= vertex.cached;
            }
            warnings.extend(piece.warnings.iter().map(Warning::output));
            for log in piece.logs {
                if let Some(step) = steps.iter_mut().find(|step| step.digest == log.vertex) {
                    step.log += &log.text();
                }
            }
        }
        Self {
            image: None,
            steps,
            warnings,
            output: shown[end..].trim().to_owned(),
        }
    }

    /// The image; fails the test if the build failed.
    #[track_caller]
    pub(crate) fn image(self) -> Image {
        let Some(image) = self.image else {
            panic!("{}", self.report());
        };
        image
    }

    /// The image and the steps that built it.
    #[track_caller]
    pub(crate) fn parts(mut self) -> (Image, Self) {
        let Some(image) = self.image.take() else {
            panic!("{}", self.report());
        };
        (image, self)
    }

    #[track_caller]
    pub(crate) fn error(&self) -> &str {
        assert!(self.image.is_none(), "the build did not fail");
        &self.output
    }

    /// The steps of the stages, without those of the engine: `[deps 1/2] ...` but not `[internal] ...`.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| !step.stage().is_empty())
    }

    /// The steps that ran, as `STAGE: TITLE`, sorted.
    pub(crate) fn ran(&self) -> Vec<String> {
        sorted(self.steps().filter(|step| step.started && !step.cached))
    }

    /// Fails the test unless exactly these steps ran. `copies` copy layers into the image, which an engine that merges
    /// layers does without.
    #[track_caller]
    pub(crate) fn assert_ran(&self, steps: &[&str], copies: &[&str]) {
        let copies = if merges() { &[] } else { copies };
        let mut expected = [steps, copies].concat();
        expected.sort_unstable();
        assert_eq!(self.ran(), expected, "{}", self.report());
    }

    /// The first step of a stage whose title begins with `title`.
    #[track_caller]
    pub(crate) fn step(&self, stage: &str, title: &str) -> &Step {
        self.steps()
            .find(|step| step.stage() == stage && step.title().starts_with(title))
            .unwrap_or_else(|| panic!("no step {stage}: {title}: {}", self.report()))
    }

    /// The whole output.
    pub(crate) fn report(&self) -> String {
        let mut report = self.output.clone();
        for step in &self.steps {
            let state = match (step.cached, step.started) {
                (true, _) => "CACHED",
                (_, true) => "ran",
                _ => "not reached",
            };
            write!(report, "\n{} ({state})", step.name).unwrap();
            for line in step.log.lines() {
                write!(report, "\n    {line}").unwrap();
            }
        }
        report
    }
}

impl Step {
    /// `deps` of `[deps 1/2] ...`; empty for steps of the engine.
    pub(crate) fn stage(&self) -> &str {
        self.parts().map_or("", |(stage, _)| stage)
    }

    pub(crate) fn title(&self) -> &str {
        self.parts().map_or("", |(_, title)| title)
    }

    fn parts(&self) -> Option<(&str, &str)> {
        let (label, title) = self.name.strip_prefix('[')?.split_once("] ")?;
        let (stage, number) = label.split_once(' ')?;
        number.contains('/').then_some((stage, title))
    }
}

fn sorted<'a>(steps: impl Iterator<Item = &'a Step>) -> Vec<String> {
    let mut names: Vec<String> = steps
        .map(|step| format!("{}: {}", step.stage(), step.title()))
        .collect();
    names.sort_unstable();
    names
}
