//! Stages and steps as LLB ops.

use std::collections::BTreeMap;
use std::sync::Arc;

use buildkit_llb::{
    self as bk, Exec, FileAction, FileOp, ImageSource, LocalSource, Location, Mkdir, Mkfile, Output,
};

use crate::diagnostics::{Document, Place};
use crate::image::{ImageReference, Platform};
use crate::plan::{
    Action, Base, CacheSharing, ContextFiles, Copy, Mount, Need, Network, NewFile, Origin, Plan,
    Run, Stage, StageName, Step, download_name,
};

use super::{ClientChecks, Error, ImageFiles, Images, Limits, LocalFolder, Options, ResolvedImage};

/// Where a command finds the client's SSH agent; `SSH_AUTH_SOCK` says so.
const AGENT_SOCKET: &str = "/run/buildkit/ssh_agent.0";

/// A file that is mounted, in a tree of its own.
const MOUNTED_FILE: &str = "/file";

/// A stage's tree, and the image that it grew from.
pub(super) struct Built<'a> {
    pub(super) output: Output,
    pub(super) base: &'a ResolvedImage,
}

/// A plan's stages.
pub(super) struct BuiltPlan<'a> {
    /// The image.
    pub(super) image: Built<'a>,
    /// What must be built as well.
    pub(super) checks: Vec<Output>,
    /// The tree of each stage but the image's, by name.
    pub(super) trees: BTreeMap<String, Output>,
    /// See [`super::Compiled`].
    pub(super) client_checks: Option<ClientChecks>,
}

/// Builds all stages of the plan.
pub(super) fn stages<'a>(
    plan: &Plan,
    platform: &Platform,
    images: &'a Images,
    options: &Options,
) -> Result<BuiltPlan<'a>, Error> {
    let mut compiler = Compiler {
        platform: to_pb(platform),
        images,
        options,
        built: BTreeMap::new(),
        needing: Vec::new(),
        files: Vec::new(),
    };
    for stage in &plan.stages {
        let built = compiler.stage(stage, &plan.result)?;
        compiler.built.insert(stage.name.clone(), built);
    }
    let client_checks = compiler.client_checks(plan);
    let no_stage = |name: &StageName| Error::NoStage(name.clone());
    let checks = plan.checks.iter().map(|name| {
        let built = compiler.built.get(name).ok_or_else(|| no_stage(name))?;
        Ok(built.output.clone())
    });
    let checks = checks.collect::<Result<_, _>>()?;
    let image = compiler
        .built
        .remove(&plan.result)
        .ok_or_else(|| no_stage(&plan.result))?;
    let trees = compiler.built.iter();
    let trees = trees.map(|(name, built)| (name.to_string(), built.output.clone()));
    Ok(BuiltPlan {
        trees: trees.collect(),
        image,
        checks,
        client_checks,
    })
}

struct Compiler<'a, 'o> {
    platform: bk::Platform,
    images: &'a Images,
    options: &'o Options,
    built: BTreeMap<StageName, Built<'a>>,
    /// The digests of the steps that need something of the client.
    needing: Vec<String>,
    /// The documents that ops point into, each once.
    files: Vec<(Document, Arc<bk::SourceFile>)>,
}

impl<'a> Compiler<'a, '_> {
    fn stage(&mut self, stage: &Stage, result: &StageName) -> Result<Built<'a>, Error> {
        let mut built = match &stage.from {
            Base::Stage(name) => {
                let base = self.earlier(name)?;
                Built {
                    output: base.output.clone(),
                    base: base.base,
                }
            }
            Base::Image(reference) => {
                let location = self.location(&stage.place);
                let image = self
                    .images
                    .get(reference)
                    .ok_or_else(|| Error::NoImage(reference.to_string()))?;
                Built {
                    output: self.image(image, Some((&stage.name, location))),
                    base: image,
                }
            }
        };
        let no_cache = &self.options.no_cache;
        let count = stage.steps.len();
        for (index, step) in stage.steps.iter().enumerate() {
            let name = format!("[{} {}/{count}] {}", stage.name, index + 1, step.title);
            // Who asks for an image anew asks for its tests as well.
            let of_image = matches!(stage.name, StageName::Check(_)) && no_cache.covers(result);
            let fresh = no_cache.covers(&stage.name) || of_image;
            built.output = self.step(&built, step, name, fresh)?;
            if !step.needs().is_empty() {
                self.needing.push(built.output.digest().to_owned());
            }
        }
        Ok(built)
    }

    fn step(
        &mut self,
        on: &Built<'a>,
        step: &Step,
        name: String,
        fresh: bool,
    ) -> Result<Output, Error> {
        let location = self.location(&step.place);
        Ok(match &step.action {
            Action::Run(run) => {
                let done = self
                    .exec(on, run)?
                    .named(name)
                    .located(location)
                    .ignore_cache(fresh)
                    .run();
                let outside = run.from_outside.as_ref().map(|_| Run::OUTSIDE);
                let result = run.result.as_deref().or(outside);
                let result = result.and_then(|folder| done.mount(folder));
                result.unwrap_or_else(|| done.root())
            }
            Action::Copy(_) | Action::CopyAll(_) => {
                let mut actions = Vec::new();
                for copy in step.action.copies() {
                    actions.extend(self.copy(copy, &location)?);
                }
                let op = FileOp::on(on.output.clone()).actions(actions);
                written(op, on, name, location, fresh)
            }
            Action::Write(files) => {
                let op = FileOp::on(on.output.clone()).actions(write(files));
                written(op, on, name, location, fresh)
            }
        })
    }

    fn source(&self, image: &ImageReference) -> ImageSource {
        ImageSource::new(image.to_string())
            .platform(self.platform.clone())
            .resolve_mode(self.options.resolve_mode)
    }

    fn exec(&self, on: &Built<'a>, run: &Run) -> Result<Exec, Error> {
        let (program, args) = run
            .command
            .split_first()
            .map_or(("", &[][..]), |(program, args)| (program.as_str(), args));
        let mut exec = Exec::new(program)
            .args(args.iter().cloned())
            .cwd(run.cwd.clone())
            .platform(self.platform.clone())
            .network(match run.network {
                // What the whole build does without, no command of it has.
                Network::Host if self.options.network != bk::NetMode::None => bk::NetMode::Host,
                Network::Build | Network::Host => self.options.network,
                Network::None => bk::NetMode::None,
            });
        exec = match &run.from_outside {
            None => exec.root(on.output.clone()),
            Some(stage) => exec
                .root(self.earlier(stage)?.output.clone())
                .mount(bk::Mount::bind(on.output.clone(), Run::OUTSIDE)),
        };
        if let Some(user) = &run.user {
            exec = exec.user(user.clone());
        }
        // An engine gives a command no environment but what is written here.
        let mut env = super::config::environment(&on.base.config);
        // From outside, the command is one of the other stage.
        if let Some(stage) = &run.from_outside {
            env.extend(super::config::environment(
                &self.earlier(stage)?.base.config,
            ));
        }
        super::config::extend_path(&mut env, &run.path);
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
        exec = limited(exec, &self.options.limits);
        for secret in &run.secrets {
            let optional = secret.required_at.is_none();
            exec = exec.secret_env(&secret.variable, &secret.id, optional);
        }
        if let Some(folder) = &run.result {
            exec = exec.mount(bk::Mount::bind(None, folder));
        }
        for mount in &run.mounts {
            exec = match mount {
                Mount::Stage { from, path, target } => {
                    let tree = self.earlier(from)?.output.clone();
                    exec.mount(bk::Mount::bind(tree, target).selector(path).read_only())
                }
                Mount::Files { target, files } => {
                    let tree = FileOp::on(None).actions(write(files));
                    let tree = tree.map(|op| op.named("[internal] write files").output());
                    exec.mount(bk::Mount::bind(tree, target).read_only())
                }
                Mount::File {
                    target,
                    content,
                    executable,
                } => {
                    let mode = if *executable { 0o755 } else { 0o644 };
                    let file = Mkfile::new(MOUNTED_FILE, mode, content.as_bytes());
                    let tree = FileOp::on(None)
                        .mkfile(file)
                        .named("[internal] write a file")
                        .output();
                    let mount = bk::Mount::bind(tree, target).selector(MOUNTED_FILE);
                    exec.mount(mount.read_only())
                }
                Mount::Secret { id, target, .. } => exec.mount(bk::Mount::secret(target, id)),
                Mount::Cache {
                    id,
                    target,
                    sharing,
                } => exec.mount(bk::Mount::cache(
                    target,
                    id,
                    match sharing {
                        CacheSharing::Shared => bk::CacheSharing::Shared,
                        CacheSharing::Locked => bk::CacheSharing::Locked,
                    },
                )),
                Mount::Agent { id, .. } => exec.mount(bk::Mount::ssh(AGENT_SOCKET, id)),
            };
        }
        Ok(exec)
    }

    fn client_checks(&self, plan: &Plan) -> Option<ClientChecks> {
        // What the builder starts from, if there is one: it has commands.
        let base = self.built.get(&plan.stages.first()?.name)?.base;
        // What the whole build does without, no command of it has.
        let offline = self.options.network == bk::NetMode::None;
        let needs = plan.needs.keys();
        let needs: Vec<&Need> = needs
            .filter(|need| !(offline && **need == Need::HostNetwork))
            .collect();
        (!needs.is_empty()).then(|| ClientChecks {
            all: self.client_check(base, &needs, false),
            each: needs
                .iter()
                .map(|need| ((*need).clone(), self.client_check(base, &[need], true)))
                .collect(),
        })
    }

    fn client_check(&self, base: &ResolvedImage, needs: &[&Need], always: bool) -> Output {
        let base = match &base.files {
            ImageFiles::Image(pinned) => self.source(pinned).output(),
            ImageFiles::Tree(tree) => tree.clone(),
        };
        // What the steps do is part of the command, so that it is run again before they do something else.
        let mut exec = Exec::new("/bin/true")
            .env("FOR", self.needing.join(" "))
            .network(bk::NetMode::None);
        let mut names = Vec::new();
        for (number, need) in needs.iter().enumerate() {
            match need {
                Need::Secret(id) => {
                    // A file may be larger than a variable.
                    let path = format!("/run/secrets/{number}");
                    exec = exec.mount(bk::Mount::secret(path, id));
                    names.push(format!("the secret {id}"));
                }
                Need::Agent(id) => {
                    exec = exec.mount(bk::Mount::ssh(AGENT_SOCKET, id));
                    names.push(format!("the SSH agent {id}"));
                }
                Need::HostNetwork => {
                    exec = exec.network(bk::NetMode::Host);
                    names.push("the engine's network".to_owned());
                }
            }
        }
        exec.root(base)
            .ignore_cache(always)
            .named(format!("[internal] look for {}", names.join(", ")))
            .run()
            .root()
    }

    /// The tree of an image; `first` is the stage that begins with it, and where that is said.
    fn image(&self, image: &ResolvedImage, first: Option<(&StageName, Location)>) -> Output {
        let pinned = match &image.files {
            ImageFiles::Image(pinned) => pinned,
            ImageFiles::Tree(tree) => return tree.clone(),
        };
        let (familiar, source) = (pinned.familiar(), self.source(pinned));
        match first {
            Some((stage, location)) => source
                .named(format!("[{stage}] FROM {familiar}"))
                .located(location),
            None => source.named(format!("[internal] FROM {familiar}")),
        }
        .output()
    }

    fn copy(&self, copy: &Copy, location: &Location) -> Result<Vec<FileAction>, Error> {
        let from = match &copy.from {
            Origin::Stage(name) => self.earlier(name)?.output.clone(),
            Origin::Context(files) => self.options.files(files)?,
            Origin::Image(reference, _) => {
                let image = self
                    .images
                    .get(reference)
                    .ok_or_else(|| Error::NoImage(reference.to_string()))?;
                self.image(image, None)
            }
            Origin::Download { url, checksum } => bk::HttpSource::new(url)
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
            .exclude(copy.exclude.iter().cloned());
        if copy.wildcard {
            action = action.allow_wildcard();
        }
        if copy.follow {
            action = action.follow_symlinks();
        }
        if let Some(mode) = copy.mode {
            action = action.mode(mode);
        }
        // The engine would give owner and mode of the files to the folders that it makes for them.
        let above = (copy.mode.is_some() || copy.owner != (0, 0))
            .then(|| copy.dest.rsplit_once('/'))
            .flatten()
            .filter(|(above, _)| !above.is_empty())
            .map(|(above, name)| {
                let folder = Mkdir::new(above, 0o755).parents();
                FileAction::from(if name.is_empty() {
                    folder.owner(owner)
                } else {
                    folder
                })
            });
        Ok(above.into_iter().chain([action.into()]).collect())
    }

    fn earlier(&self, name: &StageName) -> Result<&Built<'a>, Error> {
        self.built
            .get(name)
            .ok_or_else(|| Error::NoStage(name.clone()))
    }

    fn location(&mut self, place: &Place) -> Location {
        let document = place.document();
        let known = self.files.iter().find(|(known, _)| known == document);
        let file = if let Some((_, file)) = known {
            Arc::clone(file)
        } else {
            let file = Arc::new(bk::SourceFile {
                filename: document.name().to_owned(),
                language: document.language().to_owned(),
                data: document.shown().into_bytes(),
                definition: None,
            });
            self.files.push((document.clone(), Arc::clone(&file)));
            file
        };
        let position = |position: crate::diagnostics::Position| bk::Position {
            line: count(position.line),
            character: count(position.character),
        };
        Location::new(
            file,
            [bk::Range {
                start: position(place.start()),
                end: position(place.end()),
            }],
        )
    }
}

/// The tree of a file op, or the one it was on if there is nothing to do.
fn written(
    op: Option<FileOp>,
    on: &Built<'_>,
    name: String,
    location: Location,
    fresh: bool,
) -> Output {
    match op {
        Some(op) => op
            .named(name)
            .located(location)
            .ignore_cache(fresh)
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

/// The engine keeps what it received of a folder under the hint; parts of it that are read at the same time need hints
/// of their own, or each would undo the other.
pub(super) fn folder_files(folder: &LocalFolder, files: &ContextFiles) -> Output {
    let followed = files.include.iter().filter(|_| files.follow);
    LocalSource::new(&folder.name)
        .follow(followed.cloned())
        .session(&folder.session)
        .include(files.include.iter().cloned())
        .exclude(files.exclude.iter().cloned())
        .exclude(folder.ignore.iter().cloned())
        .shared_key_hint(format!("{}:{}", folder.name, files.include.join(",")))
        .named("[internal] load build context")
        .output()
}

/// The same of a tree that is in the engine already.
pub(super) fn tree_files(tree: Output, files: &ContextFiles) -> Output {
    // Links can lead anywhere.
    let include = files.include.iter().filter(|_| !files.follow);
    let copy = bk::Copy::new(tree, "/", "/")
        .contents_only()
        .include(include.cloned())
        .exclude(files.exclude.iter().cloned());
    FileOp::on(None)
        .copy(copy)
        .named("[internal] load build context")
        .output()
}

/// What shared memory is mounted over.
const SHARED_MEMORY: &str = "/dev/shm";

fn limited(mut exec: Exec, limits: &Limits) -> Exec {
    if let Some(size) = limits.shared_memory {
        exec = exec.mount(bk::Mount::tmpfs(SHARED_MEMORY).size(size));
    }
    for limit in &limits.ulimits {
        exec = exec.ulimit(&limit.name, limit.soft, limit.hard);
    }
    if let Some(parent) = &limits.cgroup_parent {
        exec = exec.cgroup_parent(parent);
    }
    if let Some(resources) = &limits.resources {
        exec = exec.resources(resources.clone());
    }
    exec
}

pub(super) fn to_pb(platform: &Platform) -> bk::Platform {
    bk::Platform {
        os: platform.os.clone(),
        architecture: platform.architecture.clone(),
        variant: platform.variant.clone(),
        ..bk::Platform::default()
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
