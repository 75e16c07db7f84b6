//! Hooks: the user's commands at fixed points of the build.
//!
//! Changes that a hook makes stay in its stage. From the stages before `runtime`, the image receives the virtual environment
//! and the hook's `outputs`.

use crate::build_file::{Command, Hook, HookNetwork, HookPoint, InstallMode};
use crate::plan::{Action, CacheSharing, Copy, CopyFrom, Mount, Network, Run, StageName, Step};
use crate::resolve::Resolved;
use crate::resolve::environment::{self, PROJECT_DIR, VENV};
use crate::scripts;

use super::git;

/// Where a script with a shebang is mounted, or else the program that runs the script.
const PROGRAM: &str = "/run/hook";
/// Where secrets are mounted; the same as the default in a Dockerfile.
const SECRETS: &str = "/run/secrets";
/// The maximum length of a command in a title, in characters.
const TITLE_LENGTH: usize = 60;

/// The hooks at a point of the build, in the order of the file.
pub(crate) fn steps(resolved: &Resolved<'_>, point: HookPoint) -> Vec<Step> {
    let hooks = at(resolved, point);
    hooks.map(|hook| step(resolved, hook)).collect()
}

/// The steps that copy the outputs of hooks into the image, in the order of the file.
pub(crate) fn outputs(resolved: &Resolved<'_>) -> Vec<Step> {
    let hooks = resolved
        .file
        .hooks
        .iter()
        .filter(|hook| runs(resolved, hook));
    hooks
        .filter_map(|hook| {
            let from = match hook.at {
                HookPoint::AfterPackages => StageName::Builder,
                HookPoint::BeforeInstall | HookPoint::AfterInstall => StageName::Deps,
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
                Copy::directory(from, path, path).placed(environment::beside_environment(path))
            });
            Some(Step {
                title: format!("copy {}", names.join(", ")),
                span: first.span.clone(),
                action: Action::CopyAll(copies.collect()),
            })
        })
        .collect()
}

fn at<'a>(resolved: &'a Resolved<'_>, point: HookPoint) -> impl Iterator<Item = &'a Hook> {
    let hooks = resolved.file.hooks.iter();
    hooks.filter(move |hook| hook.at == point && runs(resolved, hook))
}

/// Whether a hook runs on this platform. A platform without a variant matches all variants.
fn runs(resolved: &Resolved<'_>, hook: &Hook) -> bool {
    let built = &resolved.request.platform;
    let is_built = |platform: &crate::image::Platform| {
        platform.os == built.os
            && platform.architecture == built.architecture
            && (platform.variant.is_empty() || platform.variant == built.variant)
    };
    hook.platforms.is_empty() || hook.platforms.iter().any(is_built)
}

fn step(resolved: &Resolved<'_>, hook: &Hook) -> Step {
    let mut run = with_environment(resolved, hook.at, command(&hook.run));
    run.env.extend(hook.env.clone());
    run.network = match hook.network {
        HookNetwork::Default => Network::Build,
        HookNetwork::None => Network::None,
        HookNetwork::Host => Network::Host,
    };
    run.mounts.extend(hook.cache.iter().map(|path| {
        // The user's tools may not support concurrent writes to their caches.
        let name = format!("hook{path}");
        resolved.cache(&name, &resolved.python, path, CacheSharing::Locked)
    }));
    run.mounts
        .extend(hook.secrets.iter().map(|id| Mount::Secret {
            id: id.value.clone(),
            target: format!("{SECRETS}/{}", id.value),
            required_at: id.span.clone(),
        }));
    if let Some(span) = &hook.ssh {
        run.mounts.extend(git::agent(resolved, span));
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
    if matches!(point, HookPoint::AfterInstall | HookPoint::AfterSource) {
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
