//! The pinned tools of the build, and the scripts that its steps run.

use crate::plan::{Action, Base, Mount, Run, Stage, StageName, Step};
use crate::project::{Project, PythonVersion, Release};
use crate::resolve::Resolved;
use crate::scripts::{self, Script, pins};

use super::{hints, poetry};

/// Where files of the frontend are mounted.
const FILES: &str = "/run";
/// Where the steps that install wheels find uv.
const UV: &str = "/opt/uv";
/// poetry-core, and the library that installs the wheel that it builds.
pub(crate) const WHEEL_TOOLS: &str = "/opt/wheel-tools";
const REQUIREMENTS: &str = "requirements.txt";

/// Mounts a script.
pub(crate) fn script((name, text): Script) -> Mount {
    file(name, text.to_owned())
}

/// The path of a mounted script.
pub(crate) fn path_of((name, _): Script) -> String {
    format!("{FILES}/{name}")
}

/// Mounts a list of requirements, which `install-tools` and `install-wheels` read.
pub(crate) fn requirements(text: String) -> Mount {
    file(REQUIREMENTS, text)
}

fn file(name: &str, content: String) -> Mount {
    Mount::File {
        target: format!("{FILES}/{name}"),
        content,
        executable: false,
    }
}

/// The stage with uv.
pub(crate) fn uv(resolved: &Resolved<'_>) -> Stage {
    let release = pins::release(pins::UV, "uv");
    let title = format!("install uv {release}");
    stage(resolved, StageName::Uv, UV, pins::UV, title)
}

pub(crate) fn uv_mount() -> Mount {
    Mount::stage(StageName::Uv, UV)
}

/// The stage with poetry-core.
pub(crate) fn wheel_tools(resolved: &Resolved<'_>, pinned: &'static str) -> Stage {
    let release = pins::release(pinned, "poetry-core");
    let title = format!("install poetry-core {release}");
    stage(resolved, StageName::WheelTools, WHEEL_TOOLS, pinned, title)
}

pub(crate) fn wheel_tools_mount() -> Mount {
    Mount::stage(StageName::WheelTools, WHEEL_TOOLS)
}

/// The pinned poetry-core that builds the project's wheel, with nothing else; `None` if there is none.
pub(crate) fn core_for(project: &Project, python: Option<PythonVersion>) -> Option<&'static str> {
    let minor = python.map_or(9, |python| python.minor);
    let newest = if minor >= 10 {
        pins::CORE_2
    } else {
        pins::CORE_2_PYTHON_3_9
    };
    [newest, pins::CORE_1].into_iter().find(|pinned| {
        Release::of(pins::release(pinned, "poetry-core"))
            .is_some_and(|release| project.is_built_by(release))
    })
}

fn stage(
    resolved: &Resolved<'_>,
    name: StageName,
    directory: &str,
    pinned: &str,
    title: String,
) -> Stage {
    let run = Run::script(scripts::INSTALL_TOOLS, [directory.to_owned()]);
    let mut run = hints::pip(run)
        .env(poetry::pip_env(resolved))
        .mount(requirements(pinned.to_owned()));
    run.mounts.extend(poetry::ca_secret(resolved));
    Stage {
        name,
        from: Base::Stage(StageName::Base),
        span: resolved.base_span.clone(),
        steps: vec![Step {
            title,
            span: resolved.base_span.clone(),
            action: Action::Run(run),
        }],
    }
}
