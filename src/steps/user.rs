//! The image's user, and the directories that the user may write to.

use crate::build_file::{ImageSpec, InstallMode};
use crate::paths::overlap;
use crate::plan::{Action, Placement, Run, StageName, Step};
use crate::resolve::Resolved;
use crate::resolve::environment::{VENV, workdir};
use crate::scripts;

use super::tools;

/// The step that creates the user with a home directory, and makes the user the owner of `directories` and of everything in
/// them.
pub(crate) fn add_user(
    resolved: &Resolved<'_>,
    shell: &str,
    home: &str,
    directories: &[String],
) -> Step {
    let user = &resolved.file.runtime.user;
    let args = [
        user.name.clone(),
        user.uid.to_string(),
        user.gid.to_string(),
        home.to_owned(),
        shell.to_owned(),
    ];
    Step {
        title: format!("add the user {} ({}:{})", user.name, user.uid, user.gid),
        span: user
            .span
            .clone()
            .unwrap_or_else(|| resolved.base_span.clone()),
        action: Action::Run(in_image(
            resolved,
            scripts::ADD_USER,
            args.iter().chain(directories),
        )),
    }
}

/// A script whose first argument is the root of the image's files. A custom base image may have no shell, and one of another
/// platform needs an emulator, so the script then runs outside it, in the builder's base.
fn in_image<'a>(
    resolved: &Resolved<'_>,
    script: scripts::Script,
    args: impl IntoIterator<Item = &'a String>,
) -> Run {
    let base = resolved.portable_base();
    let outside = resolved.file.build.base.is_some() || base == StageName::BuildBase;
    let root = if outside { Run::OUTSIDE } else { "" };
    let args = [root.to_owned()]
        .into_iter()
        .chain(args.into_iter().cloned());
    let mut run = Run::script(script, args)
        .offline()
        .mount(tools::script(scripts::IN_ROOT));
    run.from_outside = outside.then_some(base);
    run
}

/// The directories that the user may write to.
pub(crate) fn writable_directories(file: &ImageSpec) -> Vec<String> {
    let runtime = &file.runtime;
    let directories = runtime.writable.iter().chain(&runtime.volumes);
    directories.map(|path| path.value.clone()).collect()
}

/// Whether the user owns a directory at, in or around `path`.
pub(crate) fn owns_around(file: &ImageSpec, path: &str) -> bool {
    let directories = writable_directories(file);
    directories.iter().any(|directory| overlap(directory, path))
}

/// The step that makes the user the owner of copied source in the writable directories.
pub(crate) fn chown_copied_source(resolved: &Resolved<'_>) -> Option<Step> {
    let runtime = &resolved.file.runtime;
    let span = runtime.writable.iter().chain(&runtime.volumes).next()?;
    let span = span.span.clone();
    if resolved.install != InstallMode::Copy || !owns_around(resolved.file, &workdir(resolved.file))
    {
        return None;
    }
    let user = &runtime.user;
    let args = [format!("{}:{}", user.uid, user.gid), VENV.to_owned()];
    let directories = writable_directories(resolved.file);
    Some(Step {
        title: format!("chown {} {}", user.name, directories.join(" ")),
        span,
        // It skips the environment.
        action: Action::Run(Run {
            placement: Placement::Below,
            ..in_image(
                resolved,
                scripts::GIVE_FILES,
                args.iter().chain(&directories),
            )
        }),
    })
}
