//! The pinned tools of the build, and the scripts that its steps run.

use crate::plan::{Action, Base, BuildPlatform, Mount, Run, Stage, StageName, Step};
use crate::project::{Project, PythonVersion, Release};
use crate::resolve::Resolved;
use crate::scripts::{self, Script, pins};

use super::{hints, poetry};

/// Where files of the frontend are mounted.
const FILES: &str = "/run";
/// Where the steps that install wheels find uv.
const UV: &str = "/opt/uv";
/// The directory that has the program in it. An image of uv has it in its root.
const UV_PROGRAMS: &str = "/opt/uv/bin";
/// Where it is if a script stands in for it, and the directory of that program.
const ENGINE_UV: [&str; 2] = ["/opt/engine-uv", "/opt/engine-uv/bin"];
/// poetry-core, and the library that installs the wheel that it builds.
pub(crate) const WHEEL_TOOLS: &str = "/opt/wheel-tools";
const REQUIREMENTS: &str = "requirements.txt";
/// The directory that contains only what a step installs.
const TREE: &str = "/out";

/// Mounts a script.
pub(crate) fn script((name, text): Script) -> Mount {
    file(name, text.to_owned())
}

/// The path of a mounted script.
pub(crate) fn path_of((name, _): Script) -> String {
    format!("{FILES}/{name}")
}

/// Mounts a list of requirements, which `install-uv` and `install-wheels` read.
fn requirements(text: String) -> Mount {
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
    if let Some(image) = &resolved.file.dependencies.uv_image {
        return Stage {
            name: StageName::Uv,
            from: match &resolved.build_platform {
                BuildPlatform::Engine(engine) => Base::ImageOn(image.value.clone(), engine.clone()),
                _ => Base::Image(image.value.clone()),
            },
            span: image.span.clone(),
            steps: Vec::new(),
        };
    }
    let release = pins::release(pins::UV, "uv");
    let run = Run::script(scripts::INSTALL_UV, [UV.to_owned()]);
    let mut run = hints::tool(run)
        .env(poetry::pip_env(resolved))
        .mount(requirements(pins::UV.to_owned()));
    run.mounts.extend(poetry::ca_secret(resolved));
    stage(
        resolved,
        StageName::Uv,
        run,
        format!("install uv {release}"),
    )
}

/// Runs uv to install locked wheels for an environment, or for the Python of the image if there is none. The result is the
/// step's output. Without an index, they come from the default one.
pub(crate) fn install_wheels(
    resolved: &Resolved<'_>,
    environment: Option<&str>,
    compile: bool,
    index: Option<&str>,
    wheels: String,
) -> Run {
    let mirror = resolved.file.poetry.mirror.as_ref();
    let index = index.or_else(|| mirror.map(|mirror| mirror.value.as_str()));
    let args = [
        TREE,
        environment.unwrap_or_default(),
        if compile { "1" } else { "" },
        index.unwrap_or_default(),
    ];
    let from_image = resolved.file.dependencies.uv_image.is_some();
    let mut run = Run::script(scripts::INSTALL_WHEELS, args.map(str::to_owned))
        .into_directory(TREE)
        .mount(if from_image {
            Mount::Stage {
                from: StageName::Uv,
                path: "/".to_owned(),
                target: UV_PROGRAMS.to_owned(),
            }
        } else {
            Mount::stage(StageName::Uv, UV)
        })
        .mount(requirements(wheels))
        .mount(script(scripts::RUN_UV));
    if compile {
        run = run.mount(script(scripts::COMPILE_BYTECODE));
    }
    if from_image {
        run = run.env([("EXPECTED_UV", pins::release(pins::UV, "uv").to_owned())]);
    }
    let bundle = poetry::ca_bundle(resolved);
    run = run.env(bundle.map(|path| ("SSL_CERT_FILE", path)));
    run.mounts.extend(poetry::ca_secret(resolved));
    run
}

/// Lets uv choose wheels for another platform than the one that it runs on, by its name of that.
pub(crate) fn for_platform(mut run: Run, platform: String) -> Run {
    for mount in &mut run.mounts {
        if let Mount::Stage { from, target, .. } = mount
            && *from == StageName::Uv
        {
            let directory = usize::from(target == UV_PROGRAMS);
            ENGINE_UV[directory].clone_into(target);
        }
    }
    let (_, text) = scripts::UV_FOR_PLATFORM;
    run.env([("WHEELS_FOR", platform)]).mount(Mount::File {
        target: format!("{UV_PROGRAMS}/uv"),
        content: text.to_owned(),
        executable: true,
    })
}

/// The stage with poetry-core.
pub(crate) fn wheel_tools(resolved: &Resolved<'_>, pinned: &'static str) -> Stage {
    let release = pins::release(pinned, "poetry-core");
    let title = format!("install poetry-core {release}");
    let run = install_wheels(resolved, None, true, None, pinned.to_owned());
    stage(resolved, StageName::WheelTools, hints::tool(run), title)
}

pub(crate) fn wheel_tools_mount() -> Mount {
    Mount::Stage {
        from: StageName::WheelTools,
        path: "/".to_owned(),
        target: WHEEL_TOOLS.to_owned(),
    }
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

fn stage(resolved: &Resolved<'_>, name: StageName, run: Run, title: String) -> Stage {
    Stage {
        name,
        from: Base::Stage(resolved.portable_base()),
        span: resolved.base_span.clone(),
        steps: vec![Step {
            title,
            span: resolved.base_span.clone(),
            action: Action::Run(run),
        }],
    }
}
