//! `init`: a build file for the project that is there, with what it needs and comments for the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::arguments::Opt;
use super::folder::{FOLDER, Folder, file_if_there, request};
use super::{Command, Error, Given, Outcome, output};
use crate::build_file::{BuildFile, DEFAULT_NAME};
use crate::diagnostics::{Diagnostics, Document};
use crate::plan::{Defaults, Plan};
use crate::project::{LOCK, PYPROJECT, Project, normalised};

pub(super) const COMMAND: Command = Command {
    name: "init",
    about: "write a commented build file for the project that is there",
    details: "It says what the project needs: what the container runs, and the system packages that its dependencies are known to need. All
else has a default, and is there as a comment.",
    operands: &[FOLDER],
    options: &[&[
        Opt::flag("force", "write it even if there is one"),
        Opt::flag("stdout", "write it to standard output"),
        Opt::value(
            "frontend",
            "IMAGE",
            "the frontend's image, for the first line; default: `org/poetry-frontend`",
        ),
    ]],
    run,
};

/// Libraries by the names that a linker knows them by, with the Debian packages that have their headers and themselves.
const LIBRARIES: [(&str, &str, &str); 8] = [
    ("curl", "libcurl4-openssl-dev", "libcurl4t64"),
    ("ffi", "libffi-dev", "libffi8"),
    ("pq", "libpq-dev", "libpq5"),
    ("sodium", "libsodium-dev", "libsodium23"),
    ("sqlite3", "libsqlite3-dev", "libsqlite3-0"),
    ("ssl", "libssl-dev", "libssl3t64"),
    ("xml2", "libxml2-dev", "libxml2"),
    ("zstd", "libzstd-dev", "libzstd1"),
];
/// Files that are usually run, the likeliest first.
const FILES: [&str; 5] = ["main.py", "app.py", "server.py", "run.py", "manage.py"];
const FRONTEND: &str = "org/poetry-frontend";

fn run(given: &Given) -> Result<Outcome, Error> {
    let folder = PathBuf::from(given.operands.first().map_or(".", String::as_str));
    let target = folder.join(DEFAULT_NAME);
    let to_stdout = given.has("stdout");
    if !to_stdout && !given.has("force") && target.exists() {
        return Err(Error::Exists(target));
    }
    let project = match project(&folder)? {
        Ok(project) => project,
        Err(mistakes) => {
            let shown = mistakes
                .iter()
                .map(|one| one.rendered(output::colour(given)));
            output::text(&shown.collect::<Vec<_>>().join("\n"))?;
            return Ok(Outcome::Bad);
        }
    };
    let frontend = given.get("frontend").unwrap_or(FRONTEND);
    let text = build_file(frontend, &folder, &project);
    if to_stdout {
        output::text(&text)?;
        return Ok(Outcome::Good);
    }
    fs::write(&target, &text).map_err(|error| Error::Write(target.clone(), error))?;
    output::text(&format!(
        "wrote {}; build it with `docker buildx build -f {DEFAULT_NAME} .`\n",
        target.display()
    ))?;
    // What is left to be mended is told at once.
    let (_, findings) = Folder::at(folder, given)?.examine()?;
    let rendered = findings.rendered(output::colour(given));
    if !rendered.is_empty() {
        output::text(&format!("\n{rendered}"))?;
    }
    Ok(if findings.is_bad() {
        Outcome::Bad
    } else {
        Outcome::Good
    })
}

fn project(folder: &Path) -> Result<Result<Project, Diagnostics>, Error> {
    let pyproject = file_if_there(&folder.join(PYPROJECT))?;
    let lock = file_if_there(&folder.join(LOCK))?;
    let place = Document::new(DEFAULT_NAME, "toml", "").first_line();
    Ok(Project::parse(
        pyproject.as_deref(),
        lock.as_deref(),
        &place,
    ))
}

/// The text of the file.
fn build_file(frontend: &str, folder: &Path, project: &Project) -> String {
    let mut text = format!(
        "# syntax={frontend}\n\n# Everything has a default; `poetry-frontend schema` and docs/build-file.md have all keys.\n\n"
    );
    let defaults = defaults(project);
    text.push_str("# [python]\n# The newest that the project allows and that all packages have wheels for, unless it is named here.\n");
    if let Some(python) = defaults.python {
        let _ = writeln!(text, "# version = \"{python}\"");
    }
    text.push('\n');

    let groups: Vec<String> = project
        .groups()
        .into_values()
        .filter(|name| name != "main")
        .collect();
    let extras: Vec<String> = project.extras().into_values().collect();
    if !groups.is_empty() || !extras.is_empty() {
        text.push_str("# [dependencies]\n");
    }
    if !groups.is_empty() {
        let _ = writeln!(
            text,
            "# Others of the project: {}.\n# groups = [\"main\"]",
            groups.join(", ")
        );
    }
    if !extras.is_empty() {
        let _ = writeln!(text, "# extras = {extras:?}");
    }
    if !groups.is_empty() || !extras.is_empty() {
        text.push('\n');
    }
    let private = project
        .pyproject
        .sources
        .iter()
        .filter(|source| !source.url.is_empty());
    for source in private {
        let _ = write!(
            text,
            "# If `{0}` asks for a password: docker buildx build --secret id={0}-username,... --secret id={0}-password,...\n# [indexes.{1}]\n\n",
            source.name,
            key(&source.name)
        );
    }

    let [of_build, of_runtime] = of_build_script(folder, project);
    let (mut build, mut runtime) = (defaults.build, defaults.runtime);
    build.extend(of_build);
    runtime.extend(of_runtime);
    if build.is_empty() {
        text.push_str("# [build]\n# Debian packages that are needed to compile dependencies.\n# packages = [\"gcc\", \"libc6-dev\"]\n\n");
    } else {
        let _ = write!(
            text,
            "[build]\n# Compiling needs them; nothing of the builder is in the image.\npackages = {}\n\n",
            list(&build)
        );
    }
    let command = command(folder, project);
    if command.copied {
        text.push_str("[source]\n# What the container runs is no part of the package, so the files are copied as they are.\ninstall = \"copy\"\ninclude = [\".\"]\n\n");
    }
    text.push_str("[runtime]\n");
    if runtime.is_empty() {
        text.push_str("# Debian packages that the image has.\n# packages = [\"libpq5\"]\n");
    } else {
        let _ = writeln!(
            text,
            "# They are loaded at run time.\npackages = {}",
            list(&runtime)
        );
    }
    text.push_str(&command.lines);
    text.push_str(
        "# expose = [8000]\n# env = { PORT = \"8000\" }\n# Folders that the service may write to; it may write nowhere else.\n# writable = [\"/app/data\"]\n",
    );
    text
}

/// The Debian packages that the project's own build script needs in the builder and in the image, as far as its text tells.
fn of_build_script(folder: &Path, project: &Project) -> [BTreeSet<&'static str>; 2] {
    let mut packages = [BTreeSet::new(), BTreeSet::new()];
    let build = ["tool", "poetry", "build"];
    let table = &project.pyproject.table;
    let build = build[..2]
        .iter()
        .try_fold(table, |table, key| table.get(*key)?.as_table())
        .and_then(|poetry| poetry.get(build[2]));
    let script = build.and_then(|build| build.as_str().or_else(|| build.get("script")?.as_str()));
    let text = script.and_then(|path| fs::read_to_string(folder.join(path)).ok());
    let text = text.unwrap_or_default();
    let compiles = ["gcc", "-l", "Extension(", "cythonize"];
    if !compiles.iter().any(|word| text.contains(word)) {
        return packages;
    }
    packages[0].extend(["gcc", "libc6-dev"]);
    let word = |char: char| char.is_whitespace() || "\"',[]()".contains(char);
    for name in text.split(word).filter_map(|word| word.strip_prefix("-l")) {
        for (_, build, runtime) in LIBRARIES.iter().filter(|library| library.0 == name) {
            packages[0].insert(build);
            packages[1].insert(runtime);
        }
    }
    packages
}

/// What the container runs.
struct Entrypoint {
    /// The lines of `[runtime]`.
    lines: String,
    /// Whether the project has to be copied for it, and would be installed otherwise.
    copied: bool,
}

fn command(folder: &Path, project: &Project) -> Entrypoint {
    let installed = |lines: String| Entrypoint {
        lines,
        copied: false,
    };
    let pyproject = &project.pyproject;
    let scripts = &pyproject.scripts;
    if pyproject.package_mode {
        let name = pyproject.name.clone().unwrap_or_default();
        match scripts.as_slice() {
            [only] => {
                return installed(format!(
                    "# The only script of the project, unless another command is named here.\n# entrypoint = [{only:?}]\n"
                ));
            }
            [first, ..] => {
                let own = scripts.iter().find(|script| normalised(script) == name);
                return installed(format!(
                    "# One of the project's scripts: {}.\nentrypoint = [{:?}]\n",
                    scripts.join(", "),
                    own.unwrap_or(first)
                ));
            }
            [] => {}
        }
    }
    for path in pyproject.package_paths().into_iter().flatten() {
        if folder.join(&path).join("__main__.py").is_file() {
            let module = path.strip_prefix("src/").unwrap_or(&path).replace('/', ".");
            return installed(format!("entrypoint = [\"python\", \"-m\", {module:?}]\n"));
        }
    }
    let there = |file: &&&str| folder.join(file).is_file();
    if let Some(file) = FILES.iter().find(there) {
        return Entrypoint {
            lines: format!("entrypoint = [\"python\", {file:?}]\n"),
            copied: pyproject.package_mode,
        };
    }
    installed(
        "# What the container runs: name a module of yours, as in `python -m service`.\nentrypoint = [\"python\"]\n"
            .to_owned(),
    )
}

/// What is chosen and needed where the build file is empty.
fn defaults(project: &Project) -> Defaults {
    let empty = BuildFile::parse(DEFAULT_NAME, b"", &BTreeMap::new());
    let found = empty.map(|file| Plan::defaults(&file, project, &request()));
    found.unwrap_or_default()
}

/// A TOML list.
fn list(names: &BTreeSet<&'static str>) -> String {
    format!("{:?}", names.iter().collect::<Vec<_>>())
}

/// A TOML key.
fn key(name: &str) -> String {
    let bare = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    if name.chars().all(bare) {
        name.to_owned()
    } else {
        format!("{name:?}")
    }
}
