//! What is planned for which files. Each module has one feature; this file has what they share.

mod certificates;
mod copies;
mod credentials;
mod dependencies;
mod development;
mod errors;
mod fetch;
mod findings;
mod git;
mod hook_files;
mod hooks;
mod installers;
mod labels;
mod layers;
mod listing;
mod platforms;
mod poetry;
mod python_choice;
mod runtime;
mod source;
mod stages;
mod standard;
mod targets;
mod tools;
mod verifications;

use std::iter;

use testkit::{Lock, Package, Project};

use super::*;
use crate::build_file::{DEFAULT_NAME, RuleSwitches};
use crate::image::Platform;
use crate::plan::*;

impl From<&Project> for InputFiles {
    fn from(project: &Project) -> Self {
        let mut files = project.files();
        let mut take = |name: &str| files.remove(name).map(String::into_bytes);
        Self {
            name: DEFAULT_NAME.to_owned(),
            build_file: take(DEFAULT_NAME).unwrap_or_default(),
            pyproject: take("pyproject.toml"),
            lock: take("poetry.lock"),
            settings: take("poetry.toml"),
            ignore: take(".dockerignore").map(|bytes| (".dockerignore".to_owned(), bytes)),
            ..Self::default()
        }
    }
}

/// A project with a script and a dependency, which has a wheel for every platform.
fn app() -> Project {
    bare().dependency("a").locked(Package::new("a", "1"))
}

/// A build file with which Poetry installs all dependencies.
const BY_POETRY: &str = "[dependencies]\ninstaller = \"poetry\"\n";

/// [`app`], whose dependency has no wheel, so that Poetry installs it.
fn app_with_sdist() -> Project {
    bare()
        .dependency("a")
        .locked(Package::new("a", "1").sdist())
}

/// A project with a script and nothing to install.
fn bare() -> Project {
    Project::new("app")
        .python(">=3.11,<3.14")
        .script("serve", "app:main")
}

/// The plan of a project whose source is copied, with more of `[runtime]`.
fn plan_of_copied(runtime: &str) -> Plan {
    plan(&format!(
        r#"
        [source]
        install = "copy"
        [runtime]
        entrypoint = ["x"]
        {runtime}
        "#
    ))
}

fn request() -> Request {
    Request::on(Platform::parse("linux/amd64").unwrap())
}

/// A build of a target.
fn target(name: &str) -> Request {
    Request {
        target: Some(name.to_owned()),
        ..request()
    }
}

/// The plan of a project, with the patterns of its ignore file.
fn plan_for(project: &Project, request: &Request) -> Result<Plan, Diagnostics> {
    let parsed = InputFiles::from(project).parse(&BTreeMap::new())?;
    let request = Request {
        ignore: parsed.ignore,
        ..request.clone()
    };
    super::plan(&parsed.file, &parsed.project, &request)
}

/// The plan of the image of a project.
fn plan_of(project: &Project) -> Plan {
    plan_for(project, &request()).unwrap()
}

/// The plan of the image of [`app`] with a build file.
fn plan(build_file: &str) -> Plan {
    plan_of(&app().with_build_file(build_file))
}

/// The errors of a project as a terminal shows them.
fn errors_of(project: &Project) -> String {
    plan_for(project, &request()).unwrap_err().to_string()
}

fn stage<'a>(plan: &'a Plan, name: &StageName) -> &'a Stage {
    plan.stages
        .iter()
        .find(|stage| stage.name == *name)
        .unwrap()
}

fn stage_names(plan: &Plan) -> Vec<String> {
    let stages = plan.stages.iter();
    stages.map(|stage| stage.name.to_string()).collect()
}

fn titles(stage: &Stage) -> Vec<&str> {
    stage.steps.iter().map(|step| step.title.as_str()).collect()
}

/// All stages with what they start from and the titles of their steps.
fn outline(plan: &Plan) -> String {
    let stages = plan.stages.iter().map(|stage| {
        let from = match &stage.from {
            Base::Image(image) => image.familiar(),
            Base::ImageOn(image, platform) => format!("{} for {platform}", image.familiar()),
            Base::Stage(name) => name.to_string(),
        };
        let header = format!("{} from {from}", stage.name);
        let steps = titles(stage).into_iter().map(|title| format!("  {title}"));
        iter::once(header).chain(steps).collect::<Vec<_>>()
    });
    stages.flatten().collect::<Vec<_>>().join("\n")
}

/// The words of a command; a script is its name and arguments.
fn words(run: &Run) -> Vec<String> {
    match &run.command {
        Command::Exec(words) => words.clone(),
        Command::Script(script) => {
            let name = [script.name.to_owned()].into_iter();
            name.chain(script.args.iter().cloned()).collect()
        }
    }
}

fn run(step: &Step) -> &Run {
    match &step.action {
        Action::Run(run) => run,
        other => panic!("{other:?} runs nothing"),
    }
}

/// The command of a stage's last step.
fn last_run<'a>(plan: &'a Plan, name: &StageName) -> &'a Run {
    run(stage(plan, name).steps.last().unwrap())
}

/// The layers of wheels.
fn layers(plan: &Plan) -> Vec<&Stage> {
    let stages = plan.stages.iter();
    stages
        .filter(|stage| matches!(stage.name, StageName::Layer { .. }))
        .collect()
}

/// The requirements that a layer's only step installs.
fn requirements(layer: &Stage) -> &str {
    file(run(&layer.steps[0]), "/run/requirements.txt").unwrap()
}

/// The file that a command sees at a path.
fn file<'a>(run: &'a Run, path: &str) -> Option<&'a str> {
    run.mounts.iter().find_map(|mount| match mount {
        Mount::File {
            target, content, ..
        } if target == path => Some(content.as_str()),
        _ => None,
    })
}

/// The caches that a command sees: id, path and sharing.
fn caches(run: &Run) -> Vec<(&str, &str, CacheSharing)> {
    let mounts = run.mounts.iter();
    let caches = mounts.filter_map(|mount| match mount {
        Mount::Cache {
            id,
            target,
            sharing,
            ..
        } => Some((id.as_str(), target.as_str(), *sharing)),
        _ => None,
    });
    caches.collect()
}

/// The files that are written before Poetry installs.
fn written(plan: &Plan) -> &[NewFile] {
    match &stage(plan, &StageName::PoetryDeps).steps[0].action {
        Action::Write(files) => files,
        other => panic!("{other:?} writes nothing"),
    }
}

/// The files of a context that a step copies.
fn context_files(step: &Step) -> Option<&ContextFiles> {
    match &step.action {
        Action::Copy(Copy {
            from: CopyFrom::Context(files),
            ..
        }) => Some(files),
        _ => None,
    }
}
