//! Compiles stages and steps to LLB ops.

use std::collections::BTreeMap;

use buildkit_llb::{
    self as bk, Exec, FileAction, FileOp, ImageSource, Location, Mkdir, Mkfile, Output,
};

use crate::diagnostics::printable;
use crate::image::{ImageReference, Platform};
use crate::plan::{
    Action, Base, BuildPlatform, CacheSharing, Copy, CopyFrom, Mount, Network, NewFile, Placement,
    Plan, ReadOnlyRoot, Requirement, Run, Stage, StageName, Step, download_name,
};

use super::command::{NO_OUTPUT, file_mount, script_path, secret_mount, with_limits, words};
use super::compiled::{Probes, StepInfo};
use super::error::Error;
use super::images::{ImageFiles, Images, ResolvedImage};
use super::options::Options;
use super::source_files::SourceFiles;
use super::{config, contexts};

/// The socket of the client's SSH agent; the engine sets `SSH_AUTH_SOCK` to it.
const AGENT_SOCKET: &str = "/run/buildkit/ssh_agent.0";

/// A pattern that matches no file.
const NOTHING: &str = "poetry-frontend-nothing";

/// The output of a stage, and the image that it started from.
pub(super) struct CompiledStage<'a> {
    pub(super) output: Output,
    /// The same without the last layers that are merged over it.
    pub(super) without_layers: Output,
    pub(super) base: &'a ResolvedImage,
    /// The platform that its commands run on.
    pub(super) platform: Platform,
}

/// The stages of a plan; see [`super::compiled::Compiled`].
pub(super) struct CompiledStages<'a> {
    pub(super) image: CompiledStage<'a>,
    pub(super) verifications: Vec<Output>,
    pub(super) stage_outputs: BTreeMap<StageName, Output>,
    pub(super) probes: Option<Probes>,
    pub(super) steps: BTreeMap<String, StepInfo>,
}

pub(super) fn stages<'a>(
    plan: &'a Plan,
    platform: &Platform,
    images: &'a Images,
    options: &'a Options,
) -> Result<CompiledStages<'a>, Error> {
    let mut compiler = Compiler {
        platform: platform.clone(),
        build_platform: &plan.build_platform,
        images,
        options,
        stages: BTreeMap::new(),
        steps_with_requirements: Vec::new(),
        steps: BTreeMap::new(),
        source_files: SourceFiles::default(),
    };
    for stage in &plan.stages {
        let done = compiler.stage(stage, &plan.result)?;
        compiler.stages.insert(stage.name.clone(), done);
    }
    let probes = compiler.probes(plan);
    let no_stage = |name: &StageName| Error::NoStage(name.clone());
    let verifications = plan.verifications.iter().map(|name| {
        let stage = compiler.stages.get(name).ok_or_else(|| no_stage(name))?;
        Ok(stage.output.clone())
    });
    let verifications = verifications.collect::<Result<_, _>>()?;
    let image = compiler
        .stages
        .remove(&plan.result)
        .ok_or_else(|| no_stage(&plan.result))?;
    let others = compiler.stages.iter();
    let outputs = others.map(|(name, stage)| (name.clone(), stage.output.clone()));
    Ok(CompiledStages {
        stage_outputs: outputs.collect(),
        image,
        verifications,
        probes,
        steps: compiler.steps,
    })
}

struct Compiler<'a> {
    /// The image's.
    platform: Platform,
    build_platform: &'a BuildPlatform,
    images: &'a Images,
    options: &'a Options,
    /// The stages compiled so far.
    stages: BTreeMap<StageName, CompiledStage<'a>>,
    /// The digests of the steps that require something from the client.
    steps_with_requirements: Vec<String>,
    /// The steps, by the digests of their ops.
    steps: BTreeMap<String, StepInfo>,
    source_files: SourceFiles,
}

impl<'a> Compiler<'a> {
    fn stage(&mut self, stage: &Stage, result: &StageName) -> Result<CompiledStage<'a>, Error> {
        let mut compiled = match &stage.from {
            Base::Stage(name) => {
                let base = self.earlier(name)?;
                CompiledStage {
                    output: base.output.clone(),
                    without_layers: base.output.clone(),
                    base: base.base,
                    platform: base.platform.clone(),
                }
            }
            Base::Image(reference) => {
                self.base(stage, reference, self.images, self.platform.clone())?
            }
            Base::ImageOn(reference, platform) => self.base(
                stage,
                reference,
                &self.options.engine_images,
                platform.clone(),
            )?,
        };
        let mut layers: Vec<Output> = Vec::new();
        // Rebuilding an image also re-runs its verifications.
        let of_image = matches!(
            stage.name,
            StageName::Verification(_) | StageName::Run { .. }
        ) && self.options.ignore_cache.covers(result);
        let ignore_cache = self.options.ignore_cache.covers(&stage.name) || of_image;
        let count = stage.steps.len();
        for step in self.options.order(stage) {
            let index = stage.steps.iter().position(|one| std::ptr::eq(one, step));
            let progress = stage.name.progress(index.unwrap_or_default() + 1, count);
            let platform = match &step.action {
                Action::Run(run) => self.runs_on(&compiled, run)?,
                _ => &compiled.platform,
            };
            let title = format!("[{progress}] {}", step.title);
            let name = format!("[{}{progress}] {}", self.prefix(platform), step.title);
            if self.options.merge && step.action.placement() == Placement::Layer {
                layers.extend(self.layer(step, name, ignore_cache)?);
                continue;
            }
            compiled.output = merged(&stage.name, compiled.output, &mut layers);
            let output = self.step(&compiled, step, name, ignore_cache)?;
            // A step with nothing to do adds no op.
            if output != compiled.output {
                let hints = match &step.action {
                    Action::Run(run) => run.hints.clone(),
                    _ => BTreeMap::new(),
                };
                let info = StepInfo {
                    name: title,
                    hints,
                    is_download: false,
                };
                self.steps.insert(output.digest().to_owned(), info);
            }
            compiled.output = output;
            if !step.requirements().is_empty() {
                let digest = compiled.output.digest().to_owned();
                self.steps_with_requirements.push(digest);
            }
        }
        compiled.without_layers = compiled.output.clone();
        compiled.output = merged(&stage.name, compiled.output, &mut layers);
        Ok(compiled)
    }

    /// A stage that starts from an image.
    fn base(
        &mut self,
        stage: &Stage,
        reference: &ImageReference,
        images: &'a Images,
        platform: Platform,
    ) -> Result<CompiledStage<'a>, Error> {
        let location = self.source_files.location(&stage.span);
        let base = images
            .get(reference)
            .ok_or_else(|| Error::NoImage(reference.to_string()))?;
        let title = format!("{}{}", self.prefix(&platform), stage.name);
        let why = match self.build_platform {
            BuildPlatform::Emulated { reason, .. } if stage.name == StageName::Base => {
                format!(" (emulated: {})", printable(reason))
            }
            _ => String::new(),
        };
        let output = self.image(base, &platform, Some((title, why, location)));
        Ok(CompiledStage {
            without_layers: output.clone(),
            output,
            base,
            platform,
        })
    }

    /// The platform that a command runs on.
    fn runs_on<'b>(&'b self, on: &'b CompiledStage<'a>, run: &Run) -> Result<&'b Platform, Error> {
        Ok(match &run.from_outside {
            Some(stage) => &self.earlier(stage)?.platform,
            None => &on.platform,
        })
    }

    /// The platform in the name of a step, as Dockerfile builds show it: with the image's if that is another one.
    fn prefix(&self, platform: &Platform) -> String {
        if !self.options.show_platforms {
            String::new()
        } else if *platform == self.platform {
            format!("{platform} ")
        } else {
            format!("{platform}->{} ", self.platform.architecture)
        }
    }

    /// The files of an independent layer.
    fn layer(
        &mut self,
        step: &Step,
        name: String,
        ignore_cache: bool,
    ) -> Result<Option<Output>, Error> {
        let location = self.source_files.location(&step.span);
        // A stage that is nothing but the layer needs no copy.
        if let [copy] = step.action.copies()
            && let CopyFrom::Stage(from) = &copy.from
            && (copy.src.as_str(), copy.dest.as_str(), copy.owner) == ("/", "/", (0, 0))
        {
            return Ok(Some(self.earlier(from)?.output.clone()));
        }
        let mut actions = Vec::new();
        for copy in step.action.copies() {
            actions.extend(self.copy(copy, &location)?);
        }
        let op = FileOp::on(None).actions(actions);
        Ok(op.map(|op| {
            let op = op.named(name).located(location);
            op.ignore_cache(ignore_cache).output()
        }))
    }

    fn step(
        &mut self,
        on: &CompiledStage<'a>,
        step: &Step,
        name: String,
        ignore_cache: bool,
    ) -> Result<Output, Error> {
        let location = self.source_files.location(&step.span);
        Ok(match &step.action {
            Action::Run(run) => {
                let done = self
                    .exec(on, run, &location)?
                    .named(name)
                    .located(location)
                    .ignore_cache(ignore_cache)
                    .run();
                let outside = run.from_outside.as_ref().map(|_| Run::OUTSIDE);
                let nothing = run.read_only.as_ref().map(|_| NO_OUTPUT);
                let result = run.output.as_deref().or(outside).or(nothing);
                let result = result.and_then(|directory| done.mount(directory));
                result.unwrap_or_else(|| done.root())
            }
            Action::Copy(_) | Action::CopyAll(_) => {
                let mut actions = Vec::new();
                for copy in step.action.copies() {
                    actions.extend(self.copy(copy, &location)?);
                }
                let op = FileOp::on(on.output.clone()).actions(actions);
                file_output(op, on, name, location, ignore_cache)
            }
            Action::Write(files) => {
                let op = FileOp::on(on.output.clone()).actions(write(files));
                file_output(op, on, name, location, ignore_cache)
            }
        })
    }

    fn source(&self, image: &ImageReference, platform: &Platform) -> ImageSource {
        ImageSource::new(image.to_string())
            .platform(contexts::platform(platform))
            .resolve_mode(self.options.resolve_mode)
    }

    fn exec(
        &mut self,
        on: &CompiledStage<'a>,
        run: &Run,
        location: &Location,
    ) -> Result<Exec, Error> {
        let platform = self.runs_on(on, run)?;
        let (words, scripts) = words(run);
        let mut words = words.into_iter();
        let mut exec = Exec::new(words.next().unwrap_or_default())
            .args(words)
            .cwd(run.cwd.clone())
            .platform(contexts::platform(platform))
            .network(match run.network {
                // A build without a network has no exceptions.
                Network::Host if self.options.network != bk::NetMode::None => bk::NetMode::Host,
                Network::Build | Network::Host => self.options.network,
                Network::None => bk::NetMode::None,
            });
        exec = match (&run.from_outside, &run.read_only) {
            (None, None) => exec.root(on.output.clone()),
            (None, Some(root)) => read_only_root(exec, &on.output, root),
            (Some(stage), _) => exec
                .root(self.earlier(stage)?.output.clone())
                .mount(bk::Mount::bind(on.output.clone(), Run::OUTSIDE)),
        };
        if let Some(user) = &run.user {
            exec = exec.user(user.clone());
        }
        // The engine does not apply the environment of the image.
        let mut env = config::environment(&on.base.config);
        // A command from outside runs in the other stage.
        if let Some(stage) = &run.from_outside {
            env.extend(config::environment(&self.earlier(stage)?.base.config));
        }
        config::extend_path(&mut env, &run.path);
        env.extend(
            run.env
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        for (name, value) in env {
            exec = exec.env(name, value);
        }
        for (host, ip) in &self.options.extra_hosts {
            exec = exec.extra_host(host.clone(), *ip);
        }
        if let Some(hostname) = &self.options.hostname {
            exec = exec.hostname(hostname.clone());
        }
        if let Some(proxy) = &self.options.proxy
            && run.network != Network::None
        {
            exec = exec.proxy(proxy.clone());
        }
        exec = with_limits(exec, &self.options.resource_limits);
        for secret in &run.secrets {
            let optional = secret.required_at.is_none();
            exec = exec.secret_env(&secret.variable, &secret.id, optional);
        }
        if let Some(directory) = &run.output {
            exec = exec.mount(bk::Mount::bind(None, directory));
        }
        for (name, text) in scripts {
            exec = exec.mount(file_mount(&script_path(name), text, 0o644));
        }
        for mount in &run.mounts {
            exec = self.mounted(exec, mount, location)?;
        }
        Ok(exec)
    }

    fn mounted(&mut self, exec: Exec, mount: &Mount, location: &Location) -> Result<Exec, Error> {
        Ok(match mount {
            Mount::Stage { from, path, target } => {
                let output = self.earlier(from)?.output.clone();
                exec.mount(bk::Mount::bind(output, target).selector(path).read_only())
            }
            Mount::Matching {
                from,
                path,
                pattern,
                target,
            } => {
                let output = self.matching(from, path, pattern)?;
                exec.mount(bk::Mount::bind(output, target).read_only())
            }
            Mount::File {
                target,
                content,
                executable,
            } => {
                let mode = if *executable { 0o755 } else { 0o644 };
                exec.mount(file_mount(target, content, mode))
            }
            Mount::Download {
                url,
                checksum,
                name,
                target,
                authorization,
            } => {
                let mut source = bk::HttpSource::new(url).checksum(checksum);
                let mut saved = name.clone();
                if let Some(needed) = authorization {
                    source = source.auth_header_secret(&needed.secret);
                    saved = needed.saved_as(name);
                }
                let output = self.wheel(source.filename(&saved), name, location);
                exec.mount(
                    bk::Mount::bind(output, target)
                        .selector(format!("/{saved}"))
                        .read_only(),
                )
            }
            Mount::Secret {
                id,
                target,
                required_at,
                mode,
            } => exec.mount(secret_mount(id, target, required_at.is_none(), *mode)),
            Mount::Cache {
                id,
                target,
                sharing,
                ..
            } => exec.mount(bk::Mount::cache(
                target,
                id,
                match sharing {
                    CacheSharing::Shared => bk::CacheSharing::Shared,
                    CacheSharing::Locked => bk::CacheSharing::Locked,
                },
            )),
            Mount::Agent { id, .. } => exec.mount(bk::Mount::ssh(AGENT_SOCKET, id)),
        })
    }

    /// The files of a stage that match a pattern.
    fn matching(&self, from: &StageName, path: &str, pattern: &str) -> Result<Output, Error> {
        let copy = matching(self.earlier(from)?.output.clone(), path, pattern);
        let name = pattern.rsplit('/').next().unwrap_or_default();
        let op = FileOp::on(None).copy(copy);
        Ok(op
            .named(format!("[internal] copy {name} of {from}"))
            .output())
    }

    /// A wheel that the engine downloads.
    fn wheel(&mut self, source: bk::HttpSource, name: &str, location: &Location) -> Output {
        let output = source
            .named(format!("[internal] download {name}"))
            .located(location.clone())
            .output();
        let info = StepInfo {
            name: name.to_owned(),
            is_download: true,
            ..StepInfo::default()
        };
        self.steps.insert(output.digest().to_owned(), info);
        output
    }

    fn probes(&self, plan: &Plan) -> Option<Probes> {
        // The base of the builder, which has `/bin/true`.
        let base = self.stages.get(&plan.stages.first()?.name)?;
        // A build without a network has no exceptions.
        let offline = self.options.network == bk::NetMode::None;
        let requirements = plan.requirements.keys();
        let requirements: Vec<&Requirement> = requirements
            .filter(|one| !(offline && **one == Requirement::HostNetwork))
            .collect();
        (!requirements.is_empty()).then(|| Probes {
            combined: self.probe(base, &requirements, false),
            separate: requirements
                .iter()
                .map(|one| ((*one).clone(), self.probe(base, &[one], true)))
                .collect(),
        })
    }

    fn probe(
        &self,
        base: &CompiledStage<'_>,
        requirements: &[&Requirement],
        ignore_cache: bool,
    ) -> Output {
        let base = match &base.base.files {
            ImageFiles::Image(pinned) => self.source(pinned, &base.platform).output(),
            ImageFiles::Output(output) => output.clone(),
        };
        // The digests of the steps are part of the command, so that the probe re-runs whenever one of them would.
        let mut exec = Exec::new("/bin/true")
            .env("FOR", self.steps_with_requirements.join(" "))
            .network(bk::NetMode::None);
        let mut names = Vec::new();
        for (number, requirement) in requirements.iter().enumerate() {
            match requirement {
                Requirement::Secret(id) => {
                    // A file, because a secret may be too large for a variable.
                    let path = format!("/run/secrets/{number}");
                    exec = exec.mount(bk::Mount::secret(path, id));
                    names.push(format!("secret {id}"));
                }
                Requirement::Agent(id) => {
                    exec = exec.mount(bk::Mount::ssh(AGENT_SOCKET, id));
                    names.push(format!("SSH agent {id}"));
                }
                Requirement::HostNetwork => {
                    exec = exec.network(bk::NetMode::Host);
                    names.push("host networking".to_owned());
                }
            }
        }
        exec.root(base)
            .ignore_cache(ignore_cache)
            .named(format!("[internal] check for {}", names.join(", ")))
            .run()
            .root()
    }

    /// The files of an image; `stage` is the title of the stage that starts from it, if one does, what to add to the image's
    /// name, and where the user sets its base.
    fn image(
        &self,
        image: &ResolvedImage,
        platform: &Platform,
        stage: Option<(String, String, Location)>,
    ) -> Output {
        let pinned = match &image.files {
            ImageFiles::Image(pinned) => pinned,
            ImageFiles::Output(output) => return output.clone(),
        };
        let (familiar, source) = (pinned.familiar(), self.source(pinned, platform));
        match stage {
            Some((stage, why, location)) => source
                .named(format!("[{stage}] FROM {familiar}{why}"))
                .located(location),
            None => source.named(format!("[internal] FROM {familiar}")),
        }
        .output()
    }

    fn copy(&self, copy: &Copy, location: &Location) -> Result<Vec<FileAction>, Error> {
        let from = match &copy.from {
            CopyFrom::Stage(name) => self.earlier(name)?.output.clone(),
            CopyFrom::Context(files) => self.options.files(files)?,
            CopyFrom::Image(reference, _) => {
                let image = self
                    .images
                    .get(reference)
                    .ok_or_else(|| Error::NoImage(reference.to_string()))?;
                self.image(image, &self.platform, None)
            }
            CopyFrom::Download { url, checksum } => bk::HttpSource::new(url)
                .filename(download_name(url))
                .checksum(checksum)
                .named(format!("[internal] download {url}"))
                .located(location.clone())
                .output(),
        };
        let (uid, gid) = copy.owner;
        let owner = bk::Owner::ids(uid, gid);
        let mut action = bk::Copy::new(from, &copy.src, &copy.dest)
            .contents_only()
            .create_dest_path()
            .owner(owner.clone())
            .exclude(copy.exclude.iter().map(|pattern| pattern.value.clone()));
        if copy.wildcard {
            action = action.allow_wildcard();
        }
        if copy.follow {
            action = action.follow_symlinks();
        }
        if let Some(mode) = copy.mode {
            action = action.mode(mode);
        }
        // Otherwise the engine would apply the owner and mode of the files to the parent directories that it creates.
        let parents = (copy.mode.is_some() || copy.owner != (0, 0))
            .then(|| copy.dest.rsplit_once('/'))
            .flatten()
            .filter(|(parent, _)| !parent.is_empty())
            .map(|(parent, name)| {
                let directory = Mkdir::new(parent, 0o755).parents();
                FileAction::from(if name.is_empty() {
                    directory.owner(owner)
                } else {
                    directory
                })
            });
        let mut actions: Vec<FileAction> = parents.into_iter().chain([action.into()]).collect();
        let awaited = copy.awaits.iter().filter(|_| self.options.merge);
        for name in awaited {
            // It makes this op depend on the other one. The result stays cached whatever that one contains: of a copy, the
            // engine compares only the files that match.
            let output = self.earlier(name)?.output.clone();
            actions.push(matching(output, "/", NOTHING).into());
        }
        Ok(actions)
    }

    fn earlier(&self, name: &StageName) -> Result<&CompiledStage<'a>, Error> {
        self.stages
            .get(name)
            .ok_or_else(|| Error::NoStage(name.clone()))
    }
}

/// A copy of the files below a directory that match a pattern.
fn matching(from: Output, directory: &str, pattern: &str) -> bk::Copy {
    let copy = bk::Copy::new(from, directory, "/").contents_only();
    copy.include([pattern])
}

/// Merges layers over the files of a stage, and empties the list.
fn merged(stage: &StageName, files: Output, layers: &mut Vec<Output>) -> Output {
    if layers.is_empty() {
        return files;
    }
    let name = format!("[internal] merge {} layers of {stage}", layers.len());
    let merge = bk::Merge::new(files, std::mem::take(layers));
    merge.named(name).output()
}

/// The output of a file op, or that of the stage so far if the op has nothing to do.
/// Runs on a read-only file system, as `docker run --read-only --tmpfs /tmp` does.
fn read_only_root(exec: Exec, tree: &Output, root: &ReadOnlyRoot) -> Exec {
    let exec = exec
        .root_read_only(tree.clone())
        .mount(bk::Mount::tmpfs("/tmp"))
        .mount(bk::Mount::bind(None, NO_OUTPUT));
    root.writable.iter().fold(exec, |exec, directory| {
        let mount = bk::Mount::bind(tree.clone(), directory).selector(directory);
        exec.mount(mount.discard())
    })
}

fn file_output(
    op: Option<FileOp>,
    on: &CompiledStage<'_>,
    name: String,
    location: Location,
    ignore_cache: bool,
) -> Output {
    match op {
        Some(op) => op
            .named(name)
            .located(location)
            .ignore_cache(ignore_cache)
            .output(),
        None => on.output.clone(),
    }
}

fn write(files: &[NewFile]) -> Vec<FileAction> {
    files
        .iter()
        .flat_map(|file| {
            let parent = file.path.rsplit_once('/').map_or("", |(parent, _)| parent);
            let parent =
                (!parent.is_empty()).then(|| FileAction::from(Mkdir::new(parent, 0o755).parents()));
            let file = Mkfile::new(&file.path, 0o644, file.content.as_bytes());
            parent.into_iter().chain([file.into()])
        })
        .collect()
}
