//! The `runtime` stage and the image's settings: slim, not root, and in the order in which layers change least.

use std::collections::BTreeMap;

use crate::build_file::{BuildFile, HookPoint, InstallMode, Located};
use crate::diagnostics::{Diagnostic, Problem};
use crate::project::Project;

use super::{
    Action, Base, Copy, Error, Inputs, Origin, PROJECT_DIR, Request, Run, Settings, Stage,
    StageName, Step, VENV, apt, choice, found_or, hooks,
};

/// The init that is process 1, both its package and its command.
const INIT: &str = "tini";
/// The shell of a user that never logs in.
const NOLOGIN: &str = "/usr/sbin/nologin";

/// Written by hand and not by `useradd`, which puts today's date into `/etc/shadow`. An entry that is there already is
/// kept when its name and id are the same.
const ADD_USER: &str = "\
root=$1 name=$2 uid=$3 gid=$4 home=$5 shell=$6
shift 6
mkdir -p \"$root/etc\" \"$root$home\"
grep -qs \"^[^:]*:[^:]*:$gid:\" \"$root/etc/group\" || echo \"$name:x:$gid:\" >>\"$root/etc/group\"
if ! grep -qs \"^$name:[^:]*:$uid:\" \"$root/etc/passwd\"; then
  if grep -qs \"^$name:\" \"$root/etc/passwd\"; then
    echo \"the base image has a user $name with another id\" >&2
    exit 1
  fi
  echo \"$name:x:$uid:$gid::$home:$shell\" >>\"$root/etc/passwd\"
fi
for folder; do
  mkdir -p \"$root$folder\"
  chown -R \"$uid:$gid\" \"$root$folder\"
done";

/// Gives what was copied into the user's folders to the user, but never the environment.
const GIVE: &str = "\
root=$1 owner=$2 venv=$3
shift 3
for folder; do
  find \"$root$folder\" -path \"$root$venv\" -prune -o -exec chown -h \"$owner\" {} +
done";

/// The image: `parts` are the steps that put into it what changes less than the project, and `source` those that put the
/// project.
pub(super) fn stage(inputs: &Inputs<'_>, parts: Vec<Step>, source: Vec<Step>) -> Stage {
    let mut steps = packages(inputs);
    steps.push(add_user(
        inputs,
        NOLOGIN,
        &workdir(inputs.file),
        &own_folders(inputs.file),
    ));
    steps.push(Step {
        title: "copy the environment".to_owned(),
        place: inputs.file.whole(),
        action: Action::Copy(Copy::tree(Origin::Stage(StageName::Deps), VENV, VENV)),
    });
    steps.extend(parts);
    steps.extend(source);
    steps.extend(give(inputs));
    steps.extend(hooks::steps(inputs, HookPoint::Final));
    Stage {
        name: inputs.image.clone(),
        from: Base::Image(inputs.base.clone()),
        place: inputs.base_place.clone(),
        steps,
    }
}

/// The step that brings the system packages of the image, unless it has none of its own.
pub(super) fn packages(inputs: &Inputs<'_>) -> Vec<Step> {
    let runtime = &inputs.file.runtime;
    let init = runtime.init.iter().map(|place| Located {
        value: INIT.to_owned(),
        place: place.clone(),
    });
    let packages: Vec<Located<String>> = runtime.packages.iter().cloned().chain(init).collect();
    let upgrade = runtime.upgrade.as_ref();
    apt::install(inputs, &inputs.base, &packages, upgrade)
        .into_iter()
        .collect()
}

/// The step that makes the user's entry and home, and gives the user `folders`, whatever is in them.
pub(super) fn add_user(inputs: &Inputs<'_>, shell: &str, home: &str, folders: &[String]) -> Step {
    let user = &inputs.file.runtime.user;
    let args = [
        user.name.clone(),
        user.uid.to_string(),
        user.gid.to_string(),
        home.to_owned(),
        shell.to_owned(),
    ];
    Step {
        title: format!("add the user {} ({}:{})", user.name, user.uid, user.gid),
        place: user.place.clone().unwrap_or_else(|| inputs.file.whole()),
        action: Action::Run(in_image(inputs, ADD_USER, args.iter().chain(folders))),
    }
}

/// A script whose first argument is where it finds the image's tree. An image of a base of its own may have no shell, so it
/// is worked on from outside.
fn in_image<'a>(
    inputs: &Inputs<'_>,
    script: &str,
    args: impl IntoIterator<Item = &'a String>,
) -> Run {
    let outside = inputs.file.build.base.is_some();
    let root = if outside { Run::OUTSIDE } else { "" };
    let args = [root.to_owned()]
        .into_iter()
        .chain(args.into_iter().cloned());
    let mut run = Run::script(script, args).offline();
    run.from_outside = outside.then_some(StageName::Base);
    run
}

/// The folders that the user may write to.
fn own_folders(file: &BuildFile) -> Vec<String> {
    let runtime = &file.runtime;
    let folders = runtime.writable.iter().chain(&runtime.volumes);
    folders.map(|folder| folder.value.clone()).collect()
}

/// What a copied source has in the user's folders is the user's as well.
fn give(inputs: &Inputs<'_>) -> Option<Step> {
    let workdir = workdir(inputs.file);
    let below = |path: &str, folder: &str| {
        let rest = path.strip_prefix(folder.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let runtime = &inputs.file.runtime;
    let mut folders = runtime.writable.iter().chain(&runtime.volumes);
    let place = folders.clone().next()?.place.clone();
    let touched =
        folders.any(|folder| below(&folder.value, &workdir) || below(&workdir, &folder.value));
    if inputs.install != InstallMode::Copy || !touched {
        return None;
    }
    let user = &runtime.user;
    let args = [format!("{}:{}", user.uid, user.gid), VENV.to_owned()];
    let folders = own_folders(inputs.file);
    Some(Step {
        title: format!("give the user {} {}", user.name, folders.join(" ")),
        place,
        action: Action::Run(in_image(inputs, GIVE, args.iter().chain(&folders))),
    })
}

/// The working directory of the image, where a copied source goes as well.
pub(super) fn workdir(file: &BuildFile) -> String {
    file.runtime
        .workdir
        .as_ref()
        .map_or_else(|| PROJECT_DIR.to_owned(), |path| path.value.clone())
}

/// The directories that the image has before its base's `PATH`.
pub(super) fn path() -> Vec<String> {
    vec![format!("{VENV}/bin")]
}

/// The image's environment.
pub(super) fn env(file: &BuildFile) -> BTreeMap<String, String> {
    let own = [
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("PYTHONFAULTHANDLER", "1"),
        ("PYTHONUNBUFFERED", "1"),
        ("VIRTUAL_ENV", VENV),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let asked = file.runtime.env.iter();
    let asked = asked.map(|(name, value)| (name.clone(), value.value.clone()));
    own.into_iter().chain(asked).collect()
}

/// The image's settings; `None` when the command is open, which is then reported.
pub(super) fn settings(
    file: &BuildFile,
    project: &Project,
    request: &Request,
    found: &mut Vec<Diagnostic>,
) -> Option<Settings> {
    let runtime = &file.runtime;
    let cmd = runtime.cmd.as_ref().map(|cmd| cmd.value.clone());
    let mut entrypoint = found_or(entrypoint(file, project), found)?;
    if runtime.init.is_some() {
        let init = [INIT, "--"].map(str::to_owned).into_iter();
        entrypoint = Some(init.chain(entrypoint.into_iter().flatten()).collect());
    }
    Some(Settings {
        user: Some(format!("{}:{}", runtime.user.uid, runtime.user.gid)),
        workdir: Some(workdir(file)),
        path: path(),
        env: env(file),
        entrypoint,
        cmd,
        expose: runtime.expose.iter().map(|port| port.value).collect(),
        labels: labels(file, project, request),
        healthcheck: runtime
            .healthcheck
            .as_ref()
            .map(|check| check.value.clone()),
        stop_signal: runtime.stop_signal.clone(),
        volumes: runtime
            .volumes
            .iter()
            .map(|path| path.value.clone())
            .collect(),
    })
}

/// The labels asked for, and what the project and the client tell of themselves (OCI image specification,
/// `annotations.md`). They are in the config alone.
pub(super) fn labels(
    file: &BuildFile,
    project: &Project,
    request: &Request,
) -> BTreeMap<String, String> {
    let pyproject = &project.pyproject;
    let told = [
        ("title", &pyproject.title),
        ("version", &pyproject.version),
        ("description", &pyproject.description),
        ("licenses", &pyproject.license),
        ("source", &request.source),
        ("revision", &request.revision),
    ];
    let told = told.into_iter().filter_map(|(name, value)| {
        let value = value.clone()?;
        Some((format!("org.opencontainers.image.{name}"), value))
    });
    let asked = file.runtime.labels.iter();
    let asked = asked.map(|(name, value)| (name.clone(), value.value.clone()));
    told.chain(asked).chain(request.labels.clone()).collect()
}

/// The ports that only root may be able to listen on.
pub(super) fn closed_ports(file: &BuildFile) -> impl Iterator<Item = Diagnostic> {
    let ports = file.runtime.expose.iter();
    ports
        .filter(|port| port.value < 1024)
        .map(|port| Error::ClosedPort(port.value).at(&port.place))
}

/// The command asked for, or the only script of the project.
fn entrypoint(file: &BuildFile, project: &Project) -> Result<Option<Vec<String>>, Diagnostic> {
    if let Some(asked) = &file.runtime.entrypoint {
        return Ok(Some(asked.value.clone()));
    }
    if file.runtime.cmd.is_some() {
        return Ok(None);
    }
    let install = file
        .source
        .install
        .as_ref()
        .map_or_else(|| choice::default_install(project), |asked| asked.value);
    let scripts = &project.pyproject.scripts;
    let error = match scripts.as_slice() {
        [only] if install == InstallMode::Wheel => return Ok(Some(vec![only.clone()])),
        [_, ..] if install != InstallMode::Wheel => Error::NoScriptInstalled,
        [] => Error::NoEntrypoint,
        many => Error::ManyScripts(many.to_vec()),
    };
    Err(error.at(&file.whole()))
}
