//! `COPY --from`: the environment of a builder, the project, outputs of hooks, and files of other stages and images.

use super::copy_of::copy_of;
use super::draft::{Origin, Taken};
use super::poetry::base_name;
use super::spelling::has_extension;
use super::stages::chain;
use super::state::{State, Walk, joined};
use crate::dockerfile::{CopiedSource, Copying, Expanded, Kind};
use crate::paths::within;

pub(super) fn copy(
    walk: &mut Walk<'_>,
    state: &mut State,
    copying: &Copying,
    from: &Expanded,
    origin: &Origin,
) {
    let paths = copying.sources.iter().filter_map(|source| match source {
        CopiedSource::Path(path) => Some(path),
        CopiedSource::Text => None,
    });
    match walk.dockerfile.stage(&from.value, state.stage) {
        Some(other) if walk.roles.others.contains(&other) => {
            of_other_stage(walk, state, copying, other, origin);
        }
        Some(builder) => {
            for path in paths {
                of_builder(walk, state, copying, (builder, path), origin);
            }
        }
        None => of_image(walk, state, copying, from, origin),
    }
}

/// Files of a stage without Python: a named context.
fn of_other_stage(
    walk: &mut Walk<'_>,
    state: &State,
    copying: &Copying,
    other: usize,
    origin: &Origin,
) {
    let name = walk.dockerfile.stages[other].name.clone();
    let name = name.unwrap_or_else(|| format!("stage-{other}"));
    if !walk.is_image(state.stage) {
        walk.draft.remark(
            origin,
            format!("the builder needs files of the stage `{name}`"),
            "add a `[[copy]]` with `from = \"context:NAME\"`, or a hook that makes them",
        );
        return;
    }
    let contexts = &mut walk.draft.contexts;
    contexts
        .entry(name.clone())
        .or_insert_with(|| origin.clone());
    push(walk, state, copying, &format!("context:{name}"), origin);
}

fn of_image(
    walk: &mut Walk<'_>,
    state: &State,
    copying: &Copying,
    from: &Expanded,
    origin: &Origin,
) {
    let name = base_name(&from.value);
    let name = name.split([':', '@']).next().unwrap_or_default();
    if name == "uv" || name.contains("poetry") {
        walk.draft
            .leave_out(origin, format!("files of {}", from.value));
    } else if walk.is_image(state.stage) {
        push(
            walk,
            state,
            copying,
            &format!("image:{}", from.template),
            origin,
        );
    } else {
        walk.draft.remark(
            origin,
            format!("the builder has files of the image `{}`", from.value),
            "set `base` of `[build]` to an image that has them",
        );
    }
}

fn push(walk: &mut Walk<'_>, state: &State, copying: &Copying, from: &str, origin: &Origin) {
    for source in &copying.sources {
        let CopiedSource::Path(path) = source else {
            continue;
        };
        let below = path.template.trim_start_matches('/');
        let src = match below {
            "" => ".",
            _ if from.starts_with("image:") => &path.template,
            below => below,
        };
        let copy = copy_of(state, copying, from, src.to_owned());
        walk.image.copies.push(Taken::new(copy, origin));
    }
}

/// What the image has of a builder: the environment, the project, outputs of hooks, or other files of the context.
fn of_builder(
    walk: &mut Walk<'_>,
    state: &mut State,
    copying: &Copying,
    (builder, path): (usize, &Expanded),
    origin: &Origin,
) {
    let dest = joined(&state.workdir, &copying.dest);
    if is_installed(walk, &path.value) || walk.venvs.contains(&dest.value) {
        let what = format!("the environment at {}", path.value);
        walk.draft.leave_out(origin, what);
        walk.venvs.extend([path.value.clone(), dest.value]);
        return;
    }
    let workdir = workdir(walk, builder);
    let below = workdir
        .as_ref()
        .filter(|workdir| within(&path.value, workdir));
    let below = below.map(|workdir| {
        // An empty path is below `/`.
        let rest = path.value.get(workdir.len()..).unwrap_or_default();
        rest.trim_start_matches('/').to_owned()
    });
    match below.as_deref() {
        Some("") => {
            state.has_source = true;
            walk.takes_builder = true;
            return;
        }
        // A part of the project that the builder has as well.
        Some(below) if walk.files.exists(below) => {
            state.has_source = true;
            let files = (below.to_owned(), dest.value);
            walk.project_files.push(Taken::new(files, origin));
            return;
        }
        _ => {}
    }
    let mut files = walk.project_files.iter();
    if let Some(file) = files.find(|file| file.value.1 == path.value) {
        let copy = copy_of(state, copying, "", file.value.0.clone());
        walk.image.copies.push(Taken::new(copy, origin));
        return;
    }
    let into = format!("{}/{}", dest.value, base_name(&path.value));
    let is_kept =
        path.value == dest.value || copying.dest.value.ends_with('/') && into == path.value;
    let mut hooks = walk.image.hooks.iter_mut().rev();
    match hooks.find(|hook| hook.value.at != "final") {
        Some(hook) if is_kept => hook.value.outputs.push(path.template.clone()),
        _ => walk.draft.remark(
            origin,
            format!("`{}` comes from the builder", path.value),
            "add it to `outputs` of the hook that makes it; outputs keep their paths",
        ),
    }
}

/// Whether a path is where pip or Poetry install to.
fn is_installed(walk: &Walk<'_>, path: &str) -> bool {
    let name = base_name(path.trim_end_matches('/'));
    let of_python = [
        "site-packages",
        "/usr/local",
        "/root/.local",
        "pypoetry",
        "/install",
        "/wheels",
        "/dist",
    ];
    name.ends_with("venv")
        || name == "env"
        || name.starts_with("requirements")
        || has_extension(name, "whl")
        || name == "virtualenv"
        || of_python.iter().any(|part| path.contains(part))
        || walk.venvs.iter().any(|venv| within(path, venv))
        || path.contains("poetry")
}

/// The last working directory of a stage.
fn workdir(walk: &Walk<'_>, stage: usize) -> Option<String> {
    let mut at = Expanded::plain("/");
    let mut found = false;
    for index in chain(walk.dockerfile, stage) {
        for instruction in &walk.dockerfile.stages[index].instructions {
            if let Kind::Workdir(path) = &instruction.kind {
                at = joined(&at, path);
                found = true;
            }
        }
    }
    found.then_some(at.value)
}
