//! The layers of the environment: the empty environment, wheels that uv installs, and what Poetry installs. Each is
//! installed in a stage of its own, and copied into the image without the others.

use crate::build_file::HookPoint;
use crate::paths::within;
use crate::plan::{
    Action, Base, CacheSharing, Copy, CopyFrom, Mount, NewFile, OVERLAPS, Placement, Run, Stage,
    StageName, Step,
};
use crate::project::{LOCK, MAIN, PYPROJECT, PackageOrigin, ReducedProject, SETTINGS};
use crate::resolve::environment::{PROJECT_DIR, VENV};
use crate::resolve::{Layer, Resolved};
use crate::rules::Rule;
use crate::scripts;
use crate::steps::tools::Origin;
use crate::steps::{certificates, credentials, fetch, git, hints, hooks, poetry, tools};

const POETRY_CACHE: &str = "/var/cache/pypoetry";
/// The directory that contains only what a step installs.
const TREE: &str = "/out";

/// The stages that install the dependencies.
pub(super) fn stages(resolved: &Resolved<'_>) -> Vec<Stage> {
    let packages = &resolved.packages;
    let mut stages = Vec::new();
    if packages.all_by_poetry.is_none() {
        stages.push(environment(resolved));
    }
    stages.extend(tools::uv(resolved));
    let layers = packages.layers.iter().enumerate();
    stages
        .extend(layers.flat_map(|(index, layer)| wheels(resolved, &name(resolved, index), layer)));
    if needs_poetry(resolved) {
        stages.push(by_poetry(resolved));
    }
    stages
}

/// The verification that compares the files of the packages; `None` if there is only one layer.
pub(super) fn overlaps(resolved: &Resolved<'_>) -> Option<Stage> {
    let packages = &resolved.packages;
    let wheels = (0..packages.layers.len()).map(|index| name(resolved, index));
    let poetry = needs_poetry(resolved).then_some(StageName::PoetryDeps);
    let layers: Vec<StageName> = wheels.chain(poetry).collect();
    if layers.len() < 2 || !resolved.is_enabled(Rule::OverlappingFiles) {
        return None;
    }
    let layers = layers.into_iter().map(|from| (from, VENV.to_owned()));
    Some(report(
        resolved,
        ("overlaps", "compare the files of the packages"),
        scripts::CHECK_OVERLAPS,
        OVERLAPS,
        "lib/python*/site-packages/*.dist-info/RECORD",
        layers,
    ))
}

/// A verification in which a script reads files of other stages, which match `pattern` below the given directories, and writes
/// a report. Its name and title are given.
pub(super) fn report(
    resolved: &Resolved<'_>,
    (name, title): (&str, &str),
    script: scripts::Script,
    report: &str,
    pattern: &'static str,
    directories: impl Iterator<Item = (StageName, String)>,
) -> Stage {
    let path = tools::path_of(script);
    let report = format!("{TREE}/{report}");
    let mut words: Vec<String> = ["python3", "-I", "-S", &path, &report]
        .map(str::to_owned)
        .into();
    let mut mounts = vec![tools::script(script)];
    for (index, (from, path)) in directories.enumerate() {
        let target = format!("/run/layers/{}", index + 1);
        words.push(target.clone());
        mounts.push(Mount::Matching {
            from,
            path,
            pattern,
            target,
        });
    }
    let mut run = Run::exec(words.iter().map(String::as_str))
        .offline()
        .into_directory(TREE);
    run.mounts = mounts;
    Stage {
        name: StageName::Verification(name.to_owned()),
        from: Base::Stage(resolved.portable_base()),
        span: resolved.base_span.clone(),
        steps: vec![Step {
            title: title.to_owned(),
            span: resolved.dependencies_span(),
            action: Action::Run(run),
        }],
    }
}

/// Whether Poetry installs something.
pub(super) fn needs_poetry(resolved: &Resolved<'_>) -> bool {
    let packages = &resolved.packages;
    packages.all_by_poetry.is_some() || !packages.by_poetry.is_empty()
}

fn name(resolved: &Resolved<'_>, index: usize) -> StageName {
    StageName::Layer {
        number: index + 1,
        of: resolved.packages.layers.len(),
    }
}

/// The steps that add the environment to a stage, one for each layer.
pub(super) fn copies(resolved: &Resolved<'_>) -> Vec<Step> {
    let packages = &resolved.packages;
    let step = |title: String, copy: Copy| Step {
        title,
        span: resolved.dependencies_span(),
        action: Action::Copy(copy),
    };
    let placement = placement(resolved);
    let venv = |from| Copy::directory(CopyFrom::Stage(from), VENV, VENV).placed(placement);
    let mut steps = Vec::new();
    if packages.all_by_poetry.is_none() {
        let copy = venv(StageName::Environment);
        steps.push(step("copy the virtual environment".to_owned(), copy));
    }
    for (index, layer) in packages.layers.iter().enumerate() {
        let mut copy = tree(resolved, name(resolved, index));
        copy.packages = layer.packages();
        steps.push(step(format!("copy {}", layer.title()), copy));
    }
    if needs_poetry(resolved) {
        let mut copy = venv(StageName::PoetryDeps);
        let by_poetry = packages.by_poetry.iter();
        copy.packages = by_poetry.map(|one| one.package.release()).collect();
        let title = if packages.all_by_poetry.is_some() {
            "copy the environment"
        } else {
            "copy what Poetry installed"
        };
        steps.push(step(title.to_owned(), copy));
    }
    steps
}

/// The stage whose part of the environment is copied; `None` if it is a copy of something else.
pub(super) fn origin(copy: &Copy) -> Option<&StageName> {
    match &copy.from {
        CopyFrom::Stage(name) if [VENV, "/"].contains(&copy.src.as_str()) => Some(name),
        _ => None,
    }
}

/// Makes the first layer of an image await the verifications that read its layers.
pub(super) fn await_reports(image: &mut Stage, reports: Vec<StageName>) {
    let steps = image.steps.iter_mut();
    let mut copies = steps.flat_map(|step| step.action.copies_mut());
    if let Some(first) = copies.find(|copy| origin(copy).is_some()) {
        first.awaits = reports;
    }
}

/// The copy of a stage that is nothing but files of the environment. Only an independent layer is the whole stage: a copy of
/// the directories above the environment would change their owner.
pub(super) fn tree(resolved: &Resolved<'_>, stage: StageName) -> Copy {
    let placement = placement(resolved);
    let path = match placement {
        Placement::Layer => "/",
        Placement::OnTop | Placement::Below => VENV,
    };
    Copy::directory(CopyFrom::Stage(stage), path, path).placed(placement)
}

/// How the layers are added. They contain the directories above the environment: if the image's user owns one of these, a
/// layer would give it back to root, but a copy into the environment keeps its owner.
pub(super) fn placement(resolved: &Resolved<'_>) -> Placement {
    let runtime = &resolved.file.runtime;
    let mut directories = runtime.writable.iter().chain(&runtime.volumes);
    if directories.any(|path| within(VENV, &path.value)) {
        Placement::OnTop
    } else {
        Placement::Layer
    }
}

/// The environment without packages. Wheels are installed for its Python.
fn environment(resolved: &Resolved<'_>) -> Stage {
    let run = Run::script(scripts::CREATE_ENVIRONMENT, [VENV.to_owned()]);
    Stage {
        name: StageName::Environment,
        from: Base::Stage(resolved.portable_base()),
        span: resolved.base_span.clone(),
        steps: vec![Step {
            title: "create the virtual environment".to_owned(),
            span: resolved.base_span.clone(),
            action: Action::Run(run.offline()),
        }],
    }
}

/// `COMPILE` of the scripts.
pub(super) fn compile(resolved: &Resolved<'_>) -> String {
    if resolved.file.dependencies.compile {
        "1".to_owned()
    } else {
        String::new()
    }
}

/// The stage that installs the wheels of a layer, and before it the one that asks for their addresses if the engine downloads
/// them. It depends on these wheels alone: not on the builder, and on no other package.
fn wheels(resolved: &Resolved<'_>, name: &StageName, layer: &Layer<'_>) -> Vec<Stage> {
    let base = resolved.portable_base();
    let span = resolved.dependencies_span();
    let mut stages = Vec::new();
    let by_engine = fetch::can_download(resolved, layer);
    let origin = if by_engine {
        let wanted = fetch::of_layer(layer);
        let (name, what) = (|| name.clone(), layer.title());
        let span = span.clone();
        stages.push(fetch::ask(
            resolved,
            name(),
            layer.index,
            &wanted,
            &what,
            span,
        ));
        Origin::Mounted(fetch::mounts(
            resolved,
            name(),
            layer.index,
            &wanted,
            &resolved.environment,
        ))
    } else {
        Origin::Index(layer.index.map(|(_, url)| url))
    };
    let run = tools::install_wheels(
        resolved,
        Some(VENV),
        resolved.file.dependencies.compile,
        origin,
        layer.requirements(),
    );
    let run = match layer.chosen_for(&resolved.environment) {
        Some(platform) if base == StageName::BuildBase => tools::for_platform(run, platform),
        _ => run,
    };
    let run = if by_engine {
        hints::fetched(run)
    } else {
        hints::uv(run, resolved, layer)
    };
    let mut run = run.mount(Mount::stage(StageName::Environment, VENV));
    if let Some((index, _)) = layer.index {
        if !by_engine {
            run.secrets = credentials::of_index(resolved, index);
        }
        if !by_engine || credentials::authorization(resolved, index).is_some() {
            run = credentials::kept_for_project(run, resolved);
        }
    }
    stages.push(Stage {
        name: name.clone(),
        from: Base::Stage(base),
        span: resolved.base_span.clone(),
        steps: vec![Step {
            title: format!("install {}", layer.title()),
            span,
            action: Action::Run(run),
        }],
    });
    stages
}

/// The files in the project's directory that Poetry installs from; none if it installs nothing.
pub(super) fn installed_from(resolved: &Resolved<'_>) -> Vec<String> {
    if !needs_poetry(resolved) {
        return Vec::new();
    }
    let settings = resolved.project.settings.as_ref().map(|_| SETTINGS);
    let archives = resolved.archives.iter();
    let archives = archives.map(|archive| archive.path.as_str());
    let names = [PYPROJECT, LOCK].into_iter().chain(settings);
    names
        .chain(archives)
        .map(|name| format!("{PROJECT_DIR}/{name}"))
        .collect()
}

/// The stage in which Poetry installs what has no wheel, or everything.
fn by_poetry(resolved: &Resolved<'_>) -> Stage {
    let packages = &resolved.packages;
    let reduced = match (resolved.python, &packages.all_by_poetry) {
        (Some(python), None) => {
            let packages = packages.by_poetry.iter();
            let packages: Vec<_> = packages
                .map(|one| (one.package, one.marker.as_deref()))
                .collect();
            resolved.project.pinned(&packages, python, resolved.poetry)
        }
        _ => resolved.project.reduced(
            &resolved.selection,
            resolved.needs_other_extras,
            resolved.poetry,
        ),
    };
    let install = install(resolved, &reduced);
    let file = |name: &str, content: String| NewFile {
        path: format!("{PROJECT_DIR}/{name}"),
        content,
    };
    let mut files = vec![file(PYPROJECT, reduced.pyproject), file(LOCK, reduced.lock)];
    let settings = resolved.project.settings.as_ref();
    files.extend(settings.map(|settings| file(SETTINGS, settings.to_string())));
    files.extend(git::known_hosts(resolved));
    let write = Step {
        title: "write the reduced pyproject.toml and poetry.lock".to_owned(),
        span: resolved.dependencies_span(),
        action: Action::Write(files),
    };
    // Local wheels and sdists are installed with the other dependencies.
    let archives = resolved.archives.iter().map(|archive| Step {
        title: format!("copy {}", archive.path),
        span: resolved.dependencies_span(),
        action: Action::Copy(Copy::directory(
            CopyFrom::Context(archive.files(resolved)),
            "/",
            PROJECT_DIR,
        )),
    });
    Stage {
        name: StageName::PoetryDeps,
        from: Base::Stage(StageName::Builder),
        span: resolved.base_span.clone(),
        steps: [write]
            .into_iter()
            .chain(archives)
            .chain(hooks::steps(resolved, HookPoint::BeforeInstall))
            .chain([install])
            .collect(),
    }
}

fn install(resolved: &Resolved<'_>, reduced: &ReducedProject) -> Step {
    let span = resolved.dependencies_span();
    let whole = resolved.packages.all_by_poetry.is_some();
    let groups = if whole {
        groups_to_install(resolved, reduced)
    } else {
        vec![MAIN.to_owned()]
    };
    if groups.is_empty() {
        let run = Run::script(scripts::CREATE_ENVIRONMENT, [VENV.to_owned()]);
        return Step {
            title: "create an empty virtual environment".to_owned(),
            span,
            action: Action::Run(run.offline().env(venv_option(resolved))),
        };
    }
    let mut selected = vec!["--only".to_owned(), groups.join(",")];
    let extras = resolved.project.extras();
    let chosen = resolved.selection.extras.iter().filter(|_| whole);
    for extra in chosen.filter_map(|name| extras.get(name)) {
        selected.extend(["--extras".to_owned(), extra.clone()]);
    }
    let title = if whole {
        let packages = reduced.packages;
        let plural = if packages == 1 { "" } else { "s" };
        let selected = selected.join(" ");
        format!("poetry install {selected} ({packages} package{plural})")
    } else {
        let by_poetry = resolved.packages.by_poetry.iter();
        let names: Vec<&str> = by_poetry.map(|one| one.package.name.as_str()).collect();
        format!("poetry install {}", names.join(", "))
    };
    let from_source = resolved.built_from_source();
    let title = match from_source.as_slice() {
        [] => title,
        names => format!("{title}, from source: {}", names.join(", ")),
    };
    let runner = tools::path_of(scripts::RUN_POETRY);
    let part = if whole { "1" } else { "" };
    let command = [
        VENV,
        part,
        &compile(resolved),
        poetry::PYTHON,
        "-I",
        &runner,
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(["install".to_owned()])
    .chain(selected)
    .chain(["--no-root", "--no-directory", "--no-ansi"].map(str::to_owned));
    let run = Run::script(scripts::INSTALL_DEPENDENCIES, command);
    let mut run = hints::poetry(run, resolved).env(venv_option(resolved));
    run.env.extend(resolved.build_env());
    run.secrets = credentials::variables(resolved);
    let cache = resolved.cache(
        "pypoetry",
        &resolved.builder_scope(),
        POETRY_CACHE,
        // `run_poetry.py` locks it, and says so when it has to wait.
        CacheSharing::Shared,
    );
    let mut run = git::with_access(run, resolved)
        .cwd(PROJECT_DIR)
        .env(poetry::env(resolved))
        .env([
            ("POETRY_CACHE_DIR", POETRY_CACHE.to_owned()),
            // Overrides the project's `poetry.toml`.
            ("POETRY_VIRTUALENVS_CREATE", "true".to_owned()),
            ("POETRY_VIRTUALENVS_IN_PROJECT", "true".to_owned()),
        ])
        .mount(poetry::mount())
        .mount(tools::script(scripts::RUN_POETRY))
        .mount(cache);
    if resolved.file.dependencies.compile {
        run = run.mount(tools::script(scripts::COMPILE_BYTECODE));
    }
    run = certificates::trusted_by_python(run, resolved);
    if resolved.file.poetry.image.is_some() {
        run = run.env([("EXPECTED_POETRY", resolved.poetry.to_string())]);
    }
    if by_address(resolved) > 1 {
        run = run.env([("POETRY_INSTALLER_PARALLEL", "false".to_owned())]);
    }
    Step {
        title,
        span,
        action: Action::Run(run),
    }
}

/// The option that `poetry.toml` adds to the creation of the environment. With it, Poetry installs everything.
fn venv_option(resolved: &Resolved<'_>) -> Option<(&'static str, String)> {
    let settings = resolved.project.settings.as_ref()?;
    let option = settings.system_site_packages();
    option.then(|| ("VENV_OPTION", "--system-site-packages".to_owned()))
}

/// The number of packages from a URL, a repository or a file. If Poetry installs two of them in parallel, it may fail to
/// record the origin of one: it finds the installed packages in a cached listing of `site-packages`, which is refreshed only
/// when the directory's modification time changes.
fn by_address(resolved: &Resolved<'_>) -> usize {
    let packages = resolved.installed_packages();
    let matching = packages.filter(|package| match package.origin {
        PackageOrigin::Git | PackageOrigin::Url | PackageOrigin::File => true,
        PackageOrigin::Index | PackageOrigin::Directory => false,
    });
    matching.count()
}

/// The selected groups as the project spells them. Without the main group if it has no dependencies: Poetry rejects it as
/// unknown.
fn groups_to_install(resolved: &Resolved<'_>, reduced: &ReducedProject) -> Vec<String> {
    resolved
        .project
        .groups()
        .into_iter()
        .filter(|(name, _)| resolved.selection.groups.contains(name))
        .filter(|(name, _)| name != MAIN || reduced.has_main)
        .map(|(_, spelled)| spelled)
        .collect()
}
