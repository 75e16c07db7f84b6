//! Hooks: the user's commands at fixed points of the build.
//!
//! Changes that a hook makes stay in its stage. From the stages before `runtime`, the image receives the virtual environment,
//! the project's files and the hook's `outputs`.

use crate::build_file::{Command, Hook, HookNetwork, HookPoint, InstallMode, plain};
use crate::diagnostics::{Diagnostic, Problem};
use crate::plan::{
    Action, CacheSharing, Copy, CopyFrom, Expected, Mount, Network, Run, Stage, StageName, Step,
};
use crate::resolve::environment::{self, PROJECT_DIR, VENV};
use crate::resolve::{Error, Resolved};
use crate::scripts;

use super::{certificates, git, hook_inputs};

/// Where a script with a shebang is mounted, or else the program that runs the script.
const PROGRAM: &str = "/run/hook";
/// Where secrets are mounted; the same as the default in a Dockerfile.
const SECRETS: &str = "/run/secrets";
/// The maximum length of a command in a title, in characters.
const TITLE_LENGTH: usize = 60;

/// The hooks at a point of the build, in the order of the file, without those that run apart.
pub(crate) fn steps(resolved: &Resolved<'_>, point: HookPoint) -> Vec<Step> {
    let hooks = resolved.hooks();
    let hooks = hooks.filter(|(_, hook)| hook.at == point && !hook.runs_apart());
    hooks
        .map(|(number, hook)| step(resolved, number, hook))
        .collect()
}

/// The hooks that run apart, in the order of the file.
pub(crate) fn apart(resolved: &Resolved<'_>) -> Vec<Step> {
    let hooks = resolved.hooks().filter(|(_, hook)| hook.runs_apart());
    hooks
        .map(|(number, hook)| step(resolved, number, hook))
        .collect()
}

/// The stages with the inputs of hooks.
pub(crate) fn inputs(resolved: &Resolved<'_>) -> Vec<Stage> {
    let hooks = resolved.hooks();
    hooks
        .filter_map(|(number, hook)| hook_inputs::stage(resolved, number, hook))
        .collect()
}

/// The inputs that the build context must contain, of those hooks whose stage `is_needed`.
pub(crate) fn expected(
    resolved: &Resolved<'_>,
    is_needed: impl Fn(&StageName) -> bool,
) -> Vec<Expected> {
    let hooks = resolved.hooks();
    let hooks = hooks.filter(|(number, _)| is_needed(&StageName::HookInputs(*number)));
    hooks
        .flat_map(|(_, hook)| hook_inputs::expected(resolved, hook))
        .collect()
}

/// Reports hooks on the source of a project that is not installed.
pub(crate) fn without_source(resolved: &Resolved<'_>, errors: &mut Vec<Diagnostic>) {
    if resolved.install == InstallMode::None {
        let hooks = resolved.hooks();
        let hooks = hooks.filter(|(_, hook)| hook.at == HookPoint::BeforeSource);
        errors.extend(hooks.map(|(_, hook)| Error::HookWithoutSource.at(&hook.at_span)));
    }
}

/// The steps that copy the outputs of hooks into the image, in the order of the file.
pub(crate) fn outputs(resolved: &Resolved<'_>) -> Vec<Step> {
    let user = &resolved.file.runtime.user;
    resolved
        .hooks()
        .filter_map(|(_, hook)| {
            let from = match hook.at {
                HookPoint::AfterPackages => StageName::BuilderHooks,
                HookPoint::BeforeInstall | HookPoint::AfterInstall => StageName::Deps,
                HookPoint::BeforeSource => StageName::SourceHooks,
                HookPoint::AfterSource => StageName::Project,
                HookPoint::Final => return None,
            };
            let first = hook.outputs.first()?;
            let names: Vec<&str> = hook
                .outputs
                .iter()
                .map(|path| path.value.as_str())
                .collect();
            let copies = names.iter().map(|path| {
                let from = CopyFrom::Stage(from.clone());
                Copy {
                    owner: hook.owner.ids(user),
                    placement: environment::beside_environment(path),
                    ..Copy::directory(from, path, path)
                }
            });
            Some(Step {
                title: format!("copy {}", names.join(", ")),
                span: first.span.clone(),
                action: Action::CopyAll(copies.collect()),
            })
        })
        .collect()
}

fn step(resolved: &Resolved<'_>, number: usize, hook: &Hook) -> Step {
    let has_source = has_source(resolved, hook.at);
    let run = hook_inputs::add(command(&hook.run), number, hook, has_source);
    let mut run = with_environment(resolved, hook.at, run);
    run.env.extend(plain(&hook.env));
    run.network = match hook.network {
        HookNetwork::Default => Network::Build,
        HookNetwork::None => Network::None,
        HookNetwork::Host => Network::Host,
    };
    run.mounts.extend(hook.cache.iter().map(|cache| {
        let path = &cache.value;
        // The user's tools may not support concurrent writes to their caches.
        let name = format!("hook{path}");
        let mount = resolved.cache(&name, &resolved.python, path, CacheSharing::Locked);
        mount.asked_at(&cache.span)
    }));
    run.mounts
        .extend(hook.secrets.iter().map(|id| Mount::Secret {
            id: id.value.clone(),
            target: format!("{SECRETS}/{}", id.value),
            required_at: Some(id.span.clone()),
            mode: None,
        }));
    if let Some(span) = &hook.ssh {
        run.mounts.extend(git::agent(resolved, span));
    }
    if run.network != Network::None {
        let base = if hook.at == HookPoint::Final {
            &resolved.base
        } else {
            resolved.build_base()
        };
        run = certificates::with_bundle(run, resolved, base);
    }
    Step {
        title: format!("hook: {}", words(&hook.run)),
        span: hook.span.clone(),
        action: Action::Run(run),
    }
}

fn command(command: &Command) -> Run {
    let program = |content: &str| Mount::File {
        target: PROGRAM.to_owned(),
        content: content.to_owned(),
        executable: true,
    };
    match command {
        Command::Exec(words) => Run::exec(words.iter().map(String::as_str)),
        Command::Script(script) if script.starts_with("#!") => {
            Run::exec([PROGRAM]).mount(program(script))
        }
        Command::Script(script) => {
            Run::exec([PROGRAM, script.as_str()]).mount(program(scripts::RUN_HOOK.1))
        }
    }
}

/// Adds the environment and working directory of a point.
fn with_environment(resolved: &Resolved<'_>, point: HookPoint, mut run: Run) -> Run {
    if point == HookPoint::Final {
        run.env.extend(environment::env(resolved.file));
        run.path = environment::path();
        return run.cwd(&environment::workdir(resolved.file));
    }
    // Bytecode that Python writes on import contains timestamps.
    run = run.env([("PYTHONDONTWRITEBYTECODE", "1".to_owned())]);
    if matches!(
        point,
        HookPoint::AfterInstall | HookPoint::BeforeSource | HookPoint::AfterSource
    ) {
        run.path = environment::path();
        run = run.env([("VIRTUAL_ENV", VENV.to_owned())]);
    }
    run.env.extend(resolved.build_env());
    if point == HookPoint::AfterSource && resolved.install == InstallMode::Copy {
        run.cwd(&environment::workdir(resolved.file))
    } else {
        run.cwd(PROJECT_DIR)
    }
}

/// Whether the project's files are in the working directory.
fn has_source(resolved: &Resolved<'_>, point: HookPoint) -> bool {
    let is_copied = resolved.install == InstallMode::Copy;
    point == HookPoint::BeforeSource || point == HookPoint::AfterSource && is_copied
}

/// The beginning of a command, for the title.
fn words(command: &Command) -> String {
    let text = match command {
        Command::Exec(words) => words.join(" "),
        Command::Script(script) => {
            let lines = script.lines().map(str::trim);
            let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
            lines.next().unwrap_or("a script").to_owned()
        }
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(TITLE_LENGTH) {
        Some((end, _)) => {
            let cut = text.get(..end).unwrap_or(&text);
            // Cut between words, if possible.
            let cut = cut.rsplit_once(' ').map_or(cut, |(words, _)| words);
            format!("{cut} ...")
        }
        None => text,
    }
}
