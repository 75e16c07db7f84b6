//! What only the whole image tells: its user, how the project is installed, and what was only there for installing.

use super::commands::script_of;
use super::draft::{Copy, Image, Origin, Run, Taken};
use super::installation::select;
use super::packages;
use super::source;
use super::state::{State, Walk};

const DEFAULT_WORKDIR: &str = "/app";
/// What a script needs root for.
const OF_ROOT: [&str; 7] = [
    "gosu", "su-exec", "setpriv", "usermod", "groupmod", "PUID", "useradd",
];

pub(super) fn finish(walk: &mut Walk<'_>, last: &State) {
    select(walk);
    user(walk, last);
    if let Some(workdir) = walk
        .image
        .workdir
        .take_if(|path| matches!(path.value.as_str(), DEFAULT_WORKDIR | "/"))
    {
        walk.draft.leave_out(
            &workdir.origin,
            format!("the working directory {DEFAULT_WORKDIR}"),
        );
    }
    let scripts = scripts(walk, last);
    let texts = texts(&walk.image, &scripts);
    source::install(walk, &texts);
    provide_scripts(walk, last, &scripts);
    without_downloaders(walk, &texts);
    hooks(walk);
    supervisor(walk);
    if walk.image.init.is_some() {
        let is_init = |package: &Taken<String>| {
            matches!(packages::name(&package.value), "tini" | "dumb-init")
        };
        walk.image.packages.retain(|package| !is_init(package));
    }
    let Image {
        volumes,
        expose,
        writable,
        ..
    } = &mut walk.image;
    writable.retain(|path| !volumes.iter().any(|volume| volume.value == path.value));
    once(volumes);
    once(expose);
}

/// Moves hooks to a point whose files the image has.
fn hooks(walk: &mut Walk<'_>) {
    for hook in &mut walk.image.hooks {
        if hook.value.at != "after-source" || !hook.value.outputs.is_empty() {
            continue;
        }
        if walk.takes_builder {
            hook.value.at = "before-source";
        } else {
            walk.draft.remark(
                &hook.origin,
                "the image has nothing that this hook writes",
                "add the paths to `outputs` of the hook, if the image needs them",
            );
        }
    }
}

fn supervisor(walk: &mut Walk<'_>) {
    let commands = [&walk.image.entrypoint, &walk.image.cmd].into_iter();
    let mut runs_one = commands
        .flatten()
        .filter(|words| words.value.iter().any(|word| word.contains("supervisord")));
    if let Some(words) = runs_one.next() {
        walk.draft.remark(
            &words.origin,
            "a supervisor starts several processes, and wants to run as root",
            "make a `[target.NAME]` for each process; they share all layers",
        );
    }
}

/// Removes duplicates.
fn once(list: &mut Vec<Taken<String>>) {
    let mut seen = std::collections::BTreeSet::new();
    list.retain(|value| seen.insert(value.value.clone()));
}

fn user(walk: &mut Walk<'_>, last: &State) {
    let Some(text) = walk.user.clone() else {
        let stage = &walk.dockerfile.stages[last.stage];
        runs_as_root(walk, &Origin::of(&stage.span));
        return;
    };
    let Some(mut user) = last.users.get(&text.value) else {
        runs_as_root(walk, &text.origin);
        return;
    };
    let rest = |char: char| {
        char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-' || char == '_'
    };
    let fits = user.name.len() <= 32
        && user.name.chars().all(rest)
        && user
            .name
            .starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    if !fits {
        "app".clone_into(&mut user.name);
    }
    if user.uid == "0" {
        runs_as_root(walk, &text.origin);
        return;
    }
    walk.image.user = Some(Taken::new(user, &text.origin));
}

fn runs_as_root(walk: &mut Walk<'_>, origin: &Origin) {
    walk.draft.remark(
        origin,
        "the image runs as root; now it runs as the user `app` with the id 10001",
        "list the directories that it writes to in `writable` of `[runtime]`",
    );
}

/// A script that the command runs.
pub(super) struct Script {
    /// The path in the image.
    path: String,
    /// The path in the context, and the text.
    file: Option<(String, String)>,
    origin: Origin,
}

/// The scripts that the container's commands run.
fn scripts(walk: &Walk<'_>, last: &State) -> Vec<Script> {
    let commands = [&walk.image.entrypoint, &walk.image.cmd]
        .into_iter()
        .flatten();
    let scripts = commands.filter_map(|words| {
        let named = script_of(&words.value)?;
        let workdir = last.workdir.value.trim_end_matches('/');
        let path = if named.starts_with('/') {
            crate::paths::clean(named)
        } else if named.contains('/') || words.value[0] != named {
            crate::paths::clean(&format!("{workdir}/{named}"))
        } else {
            // Found by its name.
            format!("/usr/local/bin/{named}")
        };
        let src = context_path(walk, &path, workdir);
        let file = src.and_then(|src| Some((src.clone(), walk.files.text(&src)?)));
        Some(Script {
            path,
            file,
            origin: words.origin.clone(),
        })
    });
    scripts.collect()
}

/// The file of the context that is at a path of the image.
fn context_path(walk: &Walk<'_>, path: &str, workdir: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let copied = walk
        .image
        .copies
        .iter()
        .filter(|copy| copy.value.from.is_empty())
        .find_map(|copy| {
            let Copy { src, dest, .. } = &copy.value;
            let into = format!(
                "{}/{}",
                dest.trim_end_matches('/'),
                src.rsplit('/').next().unwrap_or_default()
            );
            let below = format!("{}/", dest.trim_end_matches('/'));
            if dest == path || dest.ends_with('/') && into == path {
                return Some(src.clone());
            }
            let inside = path
                .strip_prefix(&below)
                .map(|rest| format!("{src}/{rest}"));
            inside.filter(|file| walk.files.is_file(file)).or_else(|| {
                src.ends_with(&format!("*{}", &name[name.rfind('.')?..]))
                    .then(|| {
                        format!(
                            "{}/{name}",
                            src.rsplit_once('/').map_or("", |(directory, _)| directory)
                        )
                    })
            })
        });
    let below = path
        .strip_prefix(workdir)
        .map(|below| below.trim_start_matches('/').to_owned());
    copied.or_else(|| below.filter(|below| walk.files.is_file(below)))
}

/// Everything that names commands and files of the image.
fn texts(image: &Image, scripts: &[Script]) -> Vec<String> {
    let commands = [&image.entrypoint, &image.cmd].into_iter().flatten();
    let commands = commands.map(|words| words.value.join(" "));
    let hooks = image.hooks.iter().map(|hook| match &hook.value.run {
        Run::Exec(words) => words.join(" "),
        Run::Script(script) => script.clone(),
    });
    let health = image
        .healthcheck
        .iter()
        .map(|check| check.value.cmd.join(" "));
    let scripts = scripts
        .iter()
        .filter_map(|script| Some(script.file.as_ref()?.1.clone()));
    commands.chain(scripts).chain(hooks).chain(health).collect()
}

/// Adds scripts that the image does not have yet, and looks for what they cannot do here.
fn provide_scripts(walk: &mut Walk<'_>, last: &State, scripts: &[Script]) {
    let workdir = last.workdir.value.trim_end_matches('/').to_owned();
    for script in scripts {
        let Some((src, text)) = &script.file else {
            continue;
        };
        inspect(walk, src, text);
        let is_copied = walk
            .image
            .copies
            .iter()
            .any(|copy| copy.value.from.is_empty() && copy.value.src == *src);
        let is_copied = is_copied || context_path(walk, &script.path, &workdir).is_none();
        let mode = walk
            .executables
            .contains(&script.path)
            .then(|| "0755".to_owned());
        let is_source = walk
            .image
            .install
            .as_ref()
            .is_some_and(|install| install.value == "copy")
            || !walk.project.pyproject.package_mode;
        if is_copied || is_source && mode.is_none() {
            continue;
        }
        let copy = Copy {
            src: src.clone(),
            dest: script.path.clone(),
            mode,
            ..Copy::default()
        };
        walk.image.copies.push(Taken::new(copy, &script.origin));
    }
}

fn inspect(walk: &mut Walk<'_>, file: &str, text: &str) {
    let mut needs_root = false;
    for (number, line) in text.lines().enumerate() {
        let origin = Origin {
            file: file.to_owned(),
            line: number + 1,
        };
        if line.trim_start().starts_with('#') {
            continue;
        }
        if line.contains("poetry run") || line.contains("poetry install") {
            walk.draft.remark(
                &origin,
                "the image has no Poetry",
                "remove `poetry run`: the programs of the environment are in `PATH`",
            );
        }
        let words =
            line.split(|char: char| !char.is_ascii_alphanumeric() && char != '-' && char != '_');
        if !needs_root && words.into_iter().any(|word| OF_ROOT.contains(&word)) {
            needs_root = true;
            walk.draft.remark(
                &origin,
                "the script changes the user at the start, which only root can",
                "remove it: the image has a user, and `docker run --user` sets another one",
            );
        }
    }
}

/// Removes packages that only installed something else.
fn without_downloaders(walk: &mut Walk<'_>, texts: &[String]) {
    let is_mentioned = |name: &str| {
        texts.iter().any(|text| {
            let mut words =
                text.split(|char: char| char.is_whitespace() || "/;&|()\"'`".contains(char));
            words.any(|word| word == name)
        })
    };
    let has_git = |name: &str| name == "gnupg" || name == "gnupg2";
    let unused = |package: &Taken<String>| {
        let name = packages::name(&package.value);
        let program = if has_git(name) { "gpg" } else { name };
        packages::is_downloader(name) && !is_mentioned(program)
    };
    for list in [&mut walk.image.packages, &mut walk.image.build_packages] {
        let (removed, kept): (Vec<_>, Vec<_>) = std::mem::take(list).into_iter().partition(unused);
        *list = kept;
        for package in removed {
            walk.draft.leave_out(
                &package.origin,
                format!("{}, which only installed something else", package.value),
            );
        }
    }
}
