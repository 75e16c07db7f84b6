//! Hooks: commands of the user's, each at its point of the build.
//!
//! What a hook makes stays in its stage. Of the stages before the image, the environment goes into the image in any case,
//! and of the rest what `outputs` names.

use crate::build_file::{Command, Hook, HookNetwork, HookPoint, InstallMode};

use super::{
    Action, Base, CacheSharing, Copy, Inputs, Mount, Network, Origin, PROJECT_DIR, Run, Stage,
    StageName, Step, VENV, git, runtime,
};

/// Where a script with an interpreter of its own is while it runs, or else the program that runs it.
const PROGRAM: &str = "/run/hook";
/// Where commands find their secrets, as in any build of the engine.
const SECRETS: &str = "/run/secrets";
/// How much of a command a title has, in characters.
const TITLE: usize = 60;

/// Runs the script `$1` in the strictest shell there is. `bash` also says where a script stopped; a shell without
/// `pipefail` looks at the last command of a pipe alone. Nothing is put before the first line but in that line, so that
/// errors name the script's own lines. It is a file because an engine shows the whole command when one fails.
const SHELL: &str = "\
#!/bin/sh
if command -v bash >/dev/null; then
  exec bash -Eeuo pipefail -c \"trap 'echo \\\"hook: line \\$LINENO failed\\\" >&2' ERR; $1\" hook
fi
strict='set -o pipefail; '
(eval \"$strict\") 2>/dev/null || strict=
exec sh -euc \"$strict$1\" hook";

/// The steps of a point, in the order of the file.
pub(super) fn steps(inputs: &Inputs<'_>, point: HookPoint) -> Vec<Step> {
    let hooks = at(inputs, point);
    hooks.map(|hook| step(inputs, hook)).collect()
}

/// The steps that put what hooks made into the image: one for each hook, in the order of the file.
pub(super) fn outputs(inputs: &Inputs<'_>) -> Vec<Step> {
    let hooks = inputs.file.hooks.iter().filter(|hook| runs(inputs, hook));
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
                let from = Origin::Stage(from.clone());
                Copy::tree(from, path, path)
            });
            Some(Step {
                title: format!("copy {}", names.join(", ")),
                place: first.place.clone(),
                action: Action::CopyAll(copies.collect()),
            })
        })
        .collect()
}

/// The stage with the dependencies and the project, if a hook runs there; `source` are the steps that put the project
/// beside the dependencies.
pub(super) fn project(inputs: &Inputs<'_>, source: &[Step]) -> Option<Stage> {
    let hooks = steps(inputs, HookPoint::AfterSource);
    (!hooks.is_empty()).then(|| Stage {
        name: StageName::Project,
        from: Base::Stage(StageName::Deps),
        place: inputs.base_place.clone(),
        steps: source.iter().cloned().chain(hooks).collect(),
    })
}

fn at<'a>(inputs: &'a Inputs<'_>, point: HookPoint) -> impl Iterator<Item = &'a Hook> {
    let hooks = inputs.file.hooks.iter();
    hooks.filter(move |hook| hook.at == point && runs(inputs, hook))
}

/// Whether a hook is for this platform; one without a variant is for all of them.
fn runs(inputs: &Inputs<'_>, hook: &Hook) -> bool {
    let built = &inputs.request.platform;
    let is_built = |platform: &crate::image::Platform| {
        platform.os == built.os
            && platform.architecture == built.architecture
            && (platform.variant.is_empty() || platform.variant == built.variant)
    };
    hook.platforms.is_empty() || hook.platforms.iter().any(is_built)
}

fn step(inputs: &Inputs<'_>, hook: &Hook) -> Step {
    let mut run = environment(inputs, hook.at, command(&hook.run));
    run.env.extend(hook.env.clone());
    run.network = match hook.network {
        HookNetwork::Default => Network::Build,
        HookNetwork::None => Network::None,
        HookNetwork::Host => Network::Host,
    };
    run.mounts.extend(hook.cache.iter().map(|path| {
        // Folders of the user's are written to as if nobody else did.
        inputs.cache(&format!("hook{path}"), path, CacheSharing::Locked)
    }));
    run.mounts
        .extend(hook.secrets.iter().map(|id| Mount::Secret {
            id: id.value.clone(),
            target: format!("{SECRETS}/{}", id.value),
            required_at: id.place.clone(),
        }));
    if let Some(place) = &hook.ssh {
        run.mounts.extend(git::agent(inputs, place));
    }
    Step {
        title: format!("hook: {}", words(&hook.run)),
        place: hook.place.clone(),
        action: Action::Run(run),
    }
}

fn command(asked: &Command) -> Run {
    let program = |content: &str| Mount::File {
        target: PROGRAM.to_owned(),
        content: content.to_owned(),
        executable: true,
    };
    match asked {
        Command::Exec(words) => Run::command(words.iter().map(String::as_str)),
        Command::Script(script) if script.starts_with("#!") => {
            Run::command([PROGRAM]).mount(program(script))
        }
        Command::Script(script) => Run::command([PROGRAM, script.as_str()]).mount(program(SHELL)),
    }
}

/// The command with what is there at the point.
fn environment(inputs: &Inputs<'_>, point: HookPoint, mut run: Run) -> Run {
    if point == HookPoint::Final {
        run.env.extend(runtime::env(inputs.file));
        run.path = runtime::path();
        return run.cwd(&runtime::workdir(inputs.file));
    }
    // Byte code that Python writes by the way has times in it.
    run = run.env([("PYTHONDONTWRITEBYTECODE", "1".to_owned())]);
    if matches!(point, HookPoint::AfterInstall | HookPoint::AfterSource) {
        run.path = runtime::path();
        run = run.env([("VIRTUAL_ENV", VENV.to_owned())]);
    }
    run.env.extend(inputs.build_env());
    if point == HookPoint::AfterSource && inputs.install == InstallMode::Copy {
        run.cwd(&runtime::workdir(inputs.file))
    } else {
        run.cwd(PROJECT_DIR)
    }
}

/// The beginning of a command, for people.
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
    match text.char_indices().nth(TITLE) {
        Some((end, _)) => {
            let cut = text.get(..end).unwrap_or(&text);
            // Whole words, if there are any.
            let cut = cut.rsplit_once(' ').map_or(cut, |(words, _)| words);
            format!("{cut} ...")
        }
        None => text,
    }
}
