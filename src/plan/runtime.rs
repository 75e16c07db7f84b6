//! The `runtime` stage and the image's settings: slim, not root, and in the order in which layers change least.

use std::collections::BTreeMap;

use crate::build_file::{BuildFile, HookPoint, InstallMode};
use crate::diagnostics::{Diagnostic, Problem};
use crate::project::Project;

use super::{
    Action, Base, Copy, Error, Inputs, Origin, PROJECT_DIR, Request, Run, Settings, Stage,
    StageName, Step, VENV, apt, choice, found_or, hooks,
};

/// Written by hand and not by `useradd`, which puts today's date into `/etc/shadow`. An entry that is there already is
/// kept when its name and id are the same.
const ADD_USER: &str = "\
name=$1 uid=$2 gid=$3 home=$4
grep -q \"^[^:]*:[^:]*:$gid:\" /etc/group || echo \"$name:x:$gid:\" >>/etc/group
if ! grep -q \"^$name:[^:]*:$uid:\" /etc/passwd; then
  if grep -q \"^$name:\" /etc/passwd; then
    echo \"the base image has a user $name with another id\" >&2
    exit 1
  fi
  echo \"$name:x:$uid:$gid::$home:/usr/sbin/nologin\" >>/etc/passwd
fi
mkdir -p \"$home\"";

/// The image: `parts` are the steps that put into it what changes less than the project, and `source` those that put the
/// project.
pub(super) fn stage(inputs: &Inputs<'_>, parts: Vec<Step>, source: Vec<Step>) -> Stage {
    let mut steps: Vec<Step> = apt::install(inputs, &inputs.base, &inputs.file.runtime.packages)
        .into_iter()
        .collect();
    steps.push(add_user(inputs));
    steps.push(Step {
        title: "copy the environment".to_owned(),
        place: inputs.file.whole(),
        action: Action::Copy(Copy::tree(Origin::Stage(StageName::Deps), VENV, VENV)),
    });
    steps.extend(parts);
    steps.extend(source);
    steps.extend(hooks::steps(inputs, HookPoint::Final));
    Stage {
        name: inputs.image.clone(),
        from: Base::Image(inputs.base.clone()),
        place: inputs.base_place.clone(),
        steps,
    }
}

fn add_user(inputs: &Inputs<'_>) -> Step {
    let user = &inputs.file.runtime.user;
    let home = workdir(inputs.file);
    let args = [
        user.name.clone(),
        user.uid.to_string(),
        user.gid.to_string(),
        home,
    ];
    Step {
        title: format!("add the user {} ({}:{})", user.name, user.uid, user.gid),
        place: user.place.clone().unwrap_or_else(|| inputs.file.whole()),
        action: Action::Run(Run::script(ADD_USER, args).offline()),
    }
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
    let entrypoint = found_or(entrypoint(file, project), found)?;
    let mut labels: BTreeMap<String, String> = runtime
        .labels
        .iter()
        .map(|(name, value)| (name.clone(), value.value.clone()))
        .collect();
    labels.extend(request.labels.clone());
    Some(Settings {
        user: Some(format!("{}:{}", runtime.user.uid, runtime.user.gid)),
        workdir: Some(workdir(file)),
        path: path(),
        env: env(file),
        entrypoint,
        cmd,
        expose: runtime.expose.iter().map(|port| port.value).collect(),
        labels,
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
