//! Commands that must succeed, though nothing of them is in the image: a target's `run`, the smoke test, the image's size,
//! and whether the bases have a Python that goes with the rest.

use crate::build_file::Located;
use crate::diagnostics::Place;
use crate::image::ImageReference;
use crate::project::{KNOWN_PYTHONS, PythonVersion};

use super::{
    Action, Base, Inputs, Mount, Network, NewFile, Run, Settings, Stage, StageName, Step, Target,
    choice, runtime,
};

/// Where a check finds its program.
const PROGRAMS: &str = "/opt/poetry-frontend";
const CHECK_SIZE: (&str, &str) = ("check_size.py", include_str!("check_size.py"));
const CHECK_PYTHON: (&str, &str) = ("check_python.py", include_str!("check_python.py"));

/// A base without Python is told in words.
const PYTHON: &str = "\
if ! command -v python3 >/dev/null; then
  echo \"$2 has no python3 on its PATH; give a base with Python\" >&2
  exit 1
fi
exec python3 \"$@\"";

/// The checks of the target.
pub(super) fn plan(inputs: &Inputs<'_>, target: &Target<'_>, settings: &Settings) -> Vec<Stage> {
    let mut stages: Vec<Stage> = python(inputs, target).into_iter().collect();
    if !target.is_image() {
        return stages;
    }
    let runtime = &inputs.file.runtime;
    let run = target.run.map(|run| Stage {
        steps: vec![in_container(run, settings, Network::Build)],
        ..of_image(inputs, "run", &run.place)
    });
    let smoke_test = runtime.smoke_test.as_ref().map(|test| Stage {
        steps: vec![in_container(test, settings, Network::None)],
        ..of_image(inputs, "smoke-test", &test.place)
    });
    let size = runtime.max_size.as_ref().map(|most| Stage {
        steps: vec![size(most)],
        ..of_image(inputs, "max-size", &most.place)
    });
    stages.extend([run, smoke_test, size].into_iter().flatten());
    stages
}

fn of_image(inputs: &Inputs<'_>, name: &str, place: &Place) -> Stage {
    Stage {
        name: StageName::Check(name.to_owned()),
        from: Base::Stage(inputs.image.clone()),
        place: place.clone(),
        steps: Vec::new(),
    }
}

/// A command as a container of the image runs it.
fn in_container(command: &Located<Vec<String>>, settings: &Settings, network: Network) -> Step {
    let words = command.value.iter().map(String::as_str);
    let mut run = Run::command(words);
    run.user.clone_from(&settings.user);
    run.path.clone_from(&settings.path);
    run.env.clone_from(&settings.env);
    run.network = network;
    if let Some(workdir) = &settings.workdir {
        run = run.cwd(workdir);
    }
    Step {
        title: command.value.join(" "),
        place: command.place.clone(),
        action: Action::Run(run),
    }
}

/// The builder's Python counts, for the image may have no shell, and what the user runs there is not to be trusted with it.
fn size(most: &Located<u64>) -> Step {
    let program = program(CHECK_SIZE);
    let path = format!("{PROGRAMS}/{}", CHECK_SIZE.0);
    let limit = most.value.to_string();
    let mut run = Run::command(["python3", "-sSE", &path, Run::OUTSIDE, &limit]).offline();
    run.mounts.push(program);
    run.from_outside = Some(StageName::Base);
    Step {
        title: "measure the image".to_owned(),
        place: most.place.clone(),
        action: Action::Run(run),
    }
}

fn program((name, content): (&str, &str)) -> Mount {
    Mount::Files {
        target: PROGRAMS.to_owned(),
        files: vec![NewFile {
            path: format!("/{name}"),
            content: content.to_owned(),
        }],
    }
}

/// Looks at the Pythons of bases that the user gives; the official images have what their tags say. It waits for nothing
/// that is installed.
fn python(inputs: &Inputs<'_>, target: &Target<'_>) -> Option<Stage> {
    let [of_build, of_runtime] = [&inputs.file.build.base, &inputs.file.runtime.base];
    let asked = of_build.as_ref().or(of_runtime.as_ref())?;
    let stage = |from, steps| Stage {
        name: StageName::Check("python".to_owned()),
        from,
        place: asked.place.clone(),
        steps,
    };
    let look = look(inputs, asked);
    if !target.is_image() || *inputs.build_base() == inputs.base {
        return Some(stage(Base::Stage(StageName::Base), vec![look]));
    }
    // The image's Python may be one of its packages.
    let mut steps = runtime::packages(inputs);
    let mut compare = run_python(
        "compare",
        [inputs.build_base(), &inputs.base].map(ImageReference::familiar),
    );
    compare.from_outside = Some(StageName::Base);
    let place = of_runtime.as_ref().unwrap_or(asked).place.clone();
    let look = Step {
        action: match look.action {
            Action::Run(run) => Action::Run(Run {
                from_outside: Some(StageName::Base),
                ..run
            }),
            other => other,
        },
        ..look
    };
    steps.extend([
        look,
        Step {
            title: "compare the image's Python with the builder's".to_owned(),
            place,
            action: Action::Run(compare),
        },
    ]);
    Some(stage(Base::Image(inputs.base.clone()), steps))
}

/// Whether the builder's Python is the one asked for, or one that the project allows.
fn look(inputs: &Inputs<'_>, asked: &Located<ImageReference>) -> Step {
    let project = inputs.project;
    let (versions, place) = if let Some(version) = &inputs.file.python.version {
        (vec![version.value], Some(&version.place))
    } else {
        let allowed = project.python_constraint();
        let known = KNOWN_PYTHONS.map(PythonVersion::minor);
        let versions = known.filter(|version| allowed.allows_python(*version));
        let said = [&project.pyproject.python, &project.lock.python];
        let said = said.into_iter().flatten().next();
        (versions.collect(), said.map(|(_, place)| place))
    };
    let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
    let args = [
        asked.value.familiar(),
        versions.join(" "),
        place.map_or_else(|| "the project".to_owned(), choice::shown),
    ];
    Step {
        title: "look at the builder's Python".to_owned(),
        place: asked.place.clone(),
        action: Action::Run(run_python("look", args)),
    }
}

fn run_python(what: &str, args: impl IntoIterator<Item = String>) -> Run {
    let path = format!("{PROGRAMS}/{}", CHECK_PYTHON.0);
    let mut args: Vec<String> = args.into_iter().collect();
    args.splice(0..0, [path, what.to_owned()]);
    Run::script(PYTHON, args)
        .offline()
        .mount(program(CHECK_PYTHON))
}
