//! The planned stages that install dependencies, and the copies that make the environment of the image from them. They run
//! on this machine, with the paths of a container mapped to directories of the test.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use poetry_frontend::analysis;
use poetry_frontend::build_file::{BuildFile, DEFAULT_NAME};
use poetry_frontend::image::Platform;
use poetry_frontend::plan::{
    Action, Command, Copy, CopyFrom, Input, Mount, PackageInstaller, Plan, Run, Stage, StageName,
    Step,
};
use poetry_frontend::project::Project;
use poetry_frontend::resolve::Request;

use super::poetry::Poetry;
use super::projects::{Chosen, Extras};

/// The project's directory and its environment in a container.
const PROJECT: &str = "/app";
const VENV: &str = "/app/.venv";
/// The directory that becomes the layer of a stage with wheels.
const TREE: &str = "/out";
/// Where scripts and requirements are mounted.
const FILES: &str = "/run";
const POETRY: &str = "/opt/poetry";
const UV: &str = "/opt/uv";
/// Poetry's cache.
const CACHE: &str = "/var/cache/pypoetry";

/// `installer` of `[dependencies]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Installer {
    Auto,
    Poetry,
}

impl Installer {
    pub(crate) const ALL: [Self; 2] = [Self::Auto, Self::Poetry];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Poetry => "poetry",
        }
    }
}

/// The cache inputs of each step, after the name of its stage.
pub(crate) type CacheInputs = Vec<(String, Vec<String>)>;

/// The steps that make the environment of an image.
pub(crate) struct Planned {
    /// The stages that install something.
    stages: Vec<Stage>,
    /// The steps of the image that copy from them.
    copies: Vec<Step>,
    /// The number of packages that uv installs.
    pub(crate) by_uv: usize,
}

/// What is installed, and how.
pub(crate) struct Setting<'a> {
    pub(crate) chosen: &'a Chosen,
    pub(crate) installer: Installer,
    /// The release of Python.
    pub(crate) python: &'a str,
    /// The release of Poetry; `None` is the one that wrote the lock.
    pub(crate) poetry: Option<&'a str>,
    /// The address of a mirror of PyPI.
    pub(crate) mirror: Option<&'a str>,
}

impl Setting<'_> {
    fn build_file(&self) -> BuildFile {
        let extras = match &self.chosen.extras {
            Extras::These(names) => format!("{names:?}"),
            Extras::All(_) => "\"all\"".to_owned(),
        };
        let line = |key: &str, value: Option<&str>| {
            value.map_or_else(String::new, |value| format!("{key} = {value:?}\n"))
        };
        let text = format!(
            "[poetry]\n{}{}[python]\nversion = {python:?}\n\
             [dependencies]\ninstaller = {:?}\ngroups = {:?}\nextras = {extras}\n\
             [runtime]\nbase = \"python:{python}-slim-bookworm\"\nentrypoint = [\"python\"]\n",
            line("version", self.poetry),
            line("mirror", self.mirror),
            self.installer.as_str(),
            self.chosen.groups,
            python = self.python,
        );
        BuildFile::parse(DEFAULT_NAME, text.as_bytes(), &BTreeMap::new()).unwrap()
    }
}

impl Planned {
    pub(crate) fn new(setting: &Setting<'_>, project: &Project) -> Result<Self, String> {
        let machine = match std::env::consts::ARCH {
            "aarch64" => "arm64",
            _ => "amd64",
        };
        let platform = Platform::parse(&format!("linux/{machine}")).unwrap();
        let plan = analysis::plan(&setting.build_file(), project, &Request::on(platform));
        Ok(Self::of(plan.map_err(|errors| errors.to_string())?))
    }

    fn of(plan: Plan) -> Self {
        let uv = |installer: &PackageInstaller| matches!(installer, PackageInstaller::Uv { .. });
        let by_uv = plan.packages.iter().filter(|one| uv(&one.installer));
        let by_uv = by_uv.count();
        let image = plan.stages.iter().find(|stage| stage.name == plan.result);
        let steps = image.unwrap().steps.iter();
        let of_environment = |step: &&Step| step.inputs().filter_map(Input::stage).any(installs);
        let copies = steps.filter(of_environment).cloned().collect();
        let stages = plan.stages.into_iter();
        Self {
            copies,
            by_uv,
            stages: stages.filter(|stage| installs(&stage.name)).collect(),
        }
    }

    /// Whether Poetry installs something.
    pub(crate) fn needs_poetry(&self) -> bool {
        let mut stages = self.stages.iter();
        stages.any(|stage| stage.name == StageName::PoetryDeps)
    }

    pub(crate) fn cache_inputs(&self) -> CacheInputs {
        let stages = self.stages.iter().flat_map(|stage| {
            let steps = stage.steps.iter();
            steps.map(|step| (stage.name.to_string(), step.action.cache_inputs()))
        });
        let copies = self.copies.iter();
        let copies = copies.map(|step| ("image".to_owned(), step.action.cache_inputs()));
        stages.chain(copies).collect()
    }

    /// What the steps read, to be shown when they fail.
    pub(crate) fn shown(&self) -> String {
        let mut text = String::new();
        for (stage, lines) in self.cache_inputs() {
            text += &format!("--- {stage}\n{}\n", lines.join("\n"));
        }
        text
    }
}

fn installs(stage: &StageName) -> bool {
    matches!(
        stage,
        StageName::Environment | StageName::Layer { .. } | StageName::PoetryDeps
    )
}

/// Where planned steps run.
pub(crate) struct Machine<'a> {
    /// What the paths of a container are mapped to. The project is at `app`.
    pub(crate) directory: &'a Path,
    /// The build context.
    pub(crate) context: &'a Path,
    pub(crate) uv: &'a Path,
    pub(crate) poetry: &'a Poetry,
    pub(crate) poetry_cache: &'a Path,
    /// Variables of each step.
    pub(crate) env: BTreeMap<String, String>,
}

impl Machine<'_> {
    /// Runs all steps, after which the environment of the image is that of the project.
    pub(crate) fn run(&self, planned: &Planned) -> Result<(), String> {
        let trees = self.directory.join("trees");
        empty(&trees);
        for stage in &planned.stages {
            let tree = self.tree_of(stage)?;
            fs::rename(tree, trees.join(stage.name.to_string())).unwrap();
        }
        empty(&self.path(PROJECT));
        for step in &planned.copies {
            let Action::Copy(copy) = &step.action else {
                panic!("{step:?} is not known here")
            };
            let CopyFrom::Stage(from) = &copy.from else {
                panic!("{copy:?} is not known here")
            };
            self.copy_tree(copy, &trees.join(from.to_string()), from);
        }
        Ok(())
    }

    /// Adds what a stage has installed to the environment.
    fn copy_tree(&self, copy: &Copy, tree: &Path, from: &StageName) {
        if *from == StageName::PoetryDeps || *from == StageName::Environment {
            assert_eq!([&*copy.src, &*copy.dest], [VENV; 2]);
            return overlay(tree, &self.path(VENV));
        }
        // The output of a stage is the root of its files.
        assert_eq!([&*copy.src, &*copy.dest], ["/"; 2]);
        let venv = self.path(VENV);
        let mut directory = tree.to_owned();
        for part in venv.strip_prefix("/").unwrap() {
            let names: Vec<_> = fs::read_dir(&directory)
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            assert_eq!(names, [part], "{from} installs something else");
            directory.push(part);
        }
        overlay(&directory, &venv);
    }

    /// Runs the steps of a stage, and returns the directory of what they installed.
    fn tree_of(&self, stage: &Stage) -> Result<PathBuf, String> {
        for path in [PROJECT, TREE, FILES] {
            empty(&self.path(path));
        }
        let mut tree = VENV;
        for step in &stage.steps {
            match &step.action {
                Action::Write(files) => {
                    for file in files {
                        write(&self.path(&file.path), &file.content);
                    }
                }
                Action::Copy(copy) => match &copy.from {
                    CopyFrom::Context(files) if copy.dest == PROJECT => {
                        for path in &files.include {
                            let target = self.path(PROJECT).join(path);
                            fs::create_dir_all(target.parent().unwrap()).unwrap();
                            fs::copy(self.context.join(path), target).unwrap();
                        }
                    }
                    _ => panic!("{copy:?} is not known here"),
                },
                Action::Run(run) => {
                    if run.output.is_some() {
                        assert_eq!(run.output.as_deref(), Some(TREE));
                        tree = TREE;
                    }
                    self.run_step(run)?;
                }
                Action::CopyAll(_) => panic!("{step:?} is not known here"),
            }
        }
        Ok(self.path(tree))
    }

    fn run_step(&self, run: &Run) -> Result<(), String> {
        let mut mounted = None;
        for mount in &run.mounts {
            match mount {
                Mount::File {
                    target, content, ..
                } => write(&self.path(target), content),
                Mount::Stage { from, path, target } if *from == StageName::Environment => {
                    assert_eq!([&**path, &**target], [VENV; 2]);
                    mounted = Some(self.directory.join("trees").join(from.to_string()));
                }
                Mount::Stage { from, target, .. } => {
                    let known = [(StageName::Poetry, POETRY), (StageName::Uv, UV)];
                    assert!(known.contains(&(from.clone(), target)), "{mount:?}");
                }
                Mount::Cache { target, .. } => assert_eq!(target, CACHE),
                Mount::Matching { .. }
                | Mount::Secret { .. }
                | Mount::Agent { .. }
                | Mount::Download { .. } => {
                    panic!("{mount:?} is not known here")
                }
            }
        }
        let mut env: BTreeMap<String, String> = run
            .env
            .iter()
            .map(|(name, value)| (name.clone(), self.word(value)))
            .collect();
        env.extend(self.env.clone());
        let directory = self.path(&run.cwd);
        let venv = self.path(VENV);
        if let Some(tree) = &mounted {
            fs::rename(tree, &venv).unwrap();
        }
        let result = self.poetry.run(&self.words(run), &directory, &env);
        if let Some(tree) = &mounted {
            fs::rename(&venv, tree).unwrap();
        }
        result.map(|_| ())
    }

    fn words(&self, run: &Run) -> Vec<String> {
        let words = match &run.command {
            Command::Exec(words) => words.clone(),
            Command::Script(script) => {
                let mut text = script.text.to_owned();
                for path in [FILES, UV] {
                    let path = format!("{path}/");
                    text = text.replace(&path, &self.word(&path));
                }
                let shell = ["sh", "-euc", &text, script.name].map(str::to_owned);
                [&shell[..], &script.args].concat()
            }
        };
        let python = format!("{POETRY}/bin/python");
        let mut mapped = Vec::new();
        for word in words {
            if word == python {
                mapped.extend(self.poetry.command_line());
            } else if word == "-I" && mapped.last() == self.poetry.command_line().last() {
                // The server is isolated already.
            } else {
                mapped.push(self.word(&word));
            }
        }
        mapped
    }

    /// The directory for a path of a container.
    fn path(&self, path: &str) -> PathBuf {
        if path == "/" {
            self.directory.to_owned()
        } else {
            self.word(path).into()
        }
    }

    /// A word with the directory for the path that it starts with.
    fn word(&self, word: &str) -> String {
        let tools = [(UV, self.uv), (CACHE, self.poetry_cache)];
        for (path, directory) in tools {
            if let Some(rest) = word.strip_prefix(path) {
                return format!("{}{rest}", directory.display());
            }
        }
        let begin = |path: &&str| {
            word.strip_prefix(*path)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if [PROJECT, TREE, FILES].iter().any(begin) {
            format!("{}{word}", self.directory.display())
        } else {
            word.to_owned()
        }
    }
}

fn empty(directory: &Path) {
    if directory.exists() {
        fs::remove_dir_all(directory).unwrap();
    }
    fs::create_dir_all(directory).unwrap();
}

fn write(path: &Path, content: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Adds a layer: its files and modes replace those of the layers below.
fn overlay(from: &Path, to: &Path) {
    let kind = fs::symlink_metadata(from).unwrap();
    if kind.is_dir() {
        fs::create_dir_all(to).unwrap();
        fs::set_permissions(to, kind.permissions()).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            overlay(&from.join(&name), &to.join(&name));
        }
        return;
    }
    if to.symlink_metadata().is_ok() {
        fs::remove_file(to).unwrap();
    }
    if kind.is_symlink() {
        symlink(fs::read_link(from).unwrap(), to).unwrap();
    } else {
        fs::hard_link(from, to).unwrap();
    }
}
