//! The pinned tools of the build, and the scripts that its steps run.

use crate::plan::{Action, Base, BuildPlatform, Mount, Run, Stage, StageName, Step};
use crate::project::{Project, PythonVersion, Release};
use crate::resolve::Resolved;
use crate::scripts::{self, pins};

use super::fetch::{self, Wanted};
use super::files::file;
pub(crate) use super::files::{path_of, script};
use super::{certificates, hints, poetry};

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

/// Mounts a list of requirements, which `install-uv` and `install-wheels` read.
fn requirements(text: String) -> Mount {
    file(REQUIREMENTS, text)
}

/// The stages that make uv: one with uv, and before it one that asks for its address.
pub(crate) fn uv(resolved: &Resolved<'_>) -> Vec<Stage> {
    if let Some(image) = &resolved.file.dependencies.uv_image {
        return vec![Stage {
            name: StageName::Uv,
            from: match &resolved.build_platform {
                BuildPlatform::Engine(engine) => Base::ImageOn(image.value.clone(), engine.clone()),
                _ => Base::Image(image.value.clone()),
            },
            span: image.span.clone(),
            steps: Vec::new(),
        }];
    }
    let release = pins::release(pins::UV, "uv");
    let run = hints::tool(Run::script(scripts::INSTALL_UV, [UV.to_owned()]));
    let mut stages = Vec::new();
    let run = if fetch::is_by_engine(resolved) {
        let wanted = fetch::of_pins(pins::UV);
        let what = format!("uv {release}");
        stages.push(ask_for_tool(resolved, StageName::Uv, &wanted, &what));
        let mut run = hints::fetched(run)
            .offline()
            .env(poetry::PIP_ENV.map(|(name, value)| (name, value.to_owned())))
            .mount(requirements(format!("{}{}", fetch::NO_INDEX, pins::UV)));
        run.mounts.extend(fetch::mounts(
            resolved,
            StageName::Uv,
            None,
            &wanted,
            &resolved.tool_environment(),
        ));
        run
    } else {
        let run = run
            .env(poetry::pip_env(resolved))
            .mount(requirements(pins::UV.to_owned()));
        certificates::trusted_by_python(run, resolved)
    };
    let title = format!("install uv {release}");
    stages.push(stage(resolved, StageName::Uv, run, title));
    stages
}

fn ask_for_tool(
    resolved: &Resolved<'_>,
    tool: StageName,
    wanted: &[Wanted<'_>],
    what: &str,
) -> Stage {
    let span = resolved.base_span.clone();
    fetch::ask(resolved, tool, None, wanted, what, span)
}

/// The origin of wheels.
pub(crate) enum Origin<'a> {
    /// An index at this address, or the default one.
    Index(Option<&'a str>),
    /// What is mounted for the step.
    Mounted(Vec<Mount>),
}

/// Runs uv to install locked wheels for an environment, or for the Python of the image if there is none. The result is the
/// step's output.
pub(crate) fn install_wheels(
    resolved: &Resolved<'_>,
    environment: Option<&str>,
    compile: bool,
    origin: Origin<'_>,
    wheels: String,
) -> Run {
    let from_image = resolved.file.dependencies.uv_image.is_some();
    let environment = environment.unwrap_or_default();
    let args = [TREE, environment, if compile { "1" } else { "" }];
    let from_index = matches!(origin, Origin::Index(_));
    let (run, wheels, mounts) = match origin {
        Origin::Index(index) => {
            let mirror = resolved.file.poetry.mirror.as_ref();
            let index = index.or_else(|| mirror.map(|mirror| mirror.value.as_str()));
            let args = args.into_iter().chain([index.unwrap_or_default()]);
            let run = Run::script(scripts::INSTALL_WHEELS, args.map(str::to_owned));
            (run, wheels, Vec::new())
        }
        Origin::Mounted(mounts) => {
            let fetched = path_of(scripts::INSTALL_FETCHED);
            let words = ["python3", "-I", "-S", &fetched].into_iter().chain(args);
            let install = scripts::INSTALL_WHEELS.1.to_owned();
            let run = Run::exec(words)
                .offline()
                .mount(script(scripts::INSTALL_FETCHED))
                .mount(file("install-wheels.sh", install));
            (run, format!("{}{wheels}", fetch::NO_INDEX), mounts)
        }
    };
    let mut run = run
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
    run.mounts.extend(mounts);
    if from_index {
        run = certificates::trusted(run, resolved);
    }
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

/// The stages that make poetry-core, as [`uv`].
pub(crate) fn wheel_tools(resolved: &Resolved<'_>, pinned: &'static str) -> Vec<Stage> {
    let name = || StageName::WheelTools;
    let what = format!("poetry-core {}", pins::release(pinned, "poetry-core"));
    let title = format!("install {what}");
    let mut stages = Vec::new();
    let by_engine = fetch::is_by_engine(resolved);
    let origin = if by_engine {
        let wanted = fetch::of_pins(pinned);
        stages.push(ask_for_tool(resolved, name(), &wanted, &what));
        Origin::Mounted(fetch::mounts(
            resolved,
            name(),
            None,
            &wanted,
            &resolved.environment,
        ))
    } else {
        Origin::Index(None)
    };
    let run = install_wheels(resolved, None, true, origin, pinned.to_owned())
        .mount(script(scripts::COMPILE_SCHEMAS));
    let run = if by_engine {
        hints::fetched(run)
    } else {
        hints::tool(run)
    };
    stages.push(stage(resolved, name(), run, title));
    stages
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
