//! What the project's own files say, for what nothing else says.

use std::collections::BTreeSet;

use super::draft::{Draft, Origin, Taken};
use super::files::Files;
use super::frameworks;
use crate::project::{LOCK, PYPROJECT, Project, PythonVersion, Release, Script, normalised};

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

fn of_file(file: &str) -> Origin {
    Origin {
        file: file.to_owned(),
        line: 1,
    }
}

/// Adds the command, and what the project needs to be built.
pub fn add(draft: &mut Draft, project: &Project, files: &dyn Files) {
    let packages: Vec<String> = project
        .pyproject
        .package_paths()
        .into_iter()
        .flatten()
        .filter(|path| files.exists(path))
        .collect();
    if draft.main.entrypoint.is_none() && draft.main.cmd.is_none() {
        command(draft, project, files, &packages);
    }
    frameworks::worker(draft, project, files, &packages);
    if draft
        .main
        .install
        .as_ref()
        .is_none_or(|install| install.value != "copy")
    {
        version_from_git(draft, project, files);
    }
    build_script(draft, project, files);
}

/// Adds Debian packages that the locked packages need.
pub fn add_packages(
    draft: &mut Draft,
    build: &BTreeSet<&'static str>,
    runtime: &BTreeSet<&'static str>,
) {
    add_to(&mut draft.main.build_packages, build, LOCK);
    add_to(&mut draft.main.packages, runtime, LOCK);
    draft
        .main
        .build_packages
        .sort_by(|one, other| one.value.cmp(&other.value));
    draft
        .main
        .packages
        .sort_by(|one, other| one.value.cmp(&other.value));
}

fn add_to(list: &mut Vec<Taken<String>>, names: &BTreeSet<&'static str>, file: &str) {
    let missing = names
        .iter()
        .filter(|name| !list.iter().any(|known| known.value == **name));
    let missing: Vec<_> = missing
        .map(|name| Taken::new((*name).to_owned(), &of_file(file)))
        .collect();
    list.extend(missing);
}

/// Adds the Python of a `.python-version`, if the project allows it.
pub fn add_python_version(draft: &mut Draft, name: &str, text: &str, project: &Project) {
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(number, line)| (number + 1, line.trim()));
    let found = lines.find(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let Some((line, text)) = found.filter(|_| draft.python_version.is_none()) else {
        return;
    };
    let Some(version) = PythonVersion::parse_known(text) else {
        return;
    };
    let release = Release([3, version.minor, version.patch.unwrap_or(u32::MAX)]);
    if project.python_constraint().allows_release(release) {
        let origin = Origin {
            file: name.to_owned(),
            line,
        };
        draft.python_version = Some(Taken::new(text.to_owned(), &origin));
    }
}

fn command(draft: &mut Draft, project: &Project, files: &dyn Files, packages: &[String]) {
    let pyproject = &project.pyproject;
    let scripts: Vec<&Script> = pyproject.scripts.iter().collect();
    let list = |words: &[&str]| {
        words
            .iter()
            .map(|&word| word.to_owned())
            .collect::<Vec<_>>()
    };
    if pyproject.package_mode && draft.main.install.is_none() {
        let name = pyproject.name.clone().unwrap_or_default();
        match scripts.as_slice() {
            [only] => {
                draft.command_comment = Some(format!(
                    "# Default: the only script of the project.\n# entrypoint = [{:?}]",
                    only.command()
                ));
                return;
            }
            [first, ..] => {
                let own = scripts
                    .iter()
                    .find(|script| normalised(script.command()) == name);
                let chosen = own.unwrap_or(first);
                let all: Vec<&str> = scripts.iter().map(|script| script.command()).collect();
                draft.command_comment =
                    Some(format!("# The scripts of the project: {}.", all.join(", ")));
                draft.main.entrypoint = Some(Taken::new(
                    list(&[chosen.command()]),
                    &Origin::of(&chosen.span),
                ));
                return;
            }
            [] => {}
        }
    }
    for path in packages {
        if files.is_file(&format!("{path}/__main__.py")) {
            let module = path.strip_prefix("src/").unwrap_or(path).replace('/', ".");
            let origin = of_file(&format!("{path}/__main__.py"));
            draft.main.entrypoint = Some(Taken::new(list(&["python", "-m", &module]), &origin));
            return;
        }
    }
    if let Some(command) = frameworks::command(project, files, packages) {
        served(draft, project, command, packages);
        return;
    }
    if let Some(file) = FILES.iter().find(|file| files.is_file(file)) {
        let origin = of_file(file);
        draft.main.entrypoint = Some(Taken::new(list(&["python", file]), &origin));
        copy_source(draft, project, &origin);
        return;
    }
    draft.command_comment = Some(
        "# Replace this with your command, such as [\"python\", \"-m\", \"service\"].".to_owned(),
    );
    draft.main.entrypoint = Some(Taken::new(list(&["python"]), &of_file(PYPROJECT)));
}

/// A server, whose application may be beside the package.
fn served(draft: &mut Draft, project: &Project, command: Taken<Vec<String>>, packages: &[String]) {
    let module = command
        .value
        .iter()
        .rev()
        .find_map(|word| word.split_once(':').map(|(module, _)| module));
    let module = module.filter(|module| {
        !module.contains(|char: char| char.is_ascii_digit() && module.starts_with(char))
    });
    let top = module
        .and_then(|module| module.split('.').next())
        .unwrap_or_default();
    let is_package = packages
        .iter()
        .any(|path| path.trim_end_matches(".py").rsplit('/').next() == Some(top));
    if !is_package {
        copy_source(draft, project, &command.origin);
    }
    if draft.main.expose.is_empty() {
        draft
            .main
            .expose
            .push(Taken::new("8000".to_owned(), &command.origin));
    }
    draft.main.cmd = Some(command);
}

fn copy_source(draft: &mut Draft, project: &Project, origin: &Origin) {
    if project.pyproject.package_mode && draft.main.install.is_none() {
        draft.main.install = Some(Taken::new("copy", origin));
        draft.main.include = vec![Taken::new(".".to_owned(), origin)];
    }
}

/// What a build needs for a version that comes from Git. A directory without a repository of its own gets it from an argument.
fn version_from_git(draft: &mut Draft, project: &Project, files: &dyn Files) {
    let pyproject = &project.pyproject;
    let found = pyproject.version_from_git.as_ref();
    let Some(found) = found.filter(|found| pyproject.package_mode && found.applies) else {
        return;
    };
    let origin = of_file(PYPROJECT);
    let tool = found.tool;
    let mut required = pyproject.required_plugins.iter();
    let has_plugin = draft
        .poetry_plugins
        .iter()
        .any(|plugin| crate::project::requirement_name(&plugin.value) == tool);
    if !found.by_backend && !has_plugin && !required.any(|name| normalised(name) == tool) {
        draft
            .poetry_plugins
            .push(Taken::new(tool.to_owned(), &origin));
    }
    if files.is_directory(".git") {
        draft.main.include = [".", ".git"]
            .map(|path| Taken::new(path.to_owned(), &origin))
            .to_vec();
        add_to(
            &mut draft.main.build_packages,
            &BTreeSet::from(["git"]),
            PYPROJECT,
        );
    } else {
        draft.arguments.insert(
            "VERSION".to_owned(),
            Taken::new("0.0.0".to_owned(), &origin),
        );
        let value = Taken::new("${VERSION}".to_owned(), &origin);
        draft.main.source_env.insert(found.bypass.to_owned(), value);
    }
}

/// The Debian packages that the project's build script seems to need in the builder and in the image.
fn build_script(draft: &mut Draft, project: &Project, files: &dyn Files) {
    let Some(script) = &project.pyproject.wheel_files.build_script else {
        return;
    };
    let text = files.text(&script.value).unwrap_or_default();
    let compiles = ["gcc", "-l", "Extension(", "cythonize"];
    if !compiles.iter().any(|word| text.contains(word)) {
        return;
    }
    let mut packages = [BTreeSet::from(["gcc", "libc6-dev"]), BTreeSet::new()];
    let word = |char: char| char.is_whitespace() || "\"',[]()".contains(char);
    // `-lpq` of a compiler, and `libraries=["pq"]` of an extension.
    let listed = text.split("libraries").skip(1);
    let listed = listed.filter_map(|rest| rest.split(']').next());
    let listed = listed.flat_map(|list| list.split(word));
    let named = text.split(word).filter_map(|word| word.strip_prefix("-l"));
    for name in named.chain(listed) {
        for (_, build, runtime) in LIBRARIES.iter().filter(|library| library.0 == name) {
            packages[0].insert(build);
            packages[1].insert(runtime);
        }
    }
    add_to(&mut draft.main.build_packages, &packages[0], &script.value);
    add_to(&mut draft.main.packages, &packages[1], &script.value);
}
