//! Verifications: stages that must succeed although the image contains nothing of them. They run a target's `run` and the
//! smoke test, measure the image, and check the Python versions of custom base images.

use std::collections::BTreeSet;

use crate::build_file::Located;
use crate::diagnostics::Span;
use crate::image::ImageReference;
use crate::plan::{
    Action, Base, KnownFailure, Network, ReadOnlyRoot, Run, Settings, Stage, StageName, Step,
};
use crate::project::KNOWN_PYTHONS;
use crate::resolve::environment::VENV;
use crate::resolve::{Resolved, Target, file_and_line, is_for_development};
use crate::rules::Rule;
use crate::scripts;
use crate::steps::tools;

use super::runtime;

pub(super) fn plan(
    resolved: &Resolved<'_>,
    target: &Target<'_>,
    settings: &Settings,
) -> Vec<Stage> {
    let mut stages: Vec<Stage> = python(resolved, target).into_iter().collect();
    if !target.is_image() && !target.is_for_development() {
        return stages;
    }
    let runtime = &resolved.file.runtime;
    let of = target.run.len();
    stages.extend(target.run.iter().enumerate().map(|(index, run)| {
        let number = index + 1;
        let step = in_container(run, settings, Network::Build);
        of_image(resolved, StageName::Run { number, of }, step)
    }));
    let named = |name: &str| StageName::Verification(name.to_owned());
    let tested = runtime.smoke_test.as_ref().map(|test| {
        let step = smoke_test(resolved, test, settings);
        of_image(resolved, named("smoke-test"), step)
    });
    let size = runtime.max_size.as_ref();
    let size = size.map(|limit| of_image(resolved, named("max-size"), size_step(resolved, limit)));
    stages.extend(tested.into_iter().chain(size));
    stages
}

/// The names of those that are among these stages.
pub(super) fn among(stages: &[Stage]) -> Vec<StageName> {
    let names = stages.iter().map(|stage| &stage.name);
    let of_verifications = names.filter(|name| matches!(name, StageName::Verification(_)));
    of_verifications.cloned().collect()
}

fn of_image(resolved: &Resolved<'_>, name: StageName, step: Step) -> Stage {
    Stage {
        name,
        from: Base::Stage(resolved.image.clone()),
        span: step.span.clone(),
        steps: vec![step],
    }
}

/// Runs a command as in a container of the image.
fn in_container(command: &Located<Vec<String>>, settings: &Settings, network: Network) -> Step {
    let words = command.value.iter().map(String::as_str);
    let mut run = Run::exec(words);
    run.user.clone_from(&settings.user);
    run.path.clone_from(&settings.path);
    run.env.clone_from(&settings.env);
    run.network = network;
    if let Some(workdir) = &settings.workdir {
        run = run.cwd(workdir);
    }
    Step {
        title: command.value.join(" "),
        span: command.span.clone(),
        action: Action::Run(run),
    }
}

/// Runs the smoke test, unless the build file says otherwise with a read-only file system: then it fails as a hardened
/// container would.
fn smoke_test(
    resolved: &Resolved<'_>,
    command: &Located<Vec<String>>,
    settings: &Settings,
) -> Step {
    let mut step = in_container(command, settings, Network::None);
    let runtime = &resolved.file.runtime;
    let read_only = runtime.read_only && !is_for_development(&resolved.result);
    if let (true, Action::Run(run)) = (read_only, &mut step.action) {
        let directories = runtime.writable.iter().chain(&runtime.volumes);
        let directories: BTreeSet<String> = directories.map(|path| path.value.clone()).collect();
        run.read_only = Some(ReadOnlyRoot {
            writable: directories
                .into_iter()
                .filter(|path| path != "/tmp")
                .collect(),
            python: format!("{VENV}/bin/python"),
        });
        let hint = "add the directory to `volumes` in `[runtime]`, or to `writable` and run the container with `--tmpfs DIRECTORY`; if containers run without `--read-only`, set `read-only = false`";
        run.hints.insert(KnownFailure::ReadOnly, hint.to_owned());
    }
    step
}

/// Measures with the builder's Python: the image may have no shell, and its own Python may be modified.
fn size_step(resolved: &Resolved<'_>, limit: &Located<u64>) -> Step {
    let path = tools::path_of(scripts::CHECK_SIZE);
    let bytes = limit.value.to_string();
    let mut run = Run::exec(["python3", "-I", "-S", &path, Run::OUTSIDE, &bytes]).offline();
    run.mounts.push(tools::script(scripts::CHECK_SIZE));
    run.from_outside = Some(resolved.portable_base());
    Step {
        title: "measure the image size".to_owned(),
        span: limit.span.clone(),
        action: Action::Run(run),
    }
}

/// Checks the Python versions of custom base images; the version of an official image is in its tag. Runs in parallel with
/// the installation.
fn python(resolved: &Resolved<'_>, target: &Target<'_>) -> Option<Stage> {
    let [of_build, of_runtime] = [&resolved.file.build.base, &resolved.file.runtime.base];
    let base = of_build.as_ref().or(of_runtime.as_ref())?;
    let stage = |from, steps| Stage {
        name: StageName::Verification("python".to_owned()),
        from,
        span: base.span.clone(),
        steps,
    };
    let check = check_builder(resolved, &base.value, &base.span);
    if !target.is_image() || *resolved.build_base() == resolved.base {
        return Some(stage(Base::Stage(resolved.portable_base()), vec![check]));
    }
    // Python may be one of the image's system packages.
    let mut steps = runtime::packages(resolved, &resolved.base);
    let mut compare = run_python(
        "compare",
        [resolved.build_base(), &resolved.base].map(ImageReference::familiar),
    );
    compare.from_outside = Some(StageName::Base);
    let span = of_runtime.as_ref().unwrap_or(base).span.clone();
    let check = Step {
        action: match check.action {
            Action::Run(run) => Action::Run(Run {
                from_outside: Some(resolved.portable_base()),
                ..run
            }),
            other => other,
        },
        ..check
    };
    steps.extend([
        check,
        Step {
            title: "compare the image's Python with the builder's".to_owned(),
            span,
            action: Action::Run(compare),
        },
    ]);
    Some(stage(Base::Image(resolved.base.clone()), steps))
}

/// The check of the patch release of an official image, before anything is installed in it; `None` if the project allows
/// all of them, or if the image's tag has it.
pub(super) fn patch_release(resolved: &Resolved<'_>) -> Option<Step> {
    let custom = resolved.file.build.base.is_some() || resolved.file.runtime.base.is_some();
    let python = resolved.python.filter(|python| python.patch.is_none())?;
    let allowed = resolved.project.python_constraint().releases(python.minor);
    let all = allowed == [python.to_string()];
    let enforced = resolved.is_enabled(Rule::PythonNotAllowed);
    (!custom && !all && enforced)
        .then(|| check_builder(resolved, resolved.build_base(), &resolved.base_span))
}

/// Checks that the builder has the configured Python version, or one that the project allows.
fn check_builder(resolved: &Resolved<'_>, base: &ImageReference, at: &Span) -> Step {
    let project = resolved.project;
    let configured = resolved.file.python.version.as_ref();
    let allowed = project.python_constraint();
    let releases = |minor| allowed.releases(minor);
    let constraints = [&project.pyproject.python, &project.lock.python];
    let of_project = constraints.into_iter().flatten().next();
    let of_project = of_project.map(|(_, span)| span);
    let (versions, span) = match configured {
        Some(version) if version.value.patch.is_none() => {
            let versions = releases(version.value.minor);
            if versions == [version.value.to_string()] || versions.is_empty() {
                (vec![version.value.to_string()], Some(&version.span))
            } else {
                (versions, of_project)
            }
        }
        Some(version) => (vec![version.value.to_string()], Some(&version.span)),
        None => match resolved.python {
            Some(python) => (releases(python.minor), of_project),
            None => (KNOWN_PYTHONS.flat_map(releases).collect(), of_project),
        },
    };
    let args = [
        base.familiar(),
        versions.join(" "),
        span.map_or_else(|| "the project".to_owned(), file_and_line),
    ];
    Step {
        title: "check the builder's Python".to_owned(),
        span: at.clone(),
        action: Action::Run(run_python("look", args)),
    }
}

fn run_python(subcommand: &str, args: impl IntoIterator<Item = String>) -> Run {
    let path = tools::path_of(scripts::CHECK_PYTHON);
    let args = [path, subcommand.to_owned()].into_iter().chain(args);
    Run::script(scripts::RUN_PYTHON, args)
        .offline()
        .mount(tools::script(scripts::CHECK_PYTHON))
}
