//! The `deps` stage: the locked dependencies in the project's virtual environment, before any of its source.

use crate::build_file::HookPoint;
use crate::project::{LOCK, MAIN, Manifest, PYPROJECT, SETTINGS, SourceKind};

use super::{
    Action, Base, CacheSharing, Copy, Inputs, NewFile, Origin, PROJECT_DIR, Run, Stage, StageName,
    Step, credentials, git, hooks, poetry,
};

const POETRY_CACHE: &str = "/var/cache/pypoetry";
/// Where the byte code of what was once installed is kept.
const BYTECODE_CACHE: &str = "/var/cache/poetry-frontend";

/// Compiles what the command that it runs installs. Poetry's own `--compile` doubles the time.
const COMPILER: (&str, &str) = (
    "/opt/poetry-frontend/compile_bytecode.py",
    include_str!("compile_bytecode.py"),
);

/// Runs Poetry, and spares it all that an index has besides the locked files.
const INSTALLER: (&str, &str) = (
    "/opt/poetry-frontend/locked_files.py",
    include_str!("locked_files.py"),
);

/// The environment is Python's own, without pip: Poetry needs none in it, and neither does the image.
const CREATE: &str = "python3 -m venv --without-pip .venv";
const INSTALL: &str = "\
python3 -m venv --without-pip .venv
exec \"$@\"";
/// Poetry leaves its clones in the environment, though only of what its cache did not have.
const INSTALL_WITH_CLONES: &str = "\
python3 -m venv --without-pip .venv
\"$@\"
rm -rf .venv/src";

pub(super) fn stage(inputs: &Inputs<'_>) -> Stage {
    let manifest = inputs.project.manifest(&inputs.selection, inputs.poetry);
    let groups = groups_to_install(inputs, &manifest);
    let install = install(inputs, manifest.packages, &groups);
    let file = |name: &str, content: String| NewFile {
        path: format!("{PROJECT_DIR}/{name}"),
        content,
    };
    let mut files = vec![
        file(PYPROJECT, manifest.pyproject),
        file(LOCK, manifest.lock),
    ];
    let settings = inputs.project.settings.as_ref();
    files.extend(settings.map(|settings| file(SETTINGS, settings.to_string())));
    files.extend(git::known_hosts(inputs));
    if !groups.is_empty() {
        let compiler = inputs.file.dependencies.compile.then_some(COMPILER);
        let scripts = [INSTALLER].into_iter().chain(compiler);
        files.extend(scripts.map(|(path, content)| NewFile {
            path: path.to_owned(),
            content: content.to_owned(),
        }));
    }
    let write = Step {
        title: "write what is to be installed".to_owned(),
        place: inputs.file.whole(),
        action: Action::Write(files),
    };
    // An archive that the lock names by path is part of what is installed.
    let archives = inputs.archives.iter().map(|archive| Step {
        title: "copy an archive".to_owned(),
        place: inputs.file.whole(),
        action: Action::Copy(Copy::tree(
            Origin::Context(archive.files(inputs)),
            "/",
            PROJECT_DIR,
        )),
    });
    Stage {
        name: StageName::Deps,
        from: Base::Stage(StageName::Builder),
        place: inputs.base_place.clone(),
        steps: [write]
            .into_iter()
            .chain(archives)
            .chain(hooks::steps(inputs, HookPoint::BeforeInstall))
            .chain([install])
            .chain(hooks::steps(inputs, HookPoint::AfterInstall))
            .collect(),
    }
}

fn install(inputs: &Inputs<'_>, packages: usize, groups: &[String]) -> Step {
    let asked = inputs.file.dependencies.groups.as_ref();
    let place = asked.and_then(|groups| groups.first());
    let place = place.map_or_else(|| inputs.file.whole(), |group| group.place.clone());
    if groups.is_empty() {
        return Step {
            title: "create an environment without dependencies".to_owned(),
            place,
            action: Action::Run(Run::script(CREATE, []).cwd(PROJECT_DIR).offline()),
        };
    }
    let mut selected = vec!["--only".to_owned(), groups.join(",")];
    let extras = inputs.project.extras();
    for extra in inputs
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
    let compiler = ["python3", "-sS", COMPILER.0, ".venv", BYTECODE_CACHE];
    let compiler = compiler
        .into_iter()
        .filter(|_| inputs.file.dependencies.compile);
    let options = ["--no-root", "--no-directory", "--no-ansi"];
    let command = compiler
        .chain([poetry::PYTHON, INSTALLER.0, "install"])
        .map(str::to_owned)
        .chain(selected)
        .chain(options.map(str::to_owned));
    let script = if inputs.repositories.is_empty() {
        INSTALL
    } else {
        INSTALL_WITH_CLONES
    };
    let mut run = Run::script(script, command);
    run.env.extend(inputs.build_env());
    run.secrets = credentials::variables(inputs);
    let mut run = git::with_access(run, inputs)
        .cwd(PROJECT_DIR)
        .env(poetry::env(inputs))
        .env([
            ("POETRY_CACHE_DIR", POETRY_CACHE.to_owned()),
            // Whatever the project's own settings say.
            ("POETRY_VIRTUALENVS_CREATE", "true".to_owned()),
            ("POETRY_VIRTUALENVS_IN_PROJECT", "true".to_owned()),
        ])
        .mount(poetry::mount())
        // Poetry writes its repository cache in place.
        .mount(inputs.cache("pypoetry", POETRY_CACHE, CacheSharing::Locked));
    run.mounts.extend(poetry::ca_secret(inputs));
    if by_address(inputs) > 1 {
        run = run.env([("POETRY_INSTALLER_PARALLEL", "false".to_owned())]);
    }
    if inputs.file.dependencies.compile {
        run = run.mount(inputs.cache("bytecode", BYTECODE_CACHE, CacheSharing::Shared));
    }
    Step {
        title,
        place,
        action: Action::Run(run),
    }
}

/// How many packages come from an address or a path. Where Poetry installs two of them at once, it may miss one when it
/// writes down where they came from: it looks for them in a listing that it takes again only when the folder's time has
/// changed.
fn by_address(inputs: &Inputs<'_>) -> usize {
    let packages = inputs.project.packages(&inputs.selection);
    let found = packages.filter(|package| match package.source {
        SourceKind::Git | SourceKind::Url | SourceKind::File => true,
        SourceKind::Index | SourceKind::Directory => false,
    });
    found.count()
}

/// The selected groups as the project spells them. Poetry does not know a main group without dependencies, and there
/// is nothing in it to install.
fn groups_to_install(inputs: &Inputs<'_>, manifest: &Manifest) -> Vec<String> {
    inputs
        .project
        .groups()
        .into_iter()
        .filter(|(name, _)| inputs.selection.groups.contains(name))
        .filter(|(name, _)| name != MAIN || manifest.has_main)
        .map(|(_, spelled)| spelled)
        .collect()
}
