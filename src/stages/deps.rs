//! The `deps` stage: the locked dependencies in the project's virtual environment, without any of the project's source.

use crate::build_file::HookPoint;
use crate::plan::{
    Action, Base, CacheSharing, Copy, CopyFrom, NewFile, Run, Stage, StageName, Step,
};
use crate::project::{LOCK, MAIN, PYPROJECT, PackageOrigin, ReducedProject, SETTINGS};
use crate::resolve::Resolved;
use crate::resolve::environment::PROJECT_DIR;
use crate::scripts;
use crate::steps::{credentials, git, hints, hooks, poetry};

const POETRY_CACHE: &str = "/var/cache/pypoetry";
/// The cache of compiled bytecode.
const BYTECODE_CACHE: &str = "/var/cache/poetry-frontend";

/// Where the scripts that the steps run are written.
const SCRIPTS: &str = "/opt/poetry-frontend";

pub(super) fn stage(resolved: &Resolved<'_>) -> Stage {
    let reduced = resolved
        .project
        .reduced(&resolved.selection, resolved.poetry);
    let groups = groups_to_install(resolved, &reduced);
    let install = install(resolved, reduced.packages, &groups);
    let file = |name: &str, content: String| NewFile {
        path: format!("{PROJECT_DIR}/{name}"),
        content,
    };
    let mut files = vec![file(PYPROJECT, reduced.pyproject), file(LOCK, reduced.lock)];
    let settings = resolved.project.settings.as_ref();
    files.extend(settings.map(|settings| file(SETTINGS, settings.to_string())));
    files.extend(git::known_hosts(resolved));
    if !groups.is_empty() {
        let compile = resolved.file.dependencies.compile;
        let compiler = compile.then_some(scripts::COMPILE_BYTECODE);
        let scripts = [scripts::LOCKED_FILES].into_iter().chain(compiler);
        files.extend(scripts.map(|script| NewFile {
            path: path_of(script),
            content: script.1.to_owned(),
        }));
    }
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
        name: StageName::Deps,
        from: Base::Stage(StageName::Builder),
        span: resolved.base_span.clone(),
        steps: [write]
            .into_iter()
            .chain(archives)
            .chain(hooks::steps(resolved, HookPoint::BeforeInstall))
            .chain([install])
            .chain(hooks::steps(resolved, HookPoint::AfterInstall))
            .collect(),
    }
}

fn install(resolved: &Resolved<'_>, packages: usize, groups: &[String]) -> Step {
    let span = resolved.dependencies_span();
    if groups.is_empty() {
        return Step {
            title: "create an empty virtual environment".to_owned(),
            span,
            action: Action::Run(
                Run::script(scripts::CREATE_ENVIRONMENT, [])
                    .cwd(PROJECT_DIR)
                    .offline(),
            ),
        };
    }
    let mut selected = vec!["--only".to_owned(), groups.join(",")];
    let extras = resolved.project.extras();
    for extra in resolved
        .selection
        .extras
        .iter()
        .filter_map(|name| extras.get(name))
    {
        selected.extend(["--extras".to_owned(), extra.clone()]);
    }
    let title = format!(
        "poetry install {} ({packages} package{})",
        selected.join(" "),
        if packages == 1 { "" } else { "s" }
    );
    let compiler = path_of(scripts::COMPILE_BYTECODE);
    let installer = path_of(scripts::LOCKED_FILES);
    let compiler = ["python3", "-sS", &compiler, ".venv", BYTECODE_CACHE];
    let compiler = compiler
        .into_iter()
        .filter(|_| resolved.file.dependencies.compile);
    let options = ["--no-root", "--no-directory", "--no-ansi"];
    let command = compiler
        .chain([poetry::PYTHON, &installer, "install"])
        .map(str::to_owned)
        .chain(selected)
        .chain(options.map(str::to_owned));
    let run = Run::script(scripts::INSTALL_DEPENDENCIES, command);
    let mut run = hints::poetry(run, resolved);
    run.env.extend(resolved.build_env());
    run.secrets = credentials::variables(resolved);
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
        // Poetry writes its repository cache in place.
        .mount(resolved.cache("pypoetry", POETRY_CACHE, CacheSharing::Locked));
    run.mounts.extend(poetry::ca_secret(resolved));
    if by_address(resolved) > 1 {
        run = run.env([("POETRY_INSTALLER_PARALLEL", "false".to_owned())]);
    }
    if resolved.file.dependencies.compile {
        run = run.mount(resolved.cache("bytecode", BYTECODE_CACHE, CacheSharing::Shared));
    }
    Step {
        title,
        span,
        action: Action::Run(run),
    }
}

/// The number of packages from a URL, a repository or a file. If Poetry installs two of them in parallel, it may fail to
/// record the origin of one: it finds the installed packages in a cached listing of `site-packages`, which is refreshed only
/// when the directory's modification time changes.
fn by_address(resolved: &Resolved<'_>) -> usize {
    let packages = resolved.project.packages(&resolved.selection);
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

fn path_of((name, _): scripts::Script) -> String {
    format!("{SCRIPTS}/{name}")
}
