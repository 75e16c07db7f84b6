//! `init`: writes a build file for an existing project, with the keys that it needs and comments for the others.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::arguments::{Arguments, Opt};
use super::command::{Command, Outcome};
use super::context::{self, Content};
use super::directory::{DIRECTORY, ProjectDirectory, request};
use super::error::Error;
use super::output;
use crate::analysis::{self, Defaults};
use crate::build_file::{BuildFile, DEFAULT_NAME};
use crate::diagnostics::{Diagnostics, Document};
use crate::project::{LOCK, PYPROJECT, Project, Script, normalised};

pub(super) const COMMAND: Command = Command {
    name: "init",
    about: "write a commented build file for an existing project",
    details: "The build file sets what the project needs: the command of the container, and the system packages that its dependencies are known
to need. Other keys have defaults and appear as comments.",
    operands: &[DIRECTORY],
    options: &[&[
        Opt::flag("force", "overwrite an existing build file"),
        Opt::flag("stdout", "write to standard output instead"),
        Opt::value(
            "frontend",
            "IMAGE",
            "the frontend image for the `# syntax=` line; default: `org/poetry-frontend`",
        ),
    ]],
    run,
};

/// Libraries by the names that a linker uses, with the Debian packages of their headers and of the libraries.
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
/// Usual names of entry points, the most common first.
const FILES: [&str; 5] = ["main.py", "app.py", "server.py", "run.py", "manage.py"];
const FRONTEND: &str = "org/poetry-frontend";

fn run(arguments: &Arguments) -> Result<Outcome, Error> {
    let directory = PathBuf::from(arguments.operands.first().map_or(".", String::as_str));
    let target = directory.join(DEFAULT_NAME);
    let to_stdout = arguments.has("stdout");
    if !to_stdout && !arguments.has("force") && target.exists() {
        return Err(Error::Exists(target));
    }
    let project = match project(&directory)? {
        Ok(project) => project,
        Err(errors) => {
            let errors = errors
                .iter()
                .map(|error| error.rendered(output::colour(arguments)));
            output::text(&errors.collect::<Vec<_>>().join("\n"))?;
            return Ok(Outcome::Problems);
        }
    };
    let frontend = arguments.get("frontend").unwrap_or(FRONTEND);
    let text = build_file(frontend, &directory, &project);
    if to_stdout {
        output::text(&text)?;
        return Ok(Outcome::Success);
    }
    fs::write(&target, &text).map_err(|error| Error::Write(target.clone(), error))?;
    output::text(&format!(
        "wrote {}; build it with `docker buildx build -f {DEFAULT_NAME} .`\n",
        target.display()
    ))?;
    let (_, findings) = ProjectDirectory::new(directory, arguments)?.inspect()?;
    let rendered = findings.rendered(output::colour(arguments));
    if !rendered.is_empty() {
        output::text(&format!("\n{rendered}"))?;
    }
    Ok(if findings.has_problems() {
        Outcome::Problems
    } else {
        Outcome::Success
    })
}

fn project(directory: &Path) -> Result<Result<Project, Diagnostics>, Error> {
    let read = |name: &str| match context::read(directory, name)? {
        Content::Unreadable(_) => Err(Error::Read(
            directory.join(name),
            std::io::Error::other("not a regular file in the project"),
        )),
        content => Ok(content.bytes()),
    };
    let (pyproject, lock) = (read(PYPROJECT)?, read(LOCK)?);
    let span = Document::new(DEFAULT_NAME, "toml", "").first_line();
    Ok(Project::parse(pyproject.as_deref(), lock.as_deref(), &span))
}

fn build_file(frontend: &str, directory: &Path, project: &Project) -> String {
    let mut text = format!(
        "# syntax={frontend}\n\n# All keys are optional; docs/build-file.md describes them.\n\n"
    );
    let defaults = defaults(project);
    text.push_str("# [python]\n# Default: the newest version that the project allows and that all packages have wheels for.\n");
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
            "# Other groups of the project: {}.\n# groups = [\"main\"]",
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
        .indexes
        .iter()
        .filter(|index| !index.url.is_empty());
    for index in private {
        let _ = write!(
            text,
            "# If `{0}` needs credentials: docker buildx build --secret id={0}-username,... --secret id={0}-password,...\n# [indexes.{1}]\n\n",
            index.name,
            key(&index.name)
        );
    }

    let command = command(directory, project);
    let version = version(directory, project).filter(|_| !command.copied);
    if let Some(version) = &version {
        text.push_str(&version.before);
    }
    let [of_build, of_runtime] = build_script_packages(directory, project);
    let (mut build, mut runtime) = (defaults.build, defaults.runtime);
    build.extend(of_build);
    build.extend(
        version
            .as_ref()
            .filter(|version| version.needs_git)
            .map(|_| "git"),
    );
    runtime.extend(of_runtime);
    if build.is_empty() {
        text.push_str("# [build]\n# Debian packages for compiling dependencies.\n# packages = [\"gcc\", \"libc6-dev\"]\n\n");
    } else {
        let _ = write!(
            text,
            "[build]\n# Only for building; the image does not contain them.\npackages = {}\n\n",
            list(&build)
        );
    }
    if let Some(version) = version {
        text.push_str(&version.source);
    }
    if command.copied {
        text.push_str("[source]\n# The command is not part of the package, so the source is copied instead of installed.\ninstall = \"copy\"\ninclude = [\".\"]\n\n");
    }
    text.push_str("[runtime]\n");
    if runtime.is_empty() {
        text.push_str("# Debian packages to install in the image.\n# packages = [\"libpq5\"]\n");
    } else {
        let _ = writeln!(
            text,
            "# Libraries that dependencies load at run time.\npackages = {}",
            list(&runtime)
        );
    }
    text.push_str(&command.lines);
    text.push_str(
        "# expose = [8000]\n# env = { PORT = \"8000\" }\n# The only directories that the service may write to.\n# writable = [\"/app/data\"]\n",
    );
    text
}

/// What a build needs for a version that comes from Git.
struct Version {
    /// The tables before `[build]`.
    before: String,
    /// `[source]`.
    source: String,
    needs_git: bool,
}

/// `None` if the version does not come from Git. A directory without a repository of its own gets it from an argument.
fn version(directory: &Path, project: &Project) -> Option<Version> {
    let pyproject = &project.pyproject;
    let found = pyproject.version_from_git.as_ref()?;
    if !pyproject.package_mode || !found.applies {
        return None;
    }
    let tool = found.tool;
    let mut before = String::new();
    let mut required = pyproject.required_plugins.iter();
    if !found.by_backend && !required.any(|name| normalised(name) == tool) {
        let _ = write!(
            before,
            "[poetry]\n# Sets the version of the project.\nplugins = [{tool:?}]\n\n"
        );
    }
    let needs_git = directory.join(".git").is_dir();
    let source = if needs_git {
        "[source]\n# The version of the project comes from Git.\ninclude = [\".\", \".git\"]\n\n"
            .to_owned()
    } else {
        before.push_str("[args]\nVERSION = { default = \"0.0.0\" }\n\n");
        format!(
            "[source]\n# The version of the project comes from Git, and there is no repository here.\nenv = {{ {} = \"${{VERSION}}\" }}\n\n",
            found.bypass
        )
    };
    Some(Version {
        before,
        source,
        needs_git,
    })
}

/// The Debian packages that the project's build script seems to need in the builder and in the image.
fn build_script_packages(directory: &Path, project: &Project) -> [BTreeSet<&'static str>; 2] {
    let mut packages = [BTreeSet::new(), BTreeSet::new()];
    let script = &project.pyproject.wheel_files.build_script;
    let text = script
        .as_ref()
        .and_then(|script| fs::read_to_string(directory.join(&script.value)).ok());
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

struct Entrypoint {
    /// The lines of `[runtime]`.
    lines: String,
    /// Whether the source must be copied instead of installed.
    copied: bool,
}

fn command(directory: &Path, project: &Project) -> Entrypoint {
    let installed = |lines: String| Entrypoint {
        lines,
        copied: false,
    };
    let pyproject = &project.pyproject;
    let scripts = pyproject.scripts.iter();
    let scripts: Vec<&str> = scripts.map(Script::command).collect();
    if pyproject.package_mode {
        let name = pyproject.name.clone().unwrap_or_default();
        match scripts.as_slice() {
            [only] => {
                return installed(format!(
                    "# Default: the only script of the project.\n# entrypoint = [{only:?}]\n"
                ));
            }
            [first, ..] => {
                let own = scripts.iter().find(|script| normalised(script) == name);
                return installed(format!(
                    "# The scripts of the project: {}.\nentrypoint = [{:?}]\n",
                    scripts.join(", "),
                    own.unwrap_or(first)
                ));
            }
            [] => {}
        }
    }
    for path in pyproject.package_paths().into_iter().flatten() {
        if directory.join(&path).join("__main__.py").is_file() {
            let module = path.strip_prefix("src/").unwrap_or(&path).replace('/', ".");
            return installed(format!("entrypoint = [\"python\", \"-m\", {module:?}]\n"));
        }
    }
    let exists = |file: &&&str| directory.join(file).is_file();
    if let Some(file) = FILES.iter().find(exists) {
        return Entrypoint {
            lines: format!("entrypoint = [\"python\", {file:?}]\n"),
            copied: pyproject.package_mode,
        };
    }
    installed(
        "# Replace this with your command, such as [\"python\", \"-m\", \"service\"].\nentrypoint = [\"python\"]\n"
            .to_owned(),
    )
}

/// What an empty build file would choose, and what the dependencies need.
fn defaults(project: &Project) -> Defaults {
    let empty = BuildFile::parse(DEFAULT_NAME, b"", &BTreeMap::new());
    let found = empty.map(|file| analysis::defaults(&file, project, &request()));
    found.unwrap_or_default()
}

fn list(names: &BTreeSet<&'static str>) -> String {
    format!("{:?}", names.iter().collect::<Vec<_>>())
}

fn key(name: &str) -> String {
    let bare = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
    if name.chars().all(bare) {
        name.to_owned()
    } else {
        format!("{name:?}")
    }
}
